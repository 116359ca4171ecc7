"""Hypothesis strategies: conditions over a small world, and events of that world that often satisfy them."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from analyzer.model import Request, Severity
from analyzer.rule import And, Comparison, Condition, Named, Not, Operator, Or
from tests.matching.build import event

__all__ = ["conditions", "events", "messages", "texts"]

_WORDS = (
    "Missing", "critical user tables", "FAILED", "failed to connect", '"users"', r"C:\temp", "✗", "⚠️", "table",
    "0 failed", "kelvin", "\u212aelvin", "paſſ", "a=b", "ОШИБКА", "p\tq", "é", "x", "503", "connection refused: db",
)  # fmt: skip
texts = st.sampled_from(_WORDS)
messages = st.lists(st.one_of(texts, st.text(alphabet=string.ascii_letters + " .", max_size=5)), max_size=5).map(
    " ".join
)
_PATTERNS = (
    "(?i)missing (?:critical )?user", r"relation \S+", "fail(?:ed|ure)", r"\d+ failed", "^x", "[a-c]", ".",
    "(?i)KELVIN",     "table|✗", "critical.*tables", r"(?:^|\s)failed\b", "", "(?:refused|denied): ?db", "x{0,2}",
)  # fmt: skip
_TEXT = st.sampled_from([Operator.EQUALS, Operator.CONTAINS, Operator.STARTSWITH, Operator.ENDSWITH])
_ORDER = st.sampled_from([Operator.EQUALS, Operator.GT, Operator.GTE, Operator.LT, Operator.LTE])
_NAMES = st.sampled_from(
    ["service", "revision", "logger", "log", "http.path", "http.method", "resource.type", "labels.run.googleapis.com/x",
     "json.a", "json.a.b", "json.number", "proto.methodName", "http.status", "severity"],
)  # fmt: skip
_VALUES = st.sampled_from(
    ["backend", "front", "backend-00001-abc", "app.db", "run.googleapis.com/stderr", "stderr", "/health", "GET",
     "cloud_run_revision", "ReplaceService", "text here", "true", "503", "5", "ERROR", 'say "x"'],
)  # fmt: skip
_comparisons = st.one_of(
    st.builds(Comparison, st.just("message"), _TEXT, texts, st.booleans()),
    st.builds(Comparison, st.just("message"), st.just(Operator.RE), st.sampled_from(_PATTERNS), st.booleans()),
    st.builds(Comparison, _NAMES, _TEXT, _VALUES, st.booleans()),
    st.builds(Comparison, _NAMES, _ORDER, st.sampled_from([200, 500, 503, 0, 1.5])),
    st.builds(Comparison, _NAMES, st.just(Operator.EXISTS), st.booleans()),
    st.builds(Comparison, _NAMES, st.just(Operator.EQUALS), st.sampled_from([None, True, False])),
    st.builds(Comparison, _NAMES, st.just(Operator.RE), st.sampled_from(["(?i)back|front", "x*", r"\.db$", "5.3"])),
    st.builds(Comparison, st.just("json.a"), st.just(Operator.FIELDREF), st.sampled_from(["service", "message"])),
)
conditions: st.SearchStrategy[Condition] = st.recursive(
    _comparisons,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda items: And(tuple(items))),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: Or(tuple(items))),
        inner.map(Not),
        inner.map(lambda item: Named("detection", item)),
    ),
    max_leaves=6,
)
_json_values = st.one_of(_VALUES, st.integers(0, 600), st.booleans(), st.none(), st.lists(_VALUES, max_size=2))
payloads = st.fixed_dictionaries(
    {},
    optional={
        "a": st.one_of(_json_values, st.fixed_dictionaries({}, optional={"b": _json_values})),
        "a.b": _json_values,
        "number": _json_values,
    },
)
requests = st.one_of(
    st.none(),
    st.builds(
        Request,
        st.sampled_from(["GET", "POST", ""]),
        st.sampled_from(["/health", "/", ""]),
        st.sampled_from([0, 200, 500, 503]),
    ),
)
events = st.builds(
    lambda message, severity, service, logger, request, payload, method, label: event(
        message,
        severity=severity,
        service=service,
        logger=logger,
        request=request,
        raw={
            "jsonPayload": payload,
            "protoPayload": {"methodName": method},
            "labels": {"run.googleapis.com/x": label},
            "resource": {"type": "cloud_run_revision"},
        },
    ),
    messages,
    st.sampled_from(list(Severity)),
    st.sampled_from(["backend", "frontend", ""]),
    st.sampled_from(["app.db", ""]),
    requests,
    payloads,
    st.sampled_from(["google.cloud.run.v1.Services.ReplaceService", ""]),
    _VALUES,
)
