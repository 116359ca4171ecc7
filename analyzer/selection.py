"""Which entries are worth a closer look: those that something nominates, and the neighbours a split record needs.

A day of exports does not fit in memory; what can matter to a report does. An entry is kept when a rule's literals, its
severity or its shape nominate it, or when it stands right before or after such an entry in the same log of the same
instance, where the rest of its record may be. Whether the order is ascending or newest first makes no difference.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from analyzer.model import Entry

__all__ = ["NEAR", "NEIGHBOURS", "Selector", "select"]

NEIGHBOURS: Final = 6
"""How many entries before and behind a nominated one are kept, those that nothing nominates counted alone."""

NEAR: Final = 1_000_000_000
"""How far from it in time they may be, nanoseconds."""

Place = tuple[str, str, str]


class _Stream:
    """The last entries of one log of one instance that nothing nominated, and how many of the next to keep."""

    __slots__ = ("owed", "time", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[tuple[int, Any]] = deque(maxlen=NEIGHBOURS)
        self.owed = 0
        self.time = 0


class Selector:
    """Finds the neighbours of nominated entries, of which it is told one by one, in the order of time or against it.

    A place is the service, the instance and the log of an entry. Entries of requests are whole: they have no part in a
    record of several lines, and are not told of.
    """

    def __init__(self) -> None:
        self._streams: dict[Place, _Stream] = {}

    def nominated(self, place: Place, time: int) -> list[Any]:
        """An entry is nominated: the items that stand right before it, which are to be kept too.

        Args:
            place: Where it stands.
            time: When, nanoseconds.
        """
        stream = self._stream(place)
        near = [item for then, item in stream.waiting if item is not None and abs(then - time) <= NEAR]
        stream.waiting.clear()
        stream.owed, stream.time = NEIGHBOURS, time
        return near

    def passed(self, place: Place, time: int, item: object) -> bool:
        """An entry is not nominated: whether it stands right behind one that is; otherwise ``item`` waits for one."""
        stream = self._stream(place)
        kept = stream.owed > 0 and abs(time - stream.time) <= NEAR
        stream.owed = max(0, stream.owed - 1)
        stream.waiting.append((time, None if kept else item))
        return kept

    def _stream(self, place: Place) -> _Stream:
        stream = self._streams.get(place)
        if stream is None:
            stream = self._streams[place] = _Stream()
        return stream


def select(entries: Iterable[Entry], nominated: Callable[[Entry], bool]) -> Iterator[Entry]:
    """The entries that are nominated, and their neighbours.

    Args:
        entries: Entries in the order of time or against it.
        nominated: Whether an entry is worth a closer look by itself.
    """
    selector = Selector()
    for entry in entries:
        if entry.request is not None:
            if nominated(entry):
                yield entry
            continue
        place = (entry.service, entry.instance, entry.log)
        if nominated(entry):
            yield from selector.nominated(place, entry.time)
            yield entry
        elif selector.passed(place, entry.time, entry):
            yield entry
