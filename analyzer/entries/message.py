"""What an entry says: its text, and the level and logger a structured payload names beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from analyzer.entries.faults import read_faults
from analyzer.entries.request import request_line
from analyzer.entries.text import clean
from analyzer.entries.values import compact, find, fold, is_mapping, mapping_of, number_of, path, text_of
from analyzer.lines import number_severity, word_severity
from analyzer.model import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analyzer.model import LogEntry, Request

__all__ = ["LEVEL_FIELDS", "MESSAGE_FIELDS", "NESTED_FIELDS", "REPORTED", "Said", "read_message"]

MESSAGE_FIELDS = (
    "message",
    "msg",
    "@m",
    "renderedmessage",
    "textpayload",
    "event",
    "log",
    "body",
    "text",
    "short_message",
    "@mt",
    "messagetemplate",
    "errormessage",
    "error_message",
    "error.message",
    "exception.message",
    "description",
    "statusdetails",
    "summary",
    "detail",
    "details",
    "reason",
)
"""Names of the field with the text, in the order of how surely it is the text."""

NESTED_FIELDS = ("message", "msg", "event", "body", "data", "payload", "fields", "attr")
"""Names of the fields that may hold an object with the text."""

LEVEL_FIELDS = (
    "severity",
    "level",
    "levelname",
    "log.level",
    "loglevel",
    "log_level",
    "lvl",
    "severitytext",
    "severity_text",
    "@l",
)
"""Names of the field with the level, the one that counts first."""

_LOGGER = ("logger", "logger_name", "loggername", "log.logger", "sourcecontext", "category", "name")
_MONGO = {"D": Severity.DEBUG, "I": Severity.INFO, "W": Severity.WARNING, "E": Severity.ERROR, "F": Severity.CRITICAL}
_LARGEST = 512 * 1024
REPORTED = "ReportedErrorEvent"
"""End of the ``@type`` of a payload that is an error without a level."""


class Said(NamedTuple):
    """What an entry says.

    Attributes:
        text: The message.
        level: The level that a structured payload states beside it; None where it states none.
        logger: The logger's name that the payload gives; empty where it gives none.
        structured: It came as JSON, so its level was the application's choice.
    """

    text: str
    level: Severity | None = None
    logger: str = ""
    structured: bool = False


def read_message(raw: LogEntry, request: Request | None, given: Severity) -> Said:
    """What the entry says: its payload's text, the outcome of an audited call, or the request in a line."""
    text = raw.get("textPayload")
    if isinstance(text, str) and text:
        if text.lstrip()[:1] == "{" and (payload := _parse(text)) is not None:
            return _payload(payload, request, given)
        return Said(clean(text))
    found = raw.get("jsonPayload")
    if is_mapping(found) and found:
        return _payload(found, request, given)
    if found:
        return Said(clean(found if isinstance(found, str) else compact(found)))
    proto = raw.get("protoPayload")
    if is_mapping(proto) and proto:
        return _audit(proto)
    return Said(request_line(request) if request is not None else "")


def _parse(text: str) -> Mapping[str, Any] | None:
    """The JSON object that a text is, or None."""
    if len(text) > _LARGEST or not text.rstrip().endswith("}"):
        return None
    try:
        value = msgspec.json.decode(text)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None
    return value if isinstance(value, dict) and value else None


def _payload(raw: Mapping[str, Any], request: Request | None, given: Severity) -> Said:
    payload = fold(raw)
    level = _level(payload)
    serious = (given if level is None else level) >= Severity.ERROR
    head = clean(_message(payload))
    parts = [head] if head else []
    for fault in read_faults(payload, serious=serious or not head):
        text = clean(fault)
        if text and not any(text in part for part in parts):
            parts.append(text)
    if not parts and request is not None:
        parts = [request_line(request)]
    logger = text_of(find(payload, _LOGGER))
    return Said("\n".join(parts) or compact(raw), level, logger, structured=True)


def _message(payload: Mapping[str, Any]) -> str:
    for name in MESSAGE_FIELDS:
        value = payload.get(name)
        if isinstance(value, str) and value and not value.isspace():
            return value
    for name in NESTED_FIELDS:
        value = payload.get(name)
        if is_mapping(value):
            inner = find(fold(value), MESSAGE_FIELDS)
            if isinstance(inner, str) and not inner.isspace():
                return inner
    value = find(payload, ("message", "msg"))
    return "" if value is None or isinstance(value, str) else compact(value)


def _level(payload: Mapping[str, Any]) -> Severity | None:
    value = find(payload, LEVEL_FIELDS)
    if is_mapping(value):
        value = find(fold(value), ("name", "standardlevel"))
    if value is None:
        value = path(payload, "log", "level")
    if value is None:
        letter = payload.get("s")
        mongo = isinstance(letter, str) and letter and "c" in payload and "t" in payload
        return _MONGO.get(letter[0]) if mongo and isinstance(letter, str) else _implied(payload)
    if isinstance(value, str) and (severity := word_severity(value.strip())) is not None:
        return severity
    number = number_of(value)
    return None if number is None else number_severity(number)


def _implied(payload: Mapping[str, Any]) -> Severity | None:
    kind = payload.get("@type")
    return Severity.ERROR if isinstance(kind, str) and kind.endswith(REPORTED) else None


def _audit(proto: Mapping[str, Any]) -> Said:
    """An AuditLog (or App Engine's RequestLog): why the call failed, or which call it was on what."""
    status = mapping_of(proto.get("status"))
    if said := clean(text_of(status.get("message"))):
        return Said(said)
    lines = proto.get("line")
    if isinstance(lines, list):
        said = "\n".join(clean(text_of(mapping_of(line).get("logMessage"))) for line in lines[:400])
        if said.strip():
            return Said(said.strip())
    call = " ".join(part for part in (text_of(proto.get("methodName")), text_of(proto.get("resourceName"))) if part)
    return Said(call or clean(text_of(proto.get("message"))) or compact(proto))
