"""Which of millions of entries came before: hashes in sorted arrays, exact counts in eight bytes an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from analyzer.columns import Flags, Keys

__all__ = ["Seen"]

_FEW: Final = 50_000
"""Up to so many hashes that come one by one a set is small enough, and numpy need not be loaded."""

_PARTS: Final = 64
_SHIFT: Final = 58
_MASK: Final = 2**64 - 1


class Seen:
    """A set of 64-bit hashes that only grows.

    Two things with one hash are taken for one: among five million it happens once in a million runs. The hashes lie in
    64 sorted arrays by their first six bits, so that adding some moves a small part of what is there.
    """

    def __init__(self) -> None:
        self._few: set[int] = set()
        self._parts: list[Keys] = []

    def __len__(self) -> int:
        """How many hashes there are."""
        return len(self._few) + sum(map(len, self._parts))

    def add(self, key: int) -> bool:
        """Adds one hash; whether it is new."""
        key &= _MASK
        if key in self._few or self._has(key):
            return False
        self._few.add(key)
        if len(self._few) > _FEW:
            self._settle()
        return True

    def add_all(self, keys: Keys) -> Flags:
        """Adds hashes, each of them once and in ascending order; of each, whether it is new."""
        import numpy as np  # noqa: PLC0415 - small runs do without it

        self._settle()
        if not self._parts:
            self._parts = [np.zeros(0, np.uint64) for _ in range(_PARTS)]
        new = np.ones(len(keys), bool)
        edges = np.searchsorted(keys, np.arange(_PARTS, dtype=np.uint64) << np.uint64(_SHIFT))
        for part, (start, end) in enumerate(zip(edges, [*edges[1:], len(keys)], strict=True)):
            if start < end:
                known, some = self._parts[part], keys[start:end]
                places = known.searchsorted(some)
                if len(known):
                    new[start:end] = known[np.minimum(places, len(known) - 1)] != some
                fresh = new[start:end]
                self._parts[part] = np.insert(known, places[fresh], some[fresh])
        return new

    def _has(self, key: int) -> bool:
        if not self._parts:
            return False
        part = self._parts[key >> _SHIFT]
        place = int(part.searchsorted(part.dtype.type(key)))
        return place < len(part) and int(part[place]) == key

    def _settle(self) -> None:
        """Moves single hashes into the arrays."""
        if self._few:
            import numpy as np  # noqa: PLC0415

            few, self._few = self._few, set()
            self.add_all(np.array(sorted(few), np.uint64))
