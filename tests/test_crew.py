"""Work in several processes: in order, bounded, and with nobody left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import struct
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from analyzer.crew import CrewError, _noticed, cores, in_order
from analyzer.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Begun(NamedTuple):
    """A part that leaves a mark in a folder when it begins."""

    folder: str
    number: int
    last: int


def counted(part: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """As many results as the part says, and which process they come from."""
    number, size = part
    for index in range(size):
        yield number, index


def processes(part: int) -> Iterator[int]:
    yield os.getpid()


def failing(part: int) -> Iterator[int]:
    yield part
    if part == 2:
        reason = "the third part is odd"
        raise ValueError(reason)


def faulty(part: int) -> Iterator[int]:
    yield part
    if part == 1:
        reason = "the disk is gone"
        raise OSError(reason)


def unsendable(part: int) -> Iterator[Callable[[], int]]:
    yield lambda: part


def dying(part: int) -> Iterator[int]:
    yield part
    if part == 1:
        os.kill(os.getpid(), signal.SIGKILL)


def large(part: int) -> Iterator[bytes]:
    for _ in range(3):
        yield bytes([part]) * 1_500_000


def endless(part: int) -> Iterator[int]:
    while True:
        yield part


def marked(part: Begun) -> Iterator[list[int]]:
    """The first part waits for the last that may begin beside it, and a little for one that may not."""
    folder = Path(part.folder)
    (folder / str(part.number)).touch()
    if part.number == 0:
        until = time.monotonic() + 10
        while not (folder / str(part.last)).exists() and time.monotonic() < until:
            time.sleep(0.01)
        time.sleep(0.2)
    yield sorted(int(path.name) for path in folder.iterdir())


@pytest.fixture(autouse=True)
def _nobody_is_left() -> Iterator[None]:
    before = set(multiprocessing.active_children())
    yield
    assert set(multiprocessing.active_children()) == before


def alive(pids: set[int]) -> set[int]:
    """Those that still run, or have ended and were not waited for."""
    return {pid for pid in pids if Path(f"/proc/{pid}").exists()}


@pytest.mark.parametrize("jobs", [1, 2, 3])
def test_results_come_in_the_order_of_parts_of_any_length(jobs: int) -> None:
    sizes = [400, 1, 0, 3, 900, 0, 0, 1, 2, 50]
    parts = list(enumerate(sizes))
    assert list(in_order(counted, parts, jobs)) == [(number, index) for number, size in parts for index in range(size)]


@pytest.mark.parametrize("jobs", [0, 1, 2])
def test_without_parts_there_are_no_results(jobs: int) -> None:
    assert list(in_order(counted, [], jobs)) == []


def test_one_part_or_one_process_is_work_for_this_one() -> None:
    assert set(in_order(processes, [1], 4)) == {os.getpid()}
    assert set(in_order(processes, [1, 2, 3], 1)) == {os.getpid()}
    assert os.getpid() not in set(in_order(processes, [1, 2, 3], 2))


def test_beside_threads_it_works_as_well() -> None:
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()
    try:
        assert list(in_order(counted, [(0, 2), (1, 1)], 2)) == [(0, 0), (0, 1), (1, 0)]
    finally:
        stop.set()
        other.join()


def test_results_may_be_larger_than_a_pipe() -> None:
    found = [(data[0], len(data)) for data in in_order(large, [0, 1, 2, 3], 2)]
    assert found == [(part, 1_500_000) for part in range(4) for _ in range(3)]


def test_a_part_that_fails_says_why_after_what_came_before() -> None:
    results = in_order(failing, [0, 1, 2, 3], 2)
    assert [next(results) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(CrewError, match="ValueError: the third part is odd"):
        next(results)


def test_a_fault_of_the_system_is_a_failure_and_no_killed_process() -> None:
    with pytest.raises(CrewError, match="OSError: the disk is gone"):
        list(in_order(faulty, [0, 1, 2], 2))


def test_a_result_that_cannot_be_sent_is_a_failure() -> None:
    with pytest.raises(CrewError, match=r"(?i)pickle"):
        list(in_order(unsendable, [0, 1], 2))


def test_in_this_process_a_failure_is_what_it_was() -> None:
    with pytest.raises(ValueError, match="the third part is odd"):
        list(in_order(failing, [0, 1, 2, 3], 1))


def test_a_process_that_is_killed_is_told_of_with_a_way_out() -> None:
    with pytest.raises(SourceError, match="was killed") as told:
        list(in_order(dying, [0, 1, 2], 2))
    assert "--jobs 1" in told.value.hint


def test_a_process_that_is_killed_in_the_middle_of_a_message_is_told_of_alike() -> None:
    reader, writer = multiprocessing.Pipe(duplex=False)
    os.write(writer.fileno(), struct.pack("!i", 1_000) + b"the beginning")
    writer.close()
    with pytest.raises(SourceError, match="was killed"), _noticed():
        reader.recv_bytes()
    reader.close()


def test_processes_that_are_killed_while_they_wait_are_told_of_alike() -> None:
    results = in_order(counted, [(number, 1) for number in range(30)], 2)
    assert next(results) == (0, 0)
    for child in multiprocessing.active_children():
        child.kill()
        child.join()
    with pytest.raises(SourceError, match="was killed"):
        list(results)


def test_leaving_early_ends_all_processes() -> None:
    before = {child.pid for child in multiprocessing.active_children()}
    results = in_order(endless, [0, 1, 2], 3)
    assert next(results) == 0
    pids = {child.pid for child in multiprocessing.active_children() if child.pid is not None} - before
    assert len(pids) == 3
    results.close()  # type: ignore[attr-defined]
    assert not alive({pid for pid in pids if pid is not None})


def test_an_exception_of_whoever_takes_the_results_ends_all_processes() -> None:
    reason = "enough"

    def take() -> None:
        for _ in in_order(endless, [0, 1], 2):
            raise KeyboardInterrupt(reason)

    with pytest.raises(KeyboardInterrupt):
        take()
    for child in multiprocessing.active_children():
        child.join(10)
    assert not multiprocessing.active_children()


def test_work_is_only_so_far_ahead_of_what_is_wanted(tmp_path: Path) -> None:
    parts = [Begun(str(tmp_path), number, last=4) for number in range(9)]
    results = in_order(marked, parts, 2)
    assert next(results) == [0, 1, 2, 3, 4]  # two parts for each of two processes, and the one that is wanted
    assert next(results)
    assert len(list(results)) == 7


def test_there_is_at_least_one_core() -> None:
    assert cores() >= 1
