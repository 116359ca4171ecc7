"""What people see on standard error: warnings, errors with a hint, and progress on a terminal."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from analyzer.errors import LoganalyzeError

__all__ = ["colours", "progress", "say", "set_debug", "show_error", "warn"]

_state = {"debug": False}
_REDRAW = 0.1


def set_debug(*, wanted: bool) -> None:
    """Show tracebacks from now on."""
    _state["debug"] = wanted


def say(text: str) -> None:
    """One line for people."""
    with contextlib.suppress(BrokenPipeError):
        print(f"loganalyze: {text}", file=sys.stderr, flush=True)


def warn(text: str) -> None:
    """One line about something that is not as it should be."""
    say(f"warning: {text}")


def show_error(error: LoganalyzeError) -> None:
    """An error and what to do about it; its traceback with ``--debug``."""
    if _state["debug"]:
        traceback.print_exception(error, file=sys.stderr)
    say(f"error: {error}")
    for line in error.hint.splitlines():
        print(f"  {line}", file=sys.stderr)


def colours() -> bool:
    """Whether standard output wants colours: a terminal, and NO_COLOR is not set (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


@contextlib.contextmanager
def progress() -> Iterator[Callable[[int, str], None]]:
    """A line on standard error that is written over; nothing when that is no terminal.

    Yields:
        A function to call with the number of entries read and where the read has got to.
    """
    if not sys.stderr.isatty():
        yield lambda _entries, _place: None
        return
    drawn = [0.0]

    def draw(entries: int, place: str) -> None:
        now = time.monotonic()
        if now - drawn[0] >= _REDRAW:
            drawn[0] = now
            sys.stderr.write(f"\r\x1b[K{entries:,} entries read{f', {place}' if place else ''}")
            sys.stderr.flush()

    try:
        yield draw
    finally:
        sys.stderr.write("\r\x1b[K")
        sys.stderr.flush()
