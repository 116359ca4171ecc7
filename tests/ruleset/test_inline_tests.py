from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from analyzer.errors import RuleError
from analyzer.ruleset.guard import read_text
from analyzer.ruleset.inline_tests import inline_tests

if TYPE_CHECKING:
    from analyzer.rule import RuleTest


def read(text: str) -> RuleTest:
    (node,) = read_text(f"[{text}]", "rule.yml")
    (test,) = inline_tests(node, {"tables", "code"})
    return test


def entries(text: str) -> list[Any]:
    return [dict(entry) for entry in read(text).entries]


def test_a_message_is_a_text_line_of_a_cloud_run_service_without_severity() -> None:
    assert entries("{message: Missing tables, expect: {match: true}}") == [
        {
            "insertId": "test-1",
            "timestamp": "2025-09-10T00:33:54Z",
            "logName": "projects/test/logs/run.googleapis.com%2Fstderr",
            "resource": {
                "type": "cloud_run_revision",
                "labels": {"service_name": "api", "revision_name": "api-00001-abc"},
            },
            "labels": {"instanceId": "instance-1"},
            "textPayload": "Missing tables",
        }
    ]


def test_short_keys_say_what_differs() -> None:
    (entry,) = entries(
        "{message: 'GET /', severity: ERROR, service: web, revision: web-1, instance: i2, log: my/log, logger: app.db,"
        " labels: {a: b}, json: {code: 5}, http: {status: 503, path: /x, method: GET, latency: 1.5s},"
        " expect: {match: true}}"
    )
    assert entry["severity"] == "ERROR"
    assert entry["logName"] == "projects/test/logs/my%2Flog"
    assert entry["resource"]["labels"] == {"service_name": "web", "revision_name": "web-1"}
    assert entry["labels"] == {"instanceId": "i2", "a": "b"}
    assert entry["jsonPayload"] == {"message": "GET /", "logger": "app.db", "code": 5}
    assert entry["httpRequest"] == {"status": 503, "requestUrl": "/x", "requestMethod": "GET", "latency": "1.5s"}
    assert "textPayload" not in entry


def test_messages_come_a_second_apart_and_each_may_differ() -> None:
    found = entries(
        "{messages: [a, {message: b, after: 1m, severity: ERROR}, 3], instance: i1, expect: {match: false}}"
    )
    assert [entry["timestamp"][-9:] for entry in found] == ["00:33:54Z", "00:34:54Z", "00:34:55Z"]
    assert [entry["textPayload"] for entry in found] == ["a", "b", "3"]
    assert [entry.get("severity") for entry in found] == [None, "ERROR", None]
    assert {entry["insertId"] for entry in found} == {"test-1", "test-2", "test-3"}


def test_the_time_between_messages_may_be_said_once() -> None:
    found = entries("{messages: [a, b, {message: c, after: 0s}], after: 10ms, expect: {match: true}}")
    assert [entry["timestamp"][17:] for entry in found] == ["54Z", "54.010Z", "54.010Z"]


def test_whole_entries_stand_as_they_are() -> None:
    found = entries("{entries: [{textPayload: a}, {textPayload: b, timestamp: '2025-01-01T00:00:00Z', insertId: x}],"
                    " expect: {match: true}}")  # fmt: skip
    assert found == [
        {"textPayload": "a", "timestamp": "2025-09-10T00:33:54Z", "insertId": "test-1"},
        {"textPayload": "b", "timestamp": "2025-01-01T00:00:00Z", "insertId": "x"},
    ]


def test_expected_fields_are_texts_or_lists_of_texts() -> None:
    test = read("{entry: {textPayload: a}, expect: {match: true, tables: [a, 1], code: 42703}}")
    assert test.fields == {"tables": ["a", "1"], "code": "42703"}
    assert test.name == "test 1"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{messages: [], expect: {match: true}}", "'messages' is empty"),
        ("{message: [a], expect: {match: true}}", "a message must be a text"),
        ("{message: {text: a}, expect: {match: true}}", "a message has no key 'text'"),
        ("{entry: a, expect: {match: true}}", "an entry must be a mapping"),
        ("{entry: {a: b}, severity: ERROR, expect: {match: true}}", "'severity' belongs into the entry"),
        ("{message: a, http: {code: 1}, expect: {match: true}}", "'http' has no key 'code'"),
        ("{message: a, json: b, expect: {match: true}}", "'json' must be a mapping"),
        ("{message: a, expect: {match: sometimes}}", "'match' must be true or false"),
        ("{message: a, expect: {match: true, tables: {a: b}}}", "'tables' must be a text"),
        ("{messages: [a, {message: b, after: soon}], expect: {match: true}}", "no duration"),
    ],
)
def test_a_test_that_says_nothing_clear_is_refused(text: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        read(text)
