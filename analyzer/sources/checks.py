"""What ``loganalyze doctor`` asks of the servers: credentials, project, permission, and what a read may cost."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

import msgspec

from analyzer.errors import LoganalyzeError, UsageError
from analyzer.model import Window
from analyzer.sources._client import EMULATOR, connect
from analyzer.sources._pages import CALLS_A_MINUTE, PAGE_SIZE
from analyzer.sources._query import Scope, check_filter
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["Check", "check_bigquery", "check_cloud_logging"]


class _Connected(Protocol):
    project: str


_Server = TypeVar("_Server", bound=_Connected)


class Check(msgspec.Struct, frozen=True):
    """One thing that works or does not.

    Attributes:
        name: What was checked, in a word or two.
        ok: It works.
        detail: What was found.
        hint: What to do about it; empty when there is nothing to do.
        status: The exit status that a failure stands for: that of the error a read would end with.
    """

    name: str
    ok: bool
    detail: str
    hint: str = ""
    status: int = 0


def check_cloud_logging(  # noqa: PLR0913 - the scope of a run, and how long to wait
    *,
    project: str = "",
    services: Sequence[str] = (),
    log_names: Sequence[str] = (),
    filter: str = "",  # noqa: A002 - the API's and the user's own word
    timeout: float = 10.0,
    now: Callable[[], int] = time.time_ns,
) -> list[Check]:
    """Whether entries can be read: one call, without retries, for at most one entry of the last hour.

    Args:
        project: As for :class:`~analyzer.sources.cloud_logging.CloudLogging`.
        services: The same.
        log_names: The same.
        filter: The same.
        timeout: Seconds the call may take.
        now: The time, nanoseconds since the epoch.

    Returns:
        In order: credentials, project, (filter,) permission, quota; up to the first that fails.
    """
    from google.api_core.exceptions import GoogleAPICallError  # noqa: PLC0415 - heavy

    connection, checks = _opened(lambda: connect(project), EMULATOR)
    if connection is None:
        return checks
    end = now()
    scope = Scope(project=connection.project, services=tuple(services), log_names=tuple(log_names), filter=filter)
    try:
        check_filter(filter)
        query = scope.query(Window(end - 3_600 * SECOND, end))
    except UsageError as error:
        connection.close()
        return [*checks, _failed("filter", error)]
    try:
        entries, _ = connection.call(query, 1, "", timeout).page()
    except GoogleAPICallError as error:
        return [*checks, _failed("permission", connection.translate(error, query))]
    finally:
        connection.close()
    found = "logging.logEntries.list works" + ("" if entries else "; no entry in the last hour")
    hint = "" if entries else "check the services and log names, or whether anything ran"
    return [*checks, Check("permission", True, found, hint), _quota()]


def check_bigquery(  # noqa: PLR0913 - the scope of a run, and how long to wait
    *,
    table: str,
    project: str = "",
    services: Sequence[str] = (),
    log_names: Sequence[str] = (),
    timeout: float = 10.0,
    now: Callable[[], int] = time.time_ns,
) -> list[Check]:
    """Whether a view can be read: one query of the last hour that BigQuery plans, and does not run or bill.

    Args:
        table: As for :class:`~analyzer.sources.bigquery.BigQuery`.
        project: The same.
        services: The same.
        log_names: The same.
        timeout: Seconds the call may take.
        now: The time, nanoseconds since the epoch.

    Returns:
        In order: (table,) credentials, project, permission, cost; up to the first that fails.
    """
    from analyzer.sources._bigquery import EMULATOR as BIGQUERY_EMULATOR  # noqa: PLC0415 - heavy
    from analyzer.sources._bigquery import Jobs, open_client  # noqa: PLC0415
    from analyzer.sources._sql import SqlScope, full_name, project_of, size_of  # noqa: PLC0415

    try:
        full_name(table, project)
    except UsageError as error:
        return [_failed("table", error)]
    client, checks = _opened(lambda: open_client(project or project_of(table)), BIGQUERY_EMULATOR)
    if client is None:
        return checks
    name, end = full_name(table, client.project), now()
    scope = SqlScope(table=name, project=client.project, services=tuple(services), log_names=tuple(log_names))
    limit = int(timeout * SECOND)
    try:
        cost = Jobs(client, limit, limit, time.monotonic_ns).cost(scope.query(Window(end - 3_600 * SECOND, end)))
    except LoganalyzeError as error:
        return [*checks, _failed("permission", error)]
    finally:
        client.close()  # type: ignore[no-untyped-call]
    found = Check("permission", True, f"{name} can be queried")
    return [*checks, found, Check("cost", True, f"BigQuery would read {size_of(cost)} for the last hour")]


def _failed(name: str, error: LoganalyzeError) -> Check:
    return Check(name, False, error.message, error.hint, error.exit_code)


def _opened(connect: Callable[[], _Server], emulator: str) -> tuple[_Server | None, list[Check]]:
    """A connection, or none, and what is to be said of credentials and project."""
    host = os.environ.get(emulator, "")
    ready = Check("credentials", True, f"none needed: {emulator}={host}" if host else "found and fresh")
    try:
        server = connect()
    except UsageError as error:
        return None, [ready, _failed("project", error)]
    except LoganalyzeError as error:
        return None, [_failed("credentials", error)]
    return server, [ready, Check("project", True, server.project)]


def _quota() -> Check:
    most = CALLS_A_MINUTE * PAGE_SIZE
    return Check(
        "quota",
        True,
        f"{CALLS_A_MINUTE} calls a minute are the usual quota: at best {most:,} entries a minute",
        "narrow the read with --service or a shorter window where it takes long",
    )
