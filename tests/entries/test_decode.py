from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.entries import EntryError, decode
from analyzer.events import join
from analyzer.model import Severity
from analyzer.times import SECOND, parse_timestamp

TIME = "2025-03-04T10:11:12.345678901Z"
RAW = {
    "logName": "projects/shop-staging/logs/run.googleapis.com%2Fstderr",
    "resource": {
        "type": "cloud_run_revision",
        "labels": {"service_name": "till", "revision_name": "till-7", "project_id": "shop-staging"},
    },
    "labels": {"instanceId": "00ab"},
    "timestamp": TIME,
    "receiveTimestamp": "2025-03-04T10:11:38Z",
    "insertId": "abc",
    "trace": "projects/shop-staging/traces/7",
    "textPayload": "shop.till - ERROR - shut",
}


def test_a_text_entry_is_decoded_whole() -> None:
    entry = decode(RAW)
    assert entry.timestamp == entry.time == parse_timestamp(TIME)
    assert entry.received == parse_timestamp("2025-03-04T10:11:38Z")
    assert (entry.severity, entry.given_severity) == (Severity.ERROR, Severity.DEFAULT)
    assert entry.message == "shop.till - ERROR - shut"
    assert (entry.service, entry.revision, entry.instance) == ("till", "till-7", "00ab")
    assert (entry.project, entry.log) == ("shop-staging", "run.googleapis.com/stderr")
    assert (entry.insert_id, entry.trace, entry.logger) == ("abc", "projects/shop-staging/traces/7", "shop.till")
    assert entry.request is None
    assert entry.raw is RAW


@pytest.mark.parametrize(
    "raw",
    [
        None,
        [],
        "text",
        {},
        {"message": "x", "timestamp": TIME},
        {"textPayload": "x"},
        {"textPayload": "x", "timestamp": "yesterday"},
        {"textPayload": "x", "timestamp": {"nanos": 7}},
    ],
)
def test_what_is_no_log_entry_is_refused(raw: Any) -> None:
    with pytest.raises(EntryError):
        decode(raw)


def test_the_received_time_stands_in_for_a_missing_timestamp() -> None:
    entry = decode({"textPayload": "x", "receiveTimestamp": TIME, "timestamp": 7})
    assert entry.timestamp == parse_timestamp(TIME)


def test_a_timestamp_may_be_seconds_and_nanos() -> None:
    entry = decode({"textPayload": "x", "timestamp": {"seconds": "1741083072", "nanos": 5}})
    assert entry.timestamp == 1_741_083_072 * SECOND + 5


def test_names_with_underscores_are_read_too() -> None:
    raw = {"log_name": RAW["logName"], "text_payload": "x", "insert_id": "i", "timestamp": TIME}
    entry = decode(raw)
    assert (entry.message, entry.insert_id, entry.log) == ("x", "i", "run.googleapis.com/stderr")
    assert entry.raw is raw


@pytest.mark.parametrize(
    ("latency", "nanos"),
    [
        ("13.48s", 13_480_000_000),
        ("0s", 0),
        ({"seconds": "2", "nanos": 5}, 2_000_000_005),
        ("long", 0),
        ("-3s", 0),
        (None, 0),
        ({"seconds": "x"}, 0),
    ],
)
def test_a_request_happened_when_it_ended(latency: Any, nanos: int) -> None:
    request = {"requestMethod": "GET", "requestUrl": "https://till.run.app/pay?x=1", "status": 503, "latency": latency}
    entry = decode({"httpRequest": request, "timestamp": TIME, "severity": "ERROR"})
    assert entry.request is not None
    assert entry.request.latency == nanos
    assert entry.time - entry.timestamp == nanos
    assert entry.message == "GET /pay 503"


@pytest.mark.parametrize(
    ("url", "path"),
    [("/pay#top", "/pay"), ("https://till.run.app", "/"), ("http://[::bad/x", "/x"), ("", ""), (7, "7"), (None, "")],
)
def test_the_path_of_a_request_is_cut_out_of_any_url(url: Any, path: str) -> None:
    entry = decode({"httpRequest": {"requestUrl": url, "status": "200"}, "timestamp": TIME})
    assert entry.request is not None
    assert (entry.request.path, entry.request.status) == (path, 200)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.just("\ud800") | st.just(TIME),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
names = st.sampled_from(
    [
        "message",
        "msg",
        "error",
        "err",
        "exception",
        "stack",
        "exc_info",
        "severity",
        "level",
        "logger",
        "event",
        "log",
        "name",
        "frames",
        "exc_type",
        "cause",
        "uid",
        "index",
        "seconds",
        "nanos",
        "status",
        "requestUrl",
        "latency",
        "labels",
        "type",
        "service_name",
        "resourceName",
        "response",
        "metadata",
        "@type",
        "line",
        "methodName",
        "split",
        "serviceContext",
        "s",
        "c",
        "t",
    ]
)
nested = st.recursive(
    json,
    lambda inner: st.dictionaries(names, inner, max_size=6) | st.lists(inner, max_size=3),
    max_leaves=20,
)
fields = st.sampled_from([*RAW, "jsonPayload", "protoPayload", "httpRequest", "severity", "split", "operation"])


@given(st.dictionaries(fields, nested, max_size=8))
def test_no_json_raises_anything_but_an_entry_error(raw: dict[str, Any]) -> None:
    for record in (raw, {**raw, "timestamp": TIME, "insertId": "i"}):
        try:
            entry = decode(record)
        except EntryError:
            assert record is raw
            continue
        entry.message.encode()
        assert len(join([entry, entry])) in (1, 2)


@given(nested)
def test_no_payload_raises_anything(payload: Any) -> None:
    for name in ("textPayload", "jsonPayload", "protoPayload", "httpRequest", "resource", "labels"):
        decode({**RAW, name: payload})


def test_deep_nesting_does_no_harm() -> None:
    deep: Any = "x"
    for _ in range(3000):
        deep = {"cause": deep, "message": "m", "stack": "s"}
    assert decode({"timestamp": TIME, "jsonPayload": {"err": deep, "level": "error", "msg": "top"}}).message
    assert decode({"timestamp": TIME, "jsonPayload": {"deep": deep}}).message is not None
    text = '{"a":' * 5000 + "1" + "}" * 5000
    assert decode({"timestamp": TIME, "textPayload": text}).message == text
