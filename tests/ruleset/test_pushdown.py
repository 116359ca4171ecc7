from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.needs import Need
from analyzer.rule import Condition, CorrelationType, Operator
from analyzer.ruleset._widen import minimal, widened
from analyzer.ruleset.pushdown import LONGEST, Plan, Pushdown, logging_filter, make_plan, push_down
from tests.emulator.query import compile_filter
from tests.emulator.records import Records
from tests.matching.build import both, compare, contains, correlation, either, negated, rule
from tests.matching.strategies import conditions
from tests.ruleset.asked import ENTRIES, entry, holds

if TYPE_CHECKING:
    from collections.abc import Mapping

ERRORS = (
    "severity>=WARNING OR httpRequest.status>=500 OR (severity=DEFAULT AND "
    '("ERROR" OR "CRITICAL" OR "FATAL" OR "Traceback" OR "Exception" OR "panic"))'
)


def query(*some: Condition) -> str:
    return logging_filter([rule(f"r{index}", condition) for index, condition in enumerate(some)])


def passes(text: str, raw: Mapping[str, Any]) -> bool:
    records = Records(lambda: 0.0)
    records.add([raw])
    (record,) = records.after(None, descending=False)
    return compile_filter(text)(record)


def test_without_rules_errors_are_asked_for() -> None:
    assert logging_filter([]) == ERRORS


@pytest.mark.parametrize(
    ("condition", "term"),
    [
        (contains("Missing critical user tables"), '"missing critical user tables"'),
        (contains("✗ Missing critical tables"), '"missing critical tables"'),
        (contains("✗✗"), '"\\\\u2717\\\\u2717" OR "✗✗"'),
        (contains('relation "users" does not exist'), '"does not exist"'),
        (contains('a"b\\'), '"a\\"b\\\\"'),
        (contains("line\tbreak"), '"break"'),
        (contains("bad "), '"bad "'),
        (compare("message", "re", r"(?i)revision \S+ ran"), '(" ran" AND "revision")'),
        (compare("message", "re", r"(?i)revision\s+ran"), '"ran"'),
        (compare("message", "re", r"(?i)revision [^\n]* overlaps"), '"overlaps"'),
        (contains(" failed "), '"failed"'),
        (contains("OperationalError: no such table"), '"operationalerror"'),
        (contains("GET /healthz 503"), '"/healthz"'),
        (contains("/healthz 503"), '"/healthz"'),
        (compare("message", "re", "(?i)tables? (?:is|are) missing"), '"table are missing"'),
        (compare("http.status", "gte", 400), "httpRequest.status>=400"),
        (compare("http.status", "lt", 300), "(httpRequest.status>0 AND httpRequest.status<300)"),
        (compare("http.status", "equals", "404"), "httpRequest.status=404"),
        (compare("http.status", "startswith", "4"), "httpRequest.status>0"),
        (compare("http.path", "startswith", "/api/users"), 'httpRequest.requestUrl:"/api/users"'),
        (compare("http.method", "equals", "DELETE"), 'httpRequest.requestMethod:"delete"'),
        (compare("log", "equals", "run.googleapis.com/stderr"), 'logName:"run.googleapis.com"'),
        (compare("log", "equals", "/"), "logName:*"),
        (compare("resource.type", "equals", "cloud_run_job"), 'resource.type:"cloud_run_job"'),
        (compare("service", "equals", "backend"), '"backend"'),
        (compare("instance", "equals", "pod-1/main"), '"pod-1"'),
        (compare("labels.run.googleapis.com/x", "contains", "yes"), 'labels."run.googleapis.com/x":"yes"'),
        (compare("labels.x", "exists", True), "labels.x:*"),
        (compare("json.error.code", "equals", "ECONNREFUSED"), '"econnrefused"'),
        (compare("json.code", "gte", 500), "jsonPayload.code:*"),
        (compare("json.code", "equals", "500"), "jsonPayload.code:*"),
        (compare("json.ok", "equals", "true"), "jsonPayload.ok:*"),
        (compare("json.a-b.c", "exists", True), '(jsonPayload."a-b".c:* OR jsonPayload."a-b.c":*)'),
        (compare("proto.methodName", "endswith", "ReplaceService"), '"replaceservice"'),
    ],
)
def test_what_a_rule_needs_is_asked_for(condition: Condition, term: str) -> None:
    text = query(condition)
    assert text.startswith(f"{ERRORS} OR ")
    assert term in text.removeprefix(f"{ERRORS} OR ")
    assert passes(text, entry(severity="ERROR"))
    assert not passes(
        text, {"timestamp": "2025-09-10T00:33:54Z", "insertId": "i", "severity": "INFO", "textPayload": "-"}
    )


