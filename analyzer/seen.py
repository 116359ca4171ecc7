"""Which of millions of entries came before: hashes in sorted arrays, exact counts in eight bytes an entry."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.columns import Flags, Keys

__all__ = ["Seen"]

_FEW: Final = 50_000
"""Up to so many hashes that come one by one a set is small enough, and numpy need not be loaded."""

_MANY: Final = 128_000
"""So many that came last are put among the others at once."""

_PARTS: Final = 64
_SHIFT: Final = 58
_MASK: Final = 2**64 - 1


class Seen:
    """A set of 64-bit hashes that only grows.

    Two things with one hash are taken for one: among five million it happens once in a million runs. The hashes lie in
    64 sorted arrays by their first six bits, and those that came last in one of their own, so that adding some moves
    little of what is there.
    """

    def __init__(self) -> None:
        self._few: set[int] = set()
        self._recent: Keys | None = None
        self._parts: list[Keys] = []

    def __len__(self) -> int:
        """How many hashes there are."""
        arrays = [] if self._recent is None else [self._recent, *self._parts]
        return len(self._few) + sum(map(len, arrays))

    def add(self, key: int) -> bool:
        """Adds one hash; whether it is new."""
        key &= _MASK
        if key in self._few or self._has(key):
            return False
        self._few.add(key)
        if len(self._few) > _FEW:
            import numpy as np  # noqa: PLC0415

            self.add_all(np.zeros(0, np.uint64))
        return True

    def add_all(self, keys: Keys) -> Flags:
        """Adds hashes, each of them once and in ascending order; of each, whether it is new."""
        import numpy as np  # noqa: PLC0415 - small runs do without it

        if self._few:
            few, self._few = self._few, set()
            self._add(np.array(sorted(few), np.uint64))
        return self._add(keys)

    def _add(self, keys: Keys) -> Flags:
        import numpy as np  # noqa: PLC0415

        if self._recent is None:
            self._recent = np.zeros(0, np.uint64)
            self._parts = [self._recent] * _PARTS
        new = _missing(self._recent, keys)
        for part, start, end in _cut(keys):
            if len(self._parts[part]):
                new[start:end] &= _missing(self._parts[part], keys[start:end])
        fresh = keys[new]
        self._recent = np.insert(self._recent, self._recent.searchsorted(fresh), fresh)
        if len(self._recent) > _MANY:
            for part, start, end in _cut(self._recent):
                some = self._recent[start:end]
                self._parts[part] = np.insert(self._parts[part], self._parts[part].searchsorted(some), some)
            self._recent = np.zeros(0, np.uint64)
        return new

    def _has(self, key: int) -> bool:
        if self._recent is None:
            return False
        for known in (self._recent, self._parts[key >> _SHIFT]):
            place = int(known.searchsorted(known.dtype.type(key)))
            if place < len(known) and int(known[place]) == key:
                return True
        return False


def _missing(known: Keys, keys: Keys) -> Flags:
    """Which of some hashes are not among those that are known, both in ascending order."""
    import numpy as np  # noqa: PLC0415

    if not len(known):
        return np.ones(len(keys), bool)
    found: Flags = known[np.minimum(known.searchsorted(keys), len(known) - 1)] != keys
    return found


def _cut(keys: Keys) -> Iterator[tuple[int, int, int]]:
    """The parts that hashes in ascending order belong to, with where each part's begin and end."""
    import numpy as np  # noqa: PLC0415

    edges = [*keys.searchsorted(np.arange(_PARTS, dtype=np.uint64) << np.uint64(_SHIFT)).tolist(), len(keys)]
    return ((part, start, end) for part, (start, end) in enumerate(pairwise(edges)) if start < end)
