"""Records of which only a few fields were decoded, as many as one block of a file holds.

Most entries of a day say nothing. To count them, and to tell whether they are worth a closer look, a few fields are
enough, and a decoder that knows them skips the rest at the speed of memory. What is doubtful in any way (a record that
is no plain LogEntry, a time in another form) does not come in a sheet: its source decodes it wholly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from analyzer.times import SECOND, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.model import LogEntry

__all__ = ["NOTHING", "Glance", "HttpGlance", "Sheet", "stamp_of"]

_NANOS = slice(20, 29)
_SECONDS = slice(0, 19)
_FULL = len("2025-09-10T00:33:54.123456789Z")
_MOST_SECONDS = 10_000

NOTHING = msgspec.Raw(b"")
"""A field that is not there, where its JSON is kept as it stands."""


class HttpGlance(msgspec.Struct, frozen=True, gc=False):
    """What is looked at in an httpRequest; None where it is absent."""

    status: Any = None
    requestMethod: Any = None  # noqa: N815 - the API's names
    requestUrl: Any = None  # noqa: N815
    latency: Any = None
    userAgent: Any = None  # noqa: N815


class Glance(msgspec.Struct, frozen=True, gc=False):
    """What is looked at in a LogEntry; None or :data:`NOTHING` where it is absent."""

    severity: Any = None
    timestamp: Any = None
    receiveTimestamp: Any = None  # noqa: N815
    insertId: Any = None  # noqa: N815
    logName: Any = None  # noqa: N815
    resource: msgspec.Raw = NOTHING
    labels: msgspec.Raw = NOTHING
    httpRequest: HttpGlance | None = None  # noqa: N815
    textPayload: Any = None  # noqa: N815
    jsonPayload: Any = None  # noqa: N815
    protoPayload: msgspec.Raw = NOTHING  # noqa: N815
    split: msgspec.Raw = NOTHING


class Sheet:
    """Records that stand one after another in a file.

    Args:
        whole: Decodes a record wholly.

    Attributes:
        glances: A few fields of each.
        stamps: When each was stamped, nanoseconds.
        records: Their bytes.
        whole: Decodes one of these wholly.
    """

    __slots__ = ("glances", "records", "stamps", "whole")

    def __init__(
        self,
        whole: Callable[[bytes], LogEntry],
        glances: list[Glance] | None = None,
        stamps: list[int] | None = None,
        records: list[bytes] | None = None,
    ) -> None:
        self.glances = [] if glances is None else glances
        self.stamps = [] if stamps is None else stamps
        self.records = [] if records is None else records
        self.whole = whole


def stamp_of(text: Any, seconds: dict[str, int]) -> int | None:
    """The nanoseconds since the epoch of an RFC 3339 text; None for anything else.

    Args:
        text: A field's value.
        seconds: Keeps what the texts' first 19 characters mean, which many entries share.
    """
    if type(text) is not str:
        return None
    if len(text) == _FULL and text[19] == "." and text[29] == "Z":
        second = text[_SECONDS]
        nanos = text[_NANOS]
        base = seconds.get(second)
        if base is not None and nanos.isdecimal() and nanos.isascii():
            return base + int(nanos)
    try:
        stamp = parse_timestamp(text)
    except ValueError:
        return None
    if len(text) == _FULL and len(seconds) < _MOST_SECONDS:
        seconds[text[_SECONDS]] = stamp - stamp % SECOND
    return stamp
