"""Passes at regular times until a signal ends them."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

from analyzer.audit.parts import Stopped
from analyzer.errors import SourceError
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["Stop", "repeat", "stopping"]

_GRACE = 9.0
"""Seconds from the signal to the end of the process, whatever hangs."""

_AGAIN = 0.25


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
    """SIGTERM raises :class:`~analyzer.audit.parts.Stopped` in the block, once.

    Where the block does not end within nine seconds of it (something hangs that no exception reaches), the process
    ends: a pass that is cut off anywhere loses nothing, and whoever sent the signal kills it a second later.
    """
    stop = Stop()
    ended = threading.Event()
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    before = signal.signal(signal.SIGTERM, stop.signalled)
    woken = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    watch = threading.Thread(target=_watch, args=(reader, stop, ended), name="stop", daemon=True)
    watch.start()
    try:
        yield stop
    finally:
        ended.set()
        signal.set_wakeup_fd(woken)
        signal.signal(signal.SIGTERM, before)
        os.write(writer, b"\0")
        watch.join()
        os.close(reader)
        os.close(writer)


def _watch(reader: int, stop: Stop, ended: threading.Event) -> None:
    """See to it that a signal is heard: one that comes right before a call that blocks does not interrupt it."""
    main = threading.main_thread().ident
    while not ended.is_set():
        if signal.SIGTERM not in os.read(reader, 64):
            continue
        end = time.monotonic() + _GRACE
        while not ended.wait(_AGAIN) and time.monotonic() < end:
            if main is not None and not stop.wanted.is_set():
                signal.pthread_kill(main, signal.SIGTERM)
        if not ended.is_set():
            os._exit(SourceError.exit_code)


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
