"""Timestamps and durations: RFC 3339 text to integer nanoseconds and back, and the local time people read.

Nanoseconds are kept because entries of one instance often differ in nothing else, and Python's ``datetime`` ends at
microseconds. RFC 3339: https://www.rfc-editor.org/rfc/rfc3339#section-5.6.
"""

from __future__ import annotations

import functools
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "FURTHEST",
    "SECOND",
    "format_duration",
    "format_local",
    "format_timestamp",
    "load_zone",
    "local_date",
    "parse_duration",
    "parse_timestamp",
]

SECOND = 1_000_000_000
"""Nanoseconds in a second."""

FURTHEST = 9_200_000_000 * SECOND
"""Entries are believed up to so far from the epoch (1678 to 2261): what 64 bits hold, with room for a latency."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EARLIEST = int((datetime.min.replace(tzinfo=UTC) - _EPOCH).total_seconds())
_LATEST = int((datetime.max.replace(tzinfo=UTC, microsecond=0) - _EPOCH).total_seconds())

_TIMESTAMP = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))",
    re.ASCII,
)
_MINUTE = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):", re.ASCII)
_SCALE: tuple[int, ...] = tuple(10 ** max(9 - digits, 0) for digits in range(10))
_SHORTEST = len("2025-09-10T00:33:54Z")
_LONGEST = len("2025-09-10T00:33:54.123456789Z")
_PARTS = re.compile(r"(\d{1,18})(?:\.(\d{1,18}))?(ms|us|ns|[wdhms])", re.ASCII)
_UNITS: Mapping[str, int] = {
    "w": 604_800 * SECOND,
    "d": 86_400 * SECOND,
    "h": 3_600 * SECOND,
    "m": 60 * SECOND,
    "s": SECOND,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}


@functools.lru_cache(maxsize=4096)
def _minute(text: str) -> int | None:
    """Seconds since the epoch of ``YYYY-MM-DDTHH:MM:``; None where it is no such text."""
    found = _MINUTE.fullmatch(text)
    if found is None:
        return None
    year, month, day, hour, minute = map(int, found.groups())
    return _seconds(datetime(year, month, day, hour, minute, tzinfo=UTC))


def _seconds(moment: datetime) -> int:
    passed = moment - _EPOCH
    return passed.days * 86_400 + passed.seconds


def parse_timestamp(text: str) -> int:
    """The nanoseconds since the epoch that an RFC 3339 timestamp names.

    Takes 0 to 9 fractional digits, ``Z`` or an offset, either case of ``T`` and ``Z``, and a space for the ``T``. A
    leap second (``:60``) is the first second of the next minute.

    Raises:
        ValueError: It is not a timestamp, or lies outside the years 1 to 9999.
    """
    # Millions of entries share few minutes: the minute is looked up, and seconds and fraction are cut at their places.
    if _SHORTEST <= len(text) <= _LONGEST and text[-1] == "Z" and text.isascii():
        minute = _minute(text[:17])
        second = text[17:19]
        fraction = text[20:-1]
        if minute is not None and second.isdigit() and second <= "59":
            if not fraction and text[19] == "Z":
                return (minute + int(second)) * SECOND
            if fraction.isdigit() and text[19] == ".":
                return (minute + int(second)) * SECOND + int(fraction) * _SCALE[len(fraction)]
    return _parse_any(text)


def _parse_any(text: str) -> int:
    found = _TIMESTAMP.fullmatch(text)
    if found is None:
        msg = f"not an RFC 3339 timestamp: {text[:40]!r}"
        raise ValueError(msg)
    date, hour, minute, second, fraction, sign, off_hour, off_minute = found.groups()
    leap = second == "60"
    moment = datetime.fromisoformat(f"{date}T{hour}:{minute}:{'59' if leap else second}+00:00")
    seconds = _seconds(moment) + leap
    if sign:
        hours, minutes = int(off_hour), int(off_minute)
        if hours > 23 or minutes > 59:  # noqa: PLR2004 - the clock's own limits
            msg = f"not an offset from UTC: {text[:40]!r}"
            raise ValueError(msg)
        offset = hours * 3_600 + minutes * 60
        seconds += offset if sign == "-" else -offset
    if not _EARLIEST <= seconds <= _LATEST:
        msg = f"outside the years 1 to 9999: {text[:40]!r}"
        raise ValueError(msg)
    return seconds * SECOND + int((fraction or "").ljust(9, "0"))


def format_timestamp(ns: int) -> str:
    """RFC 3339 in UTC with ``Z``, and 0, 3, 6 or 9 fractional digits: as few as say it exactly.

    Args:
        ns: Nanoseconds since the epoch.

    Raises:
        ValueError: It lies outside the years 1 to 9999.
    """
    seconds, rest = divmod(ns, SECOND)
    text = _moment(seconds).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")
    if not rest:
        return f"{text}Z"
    digits = f"{rest:09d}"
    while digits.endswith("000"):
        digits = digits[:-3]
    return f"{text}.{digits}Z"


def _moment(seconds: int) -> datetime:
    if not _EARLIEST <= seconds <= _LATEST:
        msg = f"outside the years 1 to 9999: {seconds} s since the epoch"
        raise ValueError(msg)
    return _EPOCH + timedelta(seconds=seconds)


def parse_duration(text: str) -> int:
    """The nanoseconds that ``30s``, ``1.5s``, ``90m``, ``2d`` or ``1h30m`` names.

    Units are ``w``, ``d``, ``h``, ``m``, ``s``, ``ms``, ``us`` and ``ns``, each at most once, the largest first. What
    is finer than a nanosecond is cut off.

    Raises:
        ValueError: It is not a duration; a number without a unit is none.
    """
    text = text.strip()
    total, place, last = 0, 0, _UNITS["w"] + 1
    while place < len(text):
        part = _PARTS.match(text, place)
        if part is None or _UNITS[part[3]] >= last:
            place = -1
            break
        last = _UNITS[part[3]]
        total += int(part[1]) * last
        if part[2]:
            total += int(part[2]) * last // 10 ** len(part[2])
        place = part.end()
    if place <= 0:
        msg = f"not a duration such as 30s, 90m or 1h30m: {text[:40]!r}"
        raise ValueError(msg)
    return total


def format_duration(ns: int) -> str:
    """A duration as people say it: ``250 ms``, ``3.2 s``, ``12 min 5 s``, ``1 h 5 min``, ``2 d 3 h``.

    Args:
        ns: Nanoseconds; below zero it is said with a minus.
    """
    if ns < 0:
        return f"-{format_duration(-ns)}"
    if ns < SECOND:
        return f"{ns} ns" if 0 < ns < _UNITS["ms"] else f"{ns // _UNITS['ms']} ms"
    if ns < 60 * SECOND:
        return f"{ns // 100_000_000 / 10:.1f}".removesuffix(".0") + " s"
    minutes, seconds = divmod(ns // SECOND, 60)
    days, hours, minutes = minutes // 1_440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    if hours:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{minutes} min {seconds} s" if seconds else f"{minutes} min"


@functools.lru_cache(maxsize=64)
def load_zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name such as ``America/Los_Angeles``.

    Raises:
        ValueError: There is no such zone.
    """
    try:
        return ZoneInfo(name)
    except (OSError, LookupError, ValueError) as error:
        msg = f"not a time zone: {name[:40]!r}"
        raise ValueError(msg) from error


def format_local(ns: int, zone: str) -> str:
    """The second as clocks in ``zone`` (IANA name) show it: ``2025-09-09 17:33:54 PDT``.

    Raises:
        ValueError: There is no such zone, or the time lies outside the years 1 to 9999.
    """
    local = _local(ns, zone)
    return f"{local:%Y-%m-%d %H:%M:%S} {local.tzname()}"


def local_date(ns: int, zone: str) -> str:
    """The day it is in ``zone`` (IANA name): ``20250909``.

    Raises:
        ValueError: There is no such zone, or the time lies outside the years 1 to 9999.
    """
    return f"{_local(ns, zone):%Y%m%d}"


def _local(ns: int, zone: str) -> datetime:
    try:
        return _moment(ns // SECOND).astimezone(load_zone(zone))
    except OverflowError as error:
        msg = f"outside the years 1 to 9999 in {zone}"
        raise ValueError(msg) from error
