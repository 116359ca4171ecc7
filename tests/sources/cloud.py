"""What the tests of Cloud Logging share: entries, a clock that nobody waits for, and a read against the emulator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analyzer.model import LogEntry, Notice, Window
from analyzer.sources.cloud_logging import CloudLogging
from analyzer.times import SECOND, format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

START = parse_timestamp("2025-09-10T00:33:51Z")
HOUR = Window(START, START + 3_600 * SECOND)


class Clock:
    """A clock that goes on only while someone sleeps."""

    def __init__(self) -> None:
        self.now = 1_000 * SECOND
        self.sleeps: list[float] = []

    def __call__(self) -> int:
        return self.now

    def seconds(self) -> float:
        return self.now / SECOND

    def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += int(seconds * SECOND)


def entry(number: int, *, text: str = "fine", service: str = "backend", at: int | None = None) -> dict[str, Any]:
    """The ``number``-th entry, a second after the one before it; ``at`` puts it so many nanoseconds after START."""
    return {
        "insertId": f"id-{number:06d}",
        "logName": "projects/acme/logs/run.googleapis.com%2Fstderr",
        "timestamp": format_timestamp(START + (number * SECOND if at is None else at)),
        "receiveTimestamp": format_timestamp(START + number * SECOND + 123_456_789),
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": service, "location": "us-central1"}},
        "textPayload": text,
    }


def source(clock: Clock | None = None, **options: Any) -> CloudLogging:
    """A source for project acme that never really waits and always waits as long as it may."""
    clock = clock or Clock()
    settings: dict[str, Any] = {"project": "acme", "clock": clock, "sleep": clock.sleep, "random": lambda: 1.0}
    return CloudLogging(**{**settings, **options})


def read(reader: CloudLogging, window: Window | None = HOUR) -> tuple[list[LogEntry], list[Notice]]:
    """All entries and all notices."""
    entries: list[LogEntry] = []
    notices: list[Notice] = []
    for item in reader.read(window):
        if isinstance(item, Notice):
            notices.append(item)
        else:
            entries.append(item)
    return entries, notices


def ids(entries: Sequence[LogEntry]) -> list[str]:
    return [one["insertId"] for one in entries]
