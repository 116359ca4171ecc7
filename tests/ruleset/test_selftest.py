from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

from analyzer.entries import decode
from analyzer.errors import RuleError
from analyzer.model import Event, Fields, LogEntry, Match
from analyzer.ruleset.load import read_rules
from analyzer.ruleset.selftest import TestResult, junit, run_tests
from tests.ruleset.examples import BASE, changed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.rule import Rule

RULES = read_rules(BASE, "rule.yml").rules


def event(entry: LogEntry) -> Event:
    decoded = decode(entry)
    return Event(entries=(decoded,), message=decoded.message, severity=decoded.severity)


def outcome(*found: tuple[Rule, Fields]) -> list[str]:
    """What the tests of the example come to when each of them gives these matches."""

    def match(entries: Sequence[LogEntry]) -> list[Match]:
        return [Match(rule=rule, event=event(entries[0]), fields=fields) for rule, fields in found]

    return [result.failure for result in run_tests(RULES, match)]


def test_a_test_passes_when_the_rule_does_what_it_expects() -> None:
    good = {"tables": ("a",)}
    assert outcome((RULES[0], good)) == ["", "matches, but must not"]
    assert outcome() == ["does not match", ""]


def test_the_rules_that_matched_instead_are_named() -> None:
    other = read_rules(changed(BASE, ("name: tables_missing", "name: other"))).rules[0]
    assert outcome((other, {})) == ["does not match; other did", ""]


def test_wrong_fields_are_shown_beside_the_expected_ones() -> None:
    assert outcome((RULES[0], {"tables": "a"}))[0] == "tables is 'a', not ['a']"
    assert outcome((RULES[0], {"tables": ("a", "b")}))[0] == "tables is ['a', 'b'], not ['a']"
    assert outcome((RULES[0], {}))[0] == "tables is nothing, not ['a']"


def test_of_several_matches_one_must_have_all_that_is_expected() -> None:
    assert outcome((RULES[0], {}), (RULES[0], {"tables": ("a",)}))[0] == ""


def test_a_test_that_cannot_be_run_fails_and_the_others_go_on() -> None:
    def match(entries: Sequence[LogEntry]) -> list[Match]:
        raise RuleError("no such field", path="rule.yml", line=3)

    assert [result.failure for result in run_tests(RULES, match)] == ["cannot be run: rule.yml:3: no such field"] * 2


def test_the_results_are_junit_xml() -> None:
    results = [
        TestResult(rule="r1", test="good", path="a.yml", line=3),
        TestResult(rule="r1", test="<bad> & \x1b", path="a.yml", line=9, failure="x is '\x00', not ['a']"),
        TestResult(rule="r2", test="good", path="b.yml", line=1),
    ]
    root = ET.fromstring(junit(results))  # noqa: S314 - written by this test
    assert (root.tag, root.get("tests"), root.get("failures")) == ("testsuites", "3", "1")
    assert [(suite.get("name"), suite.get("tests"), suite.get("failures")) for suite in root] == [
        ("r1", "2", "1"),
        ("r2", "1", "0"),
    ]
    case = root[0][1]
    assert (case.get("name"), case.get("file"), case.get("line")) == ("<bad> & \ufffd", "a.yml", "9")
    assert case[0].get("message") == "x is '\ufffd', not ['a']"
    assert results[0].passed
    assert not results[1].passed
