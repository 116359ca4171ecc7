"""All that a read has found, in order of time: packed, and unpacked a little at a time whenever it is gone through."""

from __future__ import annotations

import heapq
import itertools
from array import array
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import numpy as np

from analyzer.deflate import deflate, squeezed
from analyzer.finds import unpacked
from analyzer.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from analyzer.finds import Found, Sealed, Trait

__all__ = ["Chronicle"]

_RUN: Final = 2048
"""So many finds are put in order and packed at once."""

_BLOCK: Final = 64
"""So many are unpacked at once: a block of each run that lies at one time."""

_MOMENT = attrgetter("moment")


class Chronicle:
    """Finds in order of time, of equal moments in the order they came.

    They come in any order. What comes together is mostly of one time, so that few runs are open at once. Of each find
    is kept in memory what tells whether whoever goes through them wants it, so that the others need not be unpacked.
    """

    def __init__(self) -> None:
        self._recent: list[Sealed] = []
        self._spool = Spool()
        self._runs: list[_Run] = []
        self._order: array[int] | None = None

    def add(self, finds: Iterable[Sealed]) -> None:
        """Take finds in."""
        self._order = None
        for found in finds:
            self._recent.append(found)
            if len(self._recent) == _RUN:
                self._put_away()

    def some(self, wanted: Trait) -> Iterator[tuple[int, Found]]:
        """Those that have one of some traits, each made anew, with the number of hits before it."""
        self._put_away()
        if self._order is None:
            self._order = self._merged()
        readers = [run.reader(wanted.value) for run in self._runs]
        hits = 0
        for number in self._order:
            own, found = next(readers[number])
            if found is not None:
                yield hits, found
            hits += own

    def _put_away(self) -> None:
        if self._recent:
            some = sorted(self._recent, key=_MOMENT)
            self._recent.clear()
            self._runs.append(_Run(some, self._spool))

    def _merged(self) -> array[int]:
        """The run that each find in order of time is of."""
        if not self._runs:
            return array("I")
        times = np.concatenate([run.times for run in self._runs])
        stamps = np.concatenate([run.stamps for run in self._runs])
        runs = np.repeat(np.arange(len(self._runs), dtype=np.uint32), [len(run.times) for run in self._runs])
        order = np.lexsort((stamps, times))
        same = (np.diff(times[order]) == 0) & (np.diff(stamps[order]) == 0) & (np.diff(runs[order]) != 0)
        if not same.any():
            return array("I", runs[order].tobytes())
        moments = (zip(map(_MOMENT, run.finds()), itertools.repeat(number)) for number, run in enumerate(self._runs))
        return array("I", (number for _, number in heapq.merge(*moments)))


class _Run:
    """Finds in order of time, packed by blocks.

    Args:
        finds: The finds.
        spool: Where they are put.
    """

    __slots__ = ("_blocks", "_hits", "_lengths", "_odd", "_spool", "_traits", "stamps", "times")

    def __init__(self, finds: list[Sealed], spool: Spool) -> None:
        self.times = np.array([found.moment[0] for found in finds], np.int64)
        self.stamps = np.array([found.moment[1] for found in finds], np.int64)
        self._traits = bytes([found.traits for found in finds])
        self._hits = array("I", [found.hits for found in finds])
        pieces = [found.data if isinstance(found.data, bytes) else b"" for found in finds]
        self._odd = {place: found.data for place, found in enumerate(finds) if not isinstance(found.data, bytes)}
        self._lengths = array("I", map(len, pieces))
        self._spool = spool
        self._blocks = [
            spool.add(squeezed(b"".join(pieces[start : start + _BLOCK]))) for start in range(0, len(pieces), _BLOCK)
        ]

    def finds(self) -> Iterator[Found]:
        """All of them."""
        return (found for _, found in self.reader(~0) if found is not None)

    def reader(self, wanted: int) -> Iterator[tuple[int, Found | None]]:
        """Of each in order, how many hits it has, and the find itself if it has one of some traits, given by bits."""
        data, start = b"", 0
        for place, length in enumerate(self._lengths):
            if place % _BLOCK == 0:
                block = self._blocks[place // _BLOCK]
                inside = any(trait & wanted for trait in self._traits[place : place + _BLOCK])
                data, start = deflate().decompress(self._spool.piece(block)) if inside else b"", 0
            if not self._traits[place] & wanted:
                yield self._hits[place], None
            else:
                found = self._odd.get(place)
                yield self._hits[place], unpacked(data[start : start + length]) if found is None else found
            start += length
