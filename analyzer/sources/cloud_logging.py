"""Entries out of Cloud Logging: one query that nominates, then narrow ones for what stands around the findings.

The server does the filtering, which costs nothing, against a quota of 60 calls a minute; so the first query asks for
the window, the user's scope and what the rules need, and the context of what was found follows in a second, narrow read.
API: https://cloud.google.com/logging/docs/reference/v2/rpc/google.logging.v2#google.logging.v2.LoggingServiceV2.
"""

from __future__ import annotations

import random as random_module
import time
from typing import TYPE_CHECKING

from analyzer.model import SourceInfo
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from analyzer.model import LogEntry, Notice, Window

__all__ = ["CloudLogging"]


class CloudLogging:
    """The entries of one project.

    Args:
        project: Project id; empty for the credentials' own (with ``LOGGING_EMULATOR_HOST``: ``GOOGLE_CLOUD_PROJECT``).
        services: Only these services (Cloud Run services and jobs, GKE containers, App Engine modules, functions).
        log_names: Only these logs, by short name (``run.googleapis.com/stderr``) or full name.
        filter: The user's own text in the Logging query language, joined with AND.
        pushdown: The query that holds on every entry worth reading; empty to read all.
        context: Nanoseconds around a finding whose entries of the same service are read too, when ``pushdown`` is given.
        interesting: Whether an entry is a finding; None to read no context.
        limit: End after this many entries, incomplete; 0 for no limit.
        deadline: Nanoseconds the whole read may take.
        call_deadline: Nanoseconds one call may take before it is tried again.
        progress: Called after each page with the entries read so far and the last timestamp among them (nanoseconds).
        clock: A monotonic clock, nanoseconds.
        sleep: Waits for so many seconds.
        random: A number in [0, 1), for the jitter of retries.

    Raises:
        UsageError: The filter's brackets or quotes do not close, or a part is too long for the 20,000 characters.
    """

    def __init__(  # noqa: PLR0913 - one keyword a setting, each with a default
        self,
        *,
        project: str = "",
        services: Sequence[str] = (),
        log_names: Sequence[str] = (),
        filter: str = "",  # noqa: A002 - the API's and the user's own word
        pushdown: str = "",
        context: int = 30 * SECOND,
        interesting: Callable[[LogEntry], bool] | None = None,
        limit: int = 0,
        deadline: int = 600 * SECOND,
        call_deadline: int = 60 * SECOND,
        progress: Callable[[int, int], None] | None = None,
        clock: Callable[[], int] = time.monotonic_ns,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = random_module.random,
    ) -> None:
        raise NotImplementedError

    @property
    def info(self) -> SourceInfo:
        """Project and query; after a read, the query holds the window and reproduces the read."""
        raise NotImplementedError

    def read(self, window: Window | None) -> Iterator[LogEntry | Notice]:
        """The entries of the window, oldest first, then what stands around the findings; no entry twice.

        Raises:
            UsageError: No project is known, or the user's filter is refused.
            CredentialsError: There are no credentials, or they do not work.
            PermissionDeniedError: They may not read logs.
            SourceError: Nothing could be read.
        """
        raise NotImplementedError
