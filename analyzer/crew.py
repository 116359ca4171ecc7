"""Work on parts in several processes; what comes out stands in the order of the parts, as if one had done it all."""

from __future__ import annotations

import contextlib
import gc
import itertools
import os
import pickle
import signal
import sys
import threading
import traceback
from collections import deque
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, TypeVar

from analyzer.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from multiprocessing.connection import Connection
    from multiprocessing.process import BaseProcess

__all__ = ["CrewError", "cores", "in_order", "unhurried_collector"]

_Part = TypeVar("_Part")
_Result = TypeVar("_Result")

_AHEAD: Final = 2
"""How many parts each process may be ahead of the one that is wanted: what it makes of them waits in memory."""

_END: Final = b""


class CrewError(RuntimeError):
    """A process failed in a way that is a defect of this program."""


class _Failure(NamedTuple):
    """What a process says when it fails."""

    text: str


def cores() -> int:
    """How many processes can work at once."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(work: Callable[[_Part], Iterable[_Result]], parts: Sequence[_Part], jobs: int) -> Iterator[_Result]:
    """What ``work`` makes of each part, in the order of the parts.

    Args:
        work: Called with each part, in this process or in others; it can be pickled, and so can parts and results.
        parts: The parts.
        jobs: How many processes work; with one, it is this one.

    Raises:
        SourceError: Another process was killed.
        CrewError: Another process failed.
    """
    if jobs <= 1 or len(parts) <= 1:
        yield from itertools.chain.from_iterable(map(work, parts))
        return
    # A copy of this process has all it needs at once; beside threads a copy may never come to its senses.
    method = "fork" if sys.platform == "linux" and threading.active_count() == 1 else "spawn"
    gc.freeze()
    with contextlib.ExitStack() as stack:
        stack.callback(gc.unfreeze)
        workers: list[_Worker] = []
        for _ in range(min(jobs, len(parts))):
            workers.append(stack.enter_context(_Worker(work, method, workers)))
        yield from _Crew(workers, parts).results()


@contextlib.contextmanager
def unhurried_collector() -> Iterator[None]:
    """Fewer collections of cycles, of which entries have none, while many entries are made."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Worker:
    """A process and the two pipes to it."""

    def __init__(self, work: Callable[[_Part], Iterable[_Result]], method: str, others: Sequence[_Worker]) -> None:
        import multiprocessing  # noqa: PLC0415 - most runs do without

        context = multiprocessing.get_context(method)
        theirs, self.tasks = context.Pipe(duplex=False)
        self.results, ours = context.Pipe(duplex=False)
        # A copy of this process has this one's ends too.
        copied = [end for one in (*others, self) for end in (one.tasks, one.results)] if method == "fork" else []
        self._process: BaseProcess = context.Process(target=_serve, args=(work, theirs, ours, copied), daemon=True)  # type: ignore[attr-defined]
        self._process.start()
        # Each process holds its own ends alone, so that its death is noticed here, and this one's there.
        theirs.close()
        ours.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.tasks.close()
        self.results.close()
        self._process.terminate()
        self._process.join()


class _Crew:
    """Hands out parts and takes in what is made of them."""

    def __init__(self, workers: Sequence[_Worker], parts: Sequence[_Part]) -> None:
        self._parts = parts
        self._idle = list(workers)
        self._most = _AHEAD * len(workers)
        self._busy: dict[Connection, tuple[_Worker, int]] = {}
        self._came: list[deque[bytes]] = []

    def results(self) -> Iterator[Any]:
        """What is made of all parts, in order."""
        for wanted in range(len(self._parts)):
            while True:
                self._hand_out(wanted + self._most)
                came = self._came[wanted]
                self._take_in(None if not came else 0)
                if not came:
                    continue
                message = came.popleft()
                if message == _END:
                    break
                result = pickle.loads(message)  # noqa: S301 - made by a copy of this program
                if isinstance(result, _Failure):
                    raise CrewError(result.text)
                yield result

    def _hand_out(self, until: int) -> None:
        while self._idle and len(self._came) < min(until + 1, len(self._parts)):
            worker = self._idle.pop()
            with _noticed():
                worker.tasks.send(self._parts[len(self._came)])
            self._busy[worker.results] = worker, len(self._came)
            self._came.append(deque())

    def _take_in(self, timeout: float | None) -> None:
        from multiprocessing.connection import wait  # noqa: PLC0415

        for ready in wait(list(self._busy), timeout):
            worker, number = self._busy[ready]  # type: ignore[index]
            with _noticed():
                message = worker.results.recv_bytes()
            self._came[number].append(message)
            if message == _END:
                del self._busy[worker.results]
                self._idle.append(worker)


@contextlib.contextmanager
def _noticed() -> Iterator[None]:
    """Tell of a process that was killed before a message, in the middle of one, or while it waited for a part."""
    try:
        yield
    except (EOFError, OSError) as error:
        reason = "a process that read a part of the files was killed"
        raise SourceError(reason, hint="with --jobs 1 everything is read by one process") from error


def _serve(
    work: Callable[[_Part], Iterable[_Result]], tasks: Connection, results: Connection, copied: Sequence[Connection]
) -> None:
    """What a process does: work on parts until there are no more, or nobody who wants them."""
    # Ctrl-C reaches all processes of a terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for end in copied:
        end.close()
    with contextlib.suppress(EOFError, OSError), unhurried_collector():
        while True:
            part = tasks.recv()
            try:
                for result in work(part):
                    results.send_bytes(pickle.dumps(result, pickle.HIGHEST_PROTOCOL))
            except BrokenPipeError:
                raise
            except Exception:  # noqa: BLE001 - whatever it was, the first process has to know
                results.send_bytes(pickle.dumps(_Failure(traceback.format_exc())))
            results.send_bytes(_END)
