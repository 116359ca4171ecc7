"""What people see on standard error: warnings, errors with a hint, and progress on a terminal.

Where nobody looks on, the audit loop writes lines of JSON instead, which Cloud Logging takes apart by itself:
https://cloud.google.com/logging/docs/structured-logging.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sys
import time
import traceback
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from analyzer.errors import LoganalyzeError

__all__ = ["colours", "progress", "say", "set_debug", "show_error", "structured", "warn", "width"]

_state = {"debug": False}
_labels: dict[str, str] = {}
"""Labels of structured lines; empty while lines are for people."""
_REDRAW = 0.1
_WIDEST = 100


def set_debug(*, wanted: bool) -> None:
    """Show tracebacks from now on."""
    _state["debug"] = wanted


@contextlib.contextmanager
def structured(labels: Mapping[str, str]) -> Iterator[None]:
    """Lines of JSON with these labels instead of lines for people."""
    _labels.update(labels)
    try:
        yield
    finally:
        _labels.clear()


def say(text: str) -> None:
    """One line for people."""
    _write("INFO", text)


def warn(text: str) -> None:
    """One line about something that is not as it should be."""
    _write("WARNING", text if _labels else f"warning: {text}")


def show_error(error: LoganalyzeError) -> None:
    """An error and what to do about it; its traceback with ``--debug``."""
    if _labels:
        _write("ERROR", f"{error} ({error.hint})" if error.hint else str(error))
        return
    if _state["debug"]:
        traceback.print_exception(error, file=sys.stderr)
    say(f"error: {error}")
    for line in error.hint.splitlines():
        print(f"  {line}", file=sys.stderr)


def _write(severity: str, text: str) -> None:
    line = f"loganalyze: {text}"
    if _labels:
        line = json.dumps({"severity": severity, "message": text, "logging.googleapis.com/labels": _labels})
    with contextlib.suppress(BrokenPipeError):
        print(line, file=sys.stderr, flush=True)


def colours() -> bool:
    """Whether standard output wants colours: a terminal, and NO_COLOR is not set (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def width() -> int:
    """How many columns lines for people may take: the terminal's, or 100 where that is wider or there is none."""
    return min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns) if sys.stdout.isatty() else _WIDEST


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
