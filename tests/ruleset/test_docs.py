"""The guide for rule authors: its examples load and pass their tests, and it names everything there is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.matching import Matcher
from analyzer.pipeline import matches_of
from analyzer.rule import Category, CorrelationType, Role
from analyzer.ruleset.detections import MODIFIERS
from analyzer.ruleset.extension import EXTENSION_KEYS
from analyzer.ruleset.fields import FIELDS, PREFIXES
from analyzer.ruleset.inline_tests import TEST_KEYS
from analyzer.ruleset.lint import check
from analyzer.ruleset.load import RuleSet, read_rules
from analyzer.ruleset.selftest import run_tests
from analyzer.ruleset.templates import TEMPLATE_FILTERS, TEMPLATE_NAMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.model import LogEntry, Match

GUIDE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```yaml\n(.*?)```", GUIDE, re.DOTALL)
DOCUMENTS = [block for block in BLOCKS if block.startswith("title:")]
FRAGMENTS = [block for block in BLOCKS if not block.startswith("title:")]
HEAD = "title: An example\nlogsource: {product: gcp}\n"
DETECTION = "detection:\n  any: [something]\n  condition: any\n"


def examples() -> RuleSet:
    return read_rules("---\n".join(DOCUMENTS), "docs/rules.md")


def test_the_guide_has_a_rule_of_each_kind() -> None:
    ruleset = examples()
    assert len(DOCUMENTS) == 4
    assert [rule.correlation is None for rule in ruleset.rules] == [True, True, False]
    assert ruleset.filters == ("playground_ledger",)


def test_the_examples_pass_their_own_tests() -> None:
    ruleset = examples()
    matcher = Matcher(ruleset.rules)

    def match(entries: Sequence[LogEntry]) -> Sequence[Match]:
        return matches_of(entries, matcher)

    results = run_tests(ruleset.rules, match)
    assert len(results) == 6
    assert [f"{result.rule}: {result.test}: {result.failure}" for result in results if not result.passed] == []


def test_the_examples_pass_the_check() -> None:
    assert [str(finding) for finding in check(examples())] == []


def test_the_filter_of_the_guide_silences_its_rule() -> None:
    ruleset = examples()
    entry = ruleset.rules[0].tests[0].entries[0]
    quiet = {**entry, "resource": {"type": "cloud_run_revision", "labels": {"service_name": "playground"}}}
    matcher = Matcher(ruleset.rules)
    assert [match.rule.name for match in matches_of([entry], matcher)] == ["ledger_drift"]
    assert matches_of([quiet], matcher) == []


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_each_part_of_a_rule_in_the_guide_loads(fragment: str) -> None:
    rest = "" if fragment.startswith("detection:") else DETECTION
    ruleset = read_rules(HEAD + rest + fragment, "docs/rules.md")
    assert ruleset.warnings == ()


def test_each_line_quoted_in_the_guide_is_the_one_its_rule_is_tested_with() -> None:
    quoted = re.findall(r"```\n(.*?)\n```", GUIDE)
    tested = [entry.get("textPayload") for rule in examples().rules for test in rule.tests for entry in test.entries]
    assert quoted
    assert set(quoted) <= set(tested)


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(FIELDS, id="fields"),
        pytest.param([f"{prefix}*" for prefix in PREFIXES], id="prefixes"),
        pytest.param(MODIFIERS, id="modifiers"),
        pytest.param(EXTENSION_KEYS, id="keys"),
        pytest.param(TEST_KEYS, id="tests"),
        pytest.param(TEMPLATE_NAMES, id="names"),
        pytest.param(TEMPLATE_FILTERS, id="filters"),
        pytest.param(Category, id="categories"),
        pytest.param(Role, id="roles"),
        pytest.param(CorrelationType, id="correlations"),
    ],
)
def test_the_guide_names_everything_there_is(words: Sequence[str]) -> None:
    assert [str(word) for word in words if f"`{word}`" not in GUIDE] == []
