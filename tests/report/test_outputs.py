"""Frames, names, links, verdicts and the terminal's text."""

from __future__ import annotations

from urllib.parse import unquote

import msgspec
import pandas as pd
import pytest

from analyzer.outcome import Deploy, Why
from analyzer.report import build
from analyzer.report.links import evidence_query, explorer_link
from analyzer.report.symptoms import excerpt
from analyzer.report.wording import count_of, deploy_sentence, heading_time, lower_first, stamp
from analyzer.rule import Category, Level, Role
from analyzer.settings import ReportSettings
from tests.report.builders import (
    COVERAGE,
    NOW,
    SOURCE,
    WINDOW,
    at,
    crash_loop,
    hostile_names,
    make_incident,
    make_item,
    make_match,
    make_report,
    make_rule,
    missing_tables,
    unknown_error,
)


def test_the_frame_of_matches_is_typed() -> None:
    frame = make_report([missing_tables()]).matches_frame()
    assert str(frame["timestamp"].dtype) == "datetime64[ns, UTC]"
    assert str(frame["rule"].dtype) == "category"
    first = frame[frame["rule"] == "critical_tables_missing"].iloc[0]
    assert first["timestamp"] == pd.Timestamp("2025-09-10T00:33:54.120Z")
    assert first["fields"] == {"tables": ["user_sessions"]}
    assert first["incident"] == missing_tables().fingerprint
    assert len(frame) == 10


def test_given_matches_are_the_rows_and_nanoseconds_stay() -> None:
    match = make_match(make_rule("r"), "x", "00:00:00.000000001")
    frame = make_report(matches=[match]).matches_frame()
    assert len(frame) == 1
    assert frame["timestamp"].iloc[0].nanosecond == 1
    assert frame["incident"].iloc[0] == ""


def test_frames_of_an_empty_report_have_the_same_columns_and_types() -> None:
    full, empty = make_report([missing_tables()]), make_report()
    assert _types(empty.matches_frame()) == _types(full.matches_frame())
    assert _types(empty.timeline_frame()) == _types(full.timeline_frame())
    assert _types(empty.timeline_frame())["last"] == "datetime64[ns, UTC]"
    assert empty.timeline_frame().empty


def _types(frame: pd.DataFrame) -> dict[str, str]:
    """The type of each column, and of its categories."""
    kinds = {name: frame[name].cat.categories.dtype for name in frame.select_dtypes("category")}
    return {str(name): f"{kind} {kinds.get(name, '')}".strip() for name, kind in frame.dtypes.items()}


def test_the_frame_of_timelines_resamples() -> None:
    frame = make_report([missing_tables(), crash_loop()]).timeline_frame()
    assert len(frame) == 9
    per_minute = frame.set_index("timestamp").resample("1min")["count"].sum()
    assert per_minute[pd.Timestamp("2025-09-10T00:12:00Z")] == 88


def test_the_files_of_incidents_with_one_title_are_told_apart_in_any_order() -> None:
    one = missing_tables()
    two = msgspec.structs.replace(one, fingerprint="ffffffffffffffff")
    for incidents in ([one, two], [two, one]):
        report = make_report(incidents)
        names = {incident.fingerprint: report.debug_log_name(incident) for incident in report.incidents}
        assert names[two.fingerprint] == "database_table_migration_inconsistency_20250910_ffffffffffffffff.md"
        assert names[one.fingerprint] == "database_table_migration_inconsistency_20250910_5e1f0c9a7b3d2468.md"


def test_the_day_of_a_file_is_that_of_the_reports_zone() -> None:
    report = make_report([missing_tables()], settings=ReportSettings(timezone="America/Los_Angeles"))
    assert report.debug_log_name(report.incidents[0]) == "database_table_migration_inconsistency_20250909.md"
    assert "Debug Log - 20250909" in report.to_markdown()


def test_a_link_holds_the_query_and_the_time_it_covers() -> None:
    link = explorer_link("acme", 'insertId=("a" OR "b;c)")', at("00:33:54.5"), at("00:33:55.5"))
    assert link == (
        "https://console.cloud.google.com/logs/query;query=insertId%3D%28%22a%22%20OR%20%22b%3Bc%29%22%29"
        ";timeRange=2025-09-10T00%3A33%3A54Z%2F2025-09-10T00%3A33%3A56Z?project=acme"
    )
    assert 'insertId=("a" OR "b;c)")' in unquote(link)


def test_without_a_project_or_a_query_there_is_no_link() -> None:
    assert explorer_link("", "x", 0, 1) == ""
    assert explorer_link("acme", "", 0, 1) == ""


