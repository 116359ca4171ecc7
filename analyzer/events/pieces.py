"""What is joined: an entry, or a record that the API split, with what its first line is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analyzer.lines import Kind, kind_of
from analyzer.model import Severity

if TYPE_CHECKING:
    from analyzer.model import Entry

__all__ = ["Piece", "piece_of", "stands_alone"]

_LOOKED_AT = 60
_LEVELS = ("level", "severity", "levelname", "log.level", "lvl", "loglevel")


@dataclass(frozen=True, slots=True)
class Piece:
    """One entry (or the parts of one split record) on its way into an event.

    Attributes:
        entries: The entries it is made of.
        text: Its text.
        first: Its first line that is not blank.
        kind: What that line is.
        kinds: What its first lines are, all of them.
        time: When it happened, nanoseconds.
        severity: Its effective severity.
        own: It came as JSON with a level of its own, so it is a record by construction and only joins as a part of a
            traceback that is printed line by line.
        alone: It never joins anything; see :func:`stands_alone`.
    """

    entries: tuple[Entry, ...]
    text: str
    first: str
    kind: Kind
    kinds: frozenset[Kind]
    time: int
    severity: Severity
    own: bool = False
    alone: bool = False


def piece_of(entries: tuple[Entry, ...], text: str) -> Piece:
    """The piece that these entries, all of one record, make."""
    entry = entries[0]
    raw = entry.raw
    payload = raw.get("jsonPayload")
    given = entry.given_severity is not Severity.DEFAULT
    own = isinstance(payload, Mapping) and (given or any(name in payload for name in _LEVELS))
    lines = [line for line in text.split("\n", _LOOKED_AT)[:_LOOKED_AT] if line and not line.isspace()]
    first = lines[0] if lines else ""
    kind = kind_of(first)
    return Piece(
        entries=entries,
        text=text,
        first=first,
        kind=kind,
        kinds=frozenset([kind, *map(kind_of, lines[1:])]),
        time=entry.time,
        severity=max(part.severity for part in entries) if len(entries) > 1 else entry.severity,
        own=own,
        alone=stands_alone(entry),
    )


def stands_alone(entry: Entry) -> bool:
    """Whether an entry is no text at all (a request, an audited call) and never joins anything."""
    return entry.request is not None or "protoPayload" in entry.raw
