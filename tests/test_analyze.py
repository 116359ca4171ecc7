from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analyzer import analyze
from analyzer.errors import RuleError, UsageError
from analyzer.ruleset.load import load_rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from analyzer.model import LogEntry

RULE = """
title: The ledger is off
id: 0f2f7d7e-9f6f-4a3c-8f5e-5a1f6d2f4a10
name: ledger_off
status: stable
description: The books do not balance.
logsource: {product: gcp, service: application}
detection:
  off:
    message|contains: the ledger is off by
  condition: off
level: high
loganalyze:
  category: other
  role: failure
  title: The ledger is off
  problem: The books do not balance.
  tests:
    - {name: as printed, message: the ledger is off by 3 cents, expect: {match: true}}
    - {name: balanced, message: the ledger is on, expect: {match: false}}
"""
ENTRIES: list[LogEntry] = [
    {
        "insertId": "a",
        "timestamp": "2025-09-10T00:33:54Z",
        "logName": "projects/acme/logs/run.googleapis.com%2Fstderr",
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": "api"}},
        "textPayload": "ERROR: the ledger is off by 3 cents",
    }
]


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    path = tmp_path / "ledger_off.yml"
    path.write_text(RULE, encoding="utf-8")
    return path


def titles(rules: object) -> list[str]:
    return [incident.title for incident in analyze(ENTRIES, rules).incidents]  # type: ignore[arg-type]


def test_rules_may_be_one_path_or_many_in_any_form(rule: Path) -> None:
    ways = (rule, str(rule), rule.parent, [rule], [str(rule.parent)], (path for path in [rule]))
    assert [titles(way) for way in ways] == [["The ledger is off"]] * len(ways)


def test_rules_may_be_loaded_ones_beside_paths(rule: Path) -> None:
    assert titles(load_rules([rule], pack=False).rules) == ["The ledger is off"]
    pack = load_rules([]).rules
    assert titles([*pack, str(rule)]) == ["The ledger is off"]


def test_without_rules_every_error_is_unclassified() -> None:
    report = analyze(ENTRIES, [])
    assert report.incidents == []
    assert [cluster.count for cluster in report.unclassified] == [1]


def test_a_path_without_rules_is_named(tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="missing"):
        analyze(ENTRIES, str(tmp_path / "missing"))


def test_a_time_zone_that_does_not_exist_is_refused_at_once() -> None:
    with pytest.raises(UsageError, match="Mars/Olympus"):
        analyze(ENTRIES, timezone="Mars/Olympus")


def test_every_match_of_an_incident_stands_beside_it_however_many_there_are(rule: Path) -> None:
    entries: list[LogEntry] = [{**ENTRIES[0], "insertId": f"a{number}"} for number in range(60)]
    frame = analyze(entries, rule).matches_frame()
    assert frame["incident"].value_counts().tolist() == [60]
    assert all(frame["incident"])


def test_a_correlation_is_called_by_its_title_and_stands_beside_its_incident() -> None:
    texts = ("Step 3: Migrations completed", "✗ Missing critical user tables: ['orders']")
    entries: list[LogEntry] = [
        {**ENTRIES[0], "insertId": str(number), "timestamp": f"2025-09-10T00:33:5{number}Z", "textPayload": text}
        for number, text in enumerate(texts)
    ]
    report = analyze(entries)
    titles = {rule.name: rule.title for rule in report.incidents[0].rules}
    assert titles["database_table_migration_inconsistency"] == "Database Table Migration Inconsistency"
    assert set(report.matches_frame()["incident"]) == {report.incidents[0].fingerprint}


def test_entries_may_come_one_by_one_or_not_at_all() -> None:
    def one_by_one() -> Iterator[LogEntry]:
        yield from ENTRIES

    assert analyze(one_by_one()).coverage.entries == 1
    nothing = analyze([])
    assert nothing.coverage.entries == 0
    assert "Nothing was read" in nothing.to_markdown()
