"""What a person types for a stretch of time, turned into a Window: ``1h``, ``90m``, ``2d``, dates and RFC 3339.

A number without a unit is refused: taking minutes for hours has cost audits most of their window.
"""

from __future__ import annotations

import re

from analyzer.errors import UsageError
from analyzer.model import Window
from analyzer.times import format_timestamp, parse_duration, parse_timestamp

__all__ = ["parse_window"]

_FORMS = "write 1h, 90m, 2d, 1h30m, 2025-09-10 or 2025-09-10T00:00Z"
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_CLOCK = re.compile(r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d)(:\d\d(?:\.\d{1,9})?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_NUMBER = re.compile(r"\d+(?:\.\d+)?", re.ASCII)
_WORDY = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)", re.ASCII)
_WORDS = {
    "w": ("week", "weeks", "wk", "wks"),
    "d": ("day", "days"),
    "h": ("hour", "hours", "hr", "hrs"),
    "m": ("minute", "minutes", "min", "mins"),
    "s": ("second", "seconds", "sec", "secs"),
}


def parse_window(since: str, until: str | None, now: int) -> Window:
    """The window that ``--since`` and ``--until`` name.

    Args:
        since: A duration back from ``now``, or a moment: RFC 3339, with or without seconds, or a date (midnight UTC).
        until: The same, or ``now``; None for ``now``.
        now: Nanoseconds since the epoch, UTC.

    Raises:
        UsageError: A text cannot be understood, the window is empty or runs backwards, or it starts in the future.
    """
    start = _moment(since, now)
    end = now if until is None else _moment(until, now)
    if start >= now:
        raise UsageError(
            f"the window starts in the future: {format_timestamp(start)}"
            if start > now
            else f"the window {since.strip()!r} is empty",
            hint=f"it is {format_timestamp(now)} now; {_FORMS}",
        )
    if end <= start:
        raise UsageError(
            f"the window ends at {format_timestamp(end)}, not after its start at {format_timestamp(start)}",
            hint="swap the two, or leave the end out for now",
        )
    return Window(start, end)


def _moment(text: str, now: int) -> int:
    text = text.strip()
    if text.lower() == "now":
        return now
    clock = _CLOCK.fullmatch(text)
    if clock is not None or _DATE.fullmatch(text):
        return _clock(text, clock)
    try:
        moment = now - parse_duration(text)
    except ValueError:
        raise UsageError(f"cannot understand {text[:60]!r} as a time", hint=_hint(text)) from None
    if moment < 0:
        raise UsageError(f"{text[:60]!r} reaches back before 1970", hint=_FORMS)
    return moment


def _clock(text: str, clock: re.Match[str] | None) -> int:
    if clock is not None and clock[3] is None:
        raise UsageError(
            f"{text!r} does not say its time zone",
            hint=f"write {text}Z for UTC, or an offset as in {text}-07:00",
        )
    full = f"{text}T00:00:00Z" if clock is None else f"{clock[1]}{clock[2] or ':00'}{clock[3]}"
    try:
        return parse_timestamp(full)
    except ValueError:
        raise UsageError(f"there is no such time: {text!r}", hint=_FORMS) from None


def _hint(text: str) -> str:
    if _NUMBER.fullmatch(text):
        return f"say the unit: {text}m for minutes, {text}h for hours, {text}d for days"
    if text.startswith("-"):
        return f"a window reaches back by itself: write {text[1:20]}" if len(text) > 1 else _FORMS
    wordy = _WORDY.fullmatch(text)
    if wordy is not None:
        number, word = wordy.groups()
        for unit, words in _WORDS.items():
            if word.lower() in words or (word != "M" and word.lower() == unit):
                return f"write {number}{unit}"
        if word == "M":
            return f"write {number}m for minutes, or {number}d for days: months differ in length"
    return _FORMS
