"""Which entries are worth a closer look: those that something nominates, and the neighbours a split record needs.

A day of exports does not fit in memory; what can matter to a report does. An entry is kept when a rule's literals, its
severity or its shape nominate it, or when it stands right before or after such an entry in the same log of the same
instance, where the rest of its record may be. Whether the order is ascending or newest first makes no difference.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from analyzer.model import Entry

__all__ = ["select"]

_NEIGHBOURS = 6
_NEAR = 1_000_000_000


class _Stream:
    """The last entries of one log of one instance that nothing nominated, and how many of the next to keep."""

    __slots__ = ("owed", "time", "waiting")

    def __init__(self) -> None:
        self.waiting: deque[Entry] = deque(maxlen=_NEIGHBOURS)
        self.owed = 0
        self.time = 0


def select(entries: Iterable[Entry], nominated: Callable[[Entry], bool]) -> Iterator[Entry]:
    """The entries that are nominated, and their neighbours.

    Args:
        entries: Entries in the order of time or against it.
        nominated: Whether an entry is worth a closer look by itself.
    """
    streams: dict[tuple[str, str, str], _Stream] = {}
    for entry in entries:
        if entry.request is not None:
            # A request's entry is whole: it has no part in a record of several lines.
            if nominated(entry):
                yield entry
            continue
        place = (entry.service, entry.instance, entry.log)
        stream = streams.get(place)
        if stream is None:
            stream = streams[place] = _Stream()
        if nominated(entry):
            yield from (waiting for waiting in stream.waiting if abs(waiting.time - entry.time) <= _NEAR)
            stream.waiting.clear()
            stream.owed, stream.time = _NEIGHBOURS, entry.time
            yield entry
        elif stream.owed and abs(entry.time - stream.time) <= _NEAR:
            stream.owed -= 1
            yield entry
        else:
            stream.waiting.append(entry)
