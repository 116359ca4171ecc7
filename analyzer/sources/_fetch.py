"""A read of a server that filters: what the rules need first, then, narrowly, what stands around the findings.

The server does the filtering, so little that nobody needs is carried over; the context of what was found follows in a
second read. The flow is the same whatever language the server is asked in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic

from analyzer.errors import LoganalyzeError, UsageError
from analyzer.model import Notice
from analyzer.sources._context import Findings
from analyzer.sources._language import AnyQuery
from analyzer.sources._query import stamped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from analyzer.model import LogEntry, Window
    from analyzer.sources._language import Language
    from analyzer.sources._reader import Reader

__all__ = ["Fetch"]


class Fetch(Generic[AnyQuery]):
    """How entries are fetched.

    Args:
        needed: What holds on every entry worth reading, in the server's language; empty to read all.
        notes: What there is to say of that, for the report's coverage.
        context: Nanoseconds around a finding whose entries of the same service are read too, with ``needed`` only.
        interesting: Whether an entry is a finding; None to read no context.
    """

    def __init__(
        self,
        *,
        needed: str,
        notes: Sequence[str],
        context: int,
        interesting: Callable[[LogEntry], bool] | None,
    ) -> None:
        self._needed = needed
        self._notes = tuple(notes)
        self._context = context
        self._interesting = interesting if needed and context > 0 else None

    def entries(
        self, window: Window, language: Language[AnyQuery], reader: Reader[AnyQuery], tell: Callable[[str], None]
    ) -> Iterator[LogEntry | Notice]:
        """The entries of the window, oldest first, then what stands around the findings, each once.

        Args:
            window: Nanoseconds, start included, end not.
            language: Writes the queries.
            reader: Asks them.
            tell: Told the query that gives what is read, as far as it is known.

        Raises:
            LoganalyzeError: Nothing could be read.
        """
        query = language.query(window, self._needed)
        tell(query.text)
        findings = Findings(stamped(window), self._context)
        try:
            for entry in reader.entries(query, window.start):
                if self._interesting is not None and self._interesting(entry):
                    findings.add(entry)
                yield entry
            yield from self._around(window, language, findings, reader, tell)
            if window.received:
                yield from reader.latest(language.query(window))
            elif self._needed and not reader.count:
                yield from _sign_of_life(window, language, reader)
        except LoganalyzeError as error:
            if not reader.count:
                raise
            yield reader.cut(f"the read ended early: {error}")
        yield from map(Notice, self._notes)
        if reader.full:
            yield reader.cut(f"the limit of {reader.limit} entries was reached")
        if self._needed and not self._context:
            yield Notice("no context was read (--context 0): what share of requests failed is not judged")
        if reader.twice:
            yield Notice(f"{reader.twice} entries came twice and were counted once", duplicates=reader.twice)

    def _around(
        self,
        window: Window,
        language: Language[AnyQuery],
        findings: Findings,
        reader: Reader[AnyQuery],
        tell: Callable[[str], None],
    ) -> Iterator[LogEntry | Notice]:
        """The context of the findings, as far as it has not come yet."""
        clauses = []
        for query, clause in findings.queries(language):
            if reader.full:
                return
            yield from reader.entries(query, window.start, again=True)
            clauses.append(clause)
        if not clauses:
            return
        try:
            tell(language.query(window, " OR ".join([f"({self._needed})", *clauses])).text)
        except UsageError:
            return  # one query cannot hold it all; the first one stays in the report


def _sign_of_life(
    window: Window, language: Language[AnyQuery], reader: Reader[AnyQuery]
) -> Iterator[LogEntry | Notice]:
    """One entry of any kind, where none was needed: it tells a healthy service from a scope that holds nothing."""
    for entry in reader.entries(language.query(window), window.start, most=1):
        yield entry
        yield Notice("no entry of the scope holds what a rule or a severity asks for; one other was read as a sign")
