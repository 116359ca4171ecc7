"""Queries in the Logging query language, and the places of their faults."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import UsageError
from analyzer.model import Window
from analyzer.sources._query import ALL_TIME, LONGEST, Scope, any_of, check_filter, quoted, within
from tests.emulator.query import FilterError, compile_filter
from tests.emulator.records import Records

WINDOW = Window(1_757_464_431_000_000_000, 1_757_464_434_000_000_001)


def test_the_parts_stand_on_lines_of_their_own() -> None:
    scope = Scope(project="acme", services=("api",), log_names=("a/b", "projects/other/logs/c%2Fd"), filter="x\nOR y")
    query = scope.query(WINDOW, "severity>=WARNING")
    labels = ("service_name", "job_name", "container_name", "module_id", "function_name")
    services = " OR ".join(f'resource.labels.{label}="api"' for label in labels)
    assert query.text.split("\n") == [
        'timestamp>="2025-09-10T00:33:51Z" AND timestamp<"2025-09-10T00:33:54.000000001Z"',
        f"AND ({services})",
        'AND logName=("projects/acme/logs/a%2Fb" OR "projects/other/logs/c%2Fd")',
        "AND (",
        "x",
        "OR y",
        ")",
        "AND (severity>=WARNING)",
    ]
    assert query.first == 5


def test_a_query_of_a_window_alone_is_its_bounds() -> None:
    assert Scope(project="acme").query(WINDOW).text == within(WINDOW)


def test_a_filter_of_blanks_is_none() -> None:
    assert Scope(project="acme", filter=" \n").query(WINDOW).text == within(WINDOW)


def test_all_time_is_a_window_that_can_be_written() -> None:
    assert within(ALL_TIME).endswith('timestamp<"9999-12-31T23:59:59.999999999Z"')


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20))
def test_any_text_survives_quoting(text: str) -> None:
    entry = {"logName": "projects/p/logs/l", "timestamp": "2025-01-01T00:00:00Z", "labels": {"a": text}}
    records = Records(lambda: 0.0)
    records.add([entry])
    (record,) = records.after(None, descending=False)
    assert compile_filter(f"labels.a={quoted(text)}")(record)


def test_equal_values_stand_once() -> None:
    assert any_of("a", ["x", "x"]) == 'a="x"'
    assert any_of("a", ["x", 'y"', "x"]) == 'a=("x" OR "y\\"")'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(a OR b) AND (c)",
        'a="(" AND b=")"',
        "a='('",
        'a="it\'s" AND (b)',
        'a="\\")"',
        "a -- an open ( in a comment\nAND b",
        '-- only "\n(a)',
        "(a--b)",
    ],
)
def test_a_filter_that_closes_what_it_opens_is_taken(text: str) -> None:
    check_filter(text)


@pytest.mark.parametrize(
    ("text", "words", "hint"),
    [
        ("a) OR (b", "closes nothing", "a) OR (b\n ^"),
        ("(a OR\n (b)", "not closed", "(a OR\n^"),
        ('a="b', "quote", 'a="b\n  ^'),
        ('a\n\tAND b="c', "quote", '\tAND b="c\n\t      ^'),
        ("(a -- )", "not closed", "(a -- )\n^"),
    ],
)
def test_a_filter_that_does_not_close_is_pointed_at(text: str, words: str, hint: str) -> None:
    with pytest.raises(UsageError, match=words) as caught:
        check_filter(text)
    assert caught.value.hint == hint


def test_a_long_line_is_cut_around_the_place() -> None:
    with pytest.raises(UsageError) as caught:
        check_filter("x" * 500 + ")" + "y" * 500)
    line, caret = caught.value.hint.split("\n")
    assert len(line) == 100
    assert line[caret.index("^")] == ")"


@given(st.lists(st.sampled_from(["a=1", "AND", "OR", "b=>2", "= =", "\n", "(c:d)", "NOT"]), min_size=1, max_size=8))
def test_the_servers_place_is_found_in_the_users_filter(parts: list[str]) -> None:
    text = " ".join(parts)
    scope = Scope(project="acme", services=("x",), filter=text)
    query = scope.query(WINDOW, "severity>=ERROR")
    try:
        compile_filter(query.text)
    except FilterError as error:
        refused = query.refused(str(error))
        assert isinstance(refused, UsageError)
        if "^" in refused.hint:
            line, caret = refused.hint.split("\n")
            assert line in text.split("\n")
            assert len(caret) <= len(line) + 1


def test_the_first_place_in_the_users_part_counts() -> None:
    query = Scope(project="acme", filter="a\nb c = d").query(WINDOW)
    reason = (
        "Unparseable filter: syntax error at line 1, column 3, token 'x'; syntax error at line 4, column 5, token '='"
    )
    refused = query.refused(reason)
    assert refused.hint == "b c = d\n    ^"
    assert "line 2, column 5" in refused.message


def test_a_token_without_a_place_is_looked_for() -> None:
    query = Scope(project="acme", filter="severity>=ERORR").query(WINDOW)
    assert query.refused("Unparseable filter: invalid severity, token 'ERORR'").hint == "severity>=ERORR\n          ^"


@pytest.mark.parametrize("text", ["severity>=", "severity>=ERROR AND", "severity>=\n"])
def test_a_filter_that_breaks_off_is_pointed_at_behind_its_end(text: str) -> None:
    query = Scope(project="acme", filter=text).query(WINDOW, "severity>=ERROR")
    with pytest.raises(FilterError) as caught:
        compile_filter(query.text)
    refused = query.refused(str(caught.value))
    assert refused.hint == f"{text.rstrip()}\n{' ' * len(text.rstrip())}^"
    assert refused.message.endswith("at its end")


@pytest.mark.parametrize(("text", "place"), [("severity=BOGUS", 9), ('textPayload=~"[a"', 14)])
def test_a_value_that_the_server_quotes_is_pointed_at(text: str, place: int) -> None:
    query = Scope(project="acme", filter=text).query(WINDOW, "severity>=ERROR")
    with pytest.raises(FilterError) as caught:
        compile_filter(query.text)
    assert query.refused(str(caught.value)).hint == f"{text}\n{' ' * place}^"


def test_a_place_outside_the_users_part_points_at_no_one() -> None:
    query = Scope(project="acme", filter="a").query(WINDOW)
    refused = query.refused("Unparseable filter: syntax error at line 1, column 3, token '='")
    assert "^" not in refused.hint
    assert "--no-pushdown" in refused.hint


def test_the_length_is_bounded_and_the_longest_part_is_named() -> None:
    with pytest.raises(UsageError, match=f"takes {LONGEST:,}: the log names alone have") as caught:
        Scope(project="acme", log_names=tuple(f"log-{n}" for n in range(2_000)), filter="short").query(WINDOW)
    assert caught.value.hint == "name fewer log names"
