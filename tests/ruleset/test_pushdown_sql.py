"""What BigQuery is asked for: the real condition, judged by a server that speaks SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import re2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.ruleset.load import load_rules
from analyzer.ruleset.pushdown import Pushdown
from analyzer.ruleset.pushdown_sql import push_down_sql
from analyzer.sources._query import ALL_TIME
from analyzer.sources._rows import Row, row_to_entry
from analyzer.sources._sql import SqlScope
from tests.bigquery import PROJECT, TABLE
from tests.matching.build import compare, contains, either, negated, rule
from tests.matching.strategies import conditions
from tests.ruleset.asked import ENTRIES, entry, holds

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analyzer.rule import Condition
    from tests.bigquery import Server

SCOPE = SqlScope(table=TABLE, project=PROJECT)
DULL = entry(severity="INFO", textPayload="all is well")


def condition_of(*some: Condition) -> str:
    return push_down_sql([rule(f"r{index}", one) for index, one in enumerate(some)]).text


def passed(server: Server, needed: str, entries: Sequence[Mapping[str, Any]]) -> set[int]:
    """Which of the entries pass, by their places."""
    server.fill({**one, "insertId": str(place)} for place, one in enumerate(entries))
    return {int(row_to_entry(Row(*row))["insertId"]) for row in server.run(SCOPE.query(ALL_TIME, needed).text)}


@pytest.mark.parametrize(
    ("condition", "passing", "dull"),
    [
        (contains("Missing critical tables"), {"textPayload": "✗ MISSING critical TABLES: a"}, {}),
        (contains("✗✗"), {"jsonPayload": {"message": "x ✗✗"}}, {"jsonPayload": {"message": "x ✗"}}),
        (contains("✗✗"), {"textPayload": '{"message": "\\u2717\\u2717"}'}, {}),
        (contains('a"b\\'), {"textPayload": 'xa"b\\'}, {"textPayload": "ab"}),
        (contains("(0.5%) [x]* it's"), {"textPayload": "(0.5%) [x]* it's"}, {"textPayload": "(095%) [x]* it's"}),
        (compare("http.status", "gte", 404), {"httpRequest": {"status": 404}}, {"httpRequest": {"status": 200}}),
        (compare("http.status", "lt", 300), {"httpRequest": {"status": 200}}, {}),
        (compare("http.path", "startswith", "/api"), {"httpRequest": {"requestUrl": "https://x/API"}}, {}),
        (compare("http.method", "equals", "DELETE"), {"httpRequest": {"requestMethod": "DELETE"}}, {}),
        (compare("log", "equals", "a.b/x"), {"logName": "projects/p/logs/a.b%2Fx"}, {}),
        (compare("resource.type", "equals", "cloud_run_job"), {"resource": {"type": "cloud_run_job"}}, {}),
        (compare("service", "equals", "till"), {"resource": {"type": "x", "labels": {"service_name": "till"}}}, {}),
        (compare("labels.a/b", "contains", "yes"), {"labels": {"a/b": "Yes"}}, {"labels": {"a/b": "no"}}),
        (compare("labels.x", "exists", True), {"labels": {"x": ""}}, {"labels": {"xy": ""}}),
        (compare("json.a.b", "exists", True), {"jsonPayload": {"a": {"b": 1}}}, {"jsonPayload": {"a": {"bc": 1}}}),
        (compare("json.a.b", "exists", True), {"jsonPayload": {"a.b": 1}}, {"jsonPayload": {"a": 1}}),
        (compare("json.code", "equals", "500"), {"jsonPayload": {"code": 500}}, {"jsonPayload": {"codes": 500}}),
        (compare("proto.status.code", "equals", 7), {"protoPayload": {"@type": "x", "status": {"code": 7}}}, {}),
        (compare("message", "re", r"revision \S+ ran"), {"textPayload": "revision x ran"}, {}),
    ],
)  # fmt: skip
def test_what_a_rule_needs_is_asked_for(
    bigquery: Server, condition: Condition, passing: dict[str, Any], dull: dict[str, Any]
) -> None:
    some = [{**DULL, **passing}, {**DULL, **dull}]
    if "textPayload" not in passing:
        del some[0]["textPayload"]
    assert passed(bigquery, condition_of(condition), some) == {0}


def test_errors_are_asked_for_whatever_the_rules(bigquery: Server) -> None:
    some = [
        DULL,
        entry(severity="WARNING", textPayload="x"),
        entry(severity="EMERGENCY", textPayload="x"),
        entry(severity="INFO", httpRequest={"status": 500}),
        entry(textPayload="an Error"),
        entry(severity="INFO", textPayload="an Error"),
        entry(textPayload="fine"),
    ]
    assert passed(bigquery, condition_of(), some) == {1, 2, 3, 4}


@pytest.mark.parametrize(
    "condition", [negated(contains("x")), either(contains("abc"), compare("service", "exists", True))]
)
def test_a_rule_that_may_match_anything_opens_the_query_and_is_named(condition: Condition) -> None:
    rules = [rule("narrow", contains("missing tables")), rule("wide", condition)]
    assert push_down_sql(rules) == Pushdown("", ("all entries are read, since any may match: wide",))


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(conditions, min_size=1, max_size=3), st.lists(ENTRIES, min_size=1, max_size=12))
def test_an_entry_that_a_rule_matches_passes(
    bigquery_server: Server, some: list[Condition], raws: list[dict[str, Any]]
) -> None:
    matched = {place for place, raw in enumerate(raws) if any(holds(condition, raw) for condition in some)}
    assert matched <= passed(bigquery_server, condition_of(*some), raws)


def test_some_entry_of_every_test_of_the_pack_passes(bigquery: Server) -> None:
    rules = load_rules([]).rules
    cases = [case for one in rules if one.condition is not None for case in one.tests if case.match]
    some = [(place, {**DULL, **one}) for place, case in enumerate(cases) for one in case.entries]
    found = passed(bigquery, push_down_sql(rules).text, [one for _, one in some])
    assert {some[place][0] for place in found} == set(range(len(cases)))


def test_patterns_stay_small_enough_for_re2() -> None:
    text = push_down_sql([rule(f"r{index}", contains(f"component {index}x failed")) for index in range(3_000)]).text
    found = [part.partition("'")[2].rpartition("'")[0] for part in text.split("\n  OR ") if "component" in part]
    assert len(found) > 1
    for index in range(0, 3_000, 97):
        assert sum(re2.compile(one).search(f"Component {index}X failed") is not None for one in found) == 1
