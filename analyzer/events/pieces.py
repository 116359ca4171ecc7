"""What is joined: an entry, or a record that the API split, with what its first line is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analyzer.lines import Kind, continues, kind_of
from analyzer.model import Severity

if TYPE_CHECKING:
    from analyzer.model import Entry

__all__ = ["OWN_LEVELS", "Piece", "is_part", "piece_of", "stands_alone"]

_LOOKED_AT = 60
OWN_LEVELS = ("level", "severity", "levelname", "log.level", "lvl", "loglevel")
"""Names of a payload's fields that make it a record by construction."""


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
        own=_is_own(entry),
        alone=stands_alone(entry),
    )


def stands_alone(entry: Entry) -> bool:
    """Whether an entry is no text at all (a request, an audited call) and never joins anything."""
    return entry.request is not None or "protoPayload" in entry.raw


def is_part(entry: Entry) -> bool:
    """Whether an entry looks like a part of a larger record, which others may have to be joined with."""
    return not stands_alone(entry) and continues(entry.message, own=_is_own(entry))


def _is_own(entry: Entry) -> bool:
    payload = entry.raw.get("jsonPayload")
    if not isinstance(payload, Mapping):
        return False
    return entry.given_severity is not Severity.DEFAULT or any(name in payload for name in OWN_LEVELS)
