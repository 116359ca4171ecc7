"""What earlier passes made of an entry: the key that it is known by, and which entries of a read are new."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec

from analyzer.model import Known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analyzer.model import Entry, Window

__all__ = ["Recall", "key_of", "received"]


def key_of(entry: Entry) -> int:
    """A signed 64-bit hash of what two copies of one entry share: project, log, timestamp and insertId.

    An entry without an insertId is known by its message instead.
    """
    own = entry.insert_id or f"\0{entry.message}"
    text = f"{entry.project}\0{entry.log}\0{entry.timestamp}\0{own}"
    digest = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def received(entry: Entry) -> int:
    """When an entry was received, nanoseconds; an export without receive times has only when it was stamped."""
    return entry.timestamp if entry.received is None else entry.received


class Recall:
    """Marks the entries of one read.

    Args:
        window: What is read, by receive time.
        seen: The keys of what was received since the window's start, and whether an incident has counted it.

    Attributes:
        fresh: Keys of the entries that came for the first time, with their receive times.
        again: How many of those before came again.
        latest: The latest receive time; 0 when nothing was read.
    """

    def __init__(self, window: Window, seen: Mapping[int, bool]) -> None:
        self._window = window
        self._seen = seen
        self.fresh: dict[int, int] = {}
        self.again = 0
        self.latest = 0

    def __call__(self, entry: Entry) -> Entry | None:
        """The entry, marked; None where it belongs to the next window."""
        time = received(entry)
        if time >= self._window.end:
            return None
        if time < self._window.start:
            # It stands there for context, and its key is not kept any more.
            return msgspec.structs.replace(entry, known=Known.TOLD)
        self.latest = max(self.latest, time)
        key = key_of(entry)
        told = self._seen.get(key)
        if told is None:
            self.fresh[key] = time
            return entry
        self.again += 1
        return msgspec.structs.replace(entry, known=Known.TOLD if told else Known.SEEN)
