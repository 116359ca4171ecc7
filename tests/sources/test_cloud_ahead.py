"""The page that is fetched while the one before is read: one, no more, and without a word until it is wanted."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import grpc
import pytest

from analyzer.errors import UsageError
from analyzer.model import Notice
from analyzer.times import SECOND
from tests.emulator import Emulator, Fault
from tests.sources.cloud import HOUR, Clock, entry, ids, read, source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from analyzer.model import LogEntry
    from tests.sources.conftest import Start

MANY = [entry(n) for n in range(35)]
TENS = Fault.short_page(10, times=None)
PATIENCE = 5.0


def until(holds: Callable[[], bool]) -> bool:
    """Whether it holds soon."""
    end = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.002)
    return True


def take(records: Iterator[LogEntry | Notice], count: int) -> list[LogEntry]:
    taken = list(itertools.islice(records, count))
    return [one for one in taken if not isinstance(one, Notice)]


def answered(emulator: Emulator) -> int:
    return sum(call.code is not None for call in emulator.calls)


def test_the_page_after_the_one_being_read_is_fetched_and_no_further_one(emulate: Start) -> None:
    emulator = emulate(MANY, faults=[TENS])
    records = source().read(HOUR)
    for pages in (1, 2):
        assert ids(take(records, 10)) == [f"id-{n:06d}" for n in range(10 * (pages - 1), 10 * pages)]
        assert until(lambda pages=pages: answered(emulator) == pages + 1)  # type: ignore[misc]
        time.sleep(0.05)
        assert len(emulator.calls) == pages + 1
    assert len(list(records)) == 15
    assert len(emulator.calls) == 4


def test_a_page_that_is_slow_to_come_costs_no_time_that_the_reader_spends_anyway(emulate: Start) -> None:
    emulate(MANY[:20], faults=[TENS, Fault.slow(0.4, 2)])
    records = source().read(HOUR)
    take(records, 10)
    time.sleep(0.5)
    begun = time.monotonic()
    assert len(list(records)) == 10
    assert time.monotonic() - begun < 0.4


def test_a_failure_ahead_comes_out_when_the_page_is_wanted(emulate: Start) -> None:
    emulator = emulate(MANY, faults=[TENS, Fault.permission_denied(2)])
    records = source().read(HOUR)
    assert len(take(records, 9)) == 9
    assert until(lambda: answered(emulator) == 2)
    rest = list(records)
    assert len(rest) == 2
    assert isinstance(rest[1], Notice)
    assert rest[1].incomplete
    assert "logging.logEntries.list" in rest[1].text


def test_a_failure_ahead_that_passes_is_waited_for_and_tried_again_only_then(emulate: Start) -> None:
    clock = Clock()
    emulator = emulate(MANY, faults=[TENS, Fault.unavailable(2)])
    records = source(clock).read(HOUR)
    take(records, 10)
    assert until(lambda: answered(emulator) == 2)
    time.sleep(0.05)
    assert (len(emulator.calls), clock.sleeps) == (2, [])
    assert len(list(records)) == 25
    assert clock.sleeps == [1.0]


def test_a_filter_that_is_refused_for_a_later_page_still_ends_the_read(emulate: Start) -> None:
    emulate(MANY, faults=[Fault(1, grpc.StatusCode.INVALID_ARGUMENT, None)])
    with pytest.raises(UsageError):
        read(source())


def test_the_quota_is_not_waited_for_before_the_page_is_wanted(emulate: Start) -> None:
    clock = Clock()
    emulator = emulate(
        [entry(n) for n in range(70)], faults=[Fault.short_page(1, 1, times=None)], quota=60, clock=clock.seconds
    )
    records = source(clock).read(HOUR)
    take(records, 60)
    time.sleep(0.05)
    assert (len(emulator.calls), clock.sleeps) == (60, [])
    assert len(list(records)) == 10
    assert clock.sleeps == [60.0]
    assert {call.code for call in emulator.calls} == {grpc.StatusCode.OK}


def test_nothing_is_asked_for_ahead_when_the_time_is_up(emulate: Start) -> None:
    clock = Clock()
    emulator = emulate(MANY, faults=[TENS])
    records = source(clock, deadline=10 * SECOND).read(HOUR)
    take(records, 10)
    clock.now += 9 * SECOND
    take(records, 1)
    assert until(lambda: len(emulator.calls) == 3)
    clock.now += 2 * SECOND
    rest = list(records)
    assert len(rest) == 10
    assert isinstance(rest[-1], Notice)
    assert "longer than 10 s" in rest[-1].text


def test_nothing_is_asked_for_ahead_that_the_limit_would_cut_off(emulate: Start) -> None:
    emulator = emulate(MANY, faults=[TENS])
    entries, _ = read(source(limit=15))
    assert len(entries) == 15
    assert [call.page_size for call in emulator.calls] == [16, 16]


def test_a_limit_is_met_although_a_page_repeats_what_came_before(emulate: Start) -> None:
    emulator = emulate(MANY, faults=[TENS, Fault.duplicates(9, 2)])
    entries, notices = read(source(limit=19))
    assert len(entries) == 19
    assert [notice.duplicates for notice in notices] == [0, 9]
    assert len(emulator.calls) == 3


def test_a_read_that_nobody_follows_any_more_ends_its_call_at_once(emulate: Start) -> None:
    emulator = emulate(MANY, faults=[TENS, Fault.hang(2)])
    records = source().read(HOUR)
    take(records, 5)
    assert until(lambda: len(emulator.calls) == 2)
    begun = time.monotonic()
    records.close()  # type: ignore[attr-defined]
    assert time.monotonic() - begun < 1
    assert until(lambda: emulator.calls[1].code is grpc.StatusCode.CANCELLED)
    assert until(lambda: not any("channel_spin" in thread.name for thread in threading.enumerate()))


@pytest.mark.parametrize("taken", [5, 10])
def test_an_interrupt_ends_the_call_too(emulate: Start, taken: int) -> None:
    emulator = emulate(MANY, faults=[TENS, Fault.hang(2)])
    records = source().read(HOUR)
    take(records, taken)
    assert until(lambda: len(emulator.calls) == 2)
    with pytest.raises(KeyboardInterrupt):
        records.throw(KeyboardInterrupt)  # type: ignore[attr-defined]
    assert until(lambda: emulator.calls[1].code is grpc.StatusCode.CANCELLED)


_LEAVES_A_READ = """
import sys
from tests.sources.cloud import HOUR, source

records = source().read(HOUR)
next(records)
"""

_IS_INTERRUPTED = """
import signal, threading
from tests.sources.cloud import HOUR, source

records = source().read(HOUR)
for number, _ in enumerate(records, 1):
    if number == 10:
        threading.Timer(0.3, signal.pthread_kill, [threading.main_thread().ident, signal.SIGINT]).start()
"""


@pytest.mark.parametrize(("code", "status"), [(_LEAVES_A_READ, 0), (_IS_INTERRUPTED, -2)])
def test_a_process_ends_at_once_whatever_call_is_under_way(code: str, status: int) -> None:
    with Emulator(MANY, faults=[TENS, Fault.hang(2)]) as emulator:
        environment = {**os.environ, "LOGGING_EMULATOR_HOST": emulator.host}
        done = subprocess.run(  # noqa: S603 - our own code
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=4 * PATIENCE,
        )
        assert done.returncode == status, done.stderr
        assert ("KeyboardInterrupt" in done.stderr) == (status != 0)
