"""When equal things happened, by instance, in eight bytes each: what is kept of all that are no samples."""

from __future__ import annotations

import bisect
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Series", "within"]


class Series:
    """Times in nanoseconds by instance. They may come in any order, and are read in order."""

    __slots__ = ("_ordered", "_times")

    def __init__(self) -> None:
        self._times: dict[str, array[int]] = {}
        self._ordered = True

    def add(self, instance: str, time: int) -> None:
        """Note that it happened on ``instance``."""
        times = self._times.get(instance)
        if times is None:
            times = self._times[instance] = array("q")
        elif time < times[-1]:
            self._ordered = False
        times.append(time)

    def extend(self, instance: str, times: Iterable[int]) -> None:
        """Note that it happened several times."""
        self._ordered = False
        self._times.setdefault(instance, array("q")).extend(times)

    def absorb(self, other: Series) -> None:
        """Take another series in."""
        for instance, times in other._times.items():
            self.extend(instance, times)

    def __len__(self) -> int:
        """How often it happened."""
        return sum(map(len, self._times.values()))

    def by_instance(self) -> dict[str, array[int]]:
        """Each instance with its times, in order; to be read only."""
        if not self._ordered:
            self._times = {instance: array("q", sorted(times)) for instance, times in self._times.items()}
            self._ordered = True
        return self._times

    def __bool__(self) -> bool:
        """Whether it happened at all."""
        return bool(self._times)

    def times(self) -> list[int]:
        """All times, in order."""
        return sorted(time for times in self._times.values() for time in times)

    def first_within(self, start: int, end: int, instance: str = "") -> int | None:
        """The first time from ``start`` to ``end``, both included; on ``instance`` alone where one is named."""
        known = self.by_instance()
        chosen = known.values() if not instance else [known[instance]] if instance in known else []
        return min((times[begin] for times in chosen if (begin := within(times, start, end)[0]) >= 0), default=None)

    def count_within(self, start: int, end: int) -> int:
        """How often it happened from ``start`` to ``end``, both included."""
        found = (within(times, start, end) for times in self.by_instance().values())
        return sum(after - begin for begin, after in found)


def within(times: Sequence[int], start: int, end: int) -> tuple[int, int]:
    """Where in ordered times those from ``start`` to ``end`` begin, and where they are over; -1 twice for none."""
    begin, after = bisect.bisect_left(times, start), bisect.bisect_right(times, end)
    return (begin, after) if begin < after else (-1, -1)
