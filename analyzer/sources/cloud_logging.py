"""Entries out of Cloud Logging: one query that nominates, then narrow ones for what stands around the findings.

The server does the filtering, which costs nothing, against a quota of 60 calls a minute: the first query asks for the
window, the user's scope and what the rules need, and the context of what was found follows in a second, narrow read.
API: https://cloud.google.com/logging/docs/reference/v2/rpc/google.logging.v2#google.logging.v2.LoggingServiceV2.
"""

from __future__ import annotations

import random as dice
import time
from typing import TYPE_CHECKING, Any

from analyzer.errors import LoganalyzeError, UsageError
from analyzer.model import Notice, SourceInfo
from analyzer.sources._client import connect
from analyzer.sources._context import Findings, entry_time
from analyzer.sources._pages import PAGE_SIZE, Caller, Patience
from analyzer.sources._query import ALL_TIME, Scope, check_filter, stamped
from analyzer.times import SECOND, format_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from analyzer.model import LogEntry, Window
    from analyzer.sources._client import Connection
    from analyzer.sources._query import Query

__all__ = ["CloudLogging", "pushdown_room"]

_LONGEST_PROJECT = 30


def pushdown_room(
    *,
    project: str = "",
    services: Sequence[str] = (),
    log_names: Sequence[str] = (),
    filter: str = "",  # noqa: A002 - the API's and the user's own word
    received: bool = False,
) -> int:
    """How many characters ``pushdown`` may have beside this scope.

    Args:
        project: Project id; empty when the credentials will tell it.
        services: As for :class:`CloudLogging`.
        log_names: The same.
        filter: The same.
        received: The windows to be read are by receive time, which takes more words.

    Raises:
        UsageError: The scope alone is too long.
    """
    scope = Scope(
        project=project or "p" * _LONGEST_PROJECT, services=tuple(services), log_names=tuple(log_names), filter=filter
    )
    return scope.room(received=received)


class CloudLogging:
    """The entries of one project; it remembers what it asked, so one object is for one read at a time.

    Args:
        project: Project id; empty for the credentials' own (with ``LOGGING_EMULATOR_HOST``: ``GOOGLE_CLOUD_PROJECT``).
        services: Only these services (Cloud Run services and jobs, GKE containers, App Engine modules, functions).
        log_names: Only these logs, by short name (``run.googleapis.com/stderr``) or full name.
        filter: The user's own text in the Logging query language, joined with AND.
        pushdown: The query that holds on every entry worth reading; empty to read all.
        notes: What there is to say of that query, for the report's coverage.
        context: Nanoseconds around a finding whose entries of the same service are read too, with ``pushdown`` only.
        interesting: Whether an entry is a finding; None to read no context.
        limit: End after this many entries, incomplete; 0 for no limit.
        deadline: Nanoseconds the whole read may take.
        call_deadline: Nanoseconds one call may take before it is tried again.
        progress: Called after each page with the entries read so far and the last timestamp among them (nanoseconds).
        clock: A monotonic clock, nanoseconds.
        sleep: Waits for so many seconds.
        random: A number in [0, 1), for the jitter of retries.
        connect: Opens the connection to the logs of a project, named as ``project`` is.

    Raises:
        UsageError: The filter's brackets or quotes do not close.
    """

    def __init__(  # noqa: PLR0913 - one keyword a setting, each with a default
        self,
        *,
        project: str = "",
        services: Sequence[str] = (),
        log_names: Sequence[str] = (),
        filter: str = "",  # noqa: A002 - the API's and the user's own word
        pushdown: str = "",
        notes: Sequence[str] = (),
        context: int = 30 * SECOND,
        interesting: Callable[[LogEntry], bool] | None = None,
        limit: int = 0,
        deadline: int = 600 * SECOND,
        call_deadline: int = 60 * SECOND,
        progress: Callable[[int, int], None] | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = dice.random,
        connect: Callable[[str], Connection] = connect,
    ) -> None:
        check_filter(filter)
        self._scope = Scope(
            project=project, services=tuple(services), log_names=tuple(log_names), filter=filter.replace("\r\n", "\n")
        )
        self._pushdown = pushdown
        self._notes = tuple(notes)
        self._context = context
        self._interesting = interesting if pushdown and context > 0 else None
        self._limit = limit
        self._progress = progress
        self._patience = Patience(
            deadline=deadline, call_deadline=call_deadline, clock=clock, sleep=sleep, random=random
        )
        self._info = SourceInfo(kind="cloud-logging", name=project, project=project)
        self._connect = connect
        self._calls = 0

    @property
    def info(self) -> SourceInfo:
        """Project and query; the query is known once a read has begun, and is whole when the read has ended."""
        return self._info

    @property
    def calls(self) -> int:
        """How many calls all reads have made, those that were tried again among them."""
        return self._calls

    def read(self, window: Window | None) -> Iterator[LogEntry | Notice]:
        """The entries of the window, oldest first, then what stands around the findings; no entry comes twice.

        Args:
            window: Nanoseconds, start included, end not; None for all that is kept.

        Raises:
            UsageError: No project is known, the filter is refused, or the query is too long.
            CredentialsError: There are no credentials, or they do not work.
            PermissionDeniedError: They may not read logs.
            SourceError: Nothing could be read.
        """
        window = window or ALL_TIME
        connection = self._connect(self._scope.project)
        try:
            scope = Scope(
                project=connection.project,
                services=self._scope.services,
                log_names=self._scope.log_names,
                filter=self._scope.filter,
            )
            caller = Caller(connection, self._patience)
            try:
                yield from self._read(window, scope, _Reader(caller, self._limit, self._progress))
            finally:
                self._calls += caller.calls
        finally:
            connection.close()

    def _read(self, window: Window, scope: Scope, reader: _Reader) -> Iterator[LogEntry | Notice]:
        query = scope.query(window, self._pushdown)
        self._tell(scope, query)
        findings = Findings(stamped(window), self._context)
        try:
            for entry in reader.entries(query, window.start):
                if self._interesting is not None and self._interesting(entry):
                    findings.add(entry)
                yield entry
            yield from self._around(window, scope, findings, reader)
            if window.received:
                yield from reader.latest(scope.query(window))
            elif self._pushdown and not reader.count:
                yield from self._sign_of_life(window, scope, reader)
        except LoganalyzeError as error:
            if not reader.count:
                raise
            yield reader.cut(f"the read ended early: {error}")
        yield from map(Notice, self._notes)
        if reader.full:
            yield reader.cut(f"the limit of {self._limit} entries was reached")
        if self._pushdown and not self._context:
            yield Notice("no context was read (--context 0): what share of requests failed is not judged")
        if reader.twice:
            yield Notice(f"{reader.twice} entries came twice and were counted once", duplicates=reader.twice)

    def _around(self, window: Window, scope: Scope, findings: Findings, reader: _Reader) -> Iterator[LogEntry | Notice]:
        """The context of the findings, as far as it has not come yet."""
        clauses = []
        for query, clause in findings.queries(scope):
            if reader.full:
                return
            yield from reader.entries(query, window.start, again=True)
            clauses.append(clause)
        if not clauses:
            return
        try:
            self._tell(scope, scope.query(window, " OR ".join([f"({self._pushdown})", *clauses])))
        except UsageError:
            return  # one query cannot hold it all; the first one stays in the report

    def _sign_of_life(self, window: Window, scope: Scope, reader: _Reader) -> Iterator[LogEntry | Notice]:
        """One entry of any kind, where none was needed: it tells a healthy service from a scope that holds nothing."""
        for entry in reader.entries(scope.query(window), window.start, most=1):
            yield entry
            yield Notice("no entry of the scope holds what a rule or a severity asks for; one other was read as a sign")

    def _tell(self, scope: Scope, query: Query) -> None:
        self._info = SourceInfo(kind="cloud-logging", name=scope.project, filter=query.text, project=scope.project)


