"""Passes at regular times until a signal ends them."""

from __future__ import annotations

import contextlib
import signal
import threading
import time
from typing import TYPE_CHECKING

from analyzer.audit.parts import Stopped
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["Stop", "repeat", "stopping"]


class Stop:
    """The wish to end.

    Attributes:
        wanted: Set when the signal has come.
    """

    def __init__(self) -> None:
        self.wanted = threading.Event()

    def signalled(self, _number: int, _frame: FrameType | None) -> None:
        """Handle the signal: break off whatever goes on, once; what follows is only putting things away."""
        if not self.wanted.is_set():
            self.wanted.set()
            raise Stopped


@contextlib.contextmanager
def stopping() -> Iterator[Stop]:
    """SIGTERM raises :class:`~analyzer.audit.parts.Stopped` in the block, once."""
    stop = Stop()
    before = signal.signal(signal.SIGTERM, stop.signalled)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGTERM, before)


def repeat(
    one: Callable[[], None],
    every: int,
    stop: Stop,
    *,
    alive: Callable[[], None] = lambda: None,
    clock: Callable[[], float] = time.monotonic,
) -> None:
    """Do something at regular times until the signal comes.

    Times that pass while it is still being done are left out; how long it takes does not shift the times after.

    Args:
        one: What to do.
        every: Nanoseconds from one beginning to the next.
        stop: Ends it, also while it waits.
        alive: Called every few seconds of waiting.
        clock: Seconds, of a clock that only measures.
    """
    period = every / SECOND
    begun = clock()
    with contextlib.suppress(Stopped):
        while not stop.wanted.is_set():
            one()
            rest = period - (clock() - begun) % period
            end = clock() + rest
            while not stop.wanted.is_set() and (left := end - clock()) > 0:
                alive()
                stop.wanted.wait(min(left, 10.0))
