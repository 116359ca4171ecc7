"""A raw record to LogEntry mappings: fast where the JSON is clean, patient where it is not."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

import msgspec

from analyzer.regex import scrub

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.model import LogEntry

__all__ = ["LOG_ENTRY_FIELDS", "decode"]

LOG_ENTRY_FIELDS = frozenset(
    {
        "apphub", "apphubDestination", "apphubSource", "errorGroups", "httpRequest", "insertId", "jsonPayload",
        "labels", "logName", "metadata", "operation", "otel", "protoPayload", "receiveTimestamp", "resource",
        "severity", "sourceLocation", "spanId", "split", "textPayload", "timestamp", "trace", "traceSampled",
    }
)  # fmt: skip
"""The fields of a LogEntry: https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry."""

_RESPONSE_FIELDS = frozenset({"entries", "nextPageToken"})
_DEEPEST = 100  # protobuf's own limit, so that no entry of the API is deeper
_LONGEST_INTEGER = 400
_DECODER: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


def decode(record: bytes) -> Iterator[LogEntry | str]:
    """The entries of one JSON text, or, for what is none, the reason why.

    A text is one LogEntry; an array or an ``entries.list`` response is taken as the entries in it. Lone surrogates and
    bytes that are not UTF-8 become U+FFFD; NaN, infinities and numbers too large for the machine become text.

    Args:
        record: UTF-8 JSON, white space around it allowed.
    """
    try:
        value = _DECODER.decode(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = _decode_patiently(record)
        if isinstance(value, _Refused):
            yield value.reason
            return
    if record.count(b"{") + record.count(b"[") > _DEEPEST and _too_deep(value):
        yield _TOO_DEEP
    elif type(value) is dict and not LOG_ENTRY_FIELDS.isdisjoint(value):
        yield value
    else:
        yield from _unwrap(value)


def _unwrap(value: object) -> Iterator[LogEntry | str]:
    if isinstance(value, dict) and value.keys() <= _RESPONSE_FIELDS:
        value = value.get("entries", [])
    for item in value if isinstance(value, list) else (value,):
        if not isinstance(item, dict):
            yield "not a JSON object"
        elif LOG_ENTRY_FIELDS.isdisjoint(item):
            yield "not a LogEntry"
        else:
            yield item


_TOO_DEEP = f"nested deeper than {_DEEPEST} levels"


class _Refused(msgspec.Struct, frozen=True):
    reason: str


def _decode_patiently(record: bytes) -> Any:
    text = record.decode("utf-8", "replace").strip().removeprefix("\ufeff").rstrip(",")
    try:
        value = json.loads(text, strict=False, parse_constant=str, parse_int=_integer, parse_float=_number)
    except RecursionError:
        return _Refused(_TOO_DEEP)
    except json.JSONDecodeError as error:
        return _Refused(f"not valid JSON ({error.msg[:1].lower()}{error.msg[1:]}, character {error.pos + 1})")
    return _Refused(_TOO_DEEP) if _too_deep(value) else _scrubbed(value)


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _LONGEST_INTEGER else digits


def _number(digits: str) -> float | str:
    number = float(digits)
    return number if math.isfinite(number) else digits


def _too_deep(value: object) -> bool:
    level = [value]
    for _ in range(_DEEPEST + 1):
        below: list[object] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(item.values())
            elif isinstance(item, list):
                below.extend(item)
        level = below
        if not level:
            return False
    return True


def _scrubbed(value: Any) -> Any:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, dict):
        return {scrub(key): _scrubbed(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    return value
