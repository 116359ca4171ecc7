"""What one part of a read comes to: exact counts, and the events that rules match or that are errors.

A part is worked on by itself, in a process of its own where there are several. What might go on in another part (a
traceback at the edge of a file) is handed over as entries, and joined where all parts come together.
"""

from __future__ import annotations

import copy
import itertools
from collections import defaultdict
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from analyzer.batch import Selected
from analyzer.events import GAP, join
from analyzer.finds import Finder, Finds, Found, closed, lean, opened, reads_raw, sealed, traits_of
from analyzer.model import Event
from analyzer.nomination import nominated, tells
from analyzer.skim import Skimmer
from analyzer.skim.neighbours import neighbours, open_rows
from analyzer.sources.reading import skimming
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from analyzer.batch import Batch, Edge
    from analyzer.finds import Block, Sealed
    from analyzer.matching import Matcher
    from analyzer.sources.parts import Part, Tally
    from analyzer.sources.reading import Reading

__all__ = ["Brink", "Parcel", "Seams", "Share", "Sharer", "found_in"]

_STREAM = attrgetter("stream")

_ROOM: Final = 2 * SECOND
"""What stands so near to where a read begins or has come to may go on there: entries are not quite in order."""


class Parcel(NamedTuple):
    """An entry that is worth a closer look, packed until all parts have been read.

    Attributes:
        stream: What it may belong together with: project, service, instance and log.
        key: Its key.
        block: The entry.
    """

    stream: tuple[str, str, str, str]
    key: int
    block: Block

    @classmethod
    def of(cls, one: Selected) -> Parcel:
        """An entry packed."""
        entry = one.entry
        alone = Event(entries=(entry,), message="", severity=entry.severity)
        stream = (entry.project, entry.service, entry.instance, entry.log)
        return cls(stream, one.key, closed([Found(alone, ())]))

    def opened(self) -> Selected:
        """The entry again."""
        (found,) = opened(self.block)
        return Selected(found.event.first, self.key)


class Brink(NamedTuple):
    """An :class:`~analyzer.batch.Edge` with its entry packed, where it has one."""

    stream: tuple[str, str, str]
    time: int
    nominated: bool
    parcel: Parcel | None

    @classmethod
    def of(cls, edge: Edge) -> Brink:
        """An edge packed."""
        parcel = None if edge.selected is None else Parcel.of(edge.selected)
        return cls(edge.stream, edge.time, edge.nominated, parcel)


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
    loose: Sequence[Parcel] = ()
    edges: tuple[Sequence[Brink], Sequence[Brink]] = ((), ())


class Sharer:
    """Says what parts come to, one part after another, and remembers from one to the next what entries say.

    Args:
        matcher: The rules.
        reading: Reads a part.
    """

    def __init__(self, matcher: Matcher, reading: Callable[[Part], Reading] = skimming) -> None:
        self._matcher = matcher
        self._reading = reading
        self._skimmer = Skimmer(matcher, lambda entry: nominated(entry, matcher), wholly=not tells(matcher))

    def __reduce__(self) -> tuple[type[Sharer], tuple[Matcher, Callable[[Part], Reading]]]:
        """What is remembered does not travel between processes."""
        return Sharer, (self._matcher, self._reading)

    def __call__(self, part: Part) -> Iterator[Share]:
        """What a part comes to, the last share with what other parts have to be asked about."""
        reading = self._reading(part)
        gatherer = _Gatherer(self._matcher)
        for batch in self._skimmer.batches(reading.items(part.pieces)):
            found = gatherer.closed(batch)
            yield Share(batch._replace(selected=()), Finds(found), copy.copy(reading.tally))
        opening, closing = self._skimmer.edges()
        edges = [*map(Brink.of, opening)], [*map(Brink.of, closing)]
        yield Share(None, Finds([]), reading.tally, [*map(Parcel.of, gatherer.left())], edges)


def found_in(loose: Sequence[Parcel], matcher: Matcher, *, newest_first: bool) -> Iterator[Sealed]:
    """What is worth telling of entries that all parts have left over; those of one stream are unpacked at a time."""
    gatherer = _Gatherer(matcher)
    for _, some in itertools.groupby(sorted(loose, key=_STREAM), key=_STREAM):
        yield from gatherer.found([one.opened() for one in some], newest_first=newest_first)


class _Gatherer:
    """Joins and matches what is selected, as soon as nothing can follow that belongs to it."""

    def __init__(self, matcher: Matcher) -> None:
        self._finder = Finder(matcher)
        self._traits = traits_of(matcher.rules)
        self._lean = not reads_raw(matcher.rules)
        self._waiting: list[Selected] = []
        self._begin: int | None = None

    def closed(self, batch: Batch) -> list[Sealed]:
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

    def found(self, ready: Sequence[Selected], *, newest_first: bool) -> list[Sealed]:
        """Entries that nothing is to be added to, joined and matched."""
        keys = {id(one.entry): one.key for one in ready}
        events = join((one.entry for one in ready), newest_first=newest_first)
        return [self._sealed(one) for one in self._finder.found(events, lambda entry: keys[id(entry)])]

    def _sealed(self, found: Found) -> Sealed:
        traits = self._traits(found)
        return sealed(msgspec.structs.replace(found, event=lean(found.event)) if self._lean else found, traits)


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
        if index == len(some) or some[index].entry.time - some[index - 1].entry.time > GAP:
            yield some[start:index]
            start = index


def _time(one: Selected) -> int:
    return one.entry.time


class Seams:
    """Where one part ends and the next begins: finds what stands near to what another part has."""

    def __init__(self) -> None:
        self._tail: list[Brink] = []

    def joined(self, opening: Sequence[Brink], closing: Sequence[Brink]) -> Iterator[Parcel]:
        """Take the next part: entries that are worth a closer look for what another part has.

        Args:
            opening: What stands at its beginning.
            closing: What stands at its end.
        """
        some = [*self._tail, *opening]
        columns = _columns(some)
        for row in np.flatnonzero(neighbours(*columns)).tolist():
            if (parcel := some[row].parcel) is not None:
                yield parcel
        tail = [*self._tail, *closing]
        streams, _, calls = _columns(tail)
        self._tail = [tail[row] for row in open_rows(streams, calls, at_end=True).tolist()]


def _columns(some: Sequence[Brink]) -> tuple[Any, Any, Any]:
    numbers: dict[tuple[str, str, str], int] = {}
    return (
        np.array([numbers.setdefault(one.stream, len(numbers)) for one in some], np.int64),
        np.array([one.time for one in some], np.int64),
        np.array([one.nominated for one in some], bool),
    )
