"""Where entries come from: one protocol, one module a kind of source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.model import LogEntry, Notice, SourceInfo, Window
    from analyzer.sheets import Sheet

__all__ = ["Skimmed", "Source"]


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


@runtime_checkable
class Skimmed(Source, Protocol):
    """A source that can give a few fields of most of its entries, faster than all of them."""

    def skim(self, window: Window | None) -> Iterator[LogEntry | Notice | Sheet]:
        """What ``read`` gives, with sheets of those entries for which a few fields are enough at first.

        Raises:
            SourceError: Nothing could be read at all.
        """
        ...
