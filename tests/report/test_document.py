"""The report as data: redacted, in order, and as the published schema says."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator

from analyzer.model import Coverage, SourceInfo, Window
from analyzer.redact import Redactor
from analyzer.report import build
from analyzer.report.schema import report_schema
from analyzer.report.view import debug_log_view
from analyzer.rule import Level, Role
from analyzer.settings import ReportSettings
from tests.report.builders import (
    COVERAGE,
    NOW,
    SETTINGS,
    SOURCE,
    WINDOW,
    crash_loop,
    hostile_names,
    make_incident,
    make_match,
    make_report,
    make_rule,
    missing_tables,
    unknown_error,
)

DESIGNED = {
    "": "schema generated_at version window source coverage incidents unclassified",
    "source": "kind name filter",
    "coverage": "entries first last complete duplicates skipped severities services notes",
    "incidents": """id fingerprint status title category severity first_seen last_seen count starts services revisions
        cause rules entities entries timeline contradicts deploy problem impact next_steps""",
    "incidents.cause": "rule message insert_id timestamp",
    "incidents.rules": "name role count first_seen last_seen",
    "incidents.entries": "core consequences context",
    "incidents.timeline": "timestamp phase role text count insert_ids",
    "incidents.deploy": "revision timestamp failed_before",
    "unclassified": "template severity count first_seen last_seen services insert_ids example",
}


def _report_json() -> dict[str, Any]:
    report = make_report([hostile_names(), missing_tables(), crash_loop()], [unknown_error()])
    loaded: dict[str, Any] = json.loads(report.to_json())
    return loaded


@pytest.mark.parametrize("path", DESIGNED)
def test_every_field_that_was_promised_is_there(path: str) -> None:
    value: Any = _report_json()
    for name in filter(None, path.split(".")):
        value = value[name]
        value = value[0] if isinstance(value, list) else value
    assert set(DESIGNED[path].split()) <= set(value)


def test_reports_are_valid_and_hold_no_field_that_the_schema_lacks() -> None:
    closed = report_schema(closed=True)
    Draft202012Validator.check_schema(closed)
    validator = Draft202012Validator(closed)
    for report in (
        make_report([hostile_names(), missing_tables(), crash_loop()], [unknown_error()]),
        make_report(coverage=_nothing(), window=Window(0, 0)),
    ):
        assert list(validator.iter_errors(json.loads(report.to_json()))) == []


def test_the_published_schema_lets_later_fields_pass() -> None:
    document = {**_report_json(), "added_later": 1}
    assert Draft202012Validator(report_schema()).is_valid(document)
    assert not Draft202012Validator(report_schema(closed=True)).is_valid(document)


@pytest.mark.parametrize(("field", "value"), [("incidents", None), ("generated_at", 5), ("schema", "other/1")])
def test_the_schema_refuses_what_is_no_report(field: str, value: object) -> None:
    assert not Draft202012Validator(report_schema()).is_valid({**_report_json(), field: value})


def _nothing() -> Coverage:
    return msgspec.structs.replace(COVERAGE, entries=0, first=None, last=None, complete=False)


def test_incidents_stand_in_order_of_priority_then_level() -> None:
    report = make_report([hostile_names(), crash_loop(), missing_tables()])
    assert [(i.priority.level, i.severity) for i in report.incidents] == [
        ("P0", "critical"),
        ("P0", "high"),
        ("P2", "medium"),
    ]
    assert report.incidents[0].level is Level.CRITICAL


def test_short_ids_tell_incidents_apart() -> None:
    one, two = missing_tables(), msgspec.structs.replace(crash_loop(), fingerprint="5e1f0c9a7bffffff")
    assert sorted(incident.id for incident in make_report([one, two]).incidents) == ["5e1f0c9a7b3", "5e1f0c9a7bf"]


def test_a_secret_is_nowhere_in_the_report() -> None:
    rule = make_rule("r", title="password=hunter2")
    match = make_match(
        rule, "password=hunter2", "00:01:00", service="password=hunter2", fields={"a": "password=hunter2"}
    )
    incident = make_incident(
        match,
        title="password=hunter2",
        problem="password=hunter2",
        impact="password=hunter2",
        next_steps=("password=hunter2",),
    )
    report = make_report([incident], source=SourceInfo("file", "password=hunter2", "password=hunter2"))
    frame = report.matches_frame().to_csv() + report.timeline_frame().to_csv()
    for text in (report.to_json(), report.to_markdown(), report.to_html(), report.to_text(), report.index(), frame):
        assert "hunter2" not in text


def test_without_a_redactor_surrogates_differ_between_runs() -> None:
    match = make_match(make_rule("r"), "password=hunter2", "00:01:00")
    texts = {
        build([make_incident(match)], [], COVERAGE, SOURCE, WINDOW, SETTINGS, generated_at=NOW)
        .incidents[0]
        .cause.message
        for _ in range(2)
    }
    assert len(texts) == 2


def test_with_a_redactor_the_report_is_the_same_every_time() -> None:
    def text() -> str:
        report = build(
            [missing_tables()], [], COVERAGE, SOURCE, WINDOW, SETTINGS, generated_at=NOW, redactor=Redactor(b"k")
        )
        return report.to_json()

    assert text() == text()


def test_whole_files_have_the_window_that_their_entries_cover() -> None:
    report = make_report(window=Window(0, 0))
    assert report.document.window is not None
    assert report.document.window.start == report.coverage.first
    assert make_report(coverage=_nothing(), window=Window(0, 0)).document.window is None


def test_of_one_rule_the_first_three_messages_that_differ_are_quoted() -> None:
    rule = make_rule("r")
    matches = tuple(make_match(rule, f"message {'abcde'[n % 5]}", f"00:01:{n:02}") for n in range(20))
    incident = make_incident(matches[0], failures=matches)
    quotes = make_report([incident]).incidents[0].quotes
    assert [quote.text for quote in quotes] == ["message a", "message b", "message c"]


def test_messages_that_differ_in_a_number_or_an_address_are_quoted_once() -> None:
    rule = make_rule("r")
    said = ["worker 1 lost ann@example.org", "worker 2 lost bob@example.org", "worker 3 found 10.0.0.7"]
    matches = tuple(make_match(rule, text, f"00:01:0{n}") for n, text in enumerate(said))
    incident = make_incident(matches[0], failures=matches)
    quotes = make_report([incident]).incidents[0].quotes
    assert [quote.timestamp[-9:] for quote in quotes] == ["00:01:00Z", "00:01:02Z"]


def test_consequences_and_starts_stand_in_the_reason_of_the_priority() -> None:
    cause = make_match(make_rule("r", level=Level.HIGH), "x", "00:01:00")
    after = make_match(make_rule("c", Role.CONSEQUENCE, Level.LOW), "y", "00:01:01")
    incident = make_incident(cause, consequences=(after,), starts=4, services=("a", "b"))
    priority = make_report([incident]).incidents[0].priority
    assert priority.level == "P0"
    assert priority.reason == (
        "the gravest rule is high; the container started 4 times, so the service does not stay up; "
        "1 consequence followed; 2 services are hit"
    )


def test_an_event_that_several_rules_know_is_one_row_of_the_evidence() -> None:
    cause = make_match(make_rule("r"), "x", "00:01:00")
    died = make_match(make_rule("died"), "x", "00:01:00")
    other = make_match(make_rule("c", Role.CONSEQUENCE), "y", "00:01:01")
    died = msgspec.structs.replace(died, event=cause.event)
    report = make_report([make_incident(cause, failures=(cause, died), consequences=(other,), count=9)])
    log = debug_log_view(report.document, report.incidents[0], ReportSettings(), alone=True)
    assert [(row.rule, row.text) for row in log.rows] == [("r", "x"), ("c", "y")]
    assert log.not_shown == 7
