"""The rule pack as a whole: it loads, its inline tests hold, Sigma's own checker accepts it."""

from __future__ import annotations

import collections
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from analyzer.pipeline import matches_of
from analyzer.resources import rule_pack
from analyzer.rule import Category, Role, Rule
from analyzer.ruleset.lint import check
from analyzer.ruleset.load import RuleSet, load_collecting
from analyzer.ruleset.selftest import run_tests

if TYPE_CHECKING:
    from analyzer.errors import RuleError
    from analyzer.matching import Matcher
    from analyzer.model import Match

_FEWEST_RULES = 150
_FEWEST_PRODUCTS = 30
_EXPLAINED = {Role.FAILURE, Role.CONSEQUENCE}

Entries = Sequence[Mapping[str, Any]]


def matches(matcher: Matcher) -> Callable[[Entries], Sequence[Match]]:
    return lambda entries: matches_of(entries, matcher)


def product(rule: Rule) -> str:
    return Path(rule.path).parent.name


def test_every_rule_of_the_pack_loads(loaded: tuple[RuleSet, list[RuleError]]) -> None:
    assert [str(error) for error in loaded[1]] == []


def test_every_inline_test_holds_with_all_rules_at_work(pack: RuleSet, matcher: Matcher) -> None:
    results = run_tests(pack.rules, matches(matcher))
    assert [f"{r.path}:{r.line} {r.rule}: {r.test}: {r.failure}" for r in results if not r.passed] == []


def test_every_rule_carries_a_test_that_matches_and_a_look_alike_that_does_not(pack: RuleSet) -> None:
    kinds = {rule.name: {test.match for test in rule.tests} for rule in pack.rules}
    assert {name for name, seen in kinds.items() if seen != {True, False}} == set()


def test_the_lint_finds_no_error_in_the_pack(pack: RuleSet) -> None:
    assert [str(finding) for finding in check(pack) if str(finding.severity) == "error"] == []


def test_ids_names_and_titles_are_unique(pack: RuleSet) -> None:
    for values in (
        [rule.id for rule in pack.rules],
        [rule.name for rule in pack.rules],
        [rule.title.casefold() for rule in pack.rules],
    ):
        assert [value for value, count in collections.Counter(values).items() if count > 1] == []


def test_each_rule_stands_in_a_file_of_its_own_name(pack: RuleSet) -> None:
    assert {rule.name: Path(rule.path).stem for rule in pack.rules if Path(rule.path).stem != rule.name} == {}


def test_the_pack_covers_many_products_and_every_kind_of_failure(pack: RuleSet) -> None:
    assert len(pack.rules) >= _FEWEST_RULES
    assert len({product(rule) for rule in pack.rules}) >= _FEWEST_PRODUCTS
    covered = {rule.category for rule in pack.rules if rule.role in _EXPLAINED}
    assert covered >= set(Category) - {Category.OTHER}


def test_every_failure_says_what_is_wrong_and_what_to_do(pack: RuleSet) -> None:
    silent = [rule.name for rule in pack.rules if rule.role is Role.FAILURE and not rule.problem]
    assert silent == []
    helpless = [rule.name for rule in pack.rules if rule.role is Role.FAILURE and not rule.next_steps]
    assert len(helpless) <= len(pack.rules) // 20, helpless


def test_every_consequence_names_what_causes_it(pack: RuleSet) -> None:
    assert [rule.name for rule in pack.rules if rule.role is Role.CONSEQUENCE and not rule.caused_by] == []


def test_milestones_states_and_all_clears_open_no_incident_of_weight(pack: RuleSet) -> None:
    loud = [r.name for r in pack.rules if r.role not in _EXPLAINED and r.level.word in {"high", "critical"}]
    assert loud == []


@pytest.mark.parametrize("folder", ["alembic", "postgresql", "startup-validation", "cloud-run", "noise"])
def test_a_folder_that_others_rest_on_is_there(folder: str) -> None:
    assert (rule_pack() / folder).is_dir()


def test_the_pack_stays_silent_on_what_tests_print(matcher: Matcher) -> None:
    lines = [
        "tests/test_ledger.py::test_migration_failed_is_shown FAILED",
        'FAILED tests/test_ledger.py::test_a - psycopg.errors.UndefinedTable: relation "wallets" does not exist',
        "E       sqlalchemy.exc.OperationalError: connection refused",
    ]
    found = matches_of([_entry(line, n) for n, line in enumerate(lines)], matcher)
    assert [match.rule.name for match in found if match.rule.role in _EXPLAINED] == []


def test_a_rule_with_a_fault_is_reported_and_the_pack_still_loads(tmp_path: Path) -> None:
    (tmp_path / "broken_rule.yml").write_text("title: broken\ndetection: {}\n", encoding="utf-8")
    found, errors = load_collecting([tmp_path])
    assert len(errors) == 1
    assert len(found.rules) >= _FEWEST_RULES


def test_sigma_check_finds_no_issue() -> None:
    sigma = Path(sys.executable).with_name("sigma")
    command = [str(sigma), "check", "--fail-on-issues", str(rule_pack())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own tool
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def _entry(text: str, number: int) -> dict[str, object]:
    return {
        "textPayload": text,
        "insertId": f"t{number}",
        "timestamp": f"2026-03-02T10:00:{number:02d}Z",
        "logName": "projects/acme/logs/run.googleapis.com%2Fstderr",
    }
