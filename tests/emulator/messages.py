"""LogEntry JSON and LogEntry protobuf, each made from the other.

JSON as ``gcloud logging read --format=json`` and the REST API have it; protobuf with the client library's own classes.
Fields that the library's LogEntry does not know (errorGroups in 3.17) can be filtered on but do not travel.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from google.cloud.appengine_logging_v1 import RequestLog
from google.cloud.audit import audit_log_pb2  # type: ignore[import-untyped]
from google.cloud.logging_v2.types import LogEntry
from google.iam.v1.logging import audit_data_pb2  # type: ignore[import-untyped]
from google.protobuf import any_pb2, json_format, struct_pb2

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.message import Message

__all__ = ["EntryError", "to_json", "to_message"]

_KNOWN = (audit_log_pb2.AuditLog, audit_data_pb2.AuditData, RequestLog)
"""Types that may stand in a protoPayload: importing them makes them known to protobuf."""


class EntryError(ValueError):
    """A mapping that is no LogEntry; the text says what is wrong with it."""


def to_message(entry: Mapping[str, Any]) -> Any:
    """The protobuf LogEntry (the raw class below the library's) of a JSON LogEntry.

    Raises:
        EntryError: It is no LogEntry.
    """
    rest = {key: value for key, value in entry.items() if key not in ("protoPayload", "proto_payload")}
    message = LogEntry.pb()()
    try:
        json_format.ParseDict(rest, message, ignore_unknown_fields=True)
        if not message.severity and str(entry.get("severity", "DEFAULT")) not in ("DEFAULT", "0"):
            raise EntryError(f"{entry['severity']!r} is no severity")
        payload = entry.get("protoPayload", entry.get("proto_payload"))
        if payload is not None:
            message.proto_payload.CopyFrom(_pack(payload))
    except (json_format.ParseError, TypeError, ValueError, AttributeError) as error:
        raise EntryError(str(error)) from error
    return message


def to_json(message: Any) -> dict[str, Any]:
    """The JSON LogEntry of a protobuf one; an Any of an unknown type keeps its bytes as base64 under ``value``."""
    try:
        return json_format.MessageToDict(message)
    except TypeError:
        bare = type(message)()
        bare.CopyFrom(message)
        bare.ClearField("proto_payload")
        payload = message.proto_payload
        data = json_format.MessageToDict(bare)
        data["protoPayload"] = {"@type": payload.type_url, "value": base64.b64encode(payload.value).decode()}
        return data


def _pack(payload: Mapping[str, Any]) -> any_pb2.Any:
    """The payload in an Any: as its own type where that is known, otherwise as bytes nobody can read."""
    if packed := _parse(payload):
        return packed
    inner = payload.get("serviceData")
    if isinstance(inner, dict) and (packed := _parse({k: v for k, v in payload.items() if k != "serviceData"})):
        audit = audit_log_pb2.AuditLog()
        if packed.Unpack(audit):
            audit.service_data.CopyFrom(_pack(inner))
            packed.value = audit.SerializeToString()
            return packed
    return _opaque(payload)


def _parse(payload: Mapping[str, Any]) -> any_pb2.Any | None:
    packed = any_pb2.Any()
    try:
        json_format.ParseDict(dict(payload), packed, ignore_unknown_fields=True)
    except (json_format.ParseError, TypeError, KeyError):
        return None
    return packed


def _opaque(payload: Mapping[str, Any]) -> any_pb2.Any:
    """An Any of an unknown type: the bytes under ``value`` where they are given, else the fields as some bytes."""
    rest = {key: value for key, value in payload.items() if key != "@type"}
    url = str(payload.get("@type", ""))
    if set(rest) == {"value"} and isinstance(rest["value"], str):
        try:
            return any_pb2.Any(type_url=url, value=base64.b64decode(rest["value"], validate=True))
        except binascii.Error:
            pass
    fields: Message = json_format.ParseDict(rest, struct_pb2.Struct())
    return any_pb2.Any(type_url=url, value=fields.SerializeToString())
