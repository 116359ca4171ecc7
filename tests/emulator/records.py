"""Stored entries: a LogEntry as JSON for the filter, as protobuf for the wire, in the API's two orders."""

from __future__ import annotations

import bisect
import itertools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.emulator.messages import EntryError, to_message
from tests.emulator.query.text import fold
from tests.emulator.times import format_time, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

__all__ = ["Key", "Record", "Records"]

Key = tuple[int, str, int]
"""Place in an order: (signed) nanoseconds, insertId, order of arrival."""


@dataclass(frozen=True, slots=True)
class Record:
    """One stored entry.

    Attributes:
        data: The LogEntry as JSON.
        message: The LogEntry as protobuf.
        time: Its timestamp in nanoseconds.
        insert_id: Given by the emulator where the entry has none, as the API does.
        arrival: Running number of its arrival.
        text: All its string values, folded, one after another with NUL between them: what a bare term searches.
        atoms: Its other values (numbers, severity, times) folded, which a bare term must equal.
    """

    data: Mapping[str, Any]
    message: Any
    time: int
    insert_id: str
    arrival: int
    text: str
    atoms: frozenset[str]

    def key(self, *, descending: bool = False) -> Key:
        """Where it stands: by timestamp, ties by insertId (ascending in both orders, as the API documents)."""
        return (-self.time if descending else self.time, self.insert_id, self.arrival)


class Records:
    """All stored entries; safe to add to while calls are being answered.

    Args:
        clock: Seconds since the epoch, for entries that come without a timestamp.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._arrivals = itertools.count()
        self._ascending: list[Record] = []
        self._descending: list[Record] = []

    def __len__(self) -> int:
        return len(self._ascending)

    def add(self, entries: Iterable[Mapping[str, Any]]) -> int:
        """Store LogEntry mappings; returns how many.

        Raises:
            EntryError: One of them is no LogEntry; none is stored then.
        """
        records = [self._record(position, entry) for position, entry in enumerate(entries)]
        with self._lock:
            ascending, descending = self._ascending + records, self._descending + records
            self._ascending = sorted(ascending, key=Record.key)
            self._descending = sorted(descending, key=_descending)
        return len(records)

    def after(self, key: Key | None, *, descending: bool) -> Iterator[Record]:
        """The records that come after ``key`` in the order asked for, or all of them."""
        records = self._descending if descending else self._ascending
        if key is None:
            return iter(records)
        start = bisect.bisect_right(records, key, key=_descending if descending else Record.key)
        return itertools.islice(records, start, None)

    def _record(self, position: int, entry: Mapping[str, Any]) -> Record:
        arrival = next(self._arrivals)
        data = dict(entry)
        data.setdefault("insertId", f"emulator{arrival:08d}")
        if not (stamp := data.get("timestamp") or data.get("receiveTimestamp")):
            stamp = format_time(int(self._clock() * 10**9))
        data["timestamp"] = stamp
        time = parse_time(str(stamp))
        if time is None:
            raise EntryError(f"entry {position}: {stamp!r} is no timestamp")
        try:
            message = to_message(data)
        except EntryError as error:
            raise EntryError(f"entry {position}: {error}") from error
        strings, atoms = _leaves(data)
        return Record(data, message, time, str(data["insertId"]), arrival, "\0".join(strings), frozenset(atoms))


def _descending(record: Record) -> Key:
    return record.key(descending=True)


def _leaves(data: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The string values and the other values of an entry, folded; keys are not searched."""
    strings: list[str] = []
    atoms: list[str] = []
    stack: list[Any] = [value for key, value in data.items() if key not in _ATOMS]
    atoms += [str(data[key]).lower() for key in _ATOMS if key in data]
    while stack:
        match stack.pop():
            case str(text):
                strings.append(fold(text))
            case bool(truth):
                atoms.append(str(truth).lower())
            case int() | float() as number:
                atoms.append(f"{number:.15g}")
            case dict(fields):
                stack.extend(fields.values())
            case list() | tuple() as items:
                stack.extend(items)
    return strings, atoms


_ATOMS = ("severity", "timestamp", "receiveTimestamp")
"""Typed fields that are strings only in JSON."""
