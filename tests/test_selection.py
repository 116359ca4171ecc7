from __future__ import annotations

import random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model import Entry, Request
from analyzer.selection import NEAR, NEIGHBOURS, Selector, select
from tests.incidents.builders import event

HERE = ("api", "i1", "stderr")
THERE = ("api", "i2", "stderr")


def line(text: str, at: float, instance: str = "i1") -> Entry:
    return event(text, at=at, instance=instance).first


def kept(entries: list[Entry]) -> list[str]:
    return [entry.message for entry in select(entries, lambda entry: entry.message.startswith("ERROR"))]


def test_a_nominated_entry_is_kept_with_its_neighbours_of_the_same_instance() -> None:
    entries = [line("before", 0), line("other", 0.1, "i2"), line("ERROR", 0.2), line("after", 0.3)]
    assert kept(entries) == ["before", "ERROR", "after"]
    assert kept(entries[::-1]) == ["after", "ERROR", "before"]


def test_what_stands_further_off_in_time_or_lines_is_not_kept() -> None:
    assert kept([line("early", 0), line("ERROR", 5), line("late", 9)]) == ["ERROR"]
    many = [line(f"n{n}", n / 1000) for n in range(20)]
    assert kept([*many, line("ERROR", 0.02)]) == [f"n{n}" for n in range(14, 20)] + ["ERROR"]
    assert kept([line("ERROR", 0), *many]) == ["ERROR"] + [f"n{n}" for n in range(6)]


def test_nominated_entries_do_not_count_among_the_neighbours() -> None:
    lines = [line(f"n{n}", n / 1000) for n in range(20)]
    errors = [line(f"ERROR {n}", 0.01) for n in range(9)]
    assert kept([*lines[:10], *errors, *lines[10:]]) == [
        *[f"n{n}" for n in range(4, 10)],
        *[f"ERROR {n}" for n in range(9)],
        *[f"n{n}" for n in range(10, 16)],
    ]


def test_a_neighbour_of_two_nominated_entries_is_kept_once_and_counts_for_both() -> None:
    lines = [line(f"n{n}", n / 1000) for n in range(20)]
    found = kept([*lines[:8], line("ERROR 1", 0.008), *lines[8:12], line("ERROR 2", 0.012), *lines[12:]])
    between = [*[f"n{n}" for n in range(2, 8)], "ERROR 1", *[f"n{n}" for n in range(8, 12)], "ERROR 2"]
    assert found == [*between, *[f"n{n}" for n in range(12, 18)]]


def test_what_lies_too_long_behind_still_counts_among_the_few_that_are_kept() -> None:
    selector = Selector()
    assert selector.nominated(HERE, 0) == []
    assert not any(selector.passed(HERE, NEAR + 1, n) for n in range(NEIGHBOURS))
    assert not selector.passed(HERE, NEAR, "the seventh")


def test_what_was_kept_is_not_given_again() -> None:
    selector = Selector()
    assert selector.nominated(HERE, 0) == []
    assert selector.passed(HERE, 1, "behind")
    assert not selector.passed(THERE, 1, "elsewhere")
    assert selector.nominated(HERE, 2) == []
    assert selector.nominated(THERE, NEAR + 1) == ["elsewhere"]
    assert selector.nominated(THERE, NEAR + 1) == []


def test_a_request_is_never_kept_as_a_neighbour() -> None:
    request = msgspec.structs.replace(line("GET / 200", 0.1), request=Request("GET", "/", 200))
    assert kept([request, line("ERROR", 0.2)]) == ["ERROR"]
    failed = msgspec.structs.replace(line("ERROR GET / 500", 0.1), request=Request("GET", "/", 500))
    assert kept([line("before", 0), failed, line("behind", 0.2)]) == ["ERROR GET / 500"]


@st.composite
def entries_in_order(draw: st.DrawFn) -> list[Entry]:
    rng = random.Random(draw(st.integers(0, 2**32)))
    entries = [
        line(rng.choice(["ERROR", *["fine"] * 4]), rng.uniform(0, 8), rng.choice(["i1", "i2"]))
        for _ in range(rng.randint(0, 60))
    ]
    return sorted(entries, key=lambda entry: entry.time)


@given(entries_in_order(), st.booleans())
def test_every_nominated_entry_is_kept_once_and_in_order_of_coming(entries: list[Entry], shuffled: bool) -> None:
    if shuffled:
        random.Random(1).shuffle(entries)
    found = list(select(entries, lambda entry: entry.message == "ERROR"))
    assert [e for e in found if e.message == "ERROR"] == [e for e in entries if e.message == "ERROR"]
    assert len({id(e) for e in found}) == len(found)


@given(entries_in_order())
def test_newest_first_the_same_entries_are_kept(entries: list[Entry]) -> None:
    found = {entry.insert_id for entry in select(entries, lambda entry: entry.message == "ERROR")}
    assert {entry.insert_id for entry in select(entries[::-1], lambda entry: entry.message == "ERROR")} == found
