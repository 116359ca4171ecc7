"""Sources narrowed to services, logs and a number of entries, where no server does it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

import msgspec

from analyzer.model import LogEntry, Notice, SourceInfo, Window
from analyzer.sources._query import SERVICE_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.sources import Source

__all__ = ["Scope", "Scoped"]


class Scope(msgspec.Struct, frozen=True):
    """Which entries are wanted; it goes by their resource and their log alone.

    Attributes:
        services: Only these services; empty for all. The same labels count as for Cloud Logging.
        log_names: Only these logs, by short or full name; empty for all.
    """

    services: tuple[str, ...] = ()
    log_names: tuple[str, ...] = ()

    @property
    def is_all(self) -> bool:
        """Whether every entry is wanted."""
        return not self.services and not self.log_names

    def holds(self, record: LogEntry) -> bool:
        """Whether an entry is wanted."""
        return self._has_service(record) and self._has_log(record)

    def _has_service(self, record: LogEntry) -> bool:
        if not self.services:
            return True
        resource = record.get("resource")
        labels = resource.get("labels") if isinstance(resource, dict) else None
        return isinstance(labels, dict) and any(labels.get(name) in self.services for name in SERVICE_LABELS)

    def _has_log(self, record: LogEntry) -> bool:
        if not self.log_names:
            return True
        name = unquote(str(record.get("logName", "")))
        return any(name == log or name.endswith(f"/logs/{log}") for log in map(unquote, self.log_names))


class Scoped:
    """The entries of another source that are in scope.

    Args:
        source: The other source.
        scope: Which entries are wanted.
        limit: End after this many entries, incomplete; 0 for no limit.
    """

    def __init__(self, source: Source, scope: Scope, *, limit: int = 0) -> None:
        self._source = source
        self._scope = scope
        self._limit = limit

    @property
    def info(self) -> SourceInfo:
        """The other source's."""
        return self._source.info

    def read(self, window: Window | None) -> Iterator[LogEntry | Notice]:
        """The other source's entries that are in scope, and its notices."""
        count = 0
        for record in self._source.read(window):
            if isinstance(record, Notice):
                yield record
            elif self._scope.holds(record):
                if self._limit and count == self._limit:
                    yield Notice(text=f"cut by the limit of {self._limit} entries", incomplete=True)
                    return
                count += 1
                yield record
