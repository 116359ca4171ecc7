"""Protobuf entries as JSON mappings, compared with the library's own conversion."""

from __future__ import annotations

import base64
import json
import math
from typing import TYPE_CHECKING, Any

from google.cloud.audit import audit_log_pb2  # type: ignore[import-untyped]
from google.cloud.logging_v2.types import ListLogEntriesResponse, LogEntry
from google.protobuf import (
    any_pb2,
    descriptor_pb2,
    descriptor_pool,
    empty_pb2,
    json_format,
    message_factory,
    struct_pb2,
    type_pb2,
    wrappers_pb2,
)
from hypothesis import given
from hypothesis import strategies as st

from analyzer.sources import _protobuf
from analyzer.sources._wire import ENTRY, PAGE, schema_of

if TYPE_CHECKING:
    import pytest

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**60), 2**60).map(float)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)
STRUCTS = st.dictionaries(TEXT, VALUES, max_size=4)
LABELS = st.dictionaries(TEXT, TEXT, max_size=3)
INT32, INT64 = st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1)
NANOS = st.integers(0, 999_999_999) | st.sampled_from([0, 500_000_000, 123_456_000])
DURATIONS = st.tuples(st.integers(0, 10**6), NANOS).map(lambda pair: {"seconds": pair[0], "nanos": pair[1]})


def new() -> Any:
    return LogEntry.pb()()


def converted(entry: Any) -> Any:
    """The entry as it comes over the wire, converted."""
    return _protobuf.entry_to_json(ENTRY.FromString(entry.SerializeToString()))


@st.composite
def messages(draw: st.DrawFn) -> Any:
    """A LogEntry message with any of its fields."""
    entry = new()
    for name in ("log_name", "insert_id", "trace", "span_id"):
        setattr(entry, name, draw(TEXT))
    entry.trace_sampled = draw(st.booleans())
    entry.severity = draw(st.sampled_from([0, 100, 200, 300, 400, 500, 600, 700, 800, 555]))
    for stamp in (entry.timestamp, entry.receive_timestamp):
        if draw(st.booleans()):
            stamp.seconds = draw(st.integers(-62_135_596_800, 253_402_300_799))
            stamp.nanos = draw(NANOS)
    entry.labels.update(draw(LABELS))
    if draw(st.booleans()):
        entry.resource.type = draw(TEXT)
        entry.resource.labels.update(draw(LABELS))
    if draw(st.booleans()):
        fill_request(draw, entry.http_request)
    if draw(st.booleans()):
        entry.operation.id, entry.operation.first = draw(TEXT), draw(st.booleans())
        entry.source_location.file, entry.source_location.line = draw(TEXT), draw(INT64)
        entry.split.uid, entry.split.index, entry.split.total_splits = draw(TEXT), draw(INT32), draw(INT32)
    fill_payload(draw, entry)
    return entry


def fill_request(draw: st.DrawFn, request: Any) -> None:
    for field in request.DESCRIPTOR.fields:
        if not draw(st.booleans()):
            continue
        if field.name == "latency":
            duration = draw(DURATIONS)
            request.latency.seconds, request.latency.nanos = duration["seconds"], duration["nanos"]
        else:
            kinds = {field.TYPE_STRING: TEXT, field.TYPE_BOOL: st.booleans(), field.TYPE_INT32: INT32}
            setattr(request, field.name, draw(kinds.get(field.type, INT64)))


def fill_payload(draw: st.DrawFn, entry: Any) -> None:
    kind = draw(st.sampled_from(["none", "text", "json", "audit"]))
    if kind == "text":
        entry.text_payload = draw(TEXT)
    elif kind == "json":
        json_format.ParseDict(draw(STRUCTS), entry.json_payload)
    elif kind == "audit":
        audit = audit_log_pb2.AuditLog(method_name=draw(TEXT), num_response_items=draw(INT64))
        json_format.ParseDict(draw(STRUCTS), audit.request)
        audit.request_metadata.caller_ip = draw(TEXT)
        audit.request_metadata.request_attributes.headers.update(draw(LABELS))
        for permission in draw(st.lists(TEXT, max_size=2)):
            audit.authorization_info.add(permission=permission, granted=draw(st.booleans()))
        entry.proto_payload.Pack(audit)


