from __future__ import annotations

import random

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from analyzer.model import Entry, Request
from analyzer.selection import select
from tests.incidents.builders import event


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


def test_a_request_is_never_kept_as_a_neighbour() -> None:
    request = msgspec.structs.replace(line("GET / 200", 0.1), request=Request("GET", "/", 200))
    assert kept([request, line("ERROR", 0.2)]) == ["ERROR"]


@given(st.integers(0, 2**32))
def test_every_nominated_entry_is_kept_once_and_in_order_of_coming(seed: int) -> None:
    rng = random.Random(seed)
    entries = [
        line(rng.choice(["ERROR", "fine"]), rng.uniform(0, 30), rng.choice(["i1", "i2"]))
        for _ in range(rng.randint(0, 60))
    ]
    found = list(select(entries, lambda entry: entry.message == "ERROR"))
    assert [e for e in found if e.message == "ERROR"] == [e for e in entries if e.message == "ERROR"]
    assert len({id(e) for e in found}) == len(found)
