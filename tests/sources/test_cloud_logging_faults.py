"""What Cloud Logging does on bad days: every fault, with no entry lost and none doubled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import grpc
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.errors import CredentialsError, PermissionDeniedError, SourceError
from analyzer.model import Notice
from analyzer.times import SECOND
from tests.emulator import Emulator, Fault
from tests.sources.cloud import HOUR, Clock, entry, ids, read, source

if TYPE_CHECKING:
    from tests.sources.conftest import Start

MANY = [entry(n) for n in range(2_500)]
ALL = [f"id-{n:06d}" for n in range(2_500)]
PASSING = {
    "429": [Fault.exhausted(2, times=3)],
    "503 in the middle": [Fault.unavailable(2, times=2)],
    "503 at first": [Fault.unavailable(1)],
    "internal": [Fault(2, grpc.StatusCode.INTERNAL)],
    "deadline": [Fault(2, grpc.StatusCode.DEADLINE_EXCEEDED)],
    "empty pages": [Fault.empty_page(1, times=3), Fault.empty_page(5)],
    "short page": [Fault.short_page(7)],
    "one after the other": [Fault.exhausted(1), Fault.empty_page(2), Fault.unavailable(3), Fault.short_page(1, 4)],
}


@pytest.mark.parametrize("name", PASSING)
def test_a_fault_that_passes_loses_and_doubles_nothing(emulate: Start, name: str) -> None:
    emulator = emulate(MANY, faults=PASSING[name])
    entries, notices = read(source())
    assert ids(entries) == ALL
    assert notices == []
    assert len(emulator.calls) > 3


def test_a_call_that_hangs_is_given_up_and_made_again(emulate: Start) -> None:
    emulator = emulate(MANY, faults=[Fault.hang(2)])
    entries, notices = read(source(call_deadline=SECOND // 2))
    assert ids(entries) == ALL
    assert notices == []
    assert all(call.deadline is not None and call.deadline < 1 for call in emulator.calls)


def test_waits_grow_with_full_jitter(emulate: Start) -> None:
    clock, rolled = Clock(), iter([1.0, 0.25, 1.0, 0.5])
    emulate(MANY, faults=[Fault.exhausted(1, times=4)])
    assert ids(read(source(clock, random=lambda: next(rolled)))[0]) == ALL
    assert clock.sleeps == [1.0, 0.5, 4.0, 4.0]


def test_a_page_that_comes_twice_in_part_is_counted_once(emulate: Start) -> None:
    emulate(MANY, faults=[Fault.duplicates(40, 2), Fault.duplicates(2, 3)])
    entries, notices = read(source())
    assert ids(entries) == ALL
    assert notices == [Notice("42 entries came twice and were counted once", duplicates=42)]


def test_equal_insert_ids_of_other_logs_or_times_are_other_entries(emulate: Start) -> None:
    one = entry(1)
    other_log = {**one, "logName": "projects/acme/logs/other"}
    other_time = {**one, "timestamp": entry(2)["timestamp"]}
    emulate([one, other_log, other_time])
    assert len(read(source())[0]) == 3


def test_a_repeated_token_ends_the_read_as_incomplete(emulate: Start) -> None:
    emulator = emulate(MANY, faults=[Fault.token_loop(2)])
    entries, notices = read(source())
    assert ids(entries) == ALL[:2000]
    assert [notice.incomplete for notice in notices if "token" in notice.text] == [True]
    assert len(emulator.calls) <= 3


def test_a_token_loop_of_empty_pages_is_an_error(emulate: Start) -> None:
    emulate([], faults=[Fault.token_loop(1)])
    with pytest.raises(SourceError, match="page token"):
        read(source())


def test_a_failure_that_stays_after_some_entries_is_a_notice(emulate: Start) -> None:
    clock = Clock()
    emulate(MANY, faults=[Fault.unavailable(2, times=None)])
    entries, notices = read(source(clock))
    assert ids(entries) == ALL[:1000]
    assert [notice.incomplete for notice in notices] == [True]
    assert "UNAVAILABLE" not in notices[0].text
    assert "entries up to 2025-09-10T00:50:30Z were read" in notices[0].text
    assert len(clock.sleeps) == 5


def test_a_failure_that_stays_from_the_start_is_an_error(emulate: Start) -> None:
    emulator = emulate(MANY, faults=[Fault.unavailable(1, times=None)])
    with pytest.raises(SourceError, match="cannot be reached"):
        read(source())
    assert len(emulator.calls) == 6


def test_a_failure_that_is_no_passing_one_is_not_tried_again(emulate: Start) -> None:
    emulator = emulate(MANY, faults=[Fault(1, grpc.StatusCode.DATA_LOSS, None)])
    with pytest.raises(SourceError, match="DATA_LOSS"):
        read(source())
    assert len(emulator.calls) == 1


def test_a_hang_that_stays_is_an_error_in_time(emulate: Start) -> None:
    emulator = emulate(MANY, faults=[Fault.hang(1, times=None)])
    with pytest.raises(SourceError, match="does not answer in time"):
        read(source(call_deadline=SECOND // 20))
    assert len(emulator.calls) == 3


def test_permission_denied_names_permission_and_roles(emulate: Start) -> None:
    emulator = emulate(MANY, faults=[Fault.permission_denied()])
    with pytest.raises(PermissionDeniedError, match=r"logging\.logEntries\.list on project acme") as caught:
        read(source())
    assert "roles/logging.viewer" in caught.value.hint
    assert "roles/logging.privateLogViewer" in caught.value.hint
    assert caught.value.exit_code == 3
    assert len(emulator.calls) == 1


def test_permission_that_is_taken_away_in_the_middle_is_a_notice(emulate: Start) -> None:
    emulate(MANY, faults=[Fault.permission_denied(3)])
    entries, notices = read(source())
    assert ids(entries) == ALL[:2000]
    assert notices[0].incomplete
    assert "logging.logEntries.list" in notices[0].text


def test_an_api_that_is_not_enabled_says_how_to_enable_it(emulate: Start) -> None:
    text = "Cloud Logging API has not been used in project 12 before or it is disabled."
    emulate([], faults=[Fault.permission_denied(text=text)])
    with pytest.raises(SourceError, match="not enabled") as caught:
        read(source())
    assert "gcloud services enable logging.googleapis.com --project acme" in caught.value.hint


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.UNAVAILABLE])
def test_credentials_that_are_refused_say_how_to_sign_in(emulate: Start, code: grpc.StatusCode) -> None:
    text = "" if code is grpc.StatusCode.UNAUTHENTICATED else "Getting metadata from plugin failed with error: gone"
    emulate([], faults=[Fault(1, code, None, text)])
    with pytest.raises(CredentialsError) as caught:
        read(source())
    assert "gcloud auth application-default login" in caught.value.hint


def test_a_name_that_is_no_project_is_an_error_with_the_name(emulate: Start) -> None:
    emulate([])
    with pytest.raises(SourceError, match="no project 'a/b'"):
        read(source(project="a/b"))


def test_the_quota_of_sixty_calls_a_minute_is_kept(emulate: Start) -> None:
    clock = Clock()
    emulator = emulate(
        [entry(n) for n in range(130)], faults=[Fault.short_page(1, 1, times=None)], quota=60, clock=clock.seconds
    )
    entries, notices = read(source(clock))
    assert len(entries) == 130
    assert notices == []
    assert {call.code for call in emulator.calls} == {grpc.StatusCode.OK}
    assert clock.sleeps == [60.0, 60.0]


def test_a_quota_that_someone_else_uses_is_waited_for(emulate: Start) -> None:
    clock = Clock()
    emulate([entry(n) for n in range(30)], faults=[Fault.short_page(1, 1, times=None)], quota=20, clock=clock.seconds)
    entries, notices = read(source(clock))
    assert len(entries) == 30
    assert notices == []


def test_the_deadline_of_the_run_ends_it_and_says_why(emulate: Start) -> None:
    clock = Clock()
    emulate(MANY, faults=[Fault.exhausted(2, times=None)])
    entries, notices = read(source(clock, deadline=10 * SECOND))
    assert ids(entries) == ALL[:1000]
    assert "the read would take longer than 10 s; the last call: the quota of project acme" in notices[0].text
    assert clock.now <= 1_010 * SECOND


def test_the_deadline_of_the_run_bounds_every_call(emulate: Start) -> None:
    emulator = emulate(MANY)
    read(source(deadline=20 * SECOND, call_deadline=60 * SECOND))
    assert all(call.deadline is not None and call.deadline < 21 for call in emulator.calls)


def test_a_deadline_that_passes_between_pages_is_kept(emulate: Start) -> None:
    clock = Clock()
    emulate(MANY)
    reader = source(clock, deadline=10 * SECOND)
    items = []
    for item in reader.read(HOUR):
        clock.now += SECOND // 50
        items.append(item)
    assert len(items) == 1001
    assert isinstance(items[-1], Notice)


def test_a_failure_while_the_context_is_fetched_is_a_notice(emulate: Start) -> None:
    emulate([entry(n, text="ERROR" if n == 5 else "fine") for n in range(10)], faults=[Fault.permission_denied(2)])
    entries, notices = read(source(pushdown='textPayload:"ERROR"', interesting=lambda _: True))
    assert ids(entries) == ["id-000005"]
    assert notices[0].incomplete
    assert "the window was read to its end, the context of the findings was not" in notices[0].text


def test_a_server_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with Emulator() as emulator:
        host = emulator.host
    monkeypatch.setenv("LOGGING_EMULATOR_HOST", host)
    with pytest.raises(SourceError, match="cannot be reached"):
        read(source())


@st.composite
def fault_lists(draw: st.DrawFn) -> list[Fault]:
    """Faults that pass: each hits one call, and never four calls in a row fail."""
    faults = []
    for call in range(1, 13):
        kind = draw(st.sampled_from(["none", "none", "429", "503", "empty", "short", "again"]))
        if kind in {"429", "503"} and call % 4:
            faults.append(Fault.exhausted(call) if kind == "429" else Fault.unavailable(call))
        elif kind == "empty":
            faults.append(Fault.empty_page(call))
        elif kind == "short":
            faults.append(Fault.short_page(draw(st.integers(1, 5)), call))
        elif kind == "again":
            faults.append(Fault.duplicates(draw(st.integers(1, 3)), call))
    return faults


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(faults=fault_lists(), count=st.integers(0, 40))
def test_no_mixture_of_passing_faults_loses_or_doubles_an_entry(
    monkeypatch: pytest.MonkeyPatch, faults: list[Fault], count: int
) -> None:
    with Emulator([entry(n) for n in range(count)], faults=faults) as emulator:
        monkeypatch.setenv("LOGGING_EMULATOR_HOST", emulator.host)
        entries, notices = read(source())
    assert ids(entries) == [f"id-{n:06d}" for n in range(count)]
    assert not any(notice.incomplete for notice in notices)
