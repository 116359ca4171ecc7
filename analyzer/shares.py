"""What one part of a read comes to: exact counts, and the events that rules match or that are errors.

A part is worked on by itself, in a process of its own where there are several. What might go on in another part (a
traceback at the edge of a file) is handed over as entries, and joined where all parts come together.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from analyzer.events import join, stands_alone
from analyzer.model import Event, Severity
from analyzer.nomination import nominated
from analyzer.skim import Skimmer
from analyzer.skim.neighbours import neighbours, open_rows
from analyzer.sources.reading import skimming
from analyzer.times import SECOND
from analyzer.traffic import failing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from analyzer.batch import Batch, Edge, Selected
    from analyzer.matching import Matcher
    from analyzer.model import LogEntry, Notice
    from analyzer.rule import Rule
    from analyzer.sheets import Sheet
    from analyzer.sources.parts import Part, Tally

__all__ = ["Found", "Seams", "Share", "Sharing", "found_in", "lean", "reads_raw", "shared", "shares"]

_GAP: Final = SECOND
"""Entries of one stream that are further apart than this are never one event."""

_ROOM: Final = 2 * SECOND
"""What stands so near to where a read begins or has come to may go on there: entries are not quite in order."""


_NO_RAW: Final[dict[str, Any]] = {}
_NO_FIELDS: Final[dict[str, str | tuple[str, ...]]] = {}
_OF_RECORDS = ("labels.", "json.", "proto.", "resource.")


class Found(msgspec.Struct, frozen=True, array_like=True):
    """An event that is worth telling.

    Attributes:
        event: The event.
        hits: Of each rule that matches, its index and what it extracts.
        keys: The keys of its entries.
        alone: It never joins anything, and its insertId says where it stands among others of one time.
    """

    event: Event
    hits: tuple[tuple[int, dict[str, str | tuple[str, ...]]], ...]
    keys: tuple[int, ...]
    alone: bool = False

    @property
    def moment(self) -> tuple[int, int, str, str, str, str, str]:
        """What events are ordered by, as :func:`analyzer.events.join` does; equal ones stay in the order they came."""
        first = self.event.first
        tie = first.insert_id if self.alone else ""
        return (first.time, first.timestamp, first.project, first.service, first.instance, first.log, tie)


_Finds = list[Found]
_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(_Finds)


class Finds:
    """What a share has found; between processes it travels as MessagePack, in a tenth of the time."""

    __slots__ = ("items",)

    def __init__(self, items: _Finds) -> None:
        self.items = items

    def __reduce__(self) -> tuple[Callable[..., Finds], tuple[bytes | _Finds]]:
        try:
            return _unpacked, (_ENCODER.encode(self.items),)
        except OverflowError:  # a number of a record is larger than those of MessagePack
            return Finds, (self.items,)


def _unpacked(data: bytes) -> Finds:
    return Finds(_DECODER.decode(data))


class Share(NamedTuple):
    """A piece of what a part comes to.

    Attributes:
        batch: Counts; None in the last share of a part.
        found: What is worth telling.
        tally: How far the part has been read.
        loose: Entries that may belong to events of which other parts have the rest; in the last share.
        edges: What stands at the beginning and at the end of the part; in the last share.
    """

    batch: Batch | None
    found: Finds
    tally: Tally
    loose: Sequence[Selected] = ()
    edges: tuple[Sequence[Edge], Sequence[Edge]] = ((), ())


def shares(part: Part, matcher: Matcher) -> Iterator[Share]:
    """What a part comes to, the last share with what other parts have to be asked about.

    Args:
        part: A part of files.
        matcher: The rules; :func:`analyzer.nomination.tells` must be true of it.
    """
    reading = skimming(part)
    yield from shared(reading.items(part.pieces), reading.tally, matcher)


def shared(records: Iterable[LogEntry | Notice | Sheet], tally: Tally, matcher: Matcher) -> Iterator[Share]:
    """The same of records that are being read.

    Args:
        records: What is read.
        tally: Counts it.
        matcher: The rules.
    """
    skimmer = Skimmer(matcher, lambda entry: nominated(entry, matcher))
    gatherer = _Gatherer(matcher)
    for batch in skimmer.batches(records):
        found = gatherer.closed(batch)
        yield Share(batch._replace(selected=()), Finds(found), copy.copy(tally))
    yield Share(None, Finds([]), tally, gatherer.left(), skimmer.edges())


def found_in(loose: Sequence[Selected], matcher: Matcher, *, newest_first: bool) -> list[Found]:
    """What is worth telling of entries that all parts have left over."""
    return _Gatherer(matcher).found(loose, newest_first=newest_first)


class _Gatherer:
    """Joins and matches what is selected, as soon as nothing can follow that belongs to it."""

    def __init__(self, matcher: Matcher) -> None:
        self._matcher = matcher
        self._index = {rule.name: index for index, rule in enumerate(matcher.rules)}
        self._lean = not reads_raw(matcher.rules)
        self._waiting: list[Selected] = []
        self._begin: int | None = None

    def closed(self, batch: Batch) -> list[Found]:
        """What can be told when a batch has been read."""
        self._waiting += batch.selected
        if batch.begin is None or batch.end is None:
            return []
        self._begin = batch.begin if self._begin is None else self._begin
        ready, self._waiting = _parted(self._waiting, self._begin, batch.end)
        return self.found(ready, newest_first=self._begin > batch.end)

    def left(self) -> list[Selected]:
        """What may go on in other parts."""
        return self._waiting

    def found(self, ready: Sequence[Selected], *, newest_first: bool) -> list[Found]:
        """Entries that nothing is to be added to, joined and matched."""
        keys = {id(one.entry): one.key for one in ready}
        events = join((one.entry for one in ready), newest_first=newest_first)
        return [found for event in events if (found := self._judged(event, keys)) is not None]

    def _judged(self, event: Event, keys: Mapping[int, int]) -> Found | None:
        hits = self._matcher.match_event(event)
        request = event.first.request
        if not hits and event.severity < Severity.ERROR and (request is None or failing(request) is None):
            return None
        told = tuple((self._index[match.rule.name], dict(match.fields)) for match in hits)
        known = tuple(keys[id(entry)] for entry in event.entries)
        return Found(lean(event) if self._lean else event, told, known, alone=stands_alone(event.first))


def _parted(waiting: Sequence[Selected], begin: int, end: int) -> tuple[list[Selected], list[Selected]]:
    """Entries that are whole events and those that may go on, where a read began and has come to these times."""
    streams: defaultdict[tuple[str, str, str, str], list[Selected]] = defaultdict(list)
    for one in waiting:
        entry = one.entry
        streams[entry.project, entry.service, entry.instance, entry.log].append(one)
    open_ended = {
        one.key
        for some in streams.values()
        for run in _runs(sorted(filter(_may_go_on, some), key=_time))
        if any(run[0].entry.time - _ROOM <= edge <= run[-1].entry.time + _ROOM for edge in (begin, end))
        # The parts of one record that the API split belong together however far apart they stand.
        or any("split" in one.entry.raw for one in run)
        for one in run
    }
    ready = [one for one in waiting if one.key not in open_ended]
    return ready, [one for one in waiting if one.key in open_ended]


def _may_go_on(one: Selected) -> bool:
    """Whether an entry may be a part of another: all but requests that the API did not split."""
    return one.entry.request is None or "split" in one.entry.raw


def _runs(some: Sequence[Selected]) -> Iterator[Sequence[Selected]]:
    """Entries in order of time, parted where nothing can belong together any more."""
    start = 0
    for index in range(1, len(some) + 1):
        if index == len(some) or some[index].entry.time - some[index - 1].entry.time > _GAP:
            yield some[start:index]
            start = index


def _time(one: Selected) -> int:
    return one.entry.time


def lean(event: Event) -> Event:
    """The event without the records it came from: what reports need has been read from them."""
    entries = tuple(msgspec.structs.replace(entry, raw={}) for entry in event.entries)
    return msgspec.structs.replace(event, entries=entries)


class Sharing:
    """Gives equal texts of events one place in memory: thousands of matches share few services and messages."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def share(self, found: Found) -> Found:
        """The same, made of texts that others have too."""
        one = self._texts.setdefault
        entries = tuple(
            msgspec.structs.replace(
                entry,
                message=one(entry.message, entry.message),
                service=one(entry.service, entry.service),
                revision=one(entry.revision, entry.revision),
                instance=one(entry.instance, entry.instance),
                project=one(entry.project, entry.project),
                log=one(entry.log, entry.log),
                logger=one(entry.logger, entry.logger),
                raw=entry.raw or _NO_RAW,
            )
            for entry in found.event.entries
        )
        event = found.event
        message = entries[0].message if len(entries) == 1 else event.message
        hits = tuple((index, fields or _NO_FIELDS) for index, fields in found.hits)
        return Found(msgspec.structs.replace(event, entries=entries, message=message), hits, (), alone=found.alone)


