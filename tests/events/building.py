"""Entries for the tests of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analyzer.entries import decode
from analyzer.times import format_timestamp

if TYPE_CHECKING:
    from analyzer.model import Entry

__all__ = ["MICRO", "MILLI", "START", "entry", "lines"]

START = 1_741_082_400_000_000_000
MICRO = 1_000
MILLI = 1_000_000


def entry(text: str, at: int = 0, *, instance: str = "i-1", insert_id: str = "", **fields: Any) -> Entry:
    """A text entry of a Cloud Run instance, ``at`` nanoseconds after the start."""
    raw = {
        "logName": "projects/shop-staging/logs/run.googleapis.com%2Fstderr",
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": "till", "revision_name": "till-7"}},
        "labels": {"instanceId": instance},
        "timestamp": format_timestamp(START + at),
        "insertId": insert_id or f"{instance}-{at:012d}",
        "textPayload": text,
    }
    return decode({**raw, **fields})


def lines(text: str, *, start: int = 0, step: int = 30 * MICRO, instance: str = "i-1") -> list[Entry]:
    """A text printed line by line, one entry a line."""
    return [
        entry(line, start + at * step, instance=instance, insert_id=f"{instance}-{start}-{at:04d}")
        for at, line in enumerate(text.split("\n"))
    ]
