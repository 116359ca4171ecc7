"""One audit at a time, whatever was killed and whatever the clock says."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from analyzer.audit import tables
from analyzer.audit.lease import Lease
from analyzer.audit.passes import run_pass
from analyzer.audit.store import open_store
from analyzer.errors import HeldError
from analyzer.times import SECOND
from tests.audit.world import DAY, MINUTE, START, Board, Clock, Log, entry, parts

if TYPE_CHECKING:
    from analyzer.audit.store import Store

LENGTH = 3 * SECOND // 10


class Killed(Lease):
    """A lease whose holder ends without a word."""

    def die(self) -> None:
        self._ended.set()
        assert self._thread is not None
        self._thread.join()


def test_a_second_audit_is_refused_at_once(target: str) -> None:
    one, other = open_store(target), open_store(target)
    with Lease(one, 60 * SECOND):
        begun = time.monotonic()
        with pytest.raises(HeldError, match="another audit holds the state"), Lease(other, 60 * SECOND):
            pass
        assert time.monotonic() - begun < 1
    with Lease(other, 60 * SECOND):
        pass
    one.close()
    other.close()


def test_a_lease_that_is_kept_outlives_its_length(store: Store) -> None:
    with Lease(store, LENGTH):
        time.sleep(2 * LENGTH / SECOND)
        with pytest.raises(HeldError), Lease(store, LENGTH):
            pass


def test_a_killed_holder_blocks_no_longer_than_the_lease(store: Store) -> None:
    dead = Killed(store, LENGTH)
    dead.__enter__()
    dead.die()
    end = time.monotonic() + LENGTH / SECOND + 0.2
    while True:
        try:
            with Lease(store, LENGTH):
                break
        except HeldError:
            assert time.monotonic() < end
            time.sleep(0.02)


@pytest.mark.parametrize("wrong", [DAY, -DAY])
def test_a_living_holder_is_respected_by_a_clock_that_is_wrong_by_a_day(store: Store, wrong: int) -> None:
    with Lease(store, LENGTH):
        other = Lease(store, LENGTH, clock=lambda: time.time_ns() + wrong)
        with pytest.raises(HeldError), other:
            pass


def test_a_lease_that_a_wrong_clock_left_behind_does_not_block_for_a_day(store: Store) -> None:
    dead = Killed(store, LENGTH, clock=lambda: time.time_ns() + DAY)
    dead.__enter__()
    dead.die()
    with Lease(store, LENGTH):
        pass


def test_of_two_that_wait_for_a_dead_one_only_one_gets_the_lease(target: str) -> None:
    store = open_store(target)
    dead = Killed(store, LENGTH, clock=lambda: 0)
    dead.__enter__()
    dead.die()
    outcomes: list[str] = []
    both = threading.Barrier(2)

    def want() -> None:
        mine = open_store(target)
        both.wait()
        try:
            with Lease(mine, LENGTH):
                outcomes.append("held")
                time.sleep(LENGTH / SECOND)
        except HeldError:
            outcomes.append("refused")
        mine.close()

    threads = [threading.Thread(target=want) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    assert sorted(outcomes) == ["held", "refused"]


def test_an_audit_that_lost_its_lease_records_nothing(store: Store, log: Log, clock: Clock) -> None:
    board = Board()
    log.add(entry(1, at=START))
    clock.true += MINUTE

    def lose(name: str) -> None:
        if name == "after the read":
            with store.begin() as connection:
                connection.execute(sa.update(tables.lease).values(holder="another"))

    with Lease(store, LENGTH) as lease, pytest.raises(HeldError, match="took the state over"):
        run_pass(parts(store, log, clock, board, lease=lease, step=lose))
    assert board.calls == 0
    with store.begin() as connection:
        assert connection.execute(sa.select(tables.seen)).all() == []
