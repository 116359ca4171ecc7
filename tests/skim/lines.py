"""Lines of exports as they may come, for tests that two ways of reading them agree: ordinary, odd and broken ones."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

__all__ = ["exports", "lines"]

_TEXTS = st.sampled_from(
    [
        'INFO:     10.0.0.1:0 - "GET /healthz HTTP/1.1" 200 OK',
        "2025-09-10 08:15:30,123 - app.jobs - INFO - job 7 done",
        "2025-09-10 08:15:30,123 - app.jobs - ERROR - job 7 failed",
        "ERROR: Missing critical tables: {'users', 'orders'}",
        "Missing CRITICAL tables: users",
        "✗ Missing critical tables: orders",
        "Traceback (most recent call last):",
        '  File "/srv/app.py", line 3, in run',
        "    raise KeyError(key)",
        "KeyError: 'x'",
        'sqlalchemy.exc.ProgrammingError: relation "users" does not exist',
        "[SQL: SELECT 1]",
        "DETAIL:  Key (id)=(1) already exists.",
        "<13>a syslog line",
        "<11>a syslog line",
        "[U+2717] refused 3",
        "[U+2705] fine 3",
        "\\u2717 migration failed",
        "code 42P01 and P1001",
        "took 42501 ms",
        "cache warmed: 12 keys in 3 ms 🍵",
        "Überweisung 4711 verbucht",
        "WARNING: low on disk",
        'he said "hello',
        "\x1b[31mERROR\x1b[0m: red",
        '{"message": "inside", "level": "error"}',
        "0 errors found",
        "kelvin sign \u212a and long s mi\u017fing critical table\u017f",
        "MISSING CRİTICAL TABLES",
        "line one\nERROR: line two",
        "SELECT 1\nFROM orders\nWHERE id = 7",
        "first of 3\n<11>second",
        "first of 3\n [U+2717] second",
        "   ",
        "critical tables\n  Missing",
        "GET /admin 503",
        "-12 rows",
    ]
)  # fmt: skip
NAMES = (
    st.uuids(version=4).map(str)
    | st.text("0123456789abcdef", min_size=11, max_size=17)
    | st.sampled_from(
        ["add4f0c1b2a3d", "1234567890abcd", "e0000000000b", "0123456789ABCDEF", "3F2504e0-4f89-41d3-9a0c"]
    )
)
"""Digests and UUIDs, and what looks like them."""

_NAMED = st.builds(
    str.format,
    st.sampled_from(
        [
            "{}",
            "order {} placed",
            "{} ERROR not a level",
            "[{}] ERROR: failed",
            "level={}",
            'level="{}" msg=x',
            "{}=3 ERROR x",
            "{}: denied",
            "app.{}.Error: x",
            "critical {} tables",
            "ERROR Order: {}",
            "ERROR {}",
            "2025-09-10 08:15:30 {} ERROR x",
            "req_{} done",
            '  File "{}"',
            "it is impossible to {}",
            "/items/{}/cart",
            "{}-{}",
        ]
    ),
    NAMES,
    NAMES,
)
TEXTS = _TEXTS | st.text(max_size=20) | st.builds("{} {}".format, _TEXTS, st.integers(0, 99_999)) | _NAMED
_VALUES = st.none() | st.booleans() | st.integers(-1, 600) | st.text(max_size=4) | st.just(["a"]) | st.just({"b": 1})
_TIMES = st.integers(0, 40).map(lambda n: f"2025-09-10T00:33:{n // 4:02}.{n % 4 * 250_000_000:09}Z")
_ODD_TIMES = st.sampled_from(
    [
        "2025-09-10T00:33:05Z",
        "2025-09-10T00:33:05.5Z",
        "2025-09-10t00:33:05.000000001z",
        "2025-09-10T02:33:05.123456789+02:00",
        "2025-09-10T00:33:60Z",
        "2025-09-10T00:33:05.1234567890Z",
        "٢025-09-10T00:33:05.123456789Z",
        "0001-01-01T00:00:00Z",
        "2262-04-11T23:47:17Z",
        "9999-12-31T23:59:59.999999999Z",
        "yesterday",
        "",
    ]
)
_SEVERITIES = st.sampled_from(["INFO", "DEFAULT", "DEBUG", "WARNING", "ERROR", "CRITICAL", "info", "bogus"])
_PATHS = st.sampled_from(
    ["/", "/api/users/42", "/static/app.123.js", "/healthz?q=1", "/ws/7", "/wp-login.php", "/a b", "/p1001", ""]
) | st.builds(
    str.format,
    st.sampled_from(["/users/{}/cart", "/{}", "/files/x-{}.pdf", "/v2/{}?q={}", "/ws/{}", "/{}.bak"]),
    NAMES,
    NAMES,
)
_REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        "requestMethod": st.sampled_from(["GET", "POST", "ERROR:"]) | _VALUES,
        "requestUrl": _PATHS | st.builds("https://h.example{}".format, _PATHS) | _VALUES,
        "status": st.sampled_from([200, 204, 401, 404, 426, 500, 503, 504, "500", 200.0]) | _VALUES,
        "latency": st.sampled_from(["0.012s", "1s", "3.5s", "700000s", "1e3s", "0.1234567891s"]) | _VALUES,
        "userAgent": st.sampled_from(["Mozilla/5.0", "Googlebot/2.1"]) | _VALUES,
        "protocol": st.just("HTTP/1.1"),
    },
)
_NAMES = (
    "message msg level severity Message error stack log module rows @type s c t serviceContext code exc_info time"
    " http.status logging.googleapis.com/labels requestId Level reason statusDetails Code"
)
_PAYLOADS = st.dictionaries(
    st.sampled_from(_NAMES.split()),
    TEXTS | _VALUES | st.sampled_from(["info", "error", "warn", 30, 50, {"loganalyze": "1"}, "x.ReportedErrorEvent"]),
    max_size=4,
)
_RESOURCES = st.sampled_from(
    [
        {"type": "cloud_run_revision", "labels": {"service_name": "api", "revision_name": "api-1", "project_id": "p"}},
        {"type": "cloud_run_revision", "labels": {"service_name": "api", "revision_name": "api-2"}},
        {"type": "k8s_container", "labels": {"container_name": "c", "pod_name": "pod-1"}},
        {"type": "cloud_run_job", "labels": {"job_name": "nightly"}},
        {"type": "global"},
        {},
    ]
)
_LABELS = st.sampled_from(
    [
        {"instanceId": "i1"},
        {"instanceId": "i2"},
        {"k8s-pod/app": "web"},
        {"loganalyze": "1"},
        {},
        {"instanceId": 3},
        {"requestId": "r1", "instanceId": "i1"},
        {"instanceId": "i1", "requestId": "r2", "odd": 10**30},
        {"instanceId": 10**30},
    ]
)
_CALLS = st.fixed_dictionaries(
    {},
    optional={
        "@type": st.just("type.googleapis.com/google.cloud.audit.AuditLog"),
        "methodName": st.sampled_from(
            [
                "storage.objects.get",
                "google.cloud.run.v1.Services.ReplaceService",
                "ERROR: critical tables",
                "p1001.Get",
            ]
        )
        | _VALUES,
        "resourceName": st.sampled_from(["projects/_/buckets/b/objects/9", "namespaces/p/Services/api", "42P01", "é"])
        | _VALUES,
        "status": st.sampled_from([{}, {"code": 7, "message": "ERROR: denied"}]) | _VALUES,
        "line": st.just([{"logMessage": "ERROR: said so"}]) | _VALUES,
        "message": TEXTS,
        "request": st.just({"service": {"spec": {"template": {"metadata": {"name": "api-9"}}}}}),
    },
)
_ENTRIES: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"timestamp": _TIMES | _ODD_TIMES, "insertId": st.sampled_from("abcdefgh")},
    optional={
        "resource": _RESOURCES,
        "labels": _LABELS,
        "logName": st.sampled_from(["projects/p/logs/run.googleapis.com%2Fstderr", "projects/p/logs/app", "odd", 4]),
        "severity": _SEVERITIES | _VALUES,
        "receiveTimestamp": _TIMES | _ODD_TIMES,
        "textPayload": TEXTS,
        "jsonPayload": _PAYLOADS,
        "httpRequest": _REQUESTS,
        "protoPayload": _CALLS | _VALUES,
        "split": st.sampled_from([{"uid": "u", "index": 0, "totalSplits": 2}, {"uid": "u", "index": 1}, None]),
        "trace": st.just("projects/p/traces/1"),
    },
)
_USUAL = st.builds(
    lambda entry, text, resource: {"resource": resource, "textPayload": text, **entry},
    st.fixed_dictionaries(
        {"timestamp": _TIMES, "insertId": st.text("abcdef0123", min_size=3, max_size=5)},
        optional={"severity": _SEVERITIES, "labels": _LABELS},
    ),
    TEXTS,
    _RESOURCES,
)
_ASKED = st.builds(
    lambda entry, path, status, agent, latency, resource: {
        "resource": resource,
        "httpRequest": {
            "requestMethod": "GET",
            "requestUrl": path,
            "status": status,
            "userAgent": agent,
            "latency": latency,
        },
        **entry,
    },
    st.fixed_dictionaries(
        {"timestamp": _TIMES, "insertId": st.text("abcdef0123", min_size=3, max_size=5)},
        optional={"severity": _SEVERITIES, "labels": _LABELS, "receiveTimestamp": _TIMES},
    ),
    _PATHS | st.builds("https://h.example{}{}".format, _PATHS, st.integers(0, 60_000)),
    st.sampled_from([200, 200, 204, 301, 404, 401, 503]),
    st.sampled_from(["Mozilla/5.0", "Googlebot/2.1"]),
    st.sampled_from(["0.012s", "1s", "12.5s"]),
    _RESOURCES,
)
_BALANCED = st.builds(
    lambda entry, payload: {**entry, "jsonPayload": payload},
    _ASKED,
    st.fixed_dictionaries(
        {"statusDetails": TEXTS},
        optional={"@type": st.just("type.googleapis.com/LoadBalancerLogEntry") | _VALUES, "level": _SEVERITIES},
    )
    | _PAYLOADS,
)
_WORDLESS = st.builds(
    lambda entry, payload: {**entry, "jsonPayload": payload},
    _ASKED.map(lambda entry: {name: value for name, value in entry.items() if name != "httpRequest"}),
    st.dictionaries(
        st.sampled_from(["path", "response_code", "Agent", "level", "duration"]), TEXTS | _VALUES, min_size=1
    ),
)
_AUDITED = st.builds(
    lambda entry, call, resource: {"resource": resource, "protoPayload": call, **entry},
    st.fixed_dictionaries(
        {"timestamp": _TIMES, "insertId": st.text("abcdef0123", min_size=3, max_size=5)},
        optional={"severity": _SEVERITIES, "labels": _LABELS},
    ),
    _CALLS,
    _RESOURCES,
)
_BROKEN = st.sampled_from(
    [
        b"",
        b"null",
        b"[]",
        b'{"other": 1}',
        b'{"insertId": "x"',
        b'{"insertId":"s","textPayload":"\\ud800 Missing critical tables","timestamp":"2025-09-10T00:33:05Z"}',
        b'{"insertId":"b","textPayload":"\xff\xfe","timestamp":"2025-09-10T00:33:05Z"}',
        b'{"insertId":"n","jsonPayload":{"message":"x","n":NaN},"timestamp":"2025-09-10T00:33:05Z"}',
        b'{"insertId":"d","textPayload":"one","textPayload":"ERROR: two","timestamp":"2025-09-10T00:33:05Z"}',
        b'{"severity":"INFO","insertId":"e","textPayload":"x","severity":"ERROR","timestamp":"2025-09-10T00:33:05Z"}',
        b'{"insertId":"z","textPayload":"x","x":' + b"[" * 120 + b"]" * 120 + b',"timestamp":"2025-09-10T00:33:05Z"}',
        b'{"insertId":"1","textPayload":"x","timestamp":"2025-09-10T00:33:05Z"}{"insertId":"2"}',
        b'[{"insertId":"3","textPayload":"ERROR: x","timestamp":"2025-09-10T00:33:05Z"}]',
        b'{"insert_id":"4","text_payload":"ERROR: x","timestamp":"2025-09-10T00:33:05Z"}',
        b'{"insertId":"5","textPayload":"x","timestamp":"2025-09-10T00:33:05Z","x":"bad \\x escape"}',
        b'{"insertId":"6","textPayload":"\\u0045RROR: cr\\u0069tical tables","timestamp":"2025-09-10T00:33:05Z"}',
        b'{"insertId":"7","textPayload":"x","timestamp":"2025-09-10T00:33:05Z","httpRequest":"odd"}',
        b'{"insertId":"8","textPayload":"x","timestamp":{"seconds":1757464385},"resource":{}}',
    ]
)
_SPELLED = st.builds(
    lambda entry, escaped, spaced: json.dumps(
        entry, ensure_ascii=escaped, separators=(", ", ": ") if spaced else (",", ":")
    ).encode("utf-8", "surrogatepass"),
    _ENTRIES | _USUAL | _ASKED | _BALANCED | _WORDLESS | _AUDITED,
    st.booleans(),
    st.booleans(),
)  # fmt: skip

lines: st.SearchStrategy[bytes] = st.one_of(_SPELLED, _SPELLED, _SPELLED, _BROKEN)
"""One line of an export, without its line feed."""

exports: st.SearchStrategy[bytes] = st.builds(
    lambda some, again, end: b"\n".join([*some, *(some[number % len(some)] for number in again)]) + end,
    st.lists(lines, min_size=1, max_size=12),
    st.lists(st.integers(0, 11), max_size=2),
    st.sampled_from([b"\n", b"", b"\r\n"]),
)
"""A file of such lines, some of which come twice."""
