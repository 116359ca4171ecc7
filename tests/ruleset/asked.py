"""Entries that a server is asked for, and what rules say of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from analyzer.entries import decode
from analyzer.matching.evaluate import compile_condition
from analyzer.matching.fields import Subject
from analyzer.model import Event
from tests.matching.strategies import messages, payloads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analyzer.rule import Condition

__all__ = ["ENTRIES", "entry", "holds"]


def entry(**fields: Any) -> dict[str, Any]:
    return {
        "logName": "projects/p/logs/run.googleapis.com%2Fstderr",
        "timestamp": "2025-09-10T00:33:54Z",
        "insertId": "i",
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": "backend", "revision_name": "backend-1"}},
        **fields,
    }


def holds(condition: Condition, raw: Mapping[str, Any]) -> bool:
    decoded = decode(raw)
    one = Event(entries=(decoded,), message=decoded.message, severity=decoded.severity)
    return compile_condition(condition)(Subject(one))


_TEXTS = st.one_of(
    messages, st.sampled_from(['{"message": "Missing \\"users\\" \\u2717"}', "ERROR    | app.db:f:1 - failed"])
)
ENTRIES = st.builds(
    lambda payload, severity, request, label: entry(
        **payload, **severity, **request, labels={"run.googleapis.com/x": label}
    ),
    st.one_of(
        _TEXTS.map(lambda text: {"textPayload": text}),
        st.tuples(_TEXTS, payloads, st.sampled_from(["message", "msg", "log"])).map(
            lambda some: {"jsonPayload": {**some[1], some[2]: some[0]}}
        ),
        st.sampled_from(["failed to connect", "table"]).map(
            lambda text: {
                "jsonPayload": {"level": "error", "message": "x", "error": {"type": "Failed", "message": text}},
            }
        ),
        st.just({"protoPayload": {"methodName": "google.cloud.run.v1.Services.ReplaceService", "resourceName": "x"}}),
    ),
    st.sampled_from([{}, {"severity": "INFO"}, {"severity": "ERROR"}]),
    st.one_of(
        st.just({}),
        st.builds(
            lambda method, url, status: {"httpRequest": {"requestMethod": method, "requestUrl": url, "status": status}},
            st.sampled_from(["GET", "POST"]),
            st.sampled_from(["/health", "https://x.run.app/health?x=1", "https://x.run.app"]),
            st.sampled_from([200, 500, 503]),
        ),
    ),
    st.sampled_from(["backend", "true", 'say "x"']),
)
