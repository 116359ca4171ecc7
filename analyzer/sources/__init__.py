"""Where entries come from: one protocol, one module a kind of source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analyzer.model import LogEntry, Notice, SourceInfo, Window
    from analyzer.sources.parts import Part, Plan, Tally
    from analyzer.sources.reading import Reading

__all__ = ["Parted", "Source"]


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
class Parted(Source, Protocol):
    """A source that can be read in parts, several at once, with no more than a few fields of most entries."""

    def plan(self, window: Window | None) -> Plan:
        """How to read what ``read`` gives in parts."""
        ...

    def skim(self, part: Part) -> Reading:
        """A reading of one part."""
        ...

    def advance(self, plan: Plan, tallies: Sequence[Tally]) -> None:
        """Take note of how far each part has been read."""
        ...
