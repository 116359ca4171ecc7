"""LogEntry messages of the gRPC API as the mappings that the API's JSON would have had.

Written by hand because entries come by the hundred thousand: ``json_format.MessageToDict`` takes several times as long,
refuses a payload of a type it does not know, and refuses NaN. Only what is rare goes through it.
Mapping of protobuf to JSON: https://protobuf.dev/programming-guides/json/.
"""

from __future__ import annotations

import base64
import functools
import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

# Importing them registers the types that an audit entry's protoPayload holds.
import google.cloud.appengine_logging_v1
import google.cloud.audit.audit_log_pb2  # type: ignore[import-untyped]
import google.iam.v1.logging.audit_data_pb2  # type: ignore[import-untyped]  # noqa: F401
from google.cloud.logging_v2.types import LogEntry
from google.logging.type.http_request_pb2 import HttpRequest  # type: ignore[import-untyped]
from google.logging.type.log_severity_pb2 import LogSeverity  # type: ignore[import-untyped]
from google.protobuf import descriptor_pool, json_format, message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

if TYPE_CHECKING:
    from google.api.monitored_resource_pb2 import MonitoredResource  # type: ignore[import-untyped]
    from google.protobuf import any_pb2, struct_pb2
    from google.protobuf.descriptor import Descriptor
    from google.protobuf.duration_pb2 import Duration
    from google.protobuf.timestamp_pb2 import Timestamp

    from analyzer import model

__all__ = ["entry_to_json"]

_EXACT = 2**53
"""Up to here a double holds every integer; beyond it, writing one as an integer would claim digits it has not."""

_SEVERITIES: dict[int, str] = {number: name for name, number in LogSeverity.items()}


def entry_to_json(entry: Message) -> model.LogEntry:
    """One ``google.logging.v2.LogEntry`` message (not its proto-plus wrapper) as a LogEntry mapping.

    As ``json_format.MessageToDict`` has it, but: integral numbers of a jsonPayload are integers (a Struct has only
    doubles), NaN and infinities there are text, and a payload of unknown type is ``{"@type": url, "value": base64}``.
    """
    result: dict[str, Any] = {}
    for field, value in entry.ListFields():
        known = _FIELDS.get(field.number)
        if known is None:  # the API grows; errorGroups, for one, has no field in the client's protobuf yet
            result[field.json_name] = _plain(field, value)
        else:
            name, convert = known
            result[name] = value if convert is None else convert(value)
    return result


@functools.lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def _timestamp(value: Timestamp) -> str:
    nanos = value.nanos
    if not nanos:
        return f"{_second(value.seconds)}Z"
    if nanos % 1000:
        return f"{_second(value.seconds)}.{nanos:09d}Z"
    if nanos % 1_000_000:
        return f"{_second(value.seconds)}.{nanos // 1000:06d}Z"
    return f"{_second(value.seconds)}.{nanos // 1_000_000:03d}Z"


def _struct(value: struct_pb2.Struct) -> dict[str, Any]:
    fields = value.fields
    # Maps of protobuf have their items() from collections.abc, in Python; looking up each key takes a third less.
    return {name: (item := fields[name]).string_value or _value(item) for name in fields}


def _value(value: struct_pb2.Value) -> Any:
    kind = value.WhichOneof("kind")
    if kind == "string_value":
        return value.string_value
    if kind == "number_value":
        return _number(value.number_value)
    if kind == "struct_value":
        return _struct(value.struct_value)
    if kind == "list_value":
        return [_value(item) for item in value.list_value.values]
    return value.bool_value if kind == "bool_value" else None


def _number(value: float) -> float | str:
    if -_EXACT <= value <= _EXACT:
        whole = int(value)
        return whole if whole == value else value
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


def _labels(value: Mapping[str, str]) -> dict[str, str]:
    return {name: value[name] for name in value}


def _severity(value: int) -> str | int:
    return _SEVERITIES.get(value, value)


def _resource(value: MonitoredResource) -> dict[str, Any]:
    result: dict[str, Any] = {}
    if value.type:
        result["type"] = value.type
    if value.labels:
        result["labels"] = _labels(value.labels)
    return result


def _request(value: HttpRequest) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for field, item in value.ListFields():
        name, convert = _REQUEST.get(field.number) or (field.json_name, functools.partial(_plain, field))
        result[name] = item if convert is None else convert(item)
    return result


