"""RFC 3339 times and durations as the API reads them, in integer nanoseconds.

Written apart from the package under test, so that a mistake there does not hide itself here.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

__all__ = ["format_time", "parse_duration", "parse_time"]

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?\s*([Zz]|[+-]\d\d:\d\d)?)?",
    re.ASCII,
)
_DURATION = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(ns|us|ms|s|m|h)", re.ASCII)
_UNITS = {"ns": 1, "us": 10**3, "ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def parse_time(text: str) -> int | None:
    """Nanoseconds since the epoch of an RFC 3339 time or ISO 8601 date (UTC where no zone stands); None if neither."""
    found = _TIME.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    leap = second == "60"
    try:
        day_start = datetime(int(year), int(month), int(day), tzinfo=UTC)
        clock = time(int(hour or 0), int(minute or 0), 59 if leap else int(second or 0))
    except ValueError:
        return None
    elapsed = datetime.combine(day_start, clock, UTC) - _EPOCH
    nanoseconds = (elapsed.days * 86400 + elapsed.seconds + leap) * 10**9 + int((fraction or "").ljust(9, "0"))
    if zone and zone not in "Zz":
        offset = (int(zone[1:3]) * 60 + int(zone[4:6])) * 60 * 10**9
        nanoseconds -= offset if zone[0] == "+" else -offset
    return nanoseconds


def format_time(nanoseconds: int) -> str:
    """RFC 3339 with nine digits and ``Z``."""
    seconds, rest = divmod(nanoseconds, 10**9)
    whole = (_EPOCH + timedelta(seconds=seconds)).replace(tzinfo=None).isoformat()
    return f"{whole}.{rest:09d}Z"


def parse_duration(text: str) -> int | None:
    """Nanoseconds of a signed decimal with a unit (``1.5s``, ``200ms``); None when it is none."""
    found = _DURATION.fullmatch(text.strip())
    if found is None:
        return None
    return int(Decimal(found[1]) * _UNITS[found[2]])
