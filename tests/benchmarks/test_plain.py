"""The ways that the benchmark compares with mean what the rules mean, as far as one entry goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analyzer.ruleset.load import load_rules
from benchmarks.plain import flat, python_rules, row_of, sql_rules
from benchmarks.ways import connected

if TYPE_CHECKING:
    import sqlite3

    from analyzer.rule import Rule

RULES = [rule for rule in load_rules([]).rules if rule.condition is not None]


@pytest.fixture(scope="module")
def database() -> sqlite3.Connection:
    connection = connected()
    connection.execute("CREATE TABLE logs (message, http_status, proto_methodName)")
    return connection


def texts(rule: Rule) -> list[tuple[str, bool]]:
    """Messages that the rule's own tests consist of, with whether it holds on them."""
    alone = [(test.entries[0].get("textPayload"), test.match) for test in rule.tests if len(test.entries) == 1]
    return [(text, match) for text, match in alone if isinstance(text, str)]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_python_and_sql_hold_on_what_a_rule_is_tested_with(rule: Rule, database: sqlite3.Connection) -> None:
    ((_, holds),) = python_rules([rule])
    ((_, clause, values),) = sql_rules([rule])
    for text, expected in texts(rule):
        assert holds(row_of({"textPayload": text})) is expected, text
        database.execute("DELETE FROM logs")
        database.execute("INSERT INTO logs (message) VALUES (?)", (text,))
        query = f"SELECT count(*) FROM logs WHERE {clause}"  # noqa: S608 - made of rules
        assert database.execute(query, values).fetchone() == (int(expected),), text


def test_an_entry_is_flattened_to_the_columns_that_rules_name_and_to_paths() -> None:
    entry = {
        "insertId": "a",
        "jsonPayload": {"message": "no", "rows": 3},
        "httpRequest": {"status": 503},
        "labels": {},
        "resource": {"labels": {"service_name": "api"}},
    }
    assert dict(flat(entry)) == {
        "insertId": "a",
        "message": "no",
        "jsonPayload.rows": 3,
        "http_status": 503,
        "resource.labels.service_name": "api",
    }
    assert row_of(entry) == {"insertId": "a", "message": "no", "http_status": 503, "proto_methodName": None}
