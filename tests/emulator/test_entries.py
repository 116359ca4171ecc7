"""LogEntries on their way through the emulator: what is stored is what a client gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from google.api_core import exceptions
from google.cloud.audit import audit_log_pb2  # type: ignore[import-untyped]
from google.cloud.logging_v2.types import LogEntry
from google.protobuf import json_format

from tests.emulator import Emulator
from tests.emulator.client import ids, page
from tests.emulator.messages import EntryError

if TYPE_CHECKING:
    from tests.emulator.conftest import Connect


FULL: dict[str, Any] = {
    "logName": "projects/shop/logs/app",
    "insertId": "full",
    "timestamp": "2025-09-10T00:33:54.123456789Z",
    "receiveTimestamp": "2025-09-10T00:33:55.000000001Z",
    "severity": "ERROR",
    "resource": {"type": "cloud_run_revision", "labels": {"service_name": "api"}},
    "labels": {"run.googleapis.com/x": "y"},
    "jsonPayload": {"message": "✗ no", "count": 3.0, "list": [1.0, {"deep": None}], "yes": True},
    "httpRequest": {"requestMethod": "GET", "status": 503, "latency": "1.250s", "requestSize": "9007199254740993"},
    "operation": {"id": "o", "producer": "p", "first": True},
    "trace": "projects/shop/traces/t",
    "spanId": "00",
    "traceSampled": True,
    "sourceLocation": {"file": "a.py", "line": "7", "function": "f"},
    "split": {"uid": "u", "index": 1, "totalSplits": 3},
}


def served(connect: Connect, entry: dict[str, Any], text: str = "") -> Any:
    """The raw protobuf LogEntry a client gets for a JSON one."""
    with Emulator([entry]) as emulator:
        (message,) = page(connect(emulator), filter=text).entries
        return LogEntry.pb(message)


def test_every_field_arrives_as_it_was_down_to_the_nanosecond(connect: Connect) -> None:
    message = served(connect, FULL)
    assert json_format.MessageToDict(message) == FULL
    assert message.timestamp.nanos == 123_456_789
    assert message.receive_timestamp.nanos == 1


def test_fields_the_library_does_not_know_are_filtered_on_but_do_not_travel(connect: Connect) -> None:
    entry = FULL | {"errorGroups": [{"id": "group1"}]}
    assert json_format.MessageToDict(served(connect, entry, "errorGroups.id=group1")) == FULL


def test_an_audit_entry_is_an_any_with_its_own_type(connect: Connect) -> None:
    payload = {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "serviceName": "run.googleapis.com",
        "methodName": "google.cloud.run.v1.Services.ReplaceService",
        "request": {"@type": "type.googleapis.com/unknown.Request", "name": "api"},
        "serviceData": {"@type": "type.googleapis.com/unknown.Data", "value": "AAEC"},
        "aFieldOfTomorrow": 1,
    }
    entry = {key: value for key, value in FULL.items() if key != "jsonPayload"} | {"protoPayload": payload}
    message = served(connect, entry, "protoPayload.methodName:ReplaceService")
    audit = audit_log_pb2.AuditLog()
    assert message.proto_payload.Unpack(audit)
    assert (audit.service_name, audit.request["name"]) == ("run.googleapis.com", "api")
    assert audit.service_data.type_url == "type.googleapis.com/unknown.Data"
    assert audit.service_data.value == b"\x00\x01\x02"


@pytest.mark.parametrize(
    "rest",
    [{"value": "AAEC"}, {"value": "no base64!"}, {"name": "x", "deep": {"n": 1}}],
    ids=["bytes", "text", "fields"],
)
def test_a_payload_of_an_unknown_type_is_served_as_bytes(connect: Connect, rest: dict[str, Any]) -> None:
    payload = {"@type": "type.googleapis.com/unknown.Thing"} | rest
    entry = {key: value for key, value in FULL.items() if key != "jsonPayload"} | {"protoPayload": payload}
    message = served(connect, entry, "protoPayload:*")
    assert message.proto_payload.type_url == "type.googleapis.com/unknown.Thing"
    assert message.proto_payload.value
    assert not message.proto_payload.Is(audit_log_pb2.AuditLog.DESCRIPTOR)


@pytest.mark.parametrize(
    "entry",
    [{"timestamp": "yesterday"}, {"jsonPayload": "text"}, {"severity": "GRAVE"}, {"labels": {"a": 1}}],
)
def test_what_is_no_log_entry_is_refused_when_it_is_stored(entry: dict[str, Any]) -> None:
    with pytest.raises(EntryError, match="entry 1: "):
        Emulator([FULL, FULL | entry])


def test_entries_without_insert_id_or_time_are_given_both(connect: Connect) -> None:
    bare = {"logName": "projects/shop/logs/app", "textPayload": "x"}
    with Emulator([bare, bare], clock=lambda: 1_757_464_434.0) as emulator:
        first, second = page(connect(emulator)).entries
        assert first.insert_id != second.insert_id
        assert LogEntry.pb(first).timestamp.seconds == 1_757_464_434


def test_what_is_written_can_be_read(connect: Connect) -> None:
    with Emulator(clock=lambda: 1_757_464_434.25) as emulator:
        client = connect(emulator)
        client.write_log_entries(
            {
                "log_name": "projects/shop/logs/app",
                "resource": {"type": "global"},
                "labels": {"env": "staging", "own": "no"},
                "entries": [{"text_payload": "hello", "labels": {"own": "yes"}}, {"json_payload": {"n": 1}}],
            }
        )
        hello = LogEntry.pb(page(client, filter="hello").entries[0])
        assert hello.insert_id
        assert dict(hello.labels) == {"env": "staging", "own": "yes"}
        assert hello.timestamp == hello.receive_timestamp
        assert hello.timestamp.seconds == 1_757_464_434
        assert len(ids(page(client, filter="jsonPayload.n=1 resource.type=global"))) == 1


def test_a_written_payload_of_an_unknown_type_is_kept(connect: Connect) -> None:
    with Emulator() as emulator:
        client = connect(emulator)
        entry = {
            "log_name": "projects/shop/logs/app",
            "resource": {"type": "global"},
            "proto_payload": {"type_url": "type.googleapis.com/unknown.Thing", "value": b"\x00\x01"},
        }
        client.write_log_entries({"entries": [entry]})
        (read,) = page(client).entries
        assert LogEntry.pb(read).proto_payload.value == b"\x00\x01"


@pytest.mark.parametrize(
    ("request_", "text"),
    [
        ({"resource": {"type": "global"}, "entries": [{"text_payload": "x"}]}, "log_name is required"),
        ({"log_name": "projects/shop/logs/a", "entries": [{"text_payload": "x"}]}, "resource is required"),
    ],
)
def test_a_write_without_log_name_or_resource_is_refused(connect: Connect, request_: dict[str, Any], text: str) -> None:
    with Emulator() as emulator:
        with pytest.raises(exceptions.InvalidArgument, match=text):
            connect(emulator).write_log_entries(request_)
        assert len(emulator) == 0


def test_a_dry_run_writes_nothing(connect: Connect) -> None:
    with Emulator() as emulator:
        connect(emulator).write_log_entries(
            {
                "log_name": "projects/shop/logs/a",
                "resource": {"type": "global"},
                "entries": [{"text_payload": "x"}],
                "dry_run": True,
            }
        )
        assert len(emulator) == 0
