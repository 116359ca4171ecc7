"""Entries and readings shared by the tests of files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from analyzer.model import LogEntry, Notice
from analyzer.times import SECOND, format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["MIDNIGHT", "ids", "made", "ndjson", "parted", "texts"]

MIDNIGHT = parse_timestamp("2025-09-10T00:00:00Z")


def made(number: int, **fields: Any) -> dict[str, Any]:
    """An entry ``number`` seconds after midnight, with ``fields`` in place of its own; None leaves a field out."""
    entry = {
        "insertId": f"e{number}",
        "logName": "projects/demo/logs/run.googleapis.com%2Fstderr",
        "textPayload": f"line {number}",
        "timestamp": format_timestamp(MIDNIGHT + number * SECOND),
        **fields,
    }
    return {name: value for name, value in entry.items() if value is not None}


def ndjson(entries: Iterable[LogEntry]) -> bytes:
    """One entry a line."""
    return b"".join(json.dumps(entry).encode() + b"\n" for entry in entries)


def parted(items: Iterable[LogEntry | Notice]) -> tuple[list[LogEntry], list[Notice]]:
    """The entries and the notices of a read."""
    entries: list[LogEntry] = []
    notices: list[Notice] = []
    for item in items:
        if isinstance(item, Notice):
            notices.append(item)
        else:
            entries.append(item)
    return entries, notices


def ids(items: Iterable[LogEntry | Notice]) -> list[str]:
    """The insertIds of a read's entries."""
    return [entry["insertId"] for entry in parted(items)[0]]


def texts(notices: Sequence[Notice]) -> str:
    """All notices as one text."""
    return "\n".join(notice.text for notice in notices)
