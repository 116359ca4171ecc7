"""The emulator as Google's real client sees it."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import grpc
import pytest
from google.api_core import exceptions
from google.cloud.audit import audit_log_pb2  # type: ignore[import-untyped]
from google.cloud.logging_v2.types import LogEntry
from google.protobuf import json_format

from tests.emulator import Emulator, Fault
from tests.emulator.messages import EntryError

if TYPE_CHECKING:
    from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2Client

    from tests.emulator.conftest import Connect


def lines(count: int, *, project: str = "shop") -> list[dict[str, Any]]:
    """Text entries a second apart, in no order."""
    entries = [
        {
            "logName": f"projects/{project}/logs/run.googleapis.com%2Fstderr",
            "insertId": f"id{number:05d}",
            "timestamp": f"2025-09-10T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}.{number:09d}Z",
            "resource": {"type": "cloud_run_revision", "labels": {"service_name": "api"}},
            "textPayload": f"line {number}",
        }
        for number in range(count)
    ]
    random.Random(7).shuffle(entries)  # noqa: S311 - only the order
    return entries


def page(client: LoggingServiceV2Client, token: str = "", **fields: Any) -> Any:
    """One ListLogEntries call, without the client's own retries; the raw response."""
    request = {"resource_names": ["projects/shop"], "order_by": "timestamp asc", "page_token": token} | fields
    timeout = request.pop("timeout", 10.0)
    return next(client.list_log_entries(request, retry=None, timeout=timeout).pages)


def ids(response: Any) -> list[str]:
    return [entry.insert_id for entry in response.entries]


def all_pages(client: LoggingServiceV2Client, **fields: Any) -> list[list[str]]:
    pages, token = [], ""
    while True:
        response = page(client, token, **fields)
        pages.append(ids(response))
        token = response.next_page_token
        if not token:
            return pages


def test_all_entries_come_once_in_order_over_as_many_pages_as_it_takes(connect: Connect) -> None:
    with Emulator(lines(2345)) as emulator:
        pages = all_pages(connect(emulator), page_size=1000)
        assert [len(part) for part in pages] == [1000, 1000, 345]
        assert [name for part in pages for name in part] == [f"id{number:05d}" for number in range(2345)]


def test_the_clients_own_pager_reads_to_the_end(connect: Connect) -> None:
    with Emulator(lines(120)) as emulator:
        client = connect(emulator)
        entries = list(client.list_log_entries({"resource_names": ["projects/shop"], "order_by": "timestamp desc"}))
        assert [entry.text_payload for entry in entries] == [f"line {number}" for number in reversed(range(120))]
        assert [call.entries for call in emulator.calls] == [50, 50, 20]


def test_ties_are_ordered_by_insert_id_in_both_orders(connect: Connect) -> None:
    entries = [{**entry, "timestamp": "2025-09-10T00:00:00.5Z"} for entry in lines(9)]
    with Emulator(entries) as emulator:
        client = connect(emulator)
        expected = [f"id{number:05d}" for number in range(9)]
        assert ids(page(client)) == expected
        assert [name for part in all_pages(client, order_by="timestamp desc", page_size=2) for name in part] == expected


def test_the_filter_is_the_servers_work_and_nothing_is_added_to_it(connect: Connect) -> None:
    with Emulator(lines(30)) as emulator:
        client = connect(emulator)
        assert ids(page(client, filter='textPayload="line 7" OR textPayload="line 9"')) == ["id00007", "id00009"]
        assert len(ids(page(client))) == 30, "entries older than a day are listed without a filter"


