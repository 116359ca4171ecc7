"""Which of many entries came before: hashes in a sorted array, exact counts in eight bytes an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from analyzer.columns import Keys

__all__ = ["Seen"]

_FEW: Final = 16_000
"""So many hashes stay in a set: it is small enough, and numpy need not be loaded."""

_MARK_BITS: Final = 24
"""A hash is marked by its first bits: so many take 2 MiB, and of five million hashes one in four shares its mark."""

_MASK: Final = 2**64 - 1


class Seen:
    """A set of 64-bit hashes that only grows.

    Two things with one hash are taken for one: among five million it happens once in a million runs. Hashes lie in a
    sorted array, those that came last in a set. A bit for each mark that a hash has tells of most new ones that they
    need not be looked for.
    """

    def __init__(self) -> None:
        self._few: set[int] = set()
        self._known: Keys | None = None
        self._marks: Any = None

    def __len__(self) -> int:
        """How many hashes there are."""
        return len(self._few) + (0 if self._known is None else len(self._known))

    def add(self, key: int) -> bool:
        """Adds a hash; whether it is new."""
        key &= _MASK
        if key in self._few or self._has(key):
            return False
        self._few.add(key)
        if len(self._few) > _FEW:
            self._put_away()
        return True

    def _has(self, key: int) -> bool:
        mark = key >> (64 - _MARK_BITS)
        if self._known is None or not self._marks[mark >> 3] & 1 << (mark & 7):
            return False
        place = int(self._known.searchsorted(self._known.dtype.type(key)))
        return place < len(self._known) and int(self._known[place]) == key

    def _put_away(self) -> None:
        """Puts the set among what is sorted: in place, as arrays that are copied to grow leave holes in memory.

        A stable sort takes what is in order already as it is (timsort, https://numpy.org/doc/stable/reference/
        generated/numpy.sort.html), which makes it a merge.
        """
        import numpy as np  # noqa: PLC0415 - small runs do without it

        if self._known is None:
            self._known, self._marks = np.zeros(0, np.uint64), np.zeros(1 << _MARK_BITS >> 3, np.uint8)
        keys = np.fromiter(self._few, np.uint64, len(self._few))
        self._few.clear()
        keys.sort()
        marks = keys >> np.uint64(64 - _MARK_BITS)
        bits = np.left_shift(1, marks & np.uint64(7), dtype=np.uint64).astype(np.uint8)
        np.bitwise_or.at(self._marks, (marks >> np.uint64(3)).astype(np.intp), bits)
        before = len(self._known)
        self._known.resize(before + len(keys), refcheck=False)
        self._known[before:] = keys
        self._known.sort(kind="stable")
