from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from analyzer.incidents.series import Series

TIMES = st.lists(st.tuples(st.sampled_from(["", "a", "b"]), st.integers(0, 50)), max_size=30)


def series_of(told: list[tuple[str, int]]) -> Series:
    series = Series()
    for instance, time in told:
        series.add(instance, time)
    return series


@given(TIMES, TIMES)
def test_times_come_back_in_order_whatever_order_they_came_in(
    told: list[tuple[str, int]], more: list[tuple[str, int]]
) -> None:
    series = series_of(told)
    series.absorb(series_of(more))
    both = [*told, *more]
    assert series.times() == sorted(time for _, time in both)
    assert len(series) == len(both)
    assert bool(series) == bool(both)
    assert {instance: list(times) for instance, times in series.by_instance().items()} == {
        instance: sorted(time for where, time in both if where == instance) for instance, _ in both
    }


@given(TIMES, st.integers(0, 50), st.integers(0, 50), st.sampled_from(["", "a", "c"]))
def test_what_lies_within_two_times_is_found(told: list[tuple[str, int]], start: int, end: int, instance: str) -> None:
    inside = [(where, time) for where, time in told if start <= time <= end]
    chosen = [time for where, time in inside if instance in ("", where)]
    series = series_of(told)
    assert series.first_within(start, end, instance) == min(chosen, default=None)
    assert series.count_within(start, end) == len(inside)
