"""All that a read has found, in order of time: packed, and unpacked a little at a time whenever it is gone through."""

from __future__ import annotations

import heapq
import itertools
from array import array
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from analyzer.finds import closed, opened
from analyzer.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from analyzer.finds import Found

__all__ = ["Chronicle"]

_RUN: Final = 2048
"""So many finds are put in order and packed at once."""

_BLOCK: Final = 64
"""So many are unpacked at once: a block of each run that lies at one time."""

_MOMENT = attrgetter("moment")


class Chronicle:
    """Finds in order of time, of equal moments in the order they came.

    They come in any order. What comes together is mostly of one time, so that few runs are open at once.
    """

    def __init__(self) -> None:
        self._recent: list[Found] = []
        self._spool = Spool()
        self._runs: list[Sequence[int | list[Found]]] = []
        self._order: array[int] | None = None

    def add(self, finds: Iterable[Found]) -> None:
        """Take finds in."""
        self._order = None
        for found in finds:
            self._recent.append(found)
            if len(self._recent) == _RUN:
                self._put_away()

    def __iter__(self) -> Iterator[Found]:
        """All of them, each made anew."""
        self._put_away()
        if self._order is None:
            self._order = self._merged()
        runs = [*map(self._finds_of, self._runs)]
        return (next(runs[number]) for number in self._order)

    def _put_away(self) -> None:
        if self._recent:
            some = sorted(self._recent, key=_MOMENT)
            self._recent.clear()
            self._runs.append([self._block(some[start : start + _BLOCK]) for start in range(0, len(some), _BLOCK)])

    def _block(self, finds: list[Found]) -> int | list[Found]:
        """Finds put aside, by their number in the spool; as they are where they cannot be packed."""
        block = closed(finds)
        return self._spool.add(block) if isinstance(block, bytes) else block

    def _finds_of(self, run: Iterable[int | list[Found]]) -> Iterator[Found]:
        for block in run:
            yield from opened(self._spool.piece(block)) if isinstance(block, int) else block

    def _merged(self) -> array[int]:
        """The run that each find in order of time is of."""
        moments = (
            zip(map(_MOMENT, self._finds_of(run)), itertools.repeat(number)) for number, run in enumerate(self._runs)
        )
        return array("I", (number for _, number in heapq.merge(*moments)))
