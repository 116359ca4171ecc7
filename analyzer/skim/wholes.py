"""Records decoded wholly; the labels and resources that many of them have in common are in memory once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analyzer.entries import decode
from analyzer.sheets import NOTHING

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.model import Entry, LogEntry
    from analyzer.sheets import Glance

__all__ = ["Wholes"]

_MOST = 5_000


class Wholes:
    """Decodes records, and keeps what they share."""

    def __init__(self) -> None:
        self._shared: dict[bytes, Any] = {}

    def entry(self, whole: Callable[[bytes], LogEntry], record: bytes, glance: Glance) -> Entry:
        """The entry of a record.

        Args:
            whole: Decodes the record.
            record: Its bytes.
            glance: A few of its fields.
        """
        raw = dict(whole(record))
        for name, part in (("resource", glance.resource), ("labels", glance.labels)):
            if part is not NOTHING:
                if len(self._shared) >= _MOST:
                    self._shared.clear()
                raw[name] = self._shared.setdefault(bytes(part), raw[name])
        return decode(raw)