class _Reader:
    """Entries of one query after the other, each entry once, up to the limit.

    Attributes:
        count: Entries that came, each counted once.
        twice: How many came again where they should not have.
        full: There was more than the limit allows.
    """

    def __init__(self, caller: Caller, limit: int, progress: Callable[[int, int], None] | None) -> None:
        self._caller = caller
        self._limit = limit
        self._progress = progress
        self._seen: set[int] = set()
        self._latest: LogEntry | None = None
        self._swept = False
        self.count = 0
        self.twice = 0
        self.full = False

    def entries(self, query: Query, start: int, *, again: bool = False, most: int = 0) -> Iterator[LogEntry]:
        """The query's entries that have not come yet.

        Args:
            query: What to ask for.
            start: The position to report while nothing has come, nanoseconds.
            again: The query is a later one, and overlaps those before it.
            most: End after this many, without a word; 0 for all.

        Raises:
            LoganalyzeError: The read cannot go on.
        """
        bound = most or self._limit
        # One more than the limit tells a read that was cut from one that ended there.
        size = most or (min(PAGE_SIZE, self._limit + 1) if self._limit else PAGE_SIZE)
        for page in self._caller.pages(query, size, bound and bound - self.count + (not most)):
            fresh = self._fresh(page)
            self.twice += 0 if again else len(page) - len(fresh)
            kept = fresh[: bound - self.count] if bound else fresh
            if kept and not again:
                self._latest = kept[-1]
            self.count += len(kept)
            yield from kept
            if len(kept) < len(fresh) or (most and self.count >= most):
                self.full = not most
                return
            if self._progress is not None:
                self._progress(self.count, self._position(start))
        self._swept = True

    def latest(self, query: Query) -> Iterator[LogEntry]:
        """The newest of the query's entries, unless it has come already: it shows how far the log has got.

        Raises:
            LoganalyzeError: The read cannot go on.
        """
        for page in self._caller.pages(query.reverse(), 1, 1):
            if page:
                fresh = self._fresh(page)
                self.count += len(fresh)
                yield from fresh
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

    def _fresh(self, page: Sequence[Any]) -> list[LogEntry]:
        """The entries of a page that have not come yet: two are one when log, timestamp and insertId are the same.

        Hashes of these are kept, as everywhere where entries are counted (:mod:`analyzer.seen`).
        """
        from analyzer.sources._protobuf import entry_to_json  # noqa: PLC0415 - heavy

        seen, fresh = self._seen, []
        for entry in map(entry_to_json, page):
            key = hash((entry.get("logName"), entry.get("timestamp"), entry.get("insertId") or repr(entry)))
            if key not in seen:
                seen.add(key)
                fresh.append(entry)
        return fresh
