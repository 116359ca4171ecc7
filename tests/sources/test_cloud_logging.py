"""Reading Cloud Logging through Google's own client, against the emulator."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from analyzer.errors import SourceError, UsageError
from analyzer.model import LogEntry, Notice, SourceInfo, Window
from analyzer.sources.cloud_logging import CloudLogging, pushdown_room
from analyzer.times import SECOND, parse_timestamp
from tests.sources.cloud import HOUR, START, entry, ids, read, source

if TYPE_CHECKING:
    from analyzer.sources import Source
    from tests.sources.conftest import Start


def is_error(record: LogEntry) -> bool:
    return "ERROR" in record["textPayload"]


def test_it_is_a_source() -> None:
    checked: Source = source()
    assert checked.info == SourceInfo(kind="cloud-logging", name="acme", project="acme")


def test_every_entry_comes_once_in_pages_of_a_thousand(emulate: Start) -> None:
    emulator = emulate([entry(n) for n in range(2_500)])
    entries, notices = read(source())
    assert ids(entries) == [f"id-{n:06d}" for n in range(2_500)]
    assert notices == []
    assert [call.page_size for call in emulator.calls] == [1000] * 3
    assert {call.order_by for call in emulator.calls} == {"timestamp asc"}
    assert {call.resource_names for call in emulator.calls} == {("projects/acme",)}


def test_nanoseconds_receive_time_and_labels_arrive(emulate: Start) -> None:
    sent = {**entry(1, at=123_456_789), "labels": {"instanceId": "00f"}, "severity": "ERROR"}
    emulate([sent])
    entries, _ = read(source())
    assert entries == [sent]
    assert parse_timestamp(entries[0]["timestamp"]) == START + 123_456_789


def test_the_window_includes_its_start_and_not_its_end_to_the_nanosecond(emulate: Start) -> None:
    emulate([entry(n, at=n) for n in range(10)])
    entries, _ = read(source(), Window(START + 2, START + 5))
    assert ids(entries) == ["id-000002", "id-000003", "id-000004"]


def test_a_read_without_a_window_still_has_bounds(emulate: Start) -> None:
    emulator = emulate([entry(1)])
    entries, _ = read(source(), None)
    assert len(entries) == 1
    assert emulator.calls[0].filter == (
        'timestamp>="1970-01-01T00:00:00Z" AND timestamp<"9999-12-31T23:59:59.999999999Z"'
    )


def test_the_scope_is_asked_of_the_server(emulate: Start) -> None:
    job = entry(3)
    job["resource"] = {"type": "cloud_run_job", "labels": {"job_name": "auth"}}
    other_log = {**entry(4), "logName": "projects/acme/logs/run.googleapis.com%2Frequests"}
    emulate([entry(1), entry(2, service="auth"), job, other_log, entry(5, text="ready (at last)")])
    assert ids(read(source(services=["auth"]))[0]) == ["id-000002", "id-000003"]
    assert ids(read(source(services=["auth", "backend"]))[0]) == [f"id-00000{n}" for n in range(1, 6)]
    assert ids(read(source(log_names=["run.googleapis.com/requests"]))[0]) == ["id-000004"]
    full = "projects/acme/logs/run.googleapis.com%2Frequests"
    assert ids(read(source(log_names=[full]))[0]) == ["id-000004"]
    assert ids(read(source(filter='textPayload:"(at" -- a comment (open'))[0]) == ["id-000005"]


def test_the_users_or_does_not_widen_the_window(emulate: Start) -> None:
    emulate([entry(1), entry(2, text="late", at=2 * 3_600 * SECOND)])
    entries, _ = read(source(filter='textPayload:"fine" OR textPayload:"late"'))
    assert ids(entries) == ["id-000001"]


def test_the_context_of_findings_is_fetched_and_nothing_comes_twice(emulate: Start) -> None:
    stored = [entry(n, service="auth" if n % 2 else "backend") for n in range(200)]
    stored[100]["textPayload"] = "ERROR: boom"
    stored[150]["textPayload"] = "ERROR, they say"
    emulator = emulate(stored)
    reader = source(
        pushdown='textPayload:"ERROR"', interesting=lambda one: "boom" in one["textPayload"], context=5 * SECOND
    )
    entries, notices = read(reader)
    around = [f"id-{n:06d}" for n in (96, 98, 102, 104)]
    assert ids(entries) == ["id-000100", "id-000150", *around]
    assert notices == []
    assert len(emulator.calls) == 2


def test_the_context_stays_in_the_window(emulate: Start) -> None:
    stored = [entry(n) for n in range(20)]
    stored[10]["textPayload"] = "ERROR"
    emulate(stored)
    reader = source(pushdown='textPayload:"ERROR"', interesting=is_error, context=60 * SECOND)
    entries, _ = read(reader, Window(START + 5 * SECOND, START + 12 * SECOND))
    assert sorted(ids(entries)) == [f"id-{n:06d}" for n in range(5, 12)]


def test_the_context_of_a_request_reaches_beyond_its_end(emulate: Start) -> None:
    request = {**entry(10), "httpRequest": {"status": 503, "latency": "20s"}}
    emulate([request, *(entry(n) for n in (7, 8, 31, 32, 33))])
    reader = source(pushdown="httpRequest.status>=500", interesting=lambda _: True, context=2 * SECOND)
    assert ids(read(reader)[0]) == ["id-000010", "id-000008", "id-000031", "id-000032"]


def test_many_findings_are_split_over_queries_that_fit(emulate: Start) -> None:
    stored = [entry(n, text="ERROR" if n % 5 == 0 else "fine") for n in range(1_000)]
    emulator = emulate(stored)
    reader = source(pushdown='textPayload:"ERROR"', interesting=is_error, context=SECOND)
    entries, notices = read(reader)
    assert notices == []
    assert sorted(ids(entries)) == [f"id-{n:06d}" for n in range(999) if n % 5 in {4, 0, 1}]
    assert max(len(call.filter) for call in emulator.calls) > 15_000
    assert len({call.filter for call in emulator.calls}) > 2
    assert reader.info.filter == emulator.calls[0].filter


def test_the_query_in_the_info_reproduces_the_read(emulate: Start) -> None:
    stored = [entry(n, text="ERROR" if n == 50 else "fine") for n in range(100)]
    emulate(stored)
    reader = source(pushdown='textPayload:"ERROR"', interesting=is_error, context=3 * SECOND)
    entries, _ = read(reader)
    again, _ = read(source(filter=reader.info.filter))
    assert sorted(ids(again)) == sorted(ids(entries))
    assert len(entries) == 7


@pytest.mark.parametrize("options", [{"interesting": None}, {"context": 0}, {"pushdown": ""}])
def test_there_is_no_second_query_without_pushdown_findings_or_context(emulate: Start, options: dict[str, Any]) -> None:
    emulator = emulate([entry(n, text="ERROR") for n in range(3)])
    settings: dict[str, Any] = {"pushdown": 'textPayload:"ERROR"', "interesting": is_error, **options}
    assert len(read(source(**settings))[0]) == 3
    assert len(emulator.calls) == 1


def test_an_entry_of_no_service_finds_its_context_by_its_resource(emulate: Start) -> None:
    database = {"type": "cloudsql_database", "labels": {"database_id": "acme:main", "region": "us"}}
    other = {"type": "cloudsql_database", "labels": {"database_id": "acme:other", "region": "us"}}
    emulate(
        [
            {**entry(1), "resource": database},
            {**entry(2, text="FATAL"), "resource": database},
            {**entry(3), "resource": other},
        ]
    )
    reader = source(pushdown='textPayload:"FATAL"', interesting=lambda _: True)
    assert ids(read(reader)[0]) == ["id-000002", "id-000001"]


def test_the_limit_cuts_the_read_and_says_how_far_it_came(emulate: Start) -> None:
    emulate([entry(n) for n in range(10)])
    entries, notices = read(source(limit=4))
    assert len(entries) == 4
    assert notices == [
        Notice("the limit of 4 entries was reached; entries up to 2025-09-10T00:33:54Z were read", incomplete=True)
    ]


def test_a_limit_that_is_just_enough_cuts_nothing(emulate: Start) -> None:
    emulate([entry(n) for n in range(10)])
    entries, notices = read(source(limit=10))
    assert len(entries) == 10
    assert notices == []


def test_the_limit_counts_the_context_too(emulate: Start) -> None:
    emulate([entry(n, text="ERROR" if n == 5 else "fine") for n in range(10)])
    entries, notices = read(source(pushdown='textPayload:"ERROR"', interesting=is_error, limit=3))
    assert len(entries) == 3
    assert [notice.incomplete for notice in notices] == [True]
    assert "the window was read to its end" in notices[0].text


def test_progress_tells_entries_and_position_after_each_page(emulate: Start) -> None:
    emulate([entry(n) for n in range(1_500)])
    seen: list[tuple[int, int]] = []
    read(source(progress=lambda count, last: seen.append((count, last))))
    assert seen == [(1_000, START + 999 * SECOND), (1_500, START + 1_499 * SECOND)]


def test_progress_of_an_empty_read_stands_at_the_start(emulate: Start) -> None:
    emulate([])
    seen: list[tuple[int, int]] = []
    assert read(source(progress=lambda count, last: seen.append((count, last)))) == ([], [])
    assert seen == [(0, START)]


def test_a_filter_that_is_refused_is_pointed_at(emulate: Start) -> None:
    emulate([entry(1)])
    with pytest.raises(UsageError, match="refuses the filter") as caught:
        read(source(services=["backend"], filter='textPayload:"fine"\nAND severity=>ERROR', pushdown='textPayload:"x"'))
    assert "line 2, column 14" in str(caught.value)
    assert caught.value.hint == "AND severity=>ERROR\n             ^"


def test_a_filter_with_an_open_bracket_is_refused_before_any_call() -> None:
    with pytest.raises(UsageError, match="bracket that is not closed") as caught:
        source(filter='(a="b"')
    assert caught.value.hint == '(a="b"\n^'


def test_a_query_that_is_too_long_says_which_part(emulate: Start) -> None:
    emulate([])
    with pytest.raises(UsageError, match="20,000: the text that the rules need alone has 30,000"):
        read(source(pushdown="x" * 30_000))
    with pytest.raises(UsageError, match="the services alone have"):
        read(source(services=[f"service-{n}" for n in range(1_000)]))
    with pytest.raises(UsageError, match="the filter alone has 20,001"):
        read(source(filter="x" * 20_001))


def test_a_pushdown_that_fills_its_room_fits_and_one_more_does_not(emulate: Start) -> None:
    emulate([])
    window = Window(HOUR.start + 1, HOUR.end + 1)
    scope: dict[str, Any] = {"services": ["a", "b"], "log_names": ["x/y"], "filter": "severity>=ERROR"}
    room = pushdown_room(project="acme", **scope)
    terms = 'textPayload:"' + "x" * (room - len('textPayload:""')) + '"'
    assert read(source(pushdown=terms, **scope), window) == ([], [])
    with pytest.raises(UsageError):
        read(source(pushdown=terms + " ", **scope), window)


def test_the_context_that_has_no_room_ends_the_read_as_incomplete(emulate: Start) -> None:
    emulate([entry(n, text="ERROR") for n in range(3)])
    wide = 'textPayload:"E" OR textPayload:"x"'
    wide += " " * (pushdown_room(project="acme", filter=wide) - 30)
    entries, notices = read(source(filter=wide, pushdown='"ERROR"', interesting=is_error))
    assert len(entries) == 3
    assert [notice.incomplete for notice in notices] == [True]
    assert "the filter alone has" in notices[0].text


def test_importing_the_source_loads_no_client() -> None:
    code = (
        "import sys, analyzer.sources.cloud_logging, analyzer.sources.checks\n"
        "sys.exit(any(name.startswith(('google.', 'grpc')) for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0  # noqa: S603


def test_defaults_are_made_without_asking_anyone() -> None:
    assert CloudLogging().info.filter == ""


def test_entries_from_a_project_that_does_not_exist_are_an_error(emulate: Start) -> None:
    emulate([], projects=["other"])
    with pytest.raises(SourceError, match="no project 'acme'") as caught:
        read(source())
    assert "gcloud projects list" in caught.value.hint


def test_a_read_that_is_cut_fetches_no_context(emulate: Start) -> None:
    emulator = emulate([entry(n, text="ERROR") for n in range(10)])
    entries, notices = read(source(pushdown='textPayload:"ERROR"', interesting=is_error, limit=4))
    assert len(entries) == 4
    assert "entries up to 2025-09-10T00:33:54Z were read" in notices[0].text
    assert len(emulator.calls) == 1


def test_a_healthy_scope_gives_a_sign_of_life_and_an_empty_one_nothing(emulate: Start) -> None:
    emulate([entry(n) for n in range(5)])
    entries, notices = read(source(pushdown='"FATAL"'))
    nothing, silence = read(source(pushdown='"FATAL"', services=["other"]))
    assert ids(entries) == ["id-000000"]
    assert [notice.incomplete for notice in notices] == [False]
    assert "no entry of the scope" in notices[0].text
    assert (nothing, silence) == ([], [])


def test_a_read_without_context_says_what_it_cannot_judge(emulate: Start) -> None:
    emulate([entry(1, text="ERROR")])
    _, notices = read(source(pushdown='"ERROR"', interesting=lambda _: True, context=0))
    assert ["--context 0" in notice.text for notice in notices] == [True]
    assert read(source(pushdown='"ERROR"', interesting=lambda _: True))[1] == []