def test_a_query_quotes_what_would_end_its_strings() -> None:
    assert evidence_query(['a"b\\c', 'a"b\\c']) == 'insertId="a\\"b\\\\c"'
    assert evidence_query([]) == ""
    assert evidence_query([f"i{n}" for n in range(100)]).count(" OR ") == 39


@pytest.mark.parametrize(
    ("deploy", "sentence"),
    [
        (None, "No deploy was seen in what was read."),
        (
            Deploy("rev-2", at("00:30:00"), failed_before=True, delay=None),
            "Present before the deploy: the same failure was seen before revision `rev-2` of 2025-09-10T00:30:00Z.",
        ),
        (
            Deploy("rev-2", at("00:30:00"), failed_before=False, delay=3_000_000_000),
            "First seen 3 s after revision `rev-2` of 2025-09-10T00:30:00Z, and not before.",
        ),
        (
            Deploy("", at("00:30:00"), failed_before=None, delay=3_000_000_000),
            (
                "First seen 3 s after the deploy of 2025-09-10T00:30:00Z; what was read before it is too short to tell "
                "whether the failure was there before."
            ),
        ),
        (
            Deploy("rev-2", at("00:30:00"), failed_before=None, delay=None),
            "What was read before it is too short to tell whether the failure was there before.",
        ),
        (
            Deploy("rev-2", at("00:30:00"), failed_before=False, delay=None),
            "Not seen before revision `rev-2` of 2025-09-10T00:30:00Z.",
        ),
    ],
)
def test_the_verdict_on_a_deploy_is_said_in_words(deploy: Deploy | None, sentence: str) -> None:
    incident = make_incident(make_match(make_rule("r"), "x", "00:33:00"), deploy=deploy)
    assert deploy_sentence(make_report([incident]).incidents[0], "UTC") == sentence


def test_times_and_counts_in_words() -> None:
    assert heading_time(["2025-09-10T00:33:54.9Z", "2025-09-10T00:33:54.1Z"]) == "2025-09-10T00:33:54Z"
    assert (
        heading_time(["2025-09-10T00:33:54Z", "2025-09-10T00:33:56Z"]) == "2025-09-10T00:33:54Z to 2025-09-10T00:33:56Z"
    )
    assert str(stamp("2025-09-10T00:33:54Z", "Asia/Tokyo")) == "2025-09-10T00:33:54Z (2025-09-10 09:33:54 JST)"
    assert stamp("2025-09-10T00:33:54Z", "UTC").short == "2025-09-10T00:33:54Z"
    assert [count_of(1, "entry"), count_of(1204, "entry"), count_of(2, "time")] == [
        "1 entry",
        "1,204 entries",
        "2 times",
    ]
    assert [lower_first("Migrations completed"), lower_first("DDL done"), lower_first("")] == [
        "migrations completed",
        "DDL done",
        "",
    ]


def test_a_long_quote_keeps_its_head_its_root_and_its_tail() -> None:
    text = "\n".join(f"line {n}" for n in range(40))
    assert excerpt(text, "line 20").splitlines() == [
        "line 0",
        "line 1",
        "line 2",
        "[... 34 lines left out ...]",
        "line 20",
        "line 38",
        "line 39",
    ]
    assert "[... 34 lines" not in excerpt(text, "not in it")
    assert excerpt("x" * 5000).count("x") == 600
    assert excerpt("one\ntwo") == "one\ntwo"


def test_gravity_and_category_say_which_block_a_line_stands_in() -> None:
    lines = [("a", Level.HIGH, Category.AUTH), ("b", Level.MEDIUM, Category.LOCK), ("c", Level.LOW, Category.MIGRATION)]
    matches = tuple(
        make_match(make_rule(name, level=level, category=category), f"line {name}", "00:01:00")
        for name, level, category in lines
    )
    text = make_report([make_incident(matches[0], failures=matches)]).to_markdown()
    for block in (
        "**CRITICAL FAILURES:**\n```\nline a\n```",
        "**DATABASE LOCK WARNINGS:**\n```\nline b\n```",
        "**MIGRATION WARNINGS:**\n```\nline c\n```",
    ):
        assert block in text
    assert "SYSTEM STATE" not in text


def test_what_the_evidence_does_not_say_is_a_marked_blank() -> None:
    text = make_report([make_incident(make_match(make_rule("r"), "x", "00:01:00"))]).to_markdown()
    assert "### Business Impact\n_blank: " in text
    assert text.count("_blank: not shown by the evidence_") == 5


def test_a_belied_line_is_quoted_beside_the_failure() -> None:
    text = make_report([missing_tables()]).to_markdown()
    assert "**Contradiction:** Missing critical user tables despite migrations completed\n```\n" in text
    assert "2025-09-10T00:33:51.900Z  Step 3: Migrations completed\n2025-09-10T00:33:54.120Z  ✗ Missing" in text


