"""Pages of ``entries.list``: paced to the quota, asked for while the one before is read, tried again when worth it.

One page at most is under way, and gRPC's own threads fetch it. Waits, errors and further tries are of the moment it is
wanted: a call that is made ahead neither sleeps nor fails before that.
The client library's own retry leaves out 429, and google.api_core's sleeps and rolls dice out of reach of a test and
knows no deadline across calls; so the loop here is written out. Limits: https://cloud.google.com/logging/quotas.
"""

from __future__ import annotations

import collections
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import msgspec

from analyzer.errors import SourceError
from analyzer.sources._client import status
from analyzer.times import SECOND, format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analyzer.errors import LoganalyzeError
    from analyzer.sources._client import Call, Connection
    from analyzer.sources._query import Query

__all__ = ["CALLS_A_MINUTE", "PAGE_SIZE", "Caller", "Pace", "Patience"]

PAGE_SIZE = 1000
"""Entries a page has at most; the API's own default is 50."""

CALLS_A_MINUTE = 60

_TRIES = {"RESOURCE_EXHAUSTED": 10, "UNAVAILABLE": 6, "INTERNAL": 6, "DEADLINE_EXCEEDED": 3}
"""How often one page is asked for when it fails so. The quota comes back within a minute; a hang rarely ends."""

_FIRST_WAIT = 1.0
_LONGEST_WAIT = 60.0


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait, and by which clock.

    Attributes:
        deadline: Nanoseconds the whole read may take.
        call_deadline: Nanoseconds one call may take.
        clock: A monotonic clock, nanoseconds.
        sleep: Waits for so many seconds.
        random: A number in [0, 1).
    """

    deadline: int
    call_deadline: int
    clock: Callable[[], int]
    sleep: Callable[[float], None]
    random: Callable[[], float]


class Pace:
    """Lets at most so many calls begin in any minute.

    Args:
        patience: The clock to go by.
        calls: How many.
    """

    def __init__(self, patience: Patience, calls: int = CALLS_A_MINUTE) -> None:
        self._clock = patience.clock
        self._begun: collections.deque[int] = collections.deque(maxlen=calls)

    def wait(self) -> int:
        """Nanoseconds until the next call may begin."""
        if len(self._begun) < (self._begun.maxlen or 0):
            return 0
        return max(0, self._begun[0] + 60 * SECOND - self._clock())

    def begin(self) -> None:
        """A call begins now."""
        self._begun.append(self._clock())


class Caller:
    """Asks for pages until there are no more, or the time is up.

    Args:
        connection: Whom to ask.
        patience: How long to wait.
    """

    def __init__(self, connection: Connection, patience: Patience) -> None:
        self._connection = connection
        self._patience = patience
        self._end = patience.clock() + patience.deadline
        self._pace = Pace(patience)
        self.calls = 0

    def pages(self, query: Query, size: int = PAGE_SIZE, most: int = 0) -> Iterator[Sequence[Any]]:
        """The LogEntry messages page by page, oldest first; a page may be empty and not the last.

        Args:
            query: What to ask for.
            size: Entries of a page at most.
            most: After so many entries a page is asked for only when it is wanted; 0: always ahead.

        Raises:
            LoganalyzeError: A call failed for good, the time is up, or the pages go round in a loop.
        """
        token, come = "", 0
        seen: set[str] = set()
        ahead: Call | None = None
        try:
            while True:
                entries, token = self._page(query, size, token, ahead)
                come += len(entries)
                wanted = token and token not in seen and (not most or come < most)
                ahead = self._ahead(query, size, token) if wanted else None
                yield entries
                if not token:
                    return
                if token in seen:
                    raise SourceError(
                        "Cloud Logging sent a page token for the second time, which would go on for ever",
                        hint="try again, or read a shorter window",
                    )
                seen.add(token)
        finally:
            if ahead is not None:
                ahead.cancel()

    def _page(self, query: Query, size: int, token: str, ahead: Call | None) -> tuple[Sequence[Any], str]:
        from google.api_core.exceptions import GoogleAPICallError  # noqa: PLC0415 - heavy

        failures: collections.Counter[str] = collections.Counter()
        self._rest(0)
        while True:
            call, ahead = ahead or self._call(query, size, token, self._pace.wait()), None
            try:
                return call.page()
            except GoogleAPICallError as error:
                code = status(error)
                failures[code] += 1
                failed = self._connection.translate(error, query)
                if failures[code] >= _TRIES.get(code, 1):
                    raise failed from error
                longest = min(_FIRST_WAIT * 2 ** (failures.total() - 1), _LONGEST_WAIT)
                self._rest(int(self._patience.random() * longest * SECOND), failed)

    def _ahead(self, query: Query, size: int, token: str) -> Call | None:
        """The call for the next page, where neither the quota nor the end of the time stands against it."""
        if self._pace.wait() or self._patience.clock() >= self._end:
            return None
        return self._call(query, size, token)

    def _call(self, query: Query, size: int, token: str, wait: int = 0) -> Call:
        """Begin a call after so many nanoseconds."""
        self._rest(wait)
        self._pace.begin()
        self.calls += 1
        timeout = min(self._patience.call_deadline, self._end - self._patience.clock())
        return self._connection.call(query, size, token, timeout / SECOND)

    def _rest(self, wait: int, failed: LoganalyzeError | None = None) -> None:
        if self._patience.clock() + wait >= self._end:
            last = f"; the last call: {failed}" if failed else ""
            raise SourceError(
                f"the read would take longer than {format_duration(self._patience.deadline)}{last}",
                hint=(failed.hint if failed else "") or "read a shorter window, or fewer services",
            )
        if wait:
            self._patience.sleep(wait / SECOND)