@given(messages())
def test_it_says_what_the_library_says_but_for_an_empty_resource(entry: Any) -> None:
    expected = json_format.MessageToDict(entry)
    if not expected.get("resource"):
        expected.pop("resource", None)
    assert converted(entry) == expected


@given(messages())
def test_it_is_json_that_parses_back_to_the_same_entry(entry: Any) -> None:
    text = json.dumps(converted(entry), allow_nan=False)
    assert converted(json_format.Parse(text, new())) == converted(entry)


def test_integral_numbers_are_integers_and_others_are_not() -> None:
    entry = new()
    json_format.ParseDict(
        {"a": 503, "b": 1.5, "c": [-2, 2.0**53, 2.0**60], "d": {"e": 0}, "f": True}, entry.json_payload
    )
    payload = converted(entry)["jsonPayload"]
    assert json.dumps(payload, sort_keys=True) == (
        '{"a": 503, "b": 1.5, "c": [-2, 9007199254740992, 1.152921504606847e+18], "d": {"e": 0}, "f": true}'
    )


def test_numbers_that_json_has_not_are_text() -> None:
    entry = new()
    for name, value in {"nan": math.nan, "up": math.inf, "down": -math.inf}.items():
        entry.json_payload.fields[name].number_value = value
    assert converted(entry)["jsonPayload"] == {"nan": "NaN", "up": "Infinity", "down": "-Infinity"}


def test_nanoseconds_and_latency_are_kept() -> None:
    entry = new()
    entry.timestamp.FromJsonString("2025-09-10T00:33:54.000000001Z")
    entry.receive_timestamp.FromJsonString("2025-09-10T00:33:54.5Z")
    entry.http_request.latency.FromJsonString("1.500s")
    assert converted(entry) == {
        "timestamp": "2025-09-10T00:33:54.000000001Z",
        "receiveTimestamp": "2025-09-10T00:33:54.500Z",
        "httpRequest": {"latency": "1.500s"},
    }


def test_a_latency_below_zero_does_no_harm() -> None:
    entry = new()
    entry.http_request.latency.seconds = -1
    entry.http_request.latency.nanos = -500_000_000
    assert converted(entry)["httpRequest"] == {"latency": "-1.500s"}


def test_a_payload_of_unknown_type_keeps_its_bytes() -> None:
    entry = new()
    entry.proto_payload.type_url = "type.googleapis.com/acme.Secret"
    entry.proto_payload.value = b"\x0a\x01\xff"
    assert converted(entry)["protoPayload"] == {
        "@type": "type.googleapis.com/acme.Secret",
        "value": base64.b64encode(b"\x0a\x01\xff").decode(),
    }


def test_a_broken_payload_of_known_type_keeps_its_bytes() -> None:
    entry = new()
    entry.proto_payload.type_url = "type.googleapis.com/google.cloud.audit.AuditLog"
    entry.proto_payload.value = b"\x0a\xff"
    assert converted(entry)["protoPayload"]["value"] == base64.b64encode(b"\x0a\xff").decode()


def test_an_unknown_type_inside_an_audit_entry_spoils_nothing_beside_it() -> None:
    audit = audit_log_pb2.AuditLog(method_name="google.cloud.run.v1.Services.ReplaceService", num_response_items=7)
    audit.authorization_info.add(permission="run.services.update", granted=True)
    audit.service_data.type_url = "type.googleapis.com/acme.Data"
    audit.service_data.value = b"x"
    audit.status.message = "denied"
    audit.status.details.add(type_url="type.googleapis.com/acme.Detail", value=b"y")
    audit.request.fields["n"].number_value = math.nan
    entry = new()
    entry.proto_payload.Pack(audit)
    assert converted(entry)["protoPayload"] == {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "methodName": "google.cloud.run.v1.Services.ReplaceService",
        "numResponseItems": "7",
        "authorizationInfo": [{"permission": "run.services.update", "granted": True}],
        "serviceData": {"@type": "type.googleapis.com/acme.Data", "value": base64.b64encode(b"x").decode()},
        "status": {
            "message": "denied",
            "details": [{"@type": "type.googleapis.com/acme.Detail", "value": base64.b64encode(b"y").decode()}],
        },
        "request": {"n": "NaN"},
    }


