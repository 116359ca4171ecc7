"""Entries out of BigQuery: the view that a log bucket with Log Analytics has in its linked dataset, asked in SQL.

For windows and log volumes that Cloud Logging's quota of calls does not carry. The view has no order of its own, keeps
copies of an entry, and tells times to the microsecond:
https://cloud.google.com/logging/docs/analyze/query-linked-dataset.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from analyzer.model import Notice, SourceInfo
from analyzer.sources._bigquery import Jobs, open_client
from analyzer.sources._fetch import Fetch
from analyzer.sources._query import ALL_TIME
from analyzer.sources._reader import Reader
from analyzer.sources._rows import row_to_entry
from analyzer.sources._sql import SqlScope, full_name, project_of, size_of
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from google.cloud.bigquery import Client

    from analyzer.model import LogEntry, Window
    from analyzer.sources._sql import SqlQuery

__all__ = ["BigQuery"]


class BigQuery:
    """The entries of a log bucket's view; it remembers what it asked, so one object is for one read at a time.

    Args:
        table: The view: ``PROJECT.DATASET.VIEW``, ``DATASET.VIEW``, or the dataset alone for its ``_AllLogs``.
        project: Project that runs the queries and pays for them; empty for the table's, else the credentials' own.
        services: As for :class:`~analyzer.sources.cloud_logging.CloudLogging`.
        log_names: The same.
        pushdown: The condition in SQL that holds on every row worth reading; empty to read all.
        notes: What there is to say of that condition, for the report's coverage.
        context: Nanoseconds around a finding whose entries of the same service are read too, with ``pushdown`` only.
        interesting: Whether an entry is a finding; None to read no context.
        limit: End after this many entries, incomplete; 0 for no limit.
        deadline: Nanoseconds the whole read may take.
        call_deadline: Nanoseconds one call may take, tries included.
        progress: Called after each page with the entries read so far and the last timestamp among them (nanoseconds).
        clock: A monotonic clock, nanoseconds.
        connect: Makes the client for a project.

    Raises:
        UsageError: The table is no name of a view.
    """

    def __init__(  # noqa: PLR0913 - one keyword a setting, each with a default
        self,
        *,
        table: str,
        project: str = "",
        services: Sequence[str] = (),
        log_names: Sequence[str] = (),
        pushdown: str = "",
        notes: Sequence[str] = (),
        context: int = 30 * SECOND,
        interesting: Callable[[LogEntry], bool] | None = None,
        limit: int = 0,
        deadline: int = 600 * SECOND,
        call_deadline: int = 60 * SECOND,
        progress: Callable[[int, int], None] | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
        connect: Callable[[str], Client] = open_client,
    ) -> None:
        full_name(table, project)
        self._table = table
        self._project = project or project_of(table)
        self._services = tuple(services)
        self._log_names = tuple(log_names)
        self._fetch: Fetch[SqlQuery] = Fetch(needed=pushdown, notes=notes, context=context, interesting=interesting)
        self._limit = limit
        self._progress = progress
        self._deadline = deadline
        self._call_deadline = call_deadline
        self._clock = clock
        self._info = SourceInfo(kind="bigquery", name=table)
        self._connect = connect
        self._calls = 0

    @property
    def info(self) -> SourceInfo:
        """View and query; the query is known once a read has begun, and is whole when the read has ended."""
        return self._info

    @property
    def calls(self) -> int:
        """How many queries all reads have run."""
        return self._calls

    def read(self, window: Window | None) -> Iterator[LogEntry | Notice]:
        """The entries of the window, oldest first, then what stands around the findings; no entry comes twice.

        Args:
            window: Nanoseconds, start included, end not; None for all that is kept.

        Raises:
            UsageError: No project is known, or the query is too long.
            CredentialsError: There are no credentials, or they do not work.
            PermissionDeniedError: They may not run queries, or not read the view.
            SourceError: Nothing could be read.
        """
        client = self._connect(self._project)
        table = full_name(self._table, client.project)
        scope = SqlScope(table=table, project=client.project, services=self._services, log_names=self._log_names)

        def tell(query: str) -> None:
            self._info = SourceInfo(kind="bigquery", name=table, filter=query)

        jobs = Jobs(client, self._deadline, self._call_deadline, self._clock)
        reader: Reader[SqlQuery] = Reader(jobs, row_to_entry, self._limit, self._progress)
        try:
            yield from self._fetch.entries(window or ALL_TIME, scope, reader, tell)
            if jobs.processed:
                yield Notice(f"BigQuery read {size_of(jobs.processed)} for this")
        finally:
            self._calls += jobs.calls
            client.close()  # type: ignore[no-untyped-call]