def test_texts_that_hold_another_text_are_not_asked_for() -> None:
    assert (
        query(contains("missing tables"), contains("critical missing tables here")) == f'{ERRORS} OR "missing tables"'
    )


def test_correlations_ask_for_nothing_of_their_own() -> None:
    assert logging_filter([correlation(CorrelationType.TEMPORAL, "a b", span=1)]) == ERRORS


@pytest.mark.parametrize(
    "condition",
    [
        compare("message", "re", "."),
        negated(contains("x")),
        compare("severity", "equals", "INFO"),
        either(contains("abc"), compare("service", "exists", True)),
        compare("json.a.b.c.d.e", "exists", True),
    ],
)
def test_a_rule_that_may_match_anything_opens_the_query_and_is_named(condition: Condition) -> None:
    rules = [rule("narrow", contains("missing tables")), rule("wide", condition)]
    assert push_down(rules) == Pushdown("", ("all entries are read, since any may match: wide",))


def test_the_plan_knows_no_query_language() -> None:
    some = [rule("a", either(contains("Missing tables"), compare("http.status", "gte", 400)))]
    assert make_plan(some) == Plan(("missing tables",), (), (Need("http.status", Operator.GTE, 400),))


def test_a_query_too_long_is_widened_and_says_so() -> None:
    kinds = (
        "could not connect to the database",
        "permission was denied for the relation",
        "was not found among tables",
    )
    rules = [
        rule(f"r{index}", contains(f"component {index}x {kinds[index % 3]} of tenant {index}")) for index in range(1500)
    ]
    found = push_down(rules)
    assert len(found.text) <= LONGEST
    assert found.notes[0].startswith("texts of rules are shortened to ")
    for index in range(0, 1500, 97):
        assert passes(found.text, entry(textPayload=f"component {index}x {kinds[index % 3]} of tenant {index}"))
    assert not passes(found.text, entry(severity="INFO", textPayload="GET healthy"))


def test_a_query_that_cannot_be_short_enough_reads_everything_and_says_so() -> None:
    words = ["".join(letters) * 3 for letters in itertools.product("abcdefghij", repeat=3)]
    found = push_down([rule(word, contains(word)) for word in words], limit=400)
    assert found == Pushdown("", ("all entries are read: the rules' texts do not fit into 400 characters",))


@given(st.lists(st.text(alphabet="abc ", min_size=1, max_size=40).filter(str.strip), max_size=12), st.integers(10, 200))
def test_widened_texts_stand_in_whatever_the_texts_stand_in(texts: list[str], room: int) -> None:
    few = minimal(texts)
    assert all(any(kept in text for kept in few) for text in texts)
    assert not any(one in other for one, other in itertools.permutations(few, 2))
    found, _ = widened(few, lambda some: sum(map(len, some)) <= room)
    assert found is None or (
        sum(map(len, found)) <= room and all(any(kept in text for kept in found) for text in texts)
    )


@settings(max_examples=500, deadline=None)
@given(st.lists(conditions, min_size=1, max_size=3), ENTRIES)
def test_an_entry_that_a_rule_matches_passes_the_query(some: list[Condition], raw: dict[str, Any]) -> None:
    text = query(*some)
    if any(holds(condition, raw) for condition in some):
        assert passes(text, raw)


@settings(max_examples=100, deadline=None)
@given(st.lists(conditions, min_size=1, max_size=8))
def test_every_query_can_be_parsed(some: list[Condition]) -> None:
    compile_filter(query(*some))


def test_a_query_is_bounded_by_brackets_of_its_own_parts() -> None:
    text = query(both(contains("one text"), contains("longer text")))
    assert passes(f'insertId="i" AND ({text})', entry(textPayload="one text, longer text"))
    assert not passes(f'insertId="j" AND ({text})', entry(textPayload="one text, longer text"))
