from __future__ import annotations

from typing import Any

import pytest

from analyzer.entries import decode

TIME = "2025-03-04T10:11:12Z"
TRACE = 'Traceback (most recent call last):\n  File "/srv/till.py", line 3, in open\n    f()\nTillError: shut'


def severity(given: Any = None, **fields: Any) -> str:
    return decode({"timestamp": TIME, "severity": given, **fields}).severity.name


@pytest.mark.parametrize(
    ("given", "text", "expected"),
    [
        (None, "till is open", "DEFAULT"),
        (None, "2025-03-04 10:11:12.345 | \x1b[31mERROR   \x1b[0m | shop:f:1 - shut", "ERROR"),
        ("ERROR", "INFO:     Started server process [7]", "INFO"),
        ("INFO", "ERROR:shop:shut", "ERROR"),
        ("ERROR", "CRITICAL:shop:shut", "CRITICAL"),
        ("CRITICAL", "ERROR:shop:shut", "CRITICAL"),
        ("INFO", TRACE, "ERROR"),
        ("DEBUG", TRACE, "DEBUG"),
        ("WARNING", TRACE, "WARNING"),
        (None, TRACE, "ERROR"),
        ("INFO", "✗ Missing tables", "ERROR"),
        ("ERROR", "Validation done: 10 passed, 0 failed", "INFO"),
        ("ERROR", "Validation FAILED - 0 services failed", "ERROR"),
        ("ERROR", "till is shut", "ERROR"),
        ("ERROR", "UserWarning: old", "WARNING"),
        ("ERROR", "⚠️ Extra tables", "ERROR"),
        ("INFO", "till is shut", "INFO"),
        (None, "INFO:shop:a\nERROR:shop:b", "ERROR"),
        (None, "CRITICAL SECURITY MIGRATION: weak hashes mitigated", "DEFAULT"),
    ],
)
def test_the_text_s_own_level_wins(given: str | None, text: str, expected: str) -> None:
    entry = decode({"timestamp": TIME, "severity": given, "textPayload": text})
    assert entry.severity.name == expected
    assert entry.given_severity.name == (given or "DEFAULT")


@pytest.mark.parametrize(
    ("given", "payload", "expected"),
    [
        (None, {"level": "error", "msg": "x"}, "ERROR"),
        (None, {"level": 50, "msg": "x"}, "ERROR"),
        (None, {"level": "50", "msg": "x"}, "ERROR"),
        (None, {"levelname": "WARNING", "message": "x"}, "WARNING"),
        (None, {"log.level": "error", "message": "x"}, "ERROR"),
        (None, {"log": {"level": "error"}, "message": "x"}, "ERROR"),
        (None, {"level": {"name": "FATAL"}, "message": "x"}, "CRITICAL"),
        (None, {"Level": "Error", "MessageTemplate": "x"}, "ERROR"),
        (None, {"s": "E", "c": "NETWORK", "t": {}, "msg": "x"}, "ERROR"),
        (None, {"s": "", "c": "NETWORK", "t": {}, "msg": "x"}, "DEFAULT"),
        (None, {"@type": "type.googleapis.com/x.ReportedErrorEvent", "message": "x"}, "ERROR"),
        ("ERROR", {"level": "info", "msg": "x"}, "INFO"),
        ("INFO", {"msg": "x"}, "INFO"),
        ("INFO", {"msg": "ERROR: relation is missing"}, "ERROR"),
        ("INFO", {"msg": "Error: what the user wrote"}, "INFO"),
        ("INFO", {"msg": "✗ Missing tables"}, "ERROR"),
        ("INFO", {"msg": f"failed\n{TRACE}"}, "ERROR"),
        (None, {"level": "critical", "msg": "INFO:shop:a\nFAILED: b"}, "CRITICAL"),
        (None, {"level": "silly", "msg": "x"}, "DEFAULT"),
        (None, {"level": True, "msg": "x"}, "DEFAULT"),
    ],
)
def test_the_level_of_a_payload_wins_over_the_platform_s(given: str | None, payload: Any, expected: str) -> None:
    assert severity(given, jsonPayload=payload) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [("ALERT", "ALERT"), ("warn", "WARNING"), (500, "ERROR"), ("nonsense", "DEFAULT"), (7, "DEFAULT"), ([], "DEFAULT")],
)
def test_a_given_severity_may_be_a_name_or_a_number(given: Any, expected: str) -> None:
    assert severity(given, textPayload="x") == expected


@pytest.mark.parametrize(("status", "expected"), [(503, "ERROR"), (404, "WARNING"), (200, "INFO")])
def test_a_request_without_severity_is_as_grave_as_its_status(status: int, expected: str) -> None:
    assert severity(httpRequest={"requestUrl": "/x", "status": status}) == expected
