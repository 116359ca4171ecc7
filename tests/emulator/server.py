"""The emulator itself: a gRPC server that answers LoggingServiceV2's ListLogEntries and WriteLogEntries.

Rules of ListLogEntries: https://cloud.google.com/logging/docs/reference/v2/rest/v2/entries/list. Like the API it adds
nothing to the filter (the "last 24 hours" of ``Client.list_entries`` are the client's own).
"""

from __future__ import annotations

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Self

import grpc
from google.cloud.logging_v2.types import (
    ListLogEntriesRequest,
    ListLogEntriesResponse,
    WriteLogEntriesRequest,
    WriteLogEntriesResponse,
)
from grpc_status import rpc_status

from tests.emulator.calls import Call
from tests.emulator.listing import Listing
from tests.emulator.messages import EntryError
from tests.emulator.records import Records
from tests.emulator.refusals import Refusal
from tests.emulator.writing import written

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType

    from tests.emulator.faults import Fault

__all__ = ["Emulator"]

_SERVICE = "google.logging.v2.LoggingServiceV2"


class Emulator:
    """A Cloud Logging API on a port of this machine.

    Args:
        entries: LogEntry mappings (JSON as gcloud prints them) that are there from the start; more with :meth:`add`.
        faults: What goes wrong at which calls.
        quota: Calls answered in any 60 seconds; further ones are RESOURCE_EXHAUSTED. None for no quota.
        projects: Projects that exist; others are NOT_FOUND. None when every project exists.
        scan: Entries looked at for one page at most: a page ends there with a token, however few matched.
        page_bytes: Size a page may have at most; it ends before with a token.
        port: Port on 127.0.0.1; 0 for any free one.
        clock: Seconds since the epoch: stamps calls, quota windows and page tokens.
    """

    def __init__(
        self,
        entries: Iterable[Mapping[str, Any]] = (),
        *,
        faults: Iterable[Fault] = (),
        quota: int | None = None,
        projects: Iterable[str] | None = None,
        scan: int | None = None,
        page_bytes: int = 10_000_000,
        port: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._records = Records(clock)
        self._listing = Listing(self._records, clock, projects=projects, scan=scan, page_bytes=page_bytes)
        self._faults = tuple(faults)
        self._quota = quota
        self._answered: list[float] = []
        self._calls: list[Call] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._port = port
        self._server: grpc.Server | None = None
        self.add(entries)

    @property
    def host(self) -> str:
        """``127.0.0.1:port``, as LOGGING_EMULATOR_HOST wants it; the port is known once it is started."""
        return f"127.0.0.1:{self._port}"

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every ListLogEntries call so far, in order of arrival."""
        with self._lock:
            return tuple(self._calls)

    def __len__(self) -> int:
        return len(self._records)

    def add(self, entries: Iterable[Mapping[str, Any]]) -> int:
        """Store further LogEntry mappings; returns how many.

        Raises:
            EntryError: One of them is no LogEntry.
        """
        return self._records.add(entries)

    def start(self) -> Self:
        """Begin to listen.

        Raises:
            RuntimeError: The port is taken.
        """
        handlers = {
            "ListLogEntries": grpc.unary_unary_rpc_method_handler(
                self._list,
                request_deserializer=ListLogEntriesRequest.pb().FromString,
                response_serializer=ListLogEntriesResponse.pb().SerializeToString,
            ),
            "WriteLogEntries": grpc.unary_unary_rpc_method_handler(
                self._write,
                request_deserializer=WriteLogEntriesRequest.pb().FromString,
                response_serializer=WriteLogEntriesResponse.pb().SerializeToString,
            ),
        }
        server = grpc.server(
            ThreadPoolExecutor(max_workers=16, thread_name_prefix="emulator"),
            options=[
                ("grpc.max_send_message_length", -1),
                ("grpc.max_receive_message_length", -1),
                # Otherwise two emulators could share one port and each get some of the calls.
                ("grpc.so_reuseport", 0),
            ],
        )
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(_SERVICE, handlers),))
        self._port = server.add_insecure_port(f"127.0.0.1:{self._port}")
        server.start()
        self._server = server
        return self

    def stop(self) -> None:
        """Stop listening; calls that hang end now."""
        self._closing.set()
        if self._server is not None:
            self._server.stop(grace=1).wait()
            self._server = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _list(self, request: Any, context: grpc.ServicerContext) -> Any:
        call = self._begin(request, context)
        faults = [fault for fault in self._faults if fault.hits(call.number)]
        try:
            self._suffer(faults, call, context)
            response = self._listing.page(request, call.number, faults)
        except Refusal as refusal:
            self._end(call, refusal.code)
            context.abort_with_status(rpc_status.to_status(refusal.status()))
        self._end(call, grpc.StatusCode.OK, len(response.entries), response.next_page_token)
        return response

    def _suffer(self, faults: list[Fault], call: Call, context: grpc.ServicerContext) -> None:
        """Let happen what the faults and the quota do to a call before its page is made."""
        for fault in faults:
            self.add(fault.arriving)
        if self._over_quota(call.time):
            raise Refusal(grpc.StatusCode.RESOURCE_EXHAUSTED)
        self._wait(sum(fault.delay for fault in faults), context)
        for fault in faults:
            if fault.hangs:
                self._wait(None, context)
            if fault.code is not None:
                raise Refusal(fault.code, fault.text)

    def _write(self, request: Any, context: grpc.ServicerContext) -> Any:
        try:
            entries = written(request, self._clock())
            if not request.dry_run:
                self.add(entries)
        except EntryError as error:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, str(error))
        return WriteLogEntriesResponse.pb()()

    def _begin(self, request: Any, context: grpc.ServicerContext) -> Call:
        with self._lock:
            remaining = context.time_remaining()
            call = Call(
                number=len(self._calls) + 1,
                time=self._clock(),
                # gRPC gives a call without a deadline one of some hundred years.
                deadline=None if remaining is None or remaining > 10**8 else remaining,
                resource_names=tuple(request.resource_names),
                filter=request.filter,
                order_by=request.order_by,
                page_size=request.page_size,
                page_token=request.page_token,
            )
            self._calls.append(call)
        return call

    def _end(self, call: Call, code: grpc.StatusCode, entries: int = 0, token: str = "") -> None:
        with self._lock:
            ended = dataclasses.replace(call, code=code, entries=entries, next_page_token=token)
            self._calls[call.number - 1] = ended

    def _over_quota(self, now: float) -> bool:
        if self._quota is None:
            return False
        with self._lock:
            self._answered = [moment for moment in self._answered if moment > now - 60]
            if len(self._answered) >= self._quota:
                return True
            self._answered.append(now)
            return False

    def _wait(self, seconds: float | None, context: grpc.ServicerContext) -> None:
        """Wait so long (None: for ever), but not beyond the end of the call or of the emulator."""
        if seconds == 0:
            return
        over = threading.Event()
        context.add_callback(over.set)
        end = None if seconds is None else time.monotonic() + seconds
        while not self._closing.is_set() and not over.is_set():
            left = 0.05 if end is None else min(0.05, end - time.monotonic())
            if left <= 0:
                return
            over.wait(left)
        raise Refusal(grpc.StatusCode.CANCELLED)
