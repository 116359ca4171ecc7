"""The entries of queries, each entry once: what came before is known by a hash, and counted."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from analyzer.model import Notice
from analyzer.sources._context import entry_time
from analyzer.sources._language import AnyQuery, Asked
from analyzer.sources._pages import PAGE_SIZE
from analyzer.times import format_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from analyzer.model import LogEntry

__all__ = ["Pages", "Reader"]

_Query_contra = TypeVar("_Query_contra", bound=Asked, contravariant=True)

_IDENTITY = operator.itemgetter("logName", "timestamp", "insertId")


class Pages(Protocol[_Query_contra]):
    """Whoever asks a server."""

    def pages(self, query: _Query_contra, size: int = ..., most: int = ...) -> Iterator[Sequence[Any]]:
        """The query's entries page by page, as the server has them; a page may be empty and not the last.

        Args:
            query: What to ask for.
            size: Entries of a page at most.
            most: So many entries are wanted at most; 0: all.

        Raises:
            LoganalyzeError: The read cannot go on.
        """
        ...


class Reader(Generic[AnyQuery]):
    """Entries of one query after the other, each entry once, up to the limit.

    Args:
        caller: Gives the pages.
        convert: Makes a LogEntry of what stands on a page.
        limit: Entries in all; 0 for no limit.
        progress: Called after each page with the entries so far and the last timestamp among them (nanoseconds).

    Attributes:
        limit: As given.
        count: Entries that came, each counted once.
        twice: How many came again where they should not have.
        full: There was more than the limit allows.
    """

    def __init__(
        self,
        caller: Pages[AnyQuery],
        convert: Callable[[Any], LogEntry],
        limit: int,
        progress: Callable[[int, int], None] | None,
    ) -> None:
        self._caller = caller
        self._convert = convert
        self.limit = limit
        self._progress = progress
        self._seen: set[int] = set()
        self._latest: LogEntry | None = None
        self._swept = False
        self.count = 0
        self.twice = 0
        self.full = False

    def entries(self, query: AnyQuery, start: int, *, again: bool = False, most: int = 0) -> Iterator[LogEntry]:
        """The query's entries that have not come yet.

        Args:
            query: What to ask for.
            start: The position to report while nothing has come, nanoseconds.
            again: The query is a later one, and overlaps those before it.
            most: End after this many, without a word; 0 for all.

        Raises:
            LoganalyzeError: The read cannot go on.
        """
        # One more than the limit tells a read that was cut from one that ended there.
        bound = most or (self.limit and self.limit + 1)
        query = query.only(most) if most else query
        for page in self._caller.pages(query, min(bound, PAGE_SIZE) or PAGE_SIZE, bound and bound - self.count):
            for entry in self._fresh(page, again=again):
                if self.limit and self.count >= self.limit:
                    self.full = True
                    return
                self.count += 1
                if not again:
                    self._latest = entry
                yield entry
                if most and self.count >= most:
                    return
            if self._progress is not None:
                self._progress(self.count, self._position(start))
        self._swept = True

    def latest(self, query: AnyQuery) -> Iterator[LogEntry]:
        """The newest of the query's entries, unless it has come already: it shows how far the log has got.

        Raises:
            LoganalyzeError: The read cannot go on.
        """
        for page in self._caller.pages(query.reverse().only(1), 1, 1):
            for entry in self._fresh(page, again=True):
                self.count += 1
                yield entry
            if page:
                return

    def cut(self, why: str) -> Notice:
        """The notice of a read that ended before its end, with what it covered."""
        if self._swept:
            reached = "the window was read to its end, the context of the findings was not"
        else:
            reached = f"entries up to {format_timestamp(self._position(0))} were read"
        return Notice(f"{why}; {reached}", incomplete=True)

    def _position(self, start: int) -> int:
        time = entry_time(self._latest) if self._latest is not None else None
        return start if time is None else time

    def _fresh(self, page: Iterable[Any], *, again: bool) -> Iterator[LogEntry]:
        """The entries of a page that have not come yet: two are one when log, timestamp and insertId are the same.

        They are converted one by one, since a page of them has no room in the processor's cache.
        """
        seen = self._seen
        for entry in map(self._convert, page):
            try:
                key = hash(_IDENTITY(entry))
            except KeyError:
                key = hash(repr(entry))
            if key not in seen:
                seen.add(key)
                yield entry
            elif not again:
                self.twice += 1
