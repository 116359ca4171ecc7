"""The neighbours of nominated entries: against their plain definition, and against the way that is told one by one."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.selection import NEAR, NEIGHBOURS, Selector
from analyzer.skim.neighbours import NO_STREAM, neighbours, open_rows


class Row(NamedTuple):
    """An entry: its stream, its time, and whether it is nominated."""

    stream: int
    time: int
    nominated: bool


STEPS = st.sampled_from([0, 0, 1, NEAR // 10, NEAR // 3, NEAR - 1, NEAR, NEAR + 1, 3 * NEAR])


@st.composite
def streams(draw: st.DrawFn, *, most: int = 40) -> list[Row]:
    """Entries of a few streams in ascending order of time; nominated ones are few or many."""
    often = draw(st.sampled_from([2, 4, 12]))
    time = draw(st.integers(-NEAR, NEAR))
    rows = []
    for _ in range(draw(st.integers(0, most))):
        time += draw(STEPS)
        rows.append(Row(draw(st.sampled_from([0, 0, 1, 2, NO_STREAM])), time, draw(st.integers(1, often)) == 1))
    return rows


def found(rows: list[Row]) -> list[bool]:
    columns = np.array([row.stream for row in rows], np.int64), np.array([row.time for row in rows], np.int64)
    return neighbours(*columns, np.array([row.nominated for row in rows], bool)).tolist()  # type: ignore[no-any-return]


def open_of(rows: list[Row], *, at_end: bool) -> list[int]:
    flags = np.array([row.nominated for row in rows], bool)
    return open_rows(np.array([row.stream for row in rows], np.int64), flags, at_end=at_end).tolist()  # type: ignore[no-any-return]


def defined(rows: list[Row]) -> list[bool]:
    """The definition: near in time to a nominated entry of the stream, and few that nothing nominates in between."""

    def near(one: int, other: int) -> bool:
        between = range(min(one, other) + 1, max(one, other))
        passed = [row for row in between if rows[row].stream == rows[one].stream and not rows[row].nominated]
        return (
            rows[other].nominated
            and rows[other].stream == rows[one].stream
            and abs(rows[other].time - rows[one].time) <= NEAR
            and len(passed) < NEIGHBOURS
        )

    return [
        not row.nominated and row.stream != NO_STREAM and any(near(one, other) for other in range(len(rows)))
        for one, row in enumerate(rows)
    ]


def told_one_by_one(rows: list[Row]) -> list[bool]:
    selector = Selector()
    kept: set[int] = set()
    for index, row in enumerate(rows):
        place = (str(row.stream), "", "")
        if row.stream == NO_STREAM:
            continue
        if row.nominated:
            near = selector.nominated(place, row.time)
            assert kept.isdisjoint(near)
            kept.update(near)
        elif selector.passed(place, row.time, index):
            kept.add(index)
    return [index in kept for index in range(len(rows))]


@settings(max_examples=150, deadline=None)
@given(streams())
def test_neighbours_are_what_their_definition_says_in_either_order(rows: list[Row]) -> None:
    expected = defined(rows)
    assert found(rows) == expected
    assert told_one_by_one(rows) == expected
    assert found(rows[::-1]) == expected[::-1]
    assert told_one_by_one(rows[::-1]) == expected[::-1]


@settings(max_examples=100, deadline=None)
@given(streams().flatmap(st.permutations))
def test_out_of_order_too_both_ways_find_the_same(rows: list[Row]) -> None:
    assert found(rows) == told_one_by_one(rows)


@settings(max_examples=150, deadline=None)
@given(streams(), st.integers(0, 40))
def test_what_is_open_at_a_cut_is_enough_to_find_neighbours_across_it(rows: list[Row], cut: int) -> None:
    before, behind = rows[:cut], rows[cut:]
    end, start = open_of(before, at_end=True), open_of(behind, at_end=False)
    assert end == sorted(end)
    assert start == sorted(start)
    across = found([*(before[row] for row in end), *(behind[row] for row in start)])
    kept = [*found(before), *found(behind)]
    for row, near in zip([*end, *(cut + row for row in start)], across, strict=True):
        kept[min(row, len(rows))] |= near
    assert kept == found(rows)
    later = found([*(before[row] for row in end), *behind])
    assert later[len(end) :] == found(rows)[len(before) :]


@settings(max_examples=100, deadline=None)
@given(streams(), st.booleans())
def test_few_rows_of_each_stream_are_open(rows: list[Row], at_end: bool) -> None:
    found_open = [rows[row] for row in open_of(rows, at_end=at_end)]
    for stream in {row.stream for row in rows}:
        some = [row for row in found_open if row.stream == stream]
        assert sum(row.nominated for row in some) <= 1
        assert sum(not row.nominated for row in some) <= NEIGHBOURS
    assert not any(row.stream == NO_STREAM for row in found_open)


@pytest.mark.parametrize("rows", [[], [Row(0, 0, nominated=False)], [Row(0, 0, nominated=True)]])
def test_few_rows_have_no_neighbours(rows: list[Row]) -> None:
    assert found(rows) == [False] * len(rows)
    assert open_of(rows, at_end=True) == open_of(rows, at_end=False) == list(range(len(rows)))


def test_requests_have_no_neighbours_and_are_none() -> None:
    rows = [Row(NO_STREAM, 0, nominated=False), Row(NO_STREAM, 0, nominated=True), Row(NO_STREAM, 0, nominated=False)]
    assert found(rows) == [False] * 3
    assert open_of(rows, at_end=True) == []