def _duration(value: Duration) -> str:
    seconds, nanos = value.seconds, value.nanos
    if seconds < 0 or nanos < 0:
        seconds, nanos = divmod(-(seconds * 1_000_000_000 + nanos), 1_000_000_000)
        return f"-{seconds}.{nanos:09d}s"
    if not nanos:
        return f"{seconds}s"
    if not nanos % 1_000_000:
        return f"{seconds}.{nanos // 1_000_000:03d}s"
    return f"{seconds}.{nanos // 1000:06d}s" if not nanos % 1000 else f"{seconds}.{nanos:09d}s"


def _any(value: any_pb2.Any) -> dict[str, Any]:
    """A payload with its type; one whose type is unknown, or that is broken, keeps its bytes."""
    try:
        kind = descriptor_pool.Default().FindMessageTypeByName(value.TypeName())
        payload = message_factory.GetMessageClass(kind).FromString(value.value)
    except (KeyError, DecodeError):
        return {"@type": value.type_url, "value": base64.b64encode(value.value).decode()}
    fields = _message(payload)
    if isinstance(fields, dict) and kind.full_name not in _SPECIAL:
        return {"@type": value.type_url, **fields}
    return {"@type": value.type_url, "value": fields}


def _message(value: Message) -> Any:
    """A message that is rare: as json_format has it, and where that refuses, field by field."""
    special = _SPECIAL.get(value.DESCRIPTOR.full_name)
    if special is not None:
        return special(value)
    try:
        return json_format.MessageToDict(value)
    except (json_format.Error, TypeError, ValueError, DecodeError):
        return {field.json_name: _plain(field, item) for field, item in value.ListFields()}


def _plain(field: FieldDescriptor, value: Any) -> Any:
    """The value of a field of any kind."""
    if isinstance(value, Message):
        return _message(value)
    kind = field.message_type
    if kind is not None and not kind.GetOptions().map_entry:
        return [_message(item) for item in value]
    alone = message_factory.GetMessageClass(cast("Descriptor", field.containing_type))()
    if hasattr(value, "MergeFrom"):  # repeated, or a map
        getattr(alone, field.name).MergeFrom(value)
    else:
        setattr(alone, field.name, value)
    return json_format.MessageToDict(alone)[field.json_name]


_SPECIAL: dict[str, Callable[[Any], Any]] = {
    "google.protobuf.Any": _any,
    "google.protobuf.Struct": _struct,
    "google.protobuf.Value": _value,
    "google.protobuf.ListValue": lambda items: [_value(item) for item in items.values],
    "google.protobuf.Duration": _duration,
    "google.protobuf.Timestamp": _timestamp,
}

_CONVERT: dict[str, Callable[[Any], Any] | None] = {
    "log_name": None,
    "insert_id": None,
    "text_payload": None,
    "trace": None,
    "span_id": None,
    "trace_sampled": None,
    "timestamp": _timestamp,
    "receive_timestamp": _timestamp,
    "severity": _severity,
    "labels": _labels,
    "resource": _resource,
    "http_request": _request,
    "json_payload": _struct,
    "proto_payload": _any,
    "operation": _message,
    "source_location": _message,
    "split": _message,
}

_Table = Mapping[int, tuple[str, Callable[[Any], Any] | None]]
"""Field number to the name in JSON and the conversion; None for a value that stays as it is."""

_FIELDS: _Table = {
    field.number: (field.json_name, _CONVERT[field.name])
    for field in LogEntry.pb().DESCRIPTOR.fields
    if field.name in _CONVERT
}

_CONVERT_REQUEST: dict[int, Callable[[Any], Any] | None] = {
    FieldDescriptor.TYPE_STRING: None,
    FieldDescriptor.TYPE_BOOL: None,
    FieldDescriptor.TYPE_INT32: None,
    FieldDescriptor.TYPE_INT64: str,  # JSON has 64-bit integers as text
    FieldDescriptor.TYPE_MESSAGE: _message,
}

_REQUEST: _Table = {
    field.number: (field.json_name, _CONVERT_REQUEST[field.type])
    for field in HttpRequest.DESCRIPTOR.fields
    if field.type in _CONVERT_REQUEST
}
