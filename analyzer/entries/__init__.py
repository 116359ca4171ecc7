"""LogEntry to Entry: what was said, how grave it is, when it happened, and who said it.

A LogEntry (https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry) is taken as the API's JSON has it; any
value in it may be missing or of a wrong type without harm, as long as it says when it was.
"""

from __future__ import annotations

from typing import Any

from analyzer.entries.message import read_message
from analyzer.entries.origin import read_log, read_origin
from analyzer.entries.request import read_duration, read_request
from analyzer.entries.severity import effective, given
from analyzer.entries.values import is_mapping, path, text_of
from analyzer.model import Entry, LogEntry
from analyzer.times import FURTHEST, SECOND, parse_timestamp

__all__ = ["OWN_LABEL", "PROMOTED_LABELS", "EntryError", "decode", "is_own"]

OWN_LABEL = "loganalyze"
"""Label of every line that the audit loop writes about itself."""

PROMOTED_LABELS = "logging.googleapis.com/labels"
"""Where a line of JSON carries its labels; agents move them to the entry's, others leave them in the payload."""

_KNOWN = frozenset({"logName", "insertId", "textPayload", "jsonPayload", "protoPayload", "httpRequest", "resource"})
_SNAKE = {
    "log_name": "logName",
    "insert_id": "insertId",
    "text_payload": "textPayload",
    "json_payload": "jsonPayload",
    "proto_payload": "protoPayload",
    "http_request": "httpRequest",
    "receive_timestamp": "receiveTimestamp",
}


class EntryError(ValueError):
    """A record that is no LogEntry: not a mapping, without any of its fields, or without a time."""


def decode(raw: LogEntry) -> Entry:
    """One LogEntry, decoded.

    Args:
        raw: The LogEntry as a mapping; kept unchanged as ``Entry.raw``.

    Raises:
        EntryError: It is no LogEntry, or neither ``timestamp`` nor ``receiveTimestamp`` can be read.
    """
    if not is_mapping(raw):
        raise EntryError(f"a LogEntry is an object, not {type(raw).__name__}")
    view = raw
    if _KNOWN.isdisjoint(raw):
        view = {_SNAKE.get(name, name): value for name, value in raw.items()}
        if _KNOWN.isdisjoint(view):
            raise EntryError("none of a LogEntry's fields is there")
    received = _time(view.get("receiveTimestamp"))
    timestamp = _time(view.get("timestamp"))
    if timestamp is None:
        timestamp = received
    if timestamp is None:
        raise EntryError("neither timestamp nor receiveTimestamp can be read")
    project, log = read_log(view)
    request = read_request(view)
    given_severity = given(view)
    said = read_message(view, request, given_severity)
    severity, logger = effective(said, given_severity, request)
    service, revision, instance = read_origin(view)
    return Entry(
        timestamp=timestamp,
        time=timestamp + request.latency if request is not None else timestamp,
        received=received,
        severity=severity,
        given_severity=given_severity,
        message=said.text,
        service=service,
        revision=revision,
        instance=instance,
        project=project,
        log=log,
        insert_id=text_of(view.get("insertId")),
        trace=text_of(view.get("trace")),
        logger=said.logger or logger or text_of(path(view, "labels", "python_logger")),
        request=request,
        raw=raw,
    )


def is_own(raw: LogEntry) -> bool:
    """Whether loganalyze wrote the entry itself: it quotes what it found, and must not find that again."""
    labels = raw.get("labels")
    if is_mapping(labels) and OWN_LABEL in labels:
        return True
    payload = raw.get("jsonPayload")
    if not is_mapping(payload):
        return False
    labels = payload.get(PROMOTED_LABELS)
    return is_mapping(labels) and OWN_LABEL in labels


def _time(value: Any) -> int | None:
    """Nanoseconds since the epoch; None for what is no time, or further away than is believed."""
    found: int | None = None
    if isinstance(value, str):
        try:
            found = parse_timestamp(value)
        except ValueError:
            return None
    elif is_mapping(value):  # a protobuf Timestamp as some exporters write it
        seconds = read_duration(value, "seconds", SECOND)
        found = None if seconds is None else seconds + (read_duration(value, "nanos", 1) or 0)
    return found if found is not None and abs(found) < FURTHEST else None
