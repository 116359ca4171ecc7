"""Entries out of Cloud Logging, in its query language: filtering costs nothing there, calls are 60 a minute.

API: https://cloud.google.com/logging/docs/reference/v2/rpc/google.logging.v2#google.logging.v2.LoggingServiceV2.
"""

from __future__ import annotations

import functools
import random as dice
import time
from typing import TYPE_CHECKING

from analyzer.model import SourceInfo
from analyzer.sources._client import connect
from analyzer.sources._fetch import Fetch
from analyzer.sources._pages import Caller, Patience
from analyzer.sources._query import ALL_TIME, Scope, check_filter
from analyzer.sources._reader import Reader
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from analyzer.model import LogEntry, Notice, Window
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
        self._fetch: Fetch[Query] = Fetch(needed=pushdown, notes=notes, context=context, interesting=interesting)
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
            from analyzer.sources._protobuf import entry_to_json  # noqa: PLC0415 - heavy

            scope = Scope(
                project=connection.project,
                services=self._scope.services,
                log_names=self._scope.log_names,
                filter=self._scope.filter,
            )
            caller = Caller(connection, self._patience)
            reader = Reader(caller, entry_to_json, self._limit, self._progress)
            try:
                yield from self._fetch.entries(window, scope, reader, functools.partial(self._tell, scope.project))
            finally:
                self._calls += caller.calls
        finally:
            connection.close()

    def _tell(self, project: str, query: str) -> None:
        self._info = SourceInfo(kind="cloud-logging", name=project, filter=query, project=project)
