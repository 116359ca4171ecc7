"""Records of which only a few fields were decoded, as many as one block of a file holds.

Most entries of a day say nothing. To count them, and to tell whether they are worth a closer look, a few fields are
enough, and a decoder that knows them skips the rest at the speed of memory. What is doubtful in any way (a record that
is no plain LogEntry, a time in another form) does not come in a sheet: its source decodes it wholly.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analyzer.columns import Integers
    from analyzer.model import LogEntry

__all__ = ["NOTHING", "CallGlance", "Glance", "HttpGlance", "Records", "Sheet"]

NOTHING = msgspec.Raw(b"")
"""A field that is not there, where its JSON is kept as it stands."""


class HttpGlance(msgspec.Struct, frozen=True, gc=False):
    """What is looked at in an httpRequest; None where it is absent."""

    status: Any = None
    requestMethod: Any = None  # noqa: N815 - the API's names
    requestUrl: Any = None  # noqa: N815
    latency: Any = None
    userAgent: Any = None  # noqa: N815


class CallGlance(msgspec.Struct, frozen=True, gc=False):
    """What is looked at in a protoPayload; None or :data:`NOTHING` where it is absent."""

    methodName: Any = None  # noqa: N815 - the API's names
    resourceName: Any = None  # noqa: N815
    status: msgspec.Raw = NOTHING
    line: msgspec.Raw = NOTHING


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
    protoPayload: CallGlance | None = None  # noqa: N815
    split: msgspec.Raw = NOTHING


class Records:
    """Records as they stand in a file.

    Args:
        whole: Decodes a record wholly.
        data: The bytes that they stand in.
        edges: Where each begins and ends in these.
    """

    __slots__ = ("_data", "_ends", "_starts", "_whole")

    def __init__(
        self,
        whole: Callable[[bytes], LogEntry | str],
        data: bytes,
        edges: tuple[Integers, Integers],
    ) -> None:
        self._whole = whole
        self._data = data
        self._starts, self._ends = edges

    def only(self, rows: Sequence[int]) -> Records:
        """Some of them."""
        return Records(self._whole, self._data, (self._starts[rows], self._ends[rows]))

    def whole(self, row: int) -> LogEntry | str:
        """A record with all its fields, or the reason why there is none."""
        return self._whole(self._data[self._starts[row] : self._ends[row]])


class Sheet:
    """Records that stand one after another in a file, and a few fields of each.

    What was decoded takes three times the room of the bytes, and new room is slow: whoever has read the glances keeps
    the records and lets the sheet go.

    Attributes:
        records: The records.
        glances: A few fields of each.
        stamps: When each was stamped, nanoseconds.
        received: When each was received; :data:`analyzer.columns.NONE` where that cannot be read.
    """

    __slots__ = ("glances", "received", "records", "stamps")

    def __init__(self, records: Records, glances: list[Glance], stamps: Integers, received: Integers) -> None:
        self.records = records
        self.glances = glances
        self.stamps = stamps
        self.received = received

    def __len__(self) -> int:
        """How many records."""
        return len(self.glances)

    def only(self, rows: Sequence[int]) -> Sheet:
        """Some of the records."""
        glances = [self.glances[row] for row in rows]
        return Sheet(self.records.only(rows), glances, self.stamps[rows], self.received[rows])