def test_only_entries_of_the_resources_asked_for_come_back(connect: Connect) -> None:
    with Emulator([*lines(3), *lines(2, project="shop-2")]) as emulator:
        client = connect(emulator)
        assert len(ids(page(client))) == 3
        assert len(ids(page(client, resource_names=["projects/shop", "projects/shop-2"]))) == 5
        view = "projects/shop-2/locations/global/buckets/_Default/views/_AllLogs"
        assert len(ids(page(client, resource_names=[view]))) == 2


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"resource_names": []}, "at least one resource"),
        ({"resource_names": ["shop"]}, "Name 'shop' is not a valid resource name"),
        ({"resource_names": ["projects/shop"] * 101}, "at most 100"),
        ({"page_size": -1}, "page_size"),
        ({"page_size": 1001}, "page_size"),
        ({"order_by": "severity desc"}, "order_by"),
        ({"order_by": "timestamp DESC"}, "order_by"),
        ({"filter": "x" * 20_001}, "20000 characters"),
        ({"filter": "severity>=ERROR AND ("}, "Unparseable filter: syntax error at line 1, column 22, token 'EOF'"),
        ({"page_token": "nonsense"}, "page_token is invalid"),
        ({"page_token": "AAAA" * 8}, "page_token is invalid"),
        ({"page_token": "ü"}, "page_token is invalid"),
        ({"page_token": "abcde"}, "page_token is invalid"),
    ],
)
def test_a_request_the_api_refuses_is_an_invalid_argument(connect: Connect, fields: dict[str, Any], text: str) -> None:
    with Emulator(lines(3)) as emulator:
        with pytest.raises(exceptions.InvalidArgument) as caught:
            page(connect(emulator), **fields)
        assert text in str(caught.value)
        assert emulator.calls[0].code is grpc.StatusCode.INVALID_ARGUMENT


def test_a_filter_of_twenty_thousand_characters_is_taken(connect: Connect) -> None:
    with Emulator(lines(3)) as emulator:
        assert len(ids(page(connect(emulator), filter="line" + " " * 19_996))) == 3


def test_a_token_belongs_to_its_query(connect: Connect) -> None:
    with Emulator(lines(5)) as emulator:
        client = connect(emulator)
        token = page(client, page_size=2, filter="line").next_page_token
        for fields in ({"filter": "line OR x"}, {"order_by": "timestamp desc"}, {"resource_names": ["projects/other"]}):
            with pytest.raises(exceptions.InvalidArgument, match="page_token doesn't match"):
                page(client, token, **({"filter": "line"} | fields))
        assert ids(page(client, token, filter="line", page_size=3)) == ["id00002", "id00003", "id00004"]


def test_a_token_dies_after_a_day(connect: Connect) -> None:
    now = [1_757_500_000.0]
    with Emulator(lines(5), clock=lambda: now[0]) as emulator:
        client = connect(emulator)
        token = page(client, page_size=2).next_page_token
        now[0] += 24 * 3600
        assert len(ids(page(client, token))) == 3
        now[0] += 1
        with pytest.raises(exceptions.InvalidArgument, match="expired"):
            page(client, token)


def test_a_scan_limit_gives_short_and_empty_pages_that_carry_tokens(connect: Connect) -> None:
    with Emulator(lines(100), scan=30) as emulator:
        pages = all_pages(connect(emulator), filter='textPayload="line 40" OR textPayload="line 99"', page_size=1000)
        assert pages == [[], ["id00040"], [], ["id00099"]]


def test_a_page_ends_before_it_grows_too_large_but_one_entry_always_goes(connect: Connect) -> None:
    entries = [{**entry, "textPayload": "x" * 1000} for entry in lines(6)]
    with Emulator(entries, page_bytes=2500) as emulator:
        assert [len(part) for part in all_pages(connect(emulator))] == [2, 2, 2]
    with Emulator(entries, page_bytes=1) as emulator:
        assert [len(part) for part in all_pages(connect(emulator))] == [1] * 6


def test_large_pages_reach_a_client_that_takes_them(connect: Connect) -> None:
    entries = [{**entry, "textPayload": "x" * 9000} for entry in lines(900)]
    with Emulator(entries) as emulator:
        assert len(ids(page(connect(emulator), page_size=1000))) == 900


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


