"""The server: HTTP on loopback, one thread a connection, faults where they are scripted."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections import Counter
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import parse_qsl, urlencode, urlsplit

from tests.github.accounts import Account
from tests.github.limits import Limits
from tests.github.routes import Answer, Refusal, Request, Routes
from tests.github.store import Issue, Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType

    from tests.github.faults import Fault

__all__ = ["Call", "GitHubApi"]

_PER_PAGE = 30
_MOST_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Call:
    """A call that arrived; ``target`` is its path with the query."""

    number: int
    method: str
    target: str
    account: str
    body: Any


class GitHubApi:
    """GitHub's API with one repository.

    Args:
        accounts: Who may call.
        faults: What goes wrong at which calls; more with :meth:`break_down`.
        repository: ``owner/name``.
        moved_from: A former name of it.
        limits: Options of :class:`~tests.github.limits.Limits`, one limit an account.
        lag: Seconds until a new issue stands in listings.
        search_lag: Seconds until a new issue is found by searching.
        has_issues: Issues are enabled.
        page: Most items of a page, whatever the client asks for.
        port: Port on 127.0.0.1; 0 for any free one.
        clock: Seconds since the epoch.
    """

    def __init__(
        self,
        accounts: Iterable[Account] = (Account("loganalyze-bot", "ghp_test"),),
        *,
        faults: Iterable[Fault] = (),
        repository: str = "acme/app",
        moved_from: str = "",
        limits: dict[str, Any] | None = None,
        lag: float = 0.0,
        search_lag: float = 60.0,
        has_issues: bool = True,
        page: int = _MOST_PER_PAGE,
        port: int = 0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.accounts = tuple(accounts)
        self.repository = repository
        self.store = Store(clock)
        self._limits = {account.token: Limits(clock, **(limits or {})) for account in self.accounts}
        self._faults = list(faults)
        self._met: Counter[int] = Counter()
        self._page = page
        self._calls: list[Call] = []
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.api = self
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="github", daemon=True)
        self.routes = Routes(
            self.store,
            repository,
            self.url,
            moved_from=moved_from,
            lag=lag,
            search_lag=search_lag,
            has_issues=has_issues,
        )

    @property
    def url(self) -> str:
        """What ``GITHUB_API_URL`` is to be."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every call so far, in order of arrival."""
        with self._changed:
            return tuple(self._calls)

    @property
    def issues(self) -> list[Issue]:
        """Every issue, in order of number."""
        with self.store.lock:
            return list(self.store.issues.values())

    def calls_of(self, method: str, path: str = "") -> list[Call]:
        """Calls of a method whose target contains ``path``."""
        return [call for call in self.calls if call.method == method and path in call.target]

    def break_down(self, *faults: Fault) -> None:
        """Script further faults; their counts begin now."""
        with self._changed:
            self._faults += faults

    def recover(self) -> None:
        """Take every fault away."""
        with self._changed:
            self._faults.clear()
            self._met.clear()

    def wait_until(self, condition: Callable[[], bool], seconds: float = 10.0) -> None:
        """Wait until something is so.

        Raises:
            TimeoutError: It did not come to be so.
        """
        with self._changed:
            if not self._changed.wait_for(condition, seconds):
                raise TimeoutError("what the test waits for did not happen")

    def start(self) -> Self:
        """Begin to listen."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop listening; calls that hang end now."""
        self._closing.set()
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def serve(self, method: str, target: str, token: str, body: Any) -> Answer | None:
        """Answer one call; None for a reset connection."""
        account = next((account for account in self.accounts if account.token == token), None)
        faults = self._begin(method, target, account, body)
        for fault in faults:
            if not fault.after and (spoilt := self._suffer(fault)) is not _UNSPOILT:
                return spoilt
        answer = self._answer(method, target, account, body)
        with self._changed:
            self._changed.notify_all()
        for fault in faults:
            if fault.after and (spoilt := self._suffer(fault)) is not _UNSPOILT:
                return spoilt
        return answer

    def _begin(self, method: str, target: str, account: Account | None, body: Any) -> list[Fault]:
        with self._changed:
            login = account.login if account else ""
            self._calls.append(Call(len(self._calls) + 1, method, target, login, body))
            self._changed.notify_all()
            hit = []
            for index, fault in enumerate(self._faults):
                if fault.matches(method, target):
                    self._met[index] += 1
                    if fault.hits(self._met[index]):
                        hit.append(fault)
            return hit

    def _suffer(self, fault: Fault) -> Answer | None:
        self._closing.wait(fault.delay)
        if fault.hangs:
            self._closing.wait()
            return None
        if fault.resets:
            return None
        if fault.status:
            data: Any = fault.text if fault.text is not None else {"message": fault.message}
            return Answer(fault.status, data, headers=fault.headers)
        return _UNSPOILT

    def _answer(self, method: str, target: str, account: Account | None, body: Any) -> Answer:
        url = urlsplit(target)
        query = dict(parse_qsl(url.query))
        if account is None:
            return Refusal(401, "Bad credentials").answer
        limits = self._limits[account.token]
        try:
            # GraphQL queries and reads create no content.
            limits.count(method if url.path != "/graphql" else "GET")
            with self.store.lock:
                answer = self.routes.answer(Request(method, url.path, query, body, account))
                answer = self._paged(answer, url.path, query)
            return Answer(answer.status, answer.data, headers={**limits.headers(), **answer.headers})
        except Refusal as refusal:
            return refusal.answer

    def _paged(self, answer: Answer, path: str, query: dict[str, str]) -> Answer:
        """One page of a listing, and where the others are: RFC 8288, as GitHub writes it."""
        if answer.items is None:
            return answer
        size = max(1, min(int(query.get("per_page", _PER_PAGE)), _MOST_PER_PAGE, self._page))
        number = max(1, int(query.get("page", "1")))
        last = max(1, -(-len(answer.items) // size))
        near = {"prev": number - 1, "next": number + 1, "last": last, "first": 1}
        wanted = [rel for rel, page in near.items() if 1 <= page <= last and page != number]
        links = [f'<{self.url}{path}?{urlencode({**query, "page": near[rel]})}>; rel="{rel}"' for rel in wanted]
        headers = {"Link": ", ".join(links)} if links else {}
        return Answer(200, answer.items[(number - 1) * size : number * size], headers=headers)


_UNSPOILT = Answer(0)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    api: GitHubApi

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what some tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server
    timeout = 30
    # Head and body leave as one segment: two would wait for a delayed acknowledgement, 40 ms each.
    wbufsize = -1

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the name the base class gives it)
        """Say nothing."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = json.loads(self.rfile.read(length)) if length else None
        token = self.headers.get("Authorization", "").partition(" ")[2]
        answer = self.server.api.serve(self.command, self.path, token, body)
        if answer is None:
            self._reset()
            return
        text = answer.data if isinstance(answer.data, str) else json.dumps(answer.data)
        headers = {"Content-Type": "application/json; charset=utf-8", **answer.headers}
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())

    def _reset(self) -> None:
        """End the connection so that the client sees a reset and not an end."""
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.rfile.close()
        self.connection.close()

    do_GET = do_POST = do_PATCH = _serve  # noqa: N815 (the names the base class looks for)
