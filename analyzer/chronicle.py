"""All that a read has found, in order of time: packed, and unpacked a little at a time whenever it is gone through."""

from __future__ import annotations

import heapq
import itertools
from array import array
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from analyzer.finds import closed, opened

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from analyzer.finds import Block, Found

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
        self._runs: list[Sequence[Block]] = []
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
        runs = [*map(_finds_of, self._runs)]
        return (next(runs[number]) for number in self._order)

    def _put_away(self) -> None:
        if self._recent:
            some = sorted(self._recent, key=_MOMENT)
            self._recent.clear()
            self._runs.append([closed(some[start : start + _BLOCK]) for start in range(0, len(some), _BLOCK)])

    def _merged(self) -> array[int]:
        """The run that each find in order of time is of."""
        moments = (zip(map(_MOMENT, _finds_of(run)), itertools.repeat(number)) for number, run in enumerate(self._runs))
        return array("L", (number for _, number in heapq.merge(*moments)))


def _finds_of(run: Iterable[Block]) -> Iterator[Found]:
    return itertools.chain.from_iterable(map(opened, run))
