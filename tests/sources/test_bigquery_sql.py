"""The queries that BigQuery gets, as texts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import UsageError
from analyzer.model import Window
from analyzer.sources._query import ALL_TIME
from analyzer.sources._sql import SqlScope, full_name, project_of, size_of
from analyzer.times import SECOND
from tests.sources.cloud import START

SCOPE = SqlScope(table="acme.logs._AllLogs", project="acme")


@pytest.mark.parametrize(
    ("table", "name", "project"),
    [
        ("acme-prod.logs._AllLogs", "acme-prod.logs._AllLogs", "acme-prod"),
        ("`acme-prod.logs._AllLogs`", "acme-prod.logs._AllLogs", "acme-prod"),
        ("example.com:acme.logs.my-view", "example.com:acme.logs.my-view", "example.com:acme"),
        ("logs._Default", "own.logs._Default", ""),
        ("logs", "own.logs._AllLogs", ""),
    ],
)
def test_a_view_is_named_in_full_or_in_part(table: str, name: str, project: str) -> None:
    assert full_name(table, "own") == name
    assert project_of(table) == project


@pytest.mark.parametrize("table", ["", "a b", "a.b.c.d", "acme-prod.logs", "logs.x`; DROP TABLE y", "é.b"])
def test_what_is_no_name_of_a_view_is_refused(table: str) -> None:
    with pytest.raises(UsageError, match="--source bigquery: ") as caught:
        full_name(table, "own")
    assert "give --table [PROJECT.]DATASET._AllLogs" in caught.value.hint
    assert project_of(table) == ""


def test_a_query_says_all_that_was_asked_for() -> None:
    scope = SqlScope(
        table="acme.logs._AllLogs",
        project="acme",
        services=("api", "it's"),
        log_names=("run.googleapis.com/stderr", "projects/other/logs/x"),
    )
    query = scope.query(Window(START, START + SECOND), "a OR b")
    assert query.text == (
        "SELECT UNIX_MICROS(timestamp) AS stamped, UNIX_MICROS(receive_timestamp) AS received, log_entry\n"
        "FROM (\n"
        "  SELECT *, TO_JSON_STRING(log) AS log_entry\n"
        "  FROM `acme.logs._AllLogs` AS log\n"
        "  WHERE timestamp >= TIMESTAMP '2025-09-10T00:33:51Z' AND timestamp < TIMESTAMP '2025-09-10T00:33:52Z'\n"
        "    AND (JSON_VALUE(resource.labels, '$.\"service_name\"') IN ('api', 'it\\'s')"
        " OR JSON_VALUE(resource.labels, '$.\"job_name\"') IN ('api', 'it\\'s')"
        " OR JSON_VALUE(resource.labels, '$.\"container_name\"') IN ('api', 'it\\'s')"
        " OR JSON_VALUE(resource.labels, '$.\"module_id\"') IN ('api', 'it\\'s')"
        " OR JSON_VALUE(resource.labels, '$.\"function_name\"') IN ('api', 'it\\'s'))\n"
        "    AND log_name IN ('projects/acme/logs/run.googleapis.com%2Fstderr', 'projects/other/logs/x')\n"
        ")\n"
        "WHERE a OR b\n"
        "ORDER BY timestamp, insert_id"
    )
    assert query.reverse().only(1).text.endswith("ORDER BY timestamp DESC, insert_id DESC\nLIMIT 1")
    assert query.reverse().reverse() == query


def test_receive_times_are_bounded_by_days_too() -> None:
    text = SCOPE.query(Window(START, START + SECOND, received=True)).text
    assert "timestamp >= TIMESTAMP '2025-09-09T00:33:51Z' AND timestamp < TIMESTAMP '2025-09-11T00:33:52Z'" in text
    assert "receive_timestamp >= TIMESTAMP '2025-09-10T00:33:51Z'" in text


def test_all_time_is_as_long_as_bigquery_can_tell() -> None:
    assert "TIMESTAMP '9999-12-31T23:59:59.999999Z'" in SCOPE.query(ALL_TIME).text


@given(st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 10_000))
def test_windows_that_touch_have_no_microsecond_in_common_and_none_between(start: int, middle: int, end: int) -> None:
    start, middle, end = sorted((start, middle, end))
    texts = [
        SCOPE.query(Window(START + one, START + other)).scope[0] for one, other in ((start, middle), (middle, end))
    ]
    assert texts[0].rpartition("< ")[2] == texts[1].partition(">= ")[2].partition(" AND")[0]


def test_a_stretch_is_one_of_a_service() -> None:
    clause = SCOPE.stretch((("resource.type", "x"), ("resource.labels.node", "n")), Window(START, START + 1_500))
    assert clause == (
        "(resource.type = 'x' AND JSON_VALUE(resource.labels, '$.\"node\"') = 'n'"
        " AND timestamp >= TIMESTAMP '2025-09-10T00:33:51Z' AND timestamp < TIMESTAMP '2025-09-10T00:33:51.000002Z')"
    )


def test_a_query_that_bigquery_would_refuse_for_its_length_is_refused() -> None:
    room, widest = SCOPE.room(), Window(ALL_TIME.end - 1, ALL_TIME.end, received=True)
    assert len(SCOPE.query(widest, "x" * room).text) == 500_000
    with pytest.raises(UsageError, match="the query has 500,001 characters and may have 500,000"):
        SCOPE.query(widest, "x" * (room + 1))


@pytest.mark.parametrize(
    ("number", "said"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_000, "1 kB"), (1_234_567, "1.23 MB"), (999_600, "1 MB"), (10**16, "10 PB")],
)
def test_sizes_are_said_in_three_digits(number: int, said: str) -> None:
    assert size_of(number) == said
