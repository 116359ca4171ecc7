"""The built-in rules: they load, say nothing odd, pass their own tests, and are Sigma to Sigma's own tools."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.matching import Matcher
from analyzer.pipeline import matches_of
from analyzer.resources import rule_pack
from analyzer.ruleset.lint import check
from analyzer.ruleset.load import load_collecting, load_rules
from analyzer.ruleset.selftest import run_tests

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.model import LogEntry, Match
    from analyzer.rule import Rule


@pytest.fixture(scope="module")
def rules() -> tuple[Rule, ...]:
    return load_rules([]).rules


def test_the_pack_loads_without_a_fault() -> None:
    ruleset, errors = load_collecting([])
    assert [f"{error} ({error.hint})" for error in errors] == []
    assert [str(warning) for warning in ruleset.warnings] == []


def test_the_check_has_nothing_to_say_of_the_pack() -> None:
    assert [*map(str, check(load_rules([])))] == []


def test_the_rules_pass_the_tests_they_carry(rules: tuple[Rule, ...]) -> None:
    matcher = Matcher(rules)

    def match(entries: Sequence[LogEntry]) -> Sequence[Match]:
        return matches_of(entries, matcher)

    results = run_tests(rules, match)
    assert len(results) >= 2 * len(rules)
    failed = [f"{result.path}:{result.line}: {result.failure}" for result in results if not result.passed]
    assert failed == []


def test_sigma_s_own_check_has_nothing_to_say() -> None:
    program = Path(sys.executable).with_name("sigma")
    command = [str(program), "check", "--fail-on-issues", str(rule_pack())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - a tool of the environment
    assert done.returncode == 0, done.stdout + done.stderr
