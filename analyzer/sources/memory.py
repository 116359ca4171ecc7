"""Entries that the caller already has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.model import LogEntry, Notice, SourceInfo, Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Memory"]


class Memory:
    """Any iterable of LogEntry mappings as a source; it is read once and whole, whatever the window."""

    def __init__(self, entries: Iterable[LogEntry]) -> None:
        self._entries = entries

    @property
    def info(self) -> SourceInfo:
        """Kind ``memory``."""
        return SourceInfo(kind="memory", name="entries")

    def read(self, window: Window | None) -> Iterator[LogEntry | Notice]:
        """The entries as they come."""
        del window
        yield from self._entries