@pytest.mark.parametrize(
    ("fault", "error", "text"),
    [
        (Fault.unavailable(2), exceptions.ServiceUnavailable, "unavailable"),
        (Fault.exhausted(2), exceptions.ResourceExhausted, "Read requests per minute"),
        (Fault.permission_denied(2), exceptions.PermissionDenied, "Permission denied for all log views"),
        (
            Fault.permission_denied(2, text="Permission 'logging.logEntries.list' denied on resource 'projects/shop'"),
            exceptions.PermissionDenied,
            "Permission 'logging.logEntries.list' denied on resource",
        ),
        (Fault.not_found("shop", 2), exceptions.NotFound, "Project 'shop' not found"),
        (Fault(call=2, code=grpc.StatusCode.INTERNAL), exceptions.InternalServerError, "Internal error"),
        (Fault(call=2, code=grpc.StatusCode.ABORTED), exceptions.Aborted, "aborted"),
    ],
)
def test_a_fault_hits_its_call_and_the_read_can_go_on(
    connect: Connect, fault: Fault, error: type[Exception], text: str
) -> None:
    with Emulator(lines(5), faults=[fault]) as emulator:
        client = connect(emulator)
        first = page(client, page_size=3)
        with pytest.raises(error, match=text):
            page(client, first.next_page_token)
        if fault.times == 1:
            assert ids(page(client, first.next_page_token)) == ["id00003", "id00004"]
        else:
            with pytest.raises(error, match=text):
                page(client, first.next_page_token)
        assert [call.code for call in emulator.calls[:2]] == [grpc.StatusCode.OK, fault.code]


def test_a_fault_can_last_some_calls_and_the_clients_retry_outlives_it(connect: Connect) -> None:
    with Emulator(lines(5), faults=[Fault.unavailable(1, times=2)]) as emulator:
        entries = list(connect(emulator).list_log_entries({"resource_names": ["projects/shop"]}))
        assert len(entries) == 5
        codes = [call.code for call in emulator.calls]
        assert codes == [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.OK]


def test_empty_pages_carry_new_tokens_and_pass_nothing_over(connect: Connect) -> None:
    with Emulator(lines(5), faults=[Fault.empty_page(1), Fault.empty_page(3, times=2)]) as emulator:
        assert [len(part) for part in all_pages(connect(emulator), page_size=3)] == [0, 3, 0, 0, 2]
        tokens = [call.next_page_token for call in emulator.calls[:-1]]
        assert len(set(tokens)) == len(tokens)
        assert all(tokens)


def test_short_pages_lose_nothing(connect: Connect) -> None:
    with Emulator(lines(5), faults=[Fault.short_page(1), Fault.short_page(0, call=2)]) as emulator:
        assert [len(part) for part in all_pages(connect(emulator))] == [1, 0, 4]


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_token_loop_answers_with_the_token_it_was_asked_with(connect: Connect, call: int) -> None:
    with Emulator(lines(50), faults=[Fault.token_loop(call)]) as emulator:
        client = connect(emulator)
        token, seen = "", []
        for _ in range(6):
            response = page(client, token, page_size=10)
            token = response.next_page_token
            seen.append((token, ids(response)))
        assert len({tokens for tokens, _ in seen}) == max(call - 1, 1)
        assert seen[-1] == seen[-2]


def test_a_call_that_hangs_ends_with_the_clients_deadline(connect: Connect) -> None:
    with Emulator(lines(5), faults=[Fault.hang()]) as emulator:
        client = connect(emulator)
        with pytest.raises(exceptions.DeadlineExceeded):
            page(client, timeout=0.2)
        assert len(ids(page(client))) == 5
        assert emulator.calls[0].deadline == pytest.approx(0.2, abs=0.1)
        assert emulator.calls[1].code is grpc.StatusCode.OK


