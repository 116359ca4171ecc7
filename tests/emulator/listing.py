"""One page of ListLogEntries: what is checked, what is scanned, where it ends, which token it carries."""

from __future__ import annotations

import re
import threading
from typing import TYPE_CHECKING, Any

import grpc
from google.cloud.logging_v2.types import ListLogEntriesResponse

from tests.emulator.paging import Cursor, TokenError, digest
from tests.emulator.query import FilterError, compile_filter
from tests.emulator.refusals import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.emulator.faults import Fault
    from tests.emulator.records import Record, Records

    Predicate = Callable[[Record], bool]

__all__ = ["Listing"]

_PARENT = re.compile(
    r"((?:projects|organizations|billingAccounts|folders)/[^/]+)(?:/locations/[^/]+/buckets/[^/]+/views/[^/]+)?"
)
_ORDERS = {"": False, "timestamp": False, "timestamp asc": False, "timestamp desc": True}
_LONGEST_FILTER = 20_000
_LARGEST_PAGE = 1000
_USUAL_PAGE = 50
_MOST_RESOURCES = 100


class Listing:
    """Answers for ListLogEntries from stored records.

    Args:
        records: The store.
        clock: Seconds since the epoch.
        projects: Projects that exist; None for all.
        scan: Entries looked at for one page at most; None for no limit.
        page_bytes: Size of a page at most (one entry always goes).
    """

    def __init__(
        self,
        records: Records,
        clock: Callable[[], float],
        *,
        projects: Iterable[str] | None,
        scan: int | None,
        page_bytes: int,
    ) -> None:
        self._records = records
        self._clock = clock
        self._projects = None if projects is None else frozenset(projects)
        self._scan = scan
        self._page_bytes = page_bytes
        self._last: dict[str, list[Record]] = {}
        self._lock = threading.Lock()

    def page(self, request: Any, number: int, faults: Iterable[Fault] = ()) -> Any:
        """The ListLogEntriesResponse (raw protobuf) for a request.

        Raises:
            Refusal: The request is one that the API refuses.
        """
        parents, size, descending, predicate = self._checked(request)
        query = digest(sorted(request.resource_names), request.filter, request.order_by)
        cursor = self._cursor(request, query, number)
        again: list[Record] = []
        for fault in faults:
            size = size if fault.size is None else min(size, fault.size)
            if fault.empties:
                return self._response([], cursor)
            if fault.again:
                again = self._last.get(query, [])[-fault.again :]
        loops = any(fault.repeats_token for fault in faults)

        def wanted(record: Record) -> bool:
            return str(record.data.get("logName", "")).startswith(parents) and predicate(record)

        fresh, end = self._fill(wanted, cursor, max(size - len(again), 0), descending=descending)
        with self._lock:
            self._last[query] = again + fresh
        if loops:
            response = self._response(again + fresh, None)
            response.next_page_token = request.page_token or cursor.token()
            return response
        return self._response(again + fresh, end)

    def _checked(self, request: Any) -> tuple[tuple[str, ...], int, bool, Predicate]:
        names = request.resource_names
        if not names:
            raise _invalid("resource_names must contain at least one resource")
        if len(names) > _MOST_RESOURCES:
            raise _invalid(f"resource_names may contain at most {_MOST_RESOURCES} resources")
        parents = []
        for name in names:
            if not (found := _PARENT.fullmatch(name)):
                raise _invalid(f"Name '{name}' is not a valid resource name")
            kind, _, identity = found[1].partition("/")
            if kind == "projects" and self._projects is not None and identity not in self._projects:
                raise Refusal(grpc.StatusCode.NOT_FOUND, f"Project '{identity}' not found or deleted.")
            parents.append(f"{found[1]}/logs/")
        if not 0 <= request.page_size <= _LARGEST_PAGE:
            raise _invalid(f"page_size must be between 0 and {_LARGEST_PAGE}")
        order = " ".join(request.order_by.split())
        if order not in _ORDERS:
            raise _invalid(f"order_by '{request.order_by}' is not supported: 'timestamp asc' or 'timestamp desc'")
        if len(request.filter) > _LONGEST_FILTER:
            raise _invalid(f"filter must not be longer than {_LONGEST_FILTER} characters")
        try:
            predicate = compile_filter(request.filter)
        except FilterError as error:
            raise _invalid(str(error)) from error
        return tuple(parents), request.page_size or _USUAL_PAGE, _ORDERS[order], predicate

    def _cursor(self, request: Any, query: str, number: int) -> Cursor:
        now = self._clock()
        if not request.page_token:
            return Cursor(query, None, now, number)
        try:
            after = Cursor.parse(request.page_token, query, now).after
        except TokenError as error:
            raise _invalid(str(error)) from error
        return Cursor(query, after, now, number)

    def _fill(
        self, wanted: Callable[[Record], bool], cursor: Cursor, size: int, *, descending: bool
    ) -> tuple[list[Record], Cursor | None]:
        """Matching records from the cursor on, and where the next page begins; None when nothing is left."""
        page: list[Record] = []
        after, bytes_left = cursor.after, self._page_bytes
        for scanned, record in enumerate(self._records.after(cursor.after, descending=descending), 1):
            if wanted(record):
                bytes_left -= record.message.ByteSize()
                if len(page) == size or (page and bytes_left < 0):
                    return page, Cursor(cursor.query, after, cursor.made, cursor.call)
                page.append(record)
            after = record.key(descending=descending)
            if scanned == self._scan:
                return page, Cursor(cursor.query, after, cursor.made, cursor.call)
        return page, None

    @staticmethod
    def _response(records: list[Record], end: Cursor | None) -> Any:
        response = ListLogEntriesResponse.pb()()
        response.entries.extend(record.message for record in records)
        response.next_page_token = end.token() if end else ""
        return response


def _invalid(text: str) -> Refusal:
    return Refusal(grpc.StatusCode.INVALID_ARGUMENT, text)
