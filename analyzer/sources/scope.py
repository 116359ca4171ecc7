"""Any source, narrowed to services, logs and a number of entries, where its server cannot do it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from analyzer.model import LogEntry, Notice, SourceInfo, Window
from analyzer.sources._query import SERVICE_LABELS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analyzer.sources import Source

__all__ = ["Scoped"]


class Scoped:
    """The entries of another source that are in scope.

    Args:
        source: The other source.
        services: Only these services; empty for all. The same labels count as for Cloud Logging.
        log_names: Only these logs, by short or full name; empty for all.
        limit: End after this many entries, incomplete; 0 for no limit.
    """

    def __init__(
        self, source: Source, *, services: Sequence[str] = (), log_names: Sequence[str] = (), limit: int = 0
    ) -> None:
        self._source = source
        self._services = frozenset(services)
        self._logs = tuple(unquote(name) for name in log_names)
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
            elif self._has_service(record) and self._has_log(record):
                if self._limit and count == self._limit:
                    yield Notice(text=f"cut by the limit of {self._limit} entries", incomplete=True)
                    return
                count += 1
                yield record

    def _has_service(self, record: LogEntry) -> bool:
        if not self._services:
            return True
        resource = record.get("resource")
        labels = resource.get("labels") if isinstance(resource, dict) else None
        return isinstance(labels, dict) and any(labels.get(name) in self._services for name in SERVICE_LABELS)

    def _has_log(self, record: LogEntry) -> bool:
        if not self._logs:
            return True
        name = unquote(str(record.get("logName", "")))
        return any(name == log or name.endswith(f"/logs/{log}") for log in self._logs)