def test_a_hanging_call_does_not_keep_the_emulator_from_stopping(connect: Connect) -> None:
    emulator = Emulator(lines(5), faults=[Fault.hang()]).start()
    with ThreadPoolExecutor() as pool:
        future = pool.submit(page, connect(emulator), timeout=30)
        while not emulator.calls:
            time.sleep(0.01)
        begun = time.monotonic()
        emulator.stop()
        assert time.monotonic() - begun < 2
        assert isinstance(future.exception(timeout=5), exceptions.GoogleAPICallError)


def test_a_slow_call_is_answered_after_its_time(connect: Connect) -> None:
    with Emulator(lines(5), faults=[Fault.slow(0.15)]) as emulator:
        client = connect(emulator)
        begun = time.monotonic()
        assert len(ids(page(client))) == 5
        assert time.monotonic() - begun >= 0.15


def test_the_quota_answers_so_many_calls_a_minute(connect: Connect) -> None:
    now = [1_757_500_000.0]
    with Emulator(lines(5), quota=2, clock=lambda: now[0]) as emulator:
        client = connect(emulator)
        page(client)
        now[0] += 30
        page(client)
        with pytest.raises(
            exceptions.ResourceExhausted, match="Quota exceeded for quota metric 'Read requests'"
        ) as caught:
            page(client)
        assert caught.value.reason == "RATE_LIMIT_EXCEEDED"
        now[0] += 30
        assert len(ids(page(client))) == 5
        with pytest.raises(exceptions.ResourceExhausted):
            page(client)
        assert [call.time - 1_757_500_000 for call in emulator.calls] == [0, 30, 30, 60, 60]


def test_a_page_can_repeat_the_end_of_the_page_before_it(connect: Connect) -> None:
    with Emulator(lines(7), faults=[Fault.duplicates(2)]) as emulator:
        pages = all_pages(connect(emulator), page_size=3)
        assert [[int(name[2:]) for name in part] for part in pages] == [[0, 1, 2], [1, 2, 3], [4, 5, 6]]


def test_entries_can_arrive_between_two_calls_before_and_behind_the_reader(connect: Connect) -> None:
    behind = {**lines(1)[0], "insertId": "behind", "timestamp": "2025-09-10T00:00:00.5Z"}
    ahead = {**lines(1)[0], "insertId": "ahead", "timestamp": "2025-09-10T00:00:03.5Z"}
    with Emulator(lines(5), faults=[Fault.late([behind, ahead])]) as emulator:
        client = connect(emulator)
        pages = all_pages(client, page_size=3)
        assert pages == [["id00000", "id00001", "id00002"], ["id00003", "ahead", "id00004"]]
        assert "behind" in ids(page(client))
        assert len(emulator) == 7


def test_a_project_that_does_not_exist_is_not_found(connect: Connect) -> None:
    with Emulator(lines(2), projects=["shop"]) as emulator:
        client = connect(emulator)
        assert len(ids(page(client))) == 2
        with pytest.raises(exceptions.NotFound, match="Project 'shoop' not found"):
            page(client, resource_names=["projects/shoop"])


def test_every_call_is_written_down(connect: Connect) -> None:
    with Emulator(lines(5), clock=lambda: 12.5) as emulator:
        client = connect(emulator)
        first = page(client, filter="line", page_size=4, order_by="timestamp desc")
        page(client, first.next_page_token, filter="line", page_size=4, order_by="timestamp desc")
        one, two = emulator.calls
        assert (one.number, one.time, one.filter, one.order_by) == (1, 12.5, "line", "timestamp desc")
        assert (one.page_size, one.page_token, one.entries) == (4, "", 4)
        assert one.resource_names == ("projects/shop",)
        assert one.next_page_token == two.page_token == first.next_page_token
        assert (two.number, two.entries, two.next_page_token) == (2, 1, "")


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


def test_a_taken_port_is_an_error_and_not_shared() -> None:
    with Emulator() as emulator, pytest.raises(RuntimeError):
        Emulator(port=int(emulator.host.rpartition(":")[2])).start()
