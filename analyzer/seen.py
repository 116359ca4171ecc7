"""Which of millions of entries came before: hashes in sorted arrays, exact counts in eight bytes an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from analyzer.columns import Flags, Keys

__all__ = ["Seen"]

_FEW: Final = 16_000
"""Up to so many hashes that come one by one a set is small enough, and numpy need not be loaded."""

_SHARE: Final = 32
"""Hashes that came last are put among the others when they are more than one for so many of them."""

_MARK_BITS: Final = 24
"""A hash is marked by its first bits: so many take 2 MiB, and of five million hashes one in four shares its mark."""

_MASK: Final = 2**64 - 1


class Seen:
    """A set of 64-bit hashes that only grows.

    Two things with one hash are taken for one: among five million it happens once in a million runs. The hashes lie in
    a sorted array, and those that came last in one of their own, so that adding some moves little of what is there. A
    bit for each mark that a hash has tells of most new ones that they need not be looked for.
    """

    def __init__(self) -> None:
        self._few: set[int] = set()
        self._arrays: tuple[Keys, Keys] | None = None
        self._marks: Any = None

    def __len__(self) -> int:
        """How many hashes there are."""
        return len(self._few) + sum(map(len, self._arrays or ()))

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

        if self._arrays is None:
            self._arrays = np.zeros(0, np.uint64), np.zeros(0, np.uint64)
            self._marks = np.zeros(1 << _MARK_BITS >> 3, np.uint8)
        if self._few:
            few, self._few = self._few, set()
            self._add(np.array(sorted(few), np.uint64), *self._arrays)
        return self._add(keys, *self._arrays)

    def _add(self, keys: Keys, known: Keys, recent: Keys) -> Flags:
        marked = self._mark(keys)
        some = keys[marked]
        new = ~marked
        new[marked] = _missing(known, some) & _missing(recent, some)
        _merge(recent, keys[new])
        if len(recent) * _SHARE > len(known):
            _merge(known, recent)
            recent.resize(0, refcheck=False)
        return new

    def _mark(self, keys: Keys) -> Flags:
        """Sets the marks of hashes; of each, whether its mark was set before."""
        import numpy as np  # noqa: PLC0415

        marks = (keys >> (64 - _MARK_BITS)).astype(np.intp)
        places, bits = marks >> 3, np.left_shift(1, marks & 7).astype(np.uint8)
        marked: Flags = self._marks[places] & bits != 0
        np.bitwise_or.at(self._marks, places, bits)
        return marked

    def _has(self, key: int) -> bool:
        mark = key >> (64 - _MARK_BITS)
        if self._arrays is None or not self._marks[mark >> 3] & 1 << (mark & 7):
            return False
        for known in self._arrays:
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


def _merge(known: Keys, keys: Keys) -> None:
    """Puts hashes among those that are known: in place, as arrays that are copied to grow leave holes in memory.

    A stable sort takes what is in order already as it is (timsort, https://numpy.org/doc/stable/reference/generated/
    numpy.sort.html), which makes it a merge.
    """
    before = len(known)
    known.resize(before + len(keys), refcheck=False)
    known[before:] = keys
    known.sort(kind="stable")
