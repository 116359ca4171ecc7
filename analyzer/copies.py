"""Which of millions of entries came more than once: their keys, put aside and sorted when all have come."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from analyzer.spool import Spool

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.columns import Flags, Integers, Keys

__all__ = ["Copies"]

_SHELVES: Final = 256
"""Keys are told apart by their first bits, so that some of them can be sorted at a time."""

_BOUNDS: Final = np.arange(1, _SHELVES, dtype=np.uint64) << np.uint64(56)

_TOGETHER: Final = 200_000
"""So many keys are sorted at once."""

_WORD: Final = 8

_Bounds = np.ndarray[Any, np.dtype[np.int32]]


class Copies:
    """Keys of entries and what each was counted under, in memory that hardly grows.

    Two entries with one key are taken for copies: among five million it happens once in a million runs.
    """

    def __init__(self) -> None:
        self._spool = Spool()
        self._runs: list[_Bounds] = []

    def add(self, keys: Keys, codes: Integers) -> None:
        """Take entries in.

        Args:
            keys: Their keys, each once and in ascending order.
            codes: Of each, what it was counted under.
        """
        if len(keys):
            self._spool.add(keys.tobytes())
            self._spool.add(codes.astype(np.int64, copy=False).tobytes())
            self._runs.append(np.concatenate(([0], keys.searchsorted(_BOUNDS), [len(keys)])).astype(np.int32))

    def counted(self) -> Iterator[tuple[Integers, Integers]]:
        """What entries were counted under that had come before, and how many of them, some at a time."""
        for first, last in self._shelves():
            keys = self._taken(0, first, last).view(np.uint64)
            order = np.sort(keys)
            twice = np.unique(order[1:][order[1:] == order[:-1]])
            if len(twice):
                some = _among(twice, keys)
                codes = self._taken(1, first, last)[some]
                yield np.unique(_later(keys[some], codes), return_counts=True)

    def _shelves(self) -> Iterator[tuple[int, int]]:
        """Ranges of shelves that can be sorted at once."""
        first, held = 0, 0
        for shelf, number in enumerate(np.diff(sum(self._runs)).tolist() if self._runs else ()):
            if held and held + number > _TOGETHER:
                yield first, shelf
                first, held = shelf, 0
            held += number
        if held:
            yield first, _SHELVES

    def _taken(self, column: int, first: int, last: int) -> Integers:
        """The keys, or the codes, that lie on some shelves, in the order they came."""
        pieces = (
            self._spool.piece(2 * number + column, int(run[first]) * _WORD, int(run[last]) * _WORD)
            for number, run in enumerate(self._runs)
        )
        return np.frombuffer(b"".join(pieces), np.int64)


def _among(some: Keys, keys: Keys) -> Flags:
    """Which keys are among some in ascending order."""
    found: Flags = some[np.minimum(some.searchsorted(keys), len(some) - 1)] == keys
    return found


def _later(keys: Keys, codes: Integers) -> Integers:
    """The codes of those whose key came before."""
    order = np.argsort(keys, kind="stable")
    again = keys[order[1:]] == keys[order[:-1]]
    later: Integers = codes[order[1:]][again]
    return later
