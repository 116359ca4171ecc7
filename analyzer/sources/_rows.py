"""Rows of a log bucket's view as the LogEntry mappings that the API's JSON would have had.

A row comes as JSON with names in snake_case, and without a value where a field is not set. Its times come as
microseconds beside it, since that is how exact BigQuery is; what a service put in is kept as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from analyzer.errors import SourceError
from analyzer.times import format_timestamp

__all__ = ["Row", "row_to_entry"]

_MICRO = 1_000

_VERBATIM = frozenset(
    {
        "labels",
        "json_payload",
        "details",
        "metadata",
        "request",
        "resource_original_state",
        "response",
        "service_data",
        "third_party_principal",
    }
)
"""Columns of type JSON: their names are the service's own."""

_DERIVED = frozenset({"log_id", "severity_number", "error_groups"})
"""Columns that say once more what others say, or that no LogEntry has in this form."""

_JSON: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class Row(NamedTuple):
    """What a query of :class:`~analyzer.sources._sql.SqlQuery` gives of an entry.

    Attributes:
        stamped: Its timestamp, microseconds; None where it has none.
        received: When it was received, microseconds; None where that is not known.
        entry: All columns, as JSON.
    """

    stamped: int | None
    received: int | None
    entry: str


def row_to_entry(row: Row) -> dict[str, Any]:
    """The LogEntry mapping of a row; the API leaves out a severity of ``DEFAULT`` too.

    Raises:
        SourceError: The view is none of a log bucket.
    """
    try:
        columns = _JSON.decode(row.entry)
    except (msgspec.DecodeError, RecursionError) as error:
        raise SourceError(f"BigQuery sent a row that is no JSON: {error}") from error
    entry = {
        _camel(name): _FIELDS.get(name, _converted)(value) if name not in _VERBATIM else value
        for name, value in columns.items()
        if value is not None and name not in _DERIVED
    }
    entry = {name: value for name, value in entry.items() if value not in ({}, [])}
    if entry.get("severity") == "DEFAULT":
        del entry["severity"]
    for name, time in (("timestamp", row.stamped), ("receiveTimestamp", row.received)):
        if time is not None:
            entry[name] = format_timestamp(time * _MICRO)
    return entry


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.capitalize() for other in others)


def _converted(value: Any) -> Any:
    """Structs and lists of them with the names that JSON has, without what is not set."""
    if isinstance(value, Mapping):
        return {
            _camel(name): item if name in _VERBATIM else _converted(item)
            for name, item in value.items()
            if item is not None and item != {}
        }
    return [_converted(item) for item in value] if isinstance(value, list) else value


def _proto(value: Any) -> Any:
    """A payload with its type: the columns of one kind stand a level deeper here."""
    if not isinstance(value, Mapping):
        return value
    kind, audited = value.get("type"), value.get("audit_log")
    fields = _converted(audited if isinstance(audited, Mapping) else _without(value, "type", "audit_log"))
    return ({"@type": kind} if kind else {}) | fields


def _without(value: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: item for name, item in value.items() if name not in names}


def _request(value: Any) -> Any:
    """A request with its latency as a duration: https://protobuf.dev/programming-guides/json/."""
    fields = _converted(value)
    if isinstance(fields, dict) and isinstance(fields.get("latency"), Mapping):
        taken = fields["latency"]
        nanos = str(taken.get("nanos") or 0).zfill(9).rstrip("0")
        fields["latency"] = f"{taken.get('seconds') or 0}{f'.{nanos}' if nanos else ''}s"
    return fields


_FIELDS: dict[str, Callable[[Any], Any]] = {"proto_payload": _proto, "http_request": _request}