def reads_raw(rules: Iterable[Rule]) -> bool:
    """Whether correlations go by fields of which only the record tells."""
    names = (
        name
        for rule in rules
        if (one := rule.correlation) is not None
        for name in (*one.group_by, one.field, *(name for alias in one.aliases.values() for name in alias.values()))
    )
    return any(name.startswith(_OF_RECORDS) for name in names)


class Seams:
    """Where one part ends and the next begins: finds what stands near to what another part has."""

    def __init__(self) -> None:
        self._tail: list[Edge] = []

    def joined(self, opening: Sequence[Edge], closing: Sequence[Edge]) -> Iterator[Selected]:
        """Take the next part: entries that are worth a closer look for what another part has.

        Args:
            opening: What stands at its beginning.
            closing: What stands at its end.
        """
        some = [*self._tail, *opening]
        columns = _columns(some)
        for row in np.flatnonzero(neighbours(*columns)).tolist():
            if (selected := some[row].selected) is not None:
                yield selected
        tail = [*self._tail, *closing]
        streams, _, calls = _columns(tail)
        self._tail = [tail[row] for row in open_rows(streams, calls, at_end=True).tolist()]


def _columns(some: Sequence[Edge]) -> tuple[Any, Any, Any]:
    numbers: dict[tuple[str, str, str], int] = {}
    return (
        np.array([numbers.setdefault(one.stream, len(numbers)) for one in some], np.int64),
        np.array([one.time for one in some], np.int64),
        np.array([one.nominated for one in some], bool),
    )
