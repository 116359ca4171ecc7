"""One cause, one incident: what the report makes of captures that hold what real ones hold."""

from __future__ import annotations

import functools
import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from analyzer import analyze
from analyzer.matching import Matcher
from analyzer.ruleset.load import load_rules
from tests.captures.make import SCENES, make, write
from tests.captures.renaming import doubled, renamed, shuffled
from tests.captures.scoring import Score, score, told

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from analyzer.rule import Rule

LOW = {"informational", "low"}
CHANGED = ("crash_loop_mixed", "migration_loses_database", "unknown_crash", "auth_outage", "two_faults", "small_change")


@functools.cache
def rules() -> tuple[Rule, ...]:
    return tuple(load_rules([], pack=True).rules)


@pytest.fixture(scope="module", autouse=True)
def one_matcher() -> Iterator[None]:
    """The pack is compiled once for all captures, not once for each."""
    matcher = Matcher(rules())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analyzer.pipeline.Matcher", lambda _: matcher)
        yield


def report_on(entries: Iterable[dict[str, Any]]) -> dict[str, Any]:
    return dict(json.loads(analyze(entries, rules()).to_json()))


@functools.cache
def report_of(name: str) -> dict[str, Any]:
    return report_on(make(name)[0])


@functools.cache
def scored(name: str) -> Score:
    return score(report_of(name), make(name)[1])


@pytest.mark.parametrize("name", SCENES)
def test_what_a_reader_would_find_is_found(name: str) -> None:
    result = scored(name)
    assert (result.found, result.right, result.false) == (result.main, result.main, 0), result.faults


def test_over_all_captures_nearly_every_incident_is_found_with_its_cause_and_hardly_any_beside() -> None:
    total = sum(map(scored, SCENES), Score())
    assert total.found >= 0.95 * total.main, total.faults
    assert total.right >= 0.9 * total.main, total.faults
    assert total.false <= 1, total.faults
    assert total.fragments <= 2, total.faults


def test_a_deploy_that_went_well_yields_no_incident_above_low() -> None:
    assert {incident["severity"] for incident in report_of("healthy_deploy")["incidents"]} <= LOW


@pytest.mark.parametrize("change", [shuffled, doubled, renamed], ids=lambda change: change.__name__)
@pytest.mark.parametrize("name", CHANGED)
def test_the_same_capture_in_other_clothes_gives_the_same_incidents(
    name: str, change: Callable[[list[dict[str, Any]]], list[dict[str, Any]]]
) -> None:
    entries, _ = make(name)
    assert outline(report_on(change(entries))) == outline(report_of(name))


def outline(report: dict[str, Any]) -> list[tuple[object, ...]]:
    """What must not change of a report's incidents: identity, cause, counts, times and grouping."""
    return [
        (
            incident["fingerprint"],
            incident["cause"]["rule"],
            incident["count"],
            incident["starts"],
            incident["first_seen"],
            incident["last_seen"],
            [(rule["name"], rule["count"]) for rule in incident["rules"]],
            len(incident["entries"]["core"]),
        )
        for incident in report["incidents"]
    ]


def test_captures_of_one_fault_taken_apart_share_its_fingerprint() -> None:
    entries, _ = make("four_revisions")
    whole = {incident["fingerprint"] for incident in told(report_of("four_revisions"))}
    revisions = {entry["resource"]["labels"].get("revision_name", "") for entry in entries}
    parts = [
        [entry for entry in entries if entry["resource"]["labels"].get("revision_name") == revision]
        for revision in sorted(revisions)
        if "-0005" in revision
    ]
    assert len(parts) == 4
    assert {incident["fingerprint"] for part in parts for incident in told(report_on(part))} == whole


def test_a_cause_in_another_service_is_followed_where_a_rule_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    says_so = [
        msgspec.structs.replace(rule, caused_by=("database_connection_lost",), spans_services=True)
        if rule.name == "database_refused"
        else rule
        for rule in rules()
    ]
    monkeypatch.setattr("analyzer.pipeline.Matcher", Matcher)
    entries, expected = make("migration_loses_database")
    result = score(json.loads(analyze(entries, says_so).to_json()), expected)
    assert (result.right, result.fragments, result.details) == (1, 0, ())


def test_scenes_write_files_that_gcloud_could_have_written(tmp_path: Path) -> None:
    write(tmp_path)
    assert len(list(tmp_path.glob("*.expected.json"))) == len(SCENES)
    entries = json.loads((tmp_path / "crash_loop_whole.json").read_text(encoding="utf-8"))
    assert 100 <= len(entries) <= 2000
    assert make("crash_loop_whole")[0] == entries
