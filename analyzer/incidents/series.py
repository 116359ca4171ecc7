"""When equal things happened, by instance, in eight bytes each: what is kept of all that are no samples."""

from __future__ import annotations

import bisect
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["Series", "within"]


class Series:
    """Times in nanoseconds by instance. They may come in any order, and are read in order."""

    __slots__ = ("_instances", "_known", "_numbers", "_times")

    def __init__(self) -> None:
        self._instances: dict[str, int] = {}
        self._numbers = array("I")
        self._times = array("q")
        self._known: dict[str, array[int]] | None = None

    def add(self, instance: str, time: int) -> None:
        """Note that it happened on ``instance``."""
        self._known = None
        self._numbers.append(self._instances.setdefault(instance, len(self._instances)))
        self._times.append(time)

    def absorb(self, other: Series) -> None:
        """Take another series in."""
        self._known = None
        numbers = [self._instances.setdefault(instance, len(self._instances)) for instance in other._instances]
        self._numbers.extend([numbers[number] for number in other._numbers])
        self._times.extend(other._times)

    def __len__(self) -> int:
        """How often it happened."""
        return len(self._times)

    def by_instance(self) -> dict[str, array[int]]:
        """Each instance with its times, in order."""
        known = [array("q") for _ in self._instances]
        for time, number in sorted(zip(self._times, self._numbers, strict=True)):
            known[number].append(time)
        return dict(zip(self._instances, known, strict=True))

    def times(self) -> list[int]:
        """All times, in order."""
        return sorted(self._times)

    def first_within(self, start: int, end: int, instance: str = "") -> int | None:
        """The first time from ``start`` to ``end``, both included; on ``instance`` alone where one is named."""
        known = self._looked_at()
        chosen = known.values() if not instance else [known[instance]] if instance in known else []
        return min((times[begin] for times in chosen if (begin := within(times, start, end)[0]) >= 0), default=None)

    def count_within(self, start: int, end: int) -> int:
        """How often it happened from ``start`` to ``end``, both included."""
        found = (within(times, start, end) for times in self._looked_at().values())
        return sum(after - begin for begin, after in found)

    def _looked_at(self) -> dict[str, array[int]]:
        """The same, kept for those that are asked again and again."""
        if self._known is None:
            self._known = self.by_instance()
        return self._known


def within(times: Sequence[int], start: int, end: int) -> tuple[int, int]:
    """Where in ordered times those from ``start`` to ``end`` begin, and where they are over; -1 twice for none."""
    begin, after = bisect.bisect_left(times, start), bisect.bisect_right(times, end)
    return (begin, after) if begin < after else (-1, -1)
