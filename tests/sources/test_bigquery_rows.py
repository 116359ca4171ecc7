"""Rows of a log bucket's view as LogEntry mappings."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import SourceError
from analyzer.sources._rows import Row, row_to_entry
from tests.bigquery.rows import to_row
from tests.sources.cloud import entry


def converted(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry to a row and back, as BigQuery writes rows: JSON in its columns is JSON there."""
    row = to_row(entry)
    times = [_micros(row.get(name)) for name in ("timestamp", "receive_timestamp")]
    return row_to_entry(Row(times[0], times[1], json.dumps(_unpacked(row))))


def _micros(text: str | None) -> int | None:
    if text is None:
        return None
    from analyzer.times import parse_timestamp  # noqa: PLC0415

    return parse_timestamp(text) // 1_000


def _unpacked(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _unpacked(item, name) for name, item in value.items()}
    packed = name in {"labels", "json_payload", "request", "response", "metadata", "service_data"}
    return json.loads(value) if packed else value


SAID = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=5,
)
OBJECTS = st.dictionaries(st.sampled_from(["message", "snake_case", "camelCase", "@type", "a.b"]), SAID, min_size=1)
TEXTS = st.text(min_size=1, max_size=5)
ENTRIES = st.fixed_dictionaries(
    {"insertId": TEXTS, "timestamp": st.just("2025-09-10T00:33:51.123456Z"), "logName": TEXTS},
    optional={
        "severity": st.sampled_from(["INFO", "ERROR"]),
        "receiveTimestamp": st.just("2025-09-10T00:33:52Z"),
        "resource": st.fixed_dictionaries({"type": TEXTS}, optional={"labels": OBJECTS}),
        "labels": OBJECTS,
        "textPayload": TEXTS,
        "jsonPayload": OBJECTS,
        "protoPayload": st.fixed_dictionaries(
            {"@type": TEXTS},
            optional={
                "methodName": TEXTS,
                "status": st.fixed_dictionaries({"code": st.integers(1, 16)}),
                "authenticationInfo": st.fixed_dictionaries({"principalEmail": TEXTS}),
                "request": OBJECTS,
                "serviceData": OBJECTS,
            },
        ),
        "httpRequest": st.fixed_dictionaries(
            {"requestMethod": TEXTS, "status": st.integers(100, 599)},
            optional={"latency": st.sampled_from(["0s", "1s", "0.5s", "12.000000001s"]), "userAgent": TEXTS},
        ),
        "split": st.fixed_dictionaries({"uid": TEXTS, "index": st.integers(1, 3), "totalSplits": st.just(4)}),
        "sourceLocation": st.fixed_dictionaries({"file": TEXTS, "function": TEXTS}),
        "spanId": TEXTS,
        "traceSampled": st.booleans(),
    },
)


@given(ENTRIES)
def test_an_entry_comes_back_as_the_api_would_have_sent_it(one: dict[str, Any]) -> None:
    assert converted(one) == one


def test_what_is_not_set_is_left_out() -> None:
    row = Row(1, None, '{"text_payload":null,"severity":"DEFAULT","operation":{"id":null},"labels":null,"log_id":"x"}')
    assert row_to_entry(row) == {"timestamp": "1970-01-01T00:00:00.000001Z"}


def test_nothing_a_service_wrote_is_renamed_or_dropped() -> None:
    row = Row(None, None, '{"json_payload":{"a_b":null,"c":{}},"labels":{"k8s_pod":"x"}}')
    assert row_to_entry(row) == {"jsonPayload": {"a_b": None, "c": {}}, "labels": {"k8s_pod": "x"}}


@pytest.mark.parametrize(
    ("latency", "expected"),
    [
        ({"seconds": 2, "nanos": 0}, "2s"),
        ({"seconds": None, "nanos": 1_000_000}, "0.001s"),
        ({"seconds": 1}, "1s"),
        ("3.5s", "3.5s"),
    ],
)
def test_a_latency_is_a_duration(latency: object, expected: str) -> None:
    row = Row(None, None, json.dumps({"http_request": {"status": 200, "latency": latency}}))
    assert row_to_entry(row)["httpRequest"]["latency"] == expected


def test_a_payload_of_another_kind_keeps_its_type() -> None:
    row = Row(None, None, '{"proto_payload":{"type":"t","audit_log":null,"request_log":{"app_id":"a"}}}')
    assert row_to_entry(row)["protoPayload"] == {"@type": "t", "requestLog": {"appId": "a"}}


@pytest.mark.parametrize("text", ["", "{", "[" * 5_000])
def test_what_is_no_row_is_an_error(text: str) -> None:
    with pytest.raises(SourceError, match=re.escape("BigQuery sent a row that is no JSON: ")):
        row_to_entry(Row(None, None, text))


def test_an_entry_of_the_tests_has_a_row() -> None:
    assert converted(entry(3)) == {**entry(3), "receiveTimestamp": "2025-09-10T00:33:54.123456Z"}
