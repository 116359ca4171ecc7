"""A small world to audit: a log that grows, entries that come late, a clock that may be wrong, a board to tell."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import msgspec

from analyzer.audit.parts import Parts
from analyzer.errors import PublishError
from analyzer.matching import Matcher
from analyzer.model import Notice, SourceInfo
from analyzer.publish import Action, Kind, Publication, Receipt
from analyzer.rule import Category, Role
from analyzer.settings import AuditSettings, Settings
from analyzer.times import SECOND, format_timestamp, parse_timestamp
from tests.incidents.builders import rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

    from analyzer.audit.lease import Lease
    from analyzer.audit.store import Store
    from analyzer.errors import LoganalyzeError
    from analyzer.model import LogEntry, Window
    from analyzer.publish import Publisher

MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = parse_timestamp("2025-09-10T00:00:00Z")

RULES = (
    rule("tables_missing", Category.SCHEMA),
    rule("boot_failed", Category.CRASH, Role.CONSEQUENCE, caused_by=["tables_missing"]),
    rule("login_refused", Category.AUTH),
)
MATCHER = Matcher(RULES)


def entry(
    number: int,
    text: str = "tables_missing",
    *,
    at: int = START,
    received: int | None = None,
    service: str = "api",
    severity: str = "",
    **fields: Any,
) -> dict[str, Any]:
    """A LogEntry stamped ``at`` and received then too, if nothing else is said."""
    made: dict[str, Any] = {
        "insertId": f"id{number}",
        "logName": "projects/acme/logs/run.googleapis.com%2Fstderr",
        "timestamp": format_timestamp(at),
        "receiveTimestamp": format_timestamp(at if received is None else received),
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": service, "project_id": "acme"}},
        "labels": {"instanceId": "i1"},
        "textPayload": text,
        **fields,
    }
    return {**made, "severity": severity} if severity else made


@dataclass
class Log:
    """A log as Cloud Logging is one: an entry has a receive time, and shows in reads from some moment on.

    Attributes:
        clock: The true time, nanoseconds.
        cut: Reads end after so many entries, incomplete; None for whole reads.
        failure: Raised by every read.
    """

    clock: Callable[[], int]
    entries: list[tuple[int, LogEntry]] = field(default_factory=list)
    cut: int | None = None
    failure: LoganalyzeError | None = None
    windows: list[Window] = field(default_factory=list)
    info: SourceInfo = field(default_factory=lambda: SourceInfo("memory", "log", project="acme"))

    def add(self, *entries: LogEntry, shows: int | None = None) -> None:
        """Entries that show from ``shows`` on; at once, if nothing else is said."""
        self.entries += [(self.clock() if shows is None else shows, one) for one in entries]

    def read(self, window: Window | None) -> Iterator[LogEntry | Notice]:
        assert window is not None
        assert window.received
        self.windows.append(window)
        if self.failure is not None:
            raise self.failure
        now = self.clock()
        shown = [one for shows, one in self.entries if shows <= now]
        inside = [one for one in shown if parse_timestamp(one["receiveTimestamp"]) in window]
        yield from inside[: self.cut]
        if self.cut is not None and self.cut < len(inside):
            yield Notice("cut", incomplete=True)


def log_of(path: Path, clock: Callable[[], int]) -> Log:
    """A log out of a file of LogEntry mappings."""
    log = Log(clock)
    log.add(*json.loads(path.read_text(encoding="utf-8")), shows=0)
    return log


class Board:
    """A publisher that keeps what it is told, and knows it again by its key, as GitHub's knows its markers.

    Attributes:
        told: Key to publication, each once.
        calls: How often it was called.
        failing: Whether it refuses.
    """

    name = "board"

    def __init__(self) -> None:
        self.told: dict[str, Publication] = {}
        self.calls = 0
        self.failing = False

    def publish(self, publication: Publication) -> Receipt:
        self.calls += 1
        if self.failing:
            raise PublishError("the board is away")
        known = publication.key in self.told
        self.told.setdefault(publication.key, publication)
        return Receipt(f"board/{publication.fingerprint}", Action.UNCHANGED if known else Action.SENT)

    def describe(self, publication: Publication) -> str:
        return f"board: {publication.kind} {publication.title}"

    def kinds(self) -> list[Kind]:
        return [publication.kind for publication in self.told.values()]


class FreeLease:
    """A lease that nobody else wants."""

    def confirm(self, connection: Connection) -> None:
        del connection


class Clock:
    """A time that moves when it is told to.

    Attributes:
        true: The time, nanoseconds.
        wrong: How far the clock is from it.
    """

    def __init__(self, true: int = START) -> None:
        self.true = true
        self.wrong = 0

    def now(self) -> int:
        """What the log's clock says."""
        return self.true

    def __call__(self) -> int:
        return self.true + self.wrong


def parts(
    store: Store,
    log: Log,
    clock: Callable[[], int],
    *publishers: Publisher,
    lease: Lease | None = None,
    since: int = START - HOUR,
    step: Callable[[str], None] = lambda _name: None,
    settings: Settings | None = None,
    **audit: Any,
) -> Parts:
    """What an audit is made of, with ordinary settings."""
    base = settings or Settings()
    return Parts(
        store=store,
        lease=lease or cast("Lease", FreeLease()),
        source=log,
        matcher=MATCHER,
        settings=msgspec.structs.replace(base, audit=AuditSettings(**audit)),
        publishers=lambda: list(publishers),
        since=since,
        clock=clock,
        step=step,
    )


def numbers(texts: Sequence[str]) -> dict[str, int]:
    """How often each text stands there."""
    return {text: texts.count(text) for text in dict.fromkeys(texts)}
