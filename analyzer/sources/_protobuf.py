"""LogEntry messages of the gRPC API as the mappings that the API's JSON would have had.

Written by hand because entries come by the hundred thousand: ``json_format.MessageToDict`` takes many times as long,
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
from google.api.monitored_resource_pb2 import MonitoredResource  # type: ignore[import-untyped]
from google.protobuf import descriptor_pool, json_format, message_factory
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import DecodeError, Message

from analyzer.sources._wire import ENTRY

if TYPE_CHECKING:
    from google.protobuf import any_pb2, struct_pb2
    from google.protobuf.descriptor import Descriptor
    from google.protobuf.duration_pb2 import Duration
    from google.protobuf.timestamp_pb2 import Timestamp

    from analyzer import model

__all__ = ["entry_to_json"]

_EXACT = 2**53
"""Up to here a double holds every integer; beyond it, writing one as an integer would claim digits it has not."""

_Convert = Callable[[Any], Any]
_Table = Mapping[FieldDescriptor, tuple[str, _Convert | None]]
"""The fields of a message, each with its name in JSON and its conversion (None: the value stays as it is)."""


def entry_to_json(entry: Any) -> model.LogEntry:
    """One message of the class :data:`analyzer.sources._wire.ENTRY` as a LogEntry mapping.

    As ``json_format.MessageToDict`` has it, but: integral numbers of a jsonPayload are integers (a Struct has only
    doubles), NaN and infinities there are text, a payload of unknown type is ``{"@type": url, "value": base64}``, and
    an empty resource is none. Entries of one resource share its mapping.
    """
    return _fields(entry, _ENTRY)


def _fields(message: Message, table: _Table) -> dict[str, Any]:
    """What is set of a message. ``ListFields`` names all of it in one call, faster than each could be asked for."""
    result: dict[str, Any] = {}
    for field, value in message.ListFields():
        name, convert = table[field]
        result[name] = value if convert is None else convert(value)
    return result


@functools.lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()[:19]


def _fraction(nanos: int) -> str:
    """Nanoseconds behind the point, in as few groups of three digits as say them."""
    # Padding a text takes a third of what formatting a number with ":09d" takes.
    digits = str(nanos).zfill(9)
    if nanos % 1000:
        return f".{digits}"
    if nanos % 1_000_000:
        return f".{digits[:6]}"
    return f".{digits[:3]}" if nanos else ""


def _timestamp(value: Timestamp) -> str:
    return f"{_second(value.seconds)}{_fraction(value.nanos)}Z"


def _struct(value: struct_pb2.Struct) -> dict[str, Any]:
    fields = value.fields
    # Maps of protobuf have their items() from collections.abc, in Python; looking up each key takes a third less.
    return {name: (item := fields[name]).string_value or _value(item) for name in fields}


def _value(value: struct_pb2.Value) -> Any:
    if number := value.number_value:  # most values that are no text are numbers, and this is faster than their kind
        return _number(number)
    kind = value.WhichOneof("kind")
    if kind == "struct_value":
        return _struct(value.struct_value)
    if kind == "list_value":
        return [item.string_value or _value(item) for item in value.list_value.values]
    if kind == "bool_value":
        return value.bool_value
    if kind == "string_value":
        return value.string_value
    return 0 if kind == "number_value" else None


def _number(value: float) -> float | str:
    if -_EXACT <= value <= _EXACT:
        whole = int(value)
        return whole if whole == value else value
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")


@functools.lru_cache(maxsize=4096)
def _resource(packed: bytes) -> dict[str, Any]:
    return _fields(MonitoredResource.FromString(packed), _RESOURCE)


def _duration(value: Duration) -> str:
    seconds, nanos = value.seconds, value.nanos
    if seconds < 0 or nanos < 0:
        seconds, nanos = divmod(-(seconds * 1_000_000_000 + nanos), 1_000_000_000)
        return f"-{seconds}{_fraction(nanos)}s"
    return f"{seconds}{_fraction(nanos)}s"


def _any(value: any_pb2.Any) -> dict[str, Any]:
    """A payload with its type; one whose type is unknown, or that is broken, keeps its bytes."""
    try:
        kind = descriptor_pool.Default().FindMessageTypeByName(value.TypeName())
        payload = message_factory.GetMessageClass(kind).FromString(value.value)
    except (KeyError, DecodeError):
        return {"@type": value.type_url, "value": base64.b64encode(value.value).decode()}
    fields = _by_type(kind)(payload)
    if isinstance(fields, dict) and kind.full_name not in _SPECIAL:
        return {"@type": value.type_url, **fields}
    return {"@type": value.type_url, "value": fields}


@functools.lru_cache(maxsize=256)
def _by_type(kind: Descriptor) -> _Convert:
    """The conversion of a message of any type: field by field, so that one that fails spoils nothing beside it."""
    special = _SPECIAL.get(kind.full_name)
    if special is not None:
        return special
    if kind.file.package == "google.protobuf":  # wrappers and masks, which JSON has in forms of their own
        return json_format.MessageToDict
    return lambda message: _fields(message, _table(kind))


def _texts(value: Mapping[str, str]) -> dict[str, str]:
    return {name: value[name] for name in value}


def _rare(field: FieldDescriptor, value: Any) -> Any:
    """The value of a field of a kind that is not worth its own conversion."""
    alone = message_factory.GetMessageClass(cast("Descriptor", field.containing_type))()
    if hasattr(value, "MergeFrom"):  # repeated, or a map
        getattr(alone, field.name).MergeFrom(value)
    else:
        setattr(alone, field.name, value)
    return json_format.MessageToDict(alone)[field.json_name]


_SPECIAL: dict[str, _Convert] = {
    "google.protobuf.Any": _any,
    "google.protobuf.Struct": _struct,
    "google.protobuf.Value": _value,
    "google.protobuf.ListValue": lambda items: list(map(_value, items.values)),
    "google.protobuf.Duration": _duration,
    "google.protobuf.Timestamp": _timestamp,
}

_SCALARS: dict[int, _Convert | None] = {
    FieldDescriptor.TYPE_STRING: None,
    FieldDescriptor.TYPE_BOOL: None,
    FieldDescriptor.TYPE_INT32: None,
    FieldDescriptor.TYPE_INT64: str,  # JSON has 64-bit integers as text
}


@functools.lru_cache(maxsize=256)
def _table(descriptor: Descriptor) -> _Table:
    return {field: (field.json_name, _conversion(field)) for field in descriptor.fields}


def _conversion(field: FieldDescriptor) -> _Convert | None:
    """How a field of any kind is converted: one that the API is yet to add is as welcome as the others."""
    kind = field.message_type
    repeated = field.default_value == []
    if kind is not None and kind.GetOptions().map_entry:
        value = kind.fields_by_name["value"]
        return _texts if value.type == FieldDescriptor.TYPE_STRING else functools.partial(_rare, field)
    if kind is not None:
        convert = _by_type(kind)
        return (lambda items: [convert(item) for item in items]) if repeated else convert
    if field.name == "resource" and field.type == FieldDescriptor.TYPE_BYTES:
        return _resource
    if field.enum_type is not None and not repeated:
        names = {value.number: value.name for value in field.enum_type.values}
        return lambda number: names.get(number, number)
    if field.type in _SCALARS and not repeated:
        return _SCALARS[field.type]
    return functools.partial(_rare, field)


_ENTRY = _table(ENTRY.DESCRIPTOR)
_RESOURCE = _table(MonitoredResource.DESCRIPTOR)
