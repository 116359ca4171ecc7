"""Three entries, and whether a query holds on one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.query import compile_filter
from tests.emulator.records import Records

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["AUDIT", "ENTRY", "TEXT", "holds"]

ENTRY: dict[str, Any] = {
    "logName": "projects/shop-staging/logs/run.googleapis.com%2Fstderr",
    "insertId": "a1",
    "timestamp": "2025-09-10T00:33:54.123456789Z",
    "receiveTimestamp": "2025-09-10T00:33:55Z",
    "severity": "ERROR",
    "resource": {"type": "cloud_run_revision", "labels": {"service_name": "api", "revision_name": "api-00042-abc"}},
    "labels": {"instanceId": "0087", "run.googleapis.com/execution": "nightly"},
    "jsonPayload": {
        "message": "Missing table: user_sessions",
        "attempt": 3,
        "ratio": 0.5,
        "fatal": True,
        "end_time": "later",
        "empty": None,
        "sizes": [8.5, 9, 6],
        "foo.bar": "apple",
        "steps": [{"name": "connect"}, {"name": "migrate"}],
        "client": {"ip": "10.1.2.3"},
    },
    "httpRequest": {"status": 503, "latency": "1.250s", "requestSize": "9007199254740993", "cacheHit": True},
    "trace": "projects/shop-staging/traces/abc",
    "sourceLocation": {"file": "app/start.py", "line": "42"},
    "split": {"uid": "u", "index": 1, "totalSplits": 3},
}
AUDIT: dict[str, Any] = {
    "logName": "projects/shop-staging/logs/cloudaudit.googleapis.com%2Factivity",
    "timestamp": "2025-09-10T00:30:00Z",
    "resource": {"type": "cloud_run_revision"},
    "protoPayload": {
        "@type": "type.googleapis.com/google.cloud.audit.AuditLog",
        "methodName": "google.cloud.run.v1.Services.ReplaceService",
        "requestMetadata": {"callerIp": "203.0.113.9"},
    },
}
TEXT: dict[str, Any] = {
    "logName": "projects/shop-staging/logs/run.googleapis.com%2Fstderr",
    "timestamp": "2025-09-10T00:33:51Z",
    "resource": {"type": "cloud_run_revision"},
    "textPayload": "⚠️ Hello World: STRASSE of the ﬁrst migration\nERROR in line two",
}


def holds(text: str, entry: Mapping[str, Any] = ENTRY) -> bool:
    """Whether the query selects the entry, as stored.

    Raises:
        FilterError: It is no query.
    """
    records = Records(lambda: 1_757_464_434.0)
    records.add([entry])
    (record,) = records.after(None, descending=False)
    return compile_filter(text)(record)