def test_the_reports_zone_stands_beside_utc() -> None:
    report = make_report([missing_tables()], settings=ReportSettings(timezone="America/Los_Angeles"))
    assert "| 2025-09-10T00:33:54.120Z | 2025-09-09 17:33:54 PDT | failure |" in report.to_markdown()
    assert "2025-09-10T00:33:51.104Z (17:33:51 PDT), insertId" in report.to_markdown()


def test_standing_steps_go_around_those_of_the_rules() -> None:
    settings = ReportSettings(next_steps=("First", "...", "Last"))
    text = make_report([crash_loop()], settings=settings).to_markdown()
    assert "1. First\n2. Add `app.billing` to the image, or take its import out\n3. Last\n" in text


def test_nothing_read_is_never_said_to_be_healthy() -> None:
    empty = msgspec.structs.replace(COVERAGE, entries=0, first=None, last=None)
    for text in (make_report(coverage=empty).to_markdown(), make_report(coverage=empty).to_text()):
        assert "Nothing was read, so nothing can be said about the health of the system." in text
    cut = msgspec.structs.replace(COVERAGE, complete=False, skipped=2)
    text = make_report(coverage=cut).to_markdown()
    assert "No incident was found in the 3,214 entries that were read." in text
    assert "The read ended early: about the rest of the window nothing is known." in text
    assert "2 records could not be read" in text


def test_one_incident_has_the_unclassified_errors_in_its_log_and_several_have_them_once() -> None:
    one = make_report([missing_tables()], [unknown_error()])
    assert one.to_markdown().count("### Unclassified errors") == 1
    several = make_report([missing_tables(), crash_loop()], [unknown_error()])
    assert several.to_markdown().count("### Unclassified errors") == 1
    assert "Unclassified" not in several.debug_log(several.incidents[0])


def test_the_text_for_a_terminal_keeps_to_its_width() -> None:
    text = make_report([missing_tables(), crash_loop(), hostile_names()], [unknown_error()]).to_text()
    long = [line for line in text.splitlines() if len(line) > 100]
    assert all(line.startswith("      ") for line in long)


def test_many_services_and_ids_are_counted_and_not_all_listed() -> None:
    coverage = msgspec.structs.replace(COVERAGE, services={f"s{n}": n for n in range(30)} | {"": 5})
    text = make_report([crash_loop()], coverage=coverage, source=SOURCE).to_text()
    assert "and 19 more" in text
    rule = make_rule("r", Role.FAILURE)
    matches = tuple(make_match(rule, "x", f"00:01:{n:02}") for n in range(9))
    assert "and 4 more" in make_report([make_incident(matches[0], failures=matches)]).to_text()


def test_the_text_keeps_within_a_narrow_terminal() -> None:
    report = make_report([missing_tables(), crash_loop()], [unknown_error()])
    quoted = tuple(line for line in report.to_text(width=80).splitlines() if len(line) > 80)
    assert all(line.startswith("      ") for line in quoted)
    assert len(report.to_text(width=80).splitlines()) > len(report.to_text().splitlines())
    assert report.to_text(width=1) == report.to_text(width=40)


def test_a_report_shows_itself_in_a_line() -> None:
    assert repr(make_report([missing_tables()], [unknown_error()])).startswith("<Report: 1 incidents, 1 unclassified, ")


def test_a_line_is_cut_only_when_there_is_nothing_secret_in_it_any_more() -> None:
    secret = "hunter2-and-then-some"
    cause = make_match(make_rule("r"), "x", "00:00:00")
    line = f"{'x' * 470} password={secret}"
    why = Why("It failed", line, "id")
    incident = make_incident(cause, timeline=(make_item(cause, quote=line),), whys=(why,))
    (told,) = make_report([incident]).incidents
    for quote in (told.timeline[0].quote, told.whys[0].quote):
        assert quote.startswith("xxx")
        assert len(quote) <= 500
        assert secret[:7] not in quote


def test_a_report_holds_no_match_where_nobody_wants_a_frame() -> None:
    incident = missing_tables()
    report = build([incident], (), COVERAGE, SOURCE, WINDOW, ReportSettings(), generated_at=NOW)
    assert report.rows == ()
    assert len(report.incidents) == 1


def test_one_thing_is_counted_as_one() -> None:
    unknown = msgspec.structs.replace(unknown_error(), count=1)
    read = msgspec.structs.replace(COVERAGE, entries=1)
    assert "1 error of 1 kind matches no rule." in make_report([], [unknown], coverage=read).to_text()
    assert "No incident was found in the 1 entry that was read." in make_report([], coverage=read).to_text()
    assert "[... 1 character left out ...]" in excerpt("x" * 601)
