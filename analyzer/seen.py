"""Which of millions of entries came before: hashes in a flat table, exact counts in a few bytes an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Seen"]

_FEW: Final = 50_000
"""Up to so many hashes a set is small enough, and numpy need not be loaded."""

_FULL: Final = 0.6


class Seen:
    """A set of 64-bit hashes that only grows.

    Two things with one hash are taken for one: among five million it happens once in a million runs.
    """

    def __init__(self) -> None:
        self._few: set[int] = set()
        self._table: Any = None
        self._count = 0

    def __len__(self) -> int:
        """How many hashes there are."""
        return self._count if self._table is not None else len(self._few)

    def add(self, key: int) -> bool:
        """Adds one hash; whether it is new."""
        return self.add_all([key])[0]

    def add_all(self, keys: Sequence[int]) -> Sequence[bool]:
        """Adds hashes; of each, whether it is new."""
        if self._table is None:
            few = self._few
            before = len(few)
            fresh = set(keys)
            if len(fresh) == len(keys) and few.isdisjoint(fresh):
                few |= fresh
                new: Sequence[bool] = [True] * len(keys)
            else:
                new = [not (key in few or few.add(key)) for key in keys]  # type: ignore[func-returns-value]
            if len(few) > _FEW and before <= _FEW:
                self._move()
            return new
        return self._add_to_table(keys)

    def _move(self) -> None:
        """From the set to a table: with open addressing, a power of two long, zero where nothing is."""
        import numpy as np  # noqa: PLC0415 - small runs do without it

        self._table = np.zeros(1 << 18, np.uint64)
        few, self._few = self._few, set()
        self._insert(self._array(few))

    def _array(self, keys: Iterable[int]) -> Any:
        import numpy as np  # noqa: PLC0415

        found = np.array(list(keys), np.int64).view(np.uint64)
        found[found == 0] = 1
        return found

    def _add_to_table(self, keys: Sequence[int]) -> Sequence[bool]:
        import numpy as np  # noqa: PLC0415

        if len(set(keys)) == len(keys):
            fresh: list[bool] = self._insert(self._array(keys)).tolist()
            return fresh
        unique, first = np.unique(self._array(keys), return_index=True)
        new = np.zeros(len(keys), bool)
        new[first[self._insert(unique)]] = True
        found: list[bool] = new.tolist()
        return found

    def _insert(self, unique: Any) -> Any:
        """Inserts hashes that differ from one another; which of them are new, as a mask."""
        import numpy as np  # noqa: PLC0415

        while self._count + len(unique) > _FULL * len(self._table):
            self._grow()
        table, mask = self._table, np.uint64(len(self._table) - 1)
        place = (unique ^ (unique >> np.uint64(32))) & mask
        new = np.zeros(len(unique), bool)
        left, wanted = np.arange(len(unique)), unique
        while len(left):
            there = table[place]
            free = there == 0
            # Of several that want one free place, the one that was written last has it.
            table[place[free]] = wanted[free]
            settled = table[place] == wanted
            new[left[free & settled]] = True
            if settled.all():
                break
            left = left[~settled]
            wanted, place = unique[left], (place[~settled] + np.uint64(1)) & mask
        self._count += int(new.sum())
        return new

    def _grow(self) -> None:
        import numpy as np  # noqa: PLC0415

        old = self._table
        self._table = np.zeros(2 * len(old), np.uint64)
        self._count = 0
        for start in range(0, len(old), 1 << 17):
            part = old[start : start + (1 << 17)]
            self._insert(part[part != 0])
