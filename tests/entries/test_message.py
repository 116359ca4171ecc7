from __future__ import annotations

from typing import Any

import pytest

from analyzer.entries import decode
from analyzer.model import Severity

TIME = "2025-03-04T10:11:12Z"
STACK = "Error: till is shut\n    at open (/srv/till.js:1:2)"
TRACE = 'Traceback (most recent call last):\n  File "/srv/till.py", line 3, in open\n    f()\nTillError: shut'


def message(payload: Any, **fields: Any) -> str:
    return decode({"timestamp": TIME, "jsonPayload": payload, **fields}).message


def text(payload: str) -> str:
    return decode({"timestamp": TIME, "textPayload": payload}).message


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"message": "shut", "msg": "other"}, "shut"),
        ({"Message": "shut"}, "shut"),
        ({"MSG": "shut"}, "shut"),
        ({"msg": "new post", "event": "post.created"}, "new post"),
        ({"event": "till_shut", "level": "info"}, "till_shut"),
        ({"message": "", "textPayload": "shut"}, "shut"),
        ({"message": "  ", "log": "shut\n"}, "shut"),
        ({"message": {"text": "shut"}}, "shut"),
        ({"message": {"x": "shut"}}, '{"x":"shut"}'),
        ({"message": {"message": "shut"}}, "shut"),
        ({"message": 7}, "7"),
        ({"error": {"type": "TillError", "value": "shut"}}, "TillError: shut"),
        ({"exc_info": TRACE}, TRACE),
        ({"stack_trace": STACK}, STACK),
        ({"data": {"message": "shut"}}, "shut"),
        ({"statusDetails": "backend_timeout"}, "backend_timeout"),
        ({"b": 1, "a": ["x"]}, '{"a":["x"],"b":1}'),
        ({"s": "E", "c": "NETWORK", "t": {}, "msg": "shut"}, "shut"),
        ("shut", "shut"),
        (["shut"], '["shut"]'),
    ],
)
def test_the_message_is_found_in_any_logger_s_json(payload: Any, expected: str) -> None:
    assert message(payload) == expected


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ({"message": "failed", "exc_info": TRACE}, f"failed\n{TRACE}"),
        ({"message": TRACE, "exc_info": TRACE}, TRACE),
        ({"message": "failed", "exc_info": True}, "failed"),
        ({"message": "failed", "exc_info": "NoneType: None"}, "failed"),
        (
            {
                "msg": "failed",
                "level": 50,
                "err": {"type": "Error", "message": "till is shut", "stack": STACK, "code": "E1"},
            },
            f"failed\n{STACK}\ncode: E1",
        ),
        ({"msg": "failed", "level": "error", "error": "dial tcp: refused"}, "failed\ndial tcp: refused"),
        ({"msg": "fine", "level": "info", "error": "none"}, "fine"),
        ({"msg": "fine", "level": "info", "error": "a user's word"}, "fine"),
        ({"msg": "failed", "level": "error", "error": {"message": "refused"}}, "failed\nrefused"),
        ({"short_message": "failed", "full_message": "failed\nat length"}, "failed\nfailed\nat length"),
        (
            {"msg": "failed", "exception": {"class": "A", "message": "shut", "backtrace": ["x.rb:1", 7]}},
            "failed\nA: shut\n    at x.rb:1\n",
        ),
        (
            {"msg": "failed", "level": "error", "err": {"message": "a", "cause": {"message": "b"}}},
            "failed\na\nCaused by: b",
        ),
        ({"msg": "failed", "stack": ["one", "two"]}, "failed\none\ntwo"),
    ],
)
def test_an_exception_beside_the_message_is_appended(payload: Any, expected: str) -> None:
    assert message(payload) == expected.rstrip()


def test_the_list_of_structlog_is_written_as_python_prints_it() -> None:
    frame = {"filename": "/srv/till.py", "lineno": 3, "name": "open", "line": "f()"}
    chain = [
        {"exc_type": "TillError", "exc_value": "shut", "frames": [frame]},
        {"exc_type": "KeyError", "exc_value": "", "frames": []},
    ]
    entry = decode({"timestamp": TIME, "jsonPayload": {"event": "failed", "level": "error", "exception": chain}})
    assert entry.message == (
        "failed\nTraceback (most recent call last):\nKeyError\n\n"
        "The above exception was the direct cause of the following exception:\n\n" + TRACE
    )


@pytest.mark.parametrize("given", ["INFO", "WARNING", "ERROR"])
def test_the_decoy_error_object_is_neither_error_nor_message(given: str) -> None:
    decoy = {"message": "Missing field", "severity": "ERROR", "traceback": "", "type": "str"}
    entry = decode({"timestamp": TIME, "severity": given, "jsonPayload": {"error": decoy, "message": "till is open"}})
    assert entry.message == "till is open"
    assert entry.severity is Severity[given]


def test_a_text_that_is_json_is_decoded_one_level() -> None:
    entry = decode({"timestamp": TIME, "textPayload": '{"level":"error","msg":"shut","logger":"till"}'})
    assert (entry.message, entry.severity, entry.logger) == ("shut", Severity.ERROR, "till")
    assert text('{"broken": ') == '{"broken":'
    assert text("{not json}") == "{not json}"
    assert text("{}") == "{}"


def test_colours_are_taken_off() -> None:
    assert text("\x1b[32m2025\x1b[0m | \x1b[31m\x1b[1mERROR\x1b[0m") == "2025 | ERROR"
    assert text("\\u001b[31mERROR\\u001b[0m: shut") == "ERROR: shut"
    assert text("#033[31mERROR#033[0m") == "ERROR"


def test_a_one_line_traceback_is_unfolded_and_other_backslashes_are_left() -> None:
    folded = TRACE.replace("\n", "\\n")
    assert message({"message": folded}) == TRACE
    assert message({"message": "failed", "exc_info": folded}) == f"failed\n{TRACE}"
    assert text("a\\nb in C:\\new") == "a\\nb in C:\\new"
    assert text("a\r\nb\n\n") == "a\nb"


def test_lone_surrogates_are_replaced() -> None:
    assert text("a\ud800b") == "a\ufffdb"


@pytest.mark.parametrize(
    ("proto", "expected"),
    [
        ({"status": {"code": 7, "message": "Permission denied"}, "methodName": "m"}, "Permission denied"),
        (
            {"methodName": "google.cloud.run.v1.Services.ReplaceService", "resourceName": "namespaces/p/services/till"},
            "google.cloud.run.v1.Services.ReplaceService namespaces/p/services/till",
        ),
        ({"line": [{"logMessage": "one"}, {"logMessage": "two"}, 7]}, "one\ntwo"),
        ({"message": "m"}, "m"),
        ({"x": 1}, '{"x":1}'),
    ],
)
def test_an_audited_call_says_why_it_failed_or_what_it_was(proto: Any, expected: str) -> None:
    assert decode({"timestamp": TIME, "protoPayload": proto}).message == expected


def test_a_request_with_a_text_says_the_text() -> None:
    request = {"requestMethod": "GET", "requestUrl": "/pay", "status": 503}
    assert decode({"timestamp": TIME, "httpRequest": request, "textPayload": "aborted"}).message == "aborted"
    assert message({"@type": "LoadBalancerLogEntry"}, httpRequest=request) == "GET /pay 503"


def test_an_entry_that_says_nothing_has_no_message() -> None:
    assert decode({"timestamp": TIME, "insertId": "i"}).message == ""