def test_a_well_known_type_as_payload_stands_under_value() -> None:
    entry = new()
    entry.proto_payload.Pack(struct_pb2.ListValue(values=[struct_pb2.Value(number_value=1), struct_pb2.Value()]))
    assert converted(entry)["protoPayload"] == {
        "@type": "type.googleapis.com/google.protobuf.ListValue",
        "value": [1, None],
    }


def test_a_payload_inside_a_payload_is_decoded() -> None:
    inner, entry = any_pb2.Any(), new()
    inner.Pack(struct_pb2.Value(string_value="x"))
    entry.proto_payload.Pack(inner)
    assert converted(entry)["protoPayload"]["value"]["value"] == "x"


def test_kinds_of_fields_that_no_entry_has_are_converted_as_the_library_does() -> None:
    odd = new()
    info = type_pb2.Type(
        name="T", syntax=type_pb2.SYNTAX_EDITIONS, oneofs=["a", "b"], fields=[type_pb2.Field(number=3)]
    )
    info.options.add(name="o").value.Pack(wrappers_pb2.BytesValue(value=b"\xff"))
    for message in (
        info,
        empty_pb2.Empty(),
        wrappers_pb2.DoubleValue(value=0.5),
        wrappers_pb2.UInt64Value(value=2**63),
    ):
        odd.proto_payload.Pack(message)
        assert converted(odd)["protoPayload"] == json_format.MessageToDict(odd)["protoPayload"]


def test_entries_of_one_resource_share_its_mapping() -> None:
    entry = new()
    entry.resource.type = "cloud_run_revision"
    entry.resource.labels["service_name"] = "backend"
    first, second = converted(entry), converted(entry)
    assert first["resource"] == {"type": "cloud_run_revision", "labels": {"service_name": "backend"}}
    assert first["resource"] is second["resource"]


def test_a_page_has_the_librarys_fields_and_its_resources_packed() -> None:
    response = ListLogEntriesResponse.pb()(next_page_token="more")
    response.entries.add(insert_id="a").resource.type = "global"
    response.entries.add(insert_id="b")
    page = PAGE.FromString(response.SerializeToString())
    assert page.next_page_token == "more"
    assert [(entry.insert_id, entry.resource) for entry in page.entries] == [("a", b"\n\x06global"), ("b", b"")]
    assert page.SerializeToString() == response.SerializeToString()


def test_fields_the_api_adds_later_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    file = descriptor_pb2.FileDescriptorProto(name="later.proto", package="later", syntax="proto3")
    group = file.message_type.add(name="LogErrorGroup")
    group.field.add(name="id", number=1, type=9, label=1)
    pool = descriptor_pool.Default()
    pool.Add(file)
    wire = schema_of(LogEntry.pb().DESCRIPTOR, package="later.wire")
    wire.dependency.append("later.proto")
    (later,) = wire.message_type
    later.field.add(
        name="error_groups", json_name="errorGroups", number=901, type=11, type_name=".later.LogErrorGroup", label=3
    )
    later.field.add(name="some_size", json_name="someSize", number=902, type=3, label=1)
    later.field.add(name="tags", json_name="tags", number=903, type=9, label=3)
    later.field.add(name="share", json_name="share", number=904, type=1, label=1)
    later.field.add(name="new_payload", json_name="newPayload", number=905, type=5, label=1, oneof_index=0)
    pool.Add(wire)
    kind: Any = message_factory.GetMessageClass(pool.FindMessageTypeByName("later.wire.LogEntry"))
    monkeypatch.setattr(_protobuf, "_ENTRY", _protobuf._table(kind.DESCRIPTOR))
    entry = kind(insert_id="a", some_size=5, tags=["x", "y"], share=0.5, error_groups=[{"id": "CKyz"}], new_payload=0)
    assert _protobuf.entry_to_json(entry) == {
        "insertId": "a",
        "someSize": "5",
        "tags": ["x", "y"],
        "share": 0.5,
        "errorGroups": [{"id": "CKyz"}],
        "newPayload": 0,
    }
