"""Where entries come from: one protocol, one module a kind of source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.model import LogEntry, Notice, SourceInfo, Window

__all__ = ["Source"]


class Source(Protocol):
    """Anything that yields log entries.

    Entries come as LogEntry mappings in any order and may come twice. Between them stand notices: a record that could
    not be read, a limit that cut the read. A read that fails before its first entry raises a
    :class:`~analyzer.errors.SourceError`; one that fails later yields a notice with ``incomplete`` and ends.
    """

    @property
    def info(self) -> SourceInfo:
        """Kind, name and filter, for the report."""
        ...

    def read(self, window: Window | None) -> Iterator[LogEntry | Notice]:
        """The entries whose timestamp lies in ``window``, or all of them.

        Raises:
            SourceError: Nothing could be read at all.
        """
        ...
