"""LogEntry mappings as rows of a log bucket's view, and the columns that it has.

Columns as far as the tests need them: https://cloud.google.com/logging/docs/analyze/query-and-view.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

__all__ = ["COLUMNS", "to_row"]

Column = tuple[str, str] | tuple[str, str, tuple[Any, ...]]
"""Name and type, and the columns in it."""

_AUDIT_LOG: tuple[Column, ...] = (
    ("service_name", "STRING"),
    ("method_name", "STRING"),
    ("resource_name", "STRING"),
    ("status", "RECORD", (("code", "INT64"), ("message", "STRING"))),
    ("authentication_info", "RECORD", (("principal_email", "STRING"),)),
    ("request", "JSON"),
    ("response", "JSON"),
    ("metadata", "JSON"),
    ("service_data", "JSON"),
)
_HTTP_REQUEST: tuple[Column, ...] = (
    ("request_method", "STRING"),
    ("request_url", "STRING"),
    ("request_size", "INT64"),
    ("status", "INT64"),
    ("response_size", "INT64"),
    ("user_agent", "STRING"),
    ("remote_ip", "STRING"),
    ("referer", "STRING"),
    ("latency", "RECORD", (("seconds", "INT64"), ("nanos", "INT64"))),
    ("protocol", "STRING"),
)
COLUMNS: tuple[Column, ...] = (
    ("log_name", "STRING"),
    ("resource", "RECORD", (("type", "STRING"), ("labels", "JSON"))),
    ("text_payload", "STRING"),
    ("json_payload", "JSON"),
    ("proto_payload", "RECORD", (("type", "STRING"), ("audit_log", "RECORD", _AUDIT_LOG))),
    ("timestamp", "TIMESTAMP"),
    ("receive_timestamp", "TIMESTAMP"),
    ("severity", "STRING"),
    ("severity_number", "INT64"),
    ("insert_id", "STRING"),
    ("http_request", "RECORD", _HTTP_REQUEST),
    ("labels", "JSON"),
    ("operation", "RECORD", (("id", "STRING"), ("producer", "STRING"))),
    ("trace", "STRING"),
    ("span_id", "STRING"),
    ("trace_sampled", "BOOL"),
    ("source_location", "RECORD", (("file", "STRING"), ("line", "INT64"), ("function", "STRING"))),
    ("split", "RECORD", (("uid", "STRING"), ("index", "INT64"), ("total_splits", "INT64"))),
    ("log_id", "STRING"),
)
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_LATENCY = re.compile(r"(\d+)(?:\.(\d{1,9}))?s")


def to_row(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a LogEntry as the API's JSON has it; times lose what is finer than a microsecond."""
    values = {"severity": "DEFAULT", **{_snake(name): value for name, value in entry.items()}}
    if isinstance(proto := values.get("proto_payload"), Mapping):
        audited = {name: value for name, value in proto.items() if name != "@type"}
        values["proto_payload"] = {"type": proto.get("@type"), "auditLog": audited}
    values["log_id"] = str(values.get("log_name", "")).rpartition("/logs/")[2]
    return _filled(COLUMNS, values)


def _filled(columns: tuple[Column, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    given = {_snake(name): value for name, value in values.items()}
    return {name: _value(name, kind, inner, given[name]) for name, kind, *inner in columns if name in given}


def _value(name: str, kind: str, inner: list[tuple[Any, ...]], value: Any) -> Any:
    if kind == "JSON":
        return json.dumps(value)
    if kind == "TIMESTAMP":
        return re.sub(r"(\.\d{6})\d+", r"\1", value)
    if name == "latency" and (found := _LATENCY.fullmatch(str(value))):
        return {"seconds": int(found[1]), "nanos": int((found[2] or "").ljust(9, "0"))}
    return _filled(inner[0], value) if kind == "RECORD" and isinstance(value, Mapping) else value


def _snake(name: str) -> str:
    return _HUMP.sub("_", name).lower()
