"""The connection to BigQuery: credentials, queries and their pages, and what its errors mean to the user.

``BIGQUERY_EMULATOR_HOST=http://host:port`` is Google's own variable for a server without credentials. Roles:
https://cloud.google.com/logging/docs/analyze/query-linked-dataset.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
from typing import TYPE_CHECKING, Any

from analyzer.errors import CredentialsError, LoganalyzeError, PermissionDeniedError, SourceError, UsageError
from analyzer.sources._client import SIGN_IN, credentials_for, one_line, project_named
from analyzer.sources._pages import PAGE_SIZE
from analyzer.sources._rows import Row
from analyzer.times import SECOND, format_duration
from analyzer.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from google.cloud.bigquery import Client

    from analyzer.sources._sql import SqlQuery

__all__ = ["EMULATOR", "Jobs", "open_client"]

EMULATOR = "BIGQUERY_EMULATOR_HOST"
"""The environment variable with the address of an emulator."""

_SCOPE = "https://www.googleapis.com/auth/bigquery"
_LAST = 5.0
"""Seconds to wait for the word that a query need not go on."""

_EXTRA = "pip install 'loganalyze[bigquery]'"


def open_client(project: str) -> Client:
    """A client that runs its jobs in the project; no call is made but for fresh credentials.

    Args:
        project: Project id; empty for the credentials' own.

    Raises:
        CredentialsError: There are no credentials, or they cannot be refreshed.
        UsageError: Neither the argument nor the credentials name a project, or the client is not installed.
        SourceError: The credentials cannot be checked, for want of a network.
    """
    try:
        from google.cloud.bigquery import Client  # noqa: PLC0415 - heavy, and an extra
    except ModuleNotFoundError as error:
        raise UsageError("reading from BigQuery needs google-cloud-bigquery", hint=_EXTRA) from error
    from google.api_core.client_info import ClientInfo  # noqa: PLC0415
    from google.auth.credentials import AnonymousCredentials  # noqa: PLC0415

    info: Any = ClientInfo
    agent = info(user_agent=f"loganalyze/{__version__}")
    if os.environ.get(EMULATOR):
        nobody: Any = AnonymousCredentials
        named = project_named(project, os.environ.get("GOOGLE_CLOUD_PROJECT", ""))
        return Client(project=named, credentials=nobody(), client_info=agent)
    credentials, named = credentials_for(_SCOPE, project)
    return Client(project=named, credentials=credentials, client_info=agent)


class Jobs:
    """Runs queries, and gives their rows page by page until the time is up.

    Args:
        client: Whom to ask.
        deadline: Nanoseconds all queries may take together.
        call_deadline: Nanoseconds one call may take, tries included.
        clock: A monotonic clock, nanoseconds.

    Attributes:
        calls: Queries that were run.
        processed: Bytes that BigQuery says they have read.
    """

    def __init__(self, client: Client, deadline: int, call_deadline: int, clock: Callable[[], int]) -> None:
        self._client = client
        self._deadline = deadline
        self._call_deadline = call_deadline
        self._clock = clock
        self._end = clock() + deadline
        self.calls = 0
        self.processed = 0

    def pages(self, query: SqlQuery, size: int = PAGE_SIZE, most: int = 0) -> Iterator[Sequence[Row]]:  # noqa: ARG002 - see Pages
        """The rows of a query page by page.

        Args:
            query: What to ask for.
            size: Rows of a page at most.
            most: For servers that fetch ahead; here it makes no difference.

        Raises:
            LoganalyzeError: The query failed, or the time is up.
        """
        from google.cloud.bigquery.retry import DEFAULT_JOB_RETRY  # noqa: PLC0415 - heavy

        failures = _failures()
        try:
            # Without this, it begins a query anew for ten minutes, whatever time its calls are given.
            job = self._client.query(query.text, job_retry=None, **self._waits())
            self.calls += 1
            try:
                left = self._left()
                waits = {**self._waits(), "timeout": left, "job_retry": DEFAULT_JOB_RETRY.with_deadline(left)}
                rows = job.result(page_size=size, **waits)
            except (concurrent.futures.TimeoutError, KeyboardInterrupt):
                with contextlib.suppress(*failures):
                    job.cancel(retry=None, timeout=_LAST)
                raise
            self.processed += job.total_bytes_processed or 0
            for page in rows.pages:
                yield [Row(*row.values()) for row in page]
                self._left()
        except failures as error:
            raise self._translated(error, query.table) from error

    def cost(self, query: SqlQuery) -> int:
        """How many bytes a query would read, as far as BigQuery can tell without running it.

        Raises:
            LoganalyzeError: It would fail.
        """
        from google.cloud.bigquery import QueryJobConfig  # noqa: PLC0415 - heavy

        try:
            config = QueryJobConfig(dry_run=True, use_query_cache=False)
            job = self._client.query(query.text, config, job_retry=None, **self._waits())
            return int(job.total_bytes_processed or 0)
        except _failures() as error:
            raise self._translated(error, query.table) from error

    def _left(self) -> float:
        """Seconds until the time is up.

        Raises:
            TimeoutError: It is.
        """
        left = (self._end - self._clock()) / SECOND
        if left <= 0:
            raise concurrent.futures.TimeoutError
        return left

    def _waits(self) -> dict[str, Any]:
        """How long a call may take, and for how long it is tried again."""
        from google.cloud.bigquery.retry import DEFAULT_RETRY  # noqa: PLC0415 - heavy

        call = min(self._call_deadline / SECOND, self._left())
        return {"retry": DEFAULT_RETRY.with_deadline(call), "timeout": call}

    def _translated(self, error: Exception, table: str) -> LoganalyzeError:
        """What the user is told about a query that failed for good."""
        from google.api_core import exceptions as api  # noqa: PLC0415 - heavy
        from google.auth.exceptions import GoogleAuthError, TransportError  # noqa: PLC0415

        reason = one_line(_reason(error))
        match error:
            case concurrent.futures.TimeoutError():
                text = f"the read would take longer than {format_duration(self._deadline)}"
                found: LoganalyzeError = SourceError(text, hint="read a shorter window, or fewer services")
            case api.Unauthorized():
                found = CredentialsError(f"Google refuses the credentials: {reason}", hint=SIGN_IN)
            case GoogleAuthError() if not isinstance(error, TransportError):
                found = CredentialsError(f"the credentials do not work any more: {reason}", hint=SIGN_IN)
            case api.Forbidden():
                found = _denied(reason, error, self._client.project, table)
            case api.NotFound():
                found = SourceError(
                    f"there is no view {table} in BigQuery: {reason}",
                    hint="link a dataset to a log bucket with Log Analytics: gcloud logging links create --help",
                )
            case api.BadRequest():
                found = SourceError(
                    f"BigQuery refuses the query: {reason}",
                    hint=f"check that {table} is the view of a log bucket, such as DATASET._AllLogs",
                )
            case api.GoogleAPICallError():
                found = SourceError(f"BigQuery failed: {reason}", hint="try again, or read a shorter window")
            case _:
                found = SourceError(
                    f"BigQuery cannot be reached: {reason}", hint="check the network and try again in a minute"
                )
        return found


def _reason(error: Any) -> object:
    """What BigQuery says itself, without the request and the job that the client puts around it."""
    said = next((one.get("message") for one in getattr(error, "errors", None) or () if isinstance(one, dict)), None)
    return said or getattr(error, "message", None) or error


def _failures() -> tuple[type[Exception], ...]:
    """What the client raises."""
    import requests  # noqa: PLC0415 - heavy
    from google.api_core.exceptions import GoogleAPIError  # noqa: PLC0415
    from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415

    return (GoogleAPIError, GoogleAuthError, concurrent.futures.TimeoutError, requests.RequestException)


def _denied(reason: str, error: Any, project: str, table: str) -> SourceError:
    if "has not been used" in reason or "SERVICE_DISABLED" in reason:
        return SourceError(
            f"the BigQuery API is not enabled in project {project}",
            hint=f"run: gcloud services enable bigquery.googleapis.com --project {project}",
        )
    if any(one.get("reason") in {"quotaExceeded", "rateLimitExceeded", "billingNotEnabled"} for one in error.errors):
        return SourceError(
            f"BigQuery does not run the query: {reason}", hint="read a shorter window, or fewer services"
        )
    return PermissionDeniedError(
        f"the credentials may not query {table}: {reason}",
        hint=f"grant roles/bigquery.jobUser on {project}, and roles/bigquery.dataViewer on the linked dataset",
    )
