from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from random import Random  # noqa: TC003 - hypothesis reads the annotations
from typing import TYPE_CHECKING

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.matching.correlate import correlate, merged_fields
from analyzer.model import Match
from analyzer.rule import CorrelationType, Operator, Rule
from tests.matching.build import SECOND, correlation, found

if TYPE_CHECKING:
    from collections.abc import Iterator

SPAN = 60
ORDERED, TEMPORAL = CorrelationType.TEMPORAL_ORDERED, CorrelationType.TEMPORAL
EVENTS, VALUES = CorrelationType.EVENT_COUNT, CorrelationType.VALUE_COUNT


def completed(one: Rule, *matches: Match) -> list[list[tuple[str, int]]]:
    """The parts of each correlation's match as rule and time."""
    return [[(part.rule.name, part.time) for part in match.parts] for _, match in correlate([one], enumerate(matches))]


def at_least(count: float) -> tuple[tuple[Operator, float], ...]:
    return ((Operator.GTE, count),)


def test_an_order_completes_with_its_last_rule() -> None:
    rule = correlation(ORDERED, "a b c", span=SPAN)
    assert completed(rule, found("a", 1), found("b", 2), found("c", 3)) == [[("a", 1), ("b", 2), ("c", 3)]]


@pytest.mark.parametrize("kind", [TEMPORAL, ORDERED])
@pytest.mark.parametrize(("gap", "count"), [(0, 1), (SPAN - 1, 1), (SPAN, 1), (SPAN + 1, 0)])
def test_matches_exactly_the_timespan_apart_are_inside(kind: CorrelationType, gap: int, count: int) -> None:
    assert len(completed(correlation(kind, "a b", span=SPAN), found("a", 100), found("b", 100 + gap))) == count


def test_a_reversed_order_does_not_match_but_any_order_does_for_temporal() -> None:
    reversed_order = (found("b", 1), found("a", 2))
    assert completed(correlation(ORDERED, "a b", span=SPAN), *reversed_order) == []
    assert completed(correlation(TEMPORAL, "a b", span=SPAN), *reversed_order) == [[("b", 1), ("a", 2)]]


def test_matches_of_one_time_stand_in_no_order() -> None:
    rule = correlation(ORDERED, "a b c", span=SPAN)
    for matches in itertools.permutations([found("a", 5), found("b", 5), found("c", 5)]):
        assert completed(rule, *matches) == [[("a", 5), ("b", 5), ("c", 5)]]


def test_matches_that_come_out_of_order_are_put_in_order() -> None:
    rule = correlation(ORDERED, "a b", span=SPAN)
    assert completed(rule, found("b", 2), found("a", 1)) == [[("a", 1), ("b", 2)]]


@pytest.mark.parametrize("kind", [TEMPORAL, ORDERED])
def test_groups_do_not_mix(kind: CorrelationType) -> None:
    rule = correlation(kind, "a b", span=SPAN, group_by="service")
    assert completed(rule, found("a", 1, service="x"), found("b", 2, service="y")) == []
    mixed = [
        found("a", 1, service="x"),
        found("a", 2, service="y"),
        found("b", 3, service="y"),
        found("b", 4, service="x"),
    ]
    assert completed(rule, *mixed) == [[("a", 2), ("b", 3)], [("a", 1), ("b", 4)]]


def test_a_missing_field_is_a_group_of_its_own() -> None:
    rule = correlation(TEMPORAL, "a b", span=SPAN, group_by="instance")
    assert completed(rule, found("a", 1), found("b", 2, instance="x")) == []
    assert completed(rule, found("a", 1), found("b", 2)) == [[("a", 1), ("b", 2)]]


def test_groups_go_by_extracted_fields_and_aliases() -> None:
    rule = correlation(
        TEMPORAL, "a b", span=SPAN, group_by="table", aliases={"table": {"a": "created", "b": "missing"}}
    )
    created = found("a", 1, fields={"created": "users"})
    assert completed(rule, created, found("b", 2, fields={"missing": "orders"})) == []
    assert len(completed(rule, created, found("b", 2, fields={"missing": "users"}))) == 1


def test_the_latest_chain_that_will_do_is_taken() -> None:
    rule = correlation(ORDERED, "a b", span=SPAN)
    assert completed(rule, found("a", 1), found("a", 5), found("b", 9)) == [[("a", 5), ("b", 9)]]


def test_a_rule_may_stand_twice_in_an_order_but_a_match_may_not() -> None:
    rule = correlation(ORDERED, "a b a", span=SPAN)
    assert completed(rule, found("a", 1), found("b", 2)) == []
    assert completed(rule, found("a", 1), found("b", 2), found("a", 3)) == [[("a", 1), ("b", 2), ("a", 3)]]
    twice = correlation(ORDERED, "a a", span=SPAN)
    assert completed(twice, found("a", 1)) == []
    assert completed(twice, found("a", 1), found("a", 1)) == [[("a", 1), ("a", 1)]]
    assert completed(twice, found("a", 1), found("a", 4)) == [[("a", 1), ("a", 4)]]


def test_a_completed_window_owns_its_timespan_and_the_next_starts_anew() -> None:
    rule = correlation(TEMPORAL, "a b", span=SPAN)
    matches = [found("ab"[index % 2], index * 10) for index in range(20)]
    assert completed(rule, *matches) == [[("a", 0), ("b", 10)], [("b", 70), ("a", 80)], [("a", 140), ("b", 150)]]


def test_events_are_counted_within_the_window() -> None:
    rule = correlation(EVENTS, "a", span=SPAN, bounds=at_least(3))
    assert completed(rule, found("a", 0), found("a", 1), found("a", SPAN)) == [[("a", 0), ("a", 1), ("a", SPAN)]]
    assert completed(rule, found("a", 0), found("a", 1), found("a", SPAN + 1)) == []
    sliding = [found("a", 0), found("a", 50), found("a", 70), found("a", 90)]
    assert completed(rule, *sliding) == [[("a", 50), ("a", 70), ("a", 90)]]


def test_an_event_that_two_rules_match_counts_once() -> None:
    first = found("a", 1)
    same = Match(rule=found("b", 1).rule, event=first.event, fields={})
    rule = correlation(EVENTS, "a b", span=SPAN, bounds=at_least(2))
    assert completed(rule, first, same) == []
    assert len(completed(rule, first, same, found("b", 2))) == 1


@pytest.mark.parametrize(
    ("bounds", "counts"),
    [
        (((Operator.EQUALS, 2),), [2]),
        (((Operator.LT, 2),), [1]),
        (((Operator.LTE, 2),), [2, 1]),
        (((Operator.GTE, 2), (Operator.LT, 4)), [2, 3]),
    ],
)
def test_an_upper_bound_is_judged_when_the_window_is_over(
    bounds: tuple[tuple[Operator, float], ...], counts: list[int]
) -> None:
    times = [0, SPAN, 100, 101, 102, 103, 104, 300, 310, 320, 500]
    wanted = [number for number in (2, 5, 3, 1) if number in counts]
    rule = correlation(EVENTS, "a", span=SPAN, bounds=bounds)
    assert [len(parts) for parts in completed(rule, *(found("a", time) for time in times))] == wanted


def test_distinct_values_are_counted() -> None:
    rule = correlation(VALUES, "a", span=SPAN, field="table", bounds=at_least(2))
    users, orders, both = {"table": "users"}, {"table": "orders"}, {"table": ("users", "orders")}
    assert completed(rule, found("a", 1, fields=users), found("a", 2, fields=users)) == []
    assert completed(rule, found("a", 1, fields=users), found("a", 2, fields=orders)) == [[("a", 1), ("a", 2)]]
    assert completed(rule, found("a", 1, fields=users), found("a", 62, fields=orders)) == []
    assert completed(rule, found("a", 1, fields=both)) == [[("a", 1)]]
    assert completed(rule, found("a", 1), found("a", 2)) == []
    assert completed(rule, found("a", 1, fields={"table": ""}), found("a", 62, fields=orders)) == []
    few = correlation(VALUES, "a", span=SPAN, field="table", bounds=((Operator.LT, 2),))
    assert completed(few, found("a", 1, fields=users), found("a", 2, fields=users)) == [[("a", 1)]]


def test_correlations_are_built_on_correlations_whatever_their_order() -> None:
    inner = correlation(ORDERED, "a b", span=SPAN)
    outer = Rule(
        name="outer",
        id="outer",
        title="outer",
        level=inner.level,
        category=inner.category,
        role=inner.role,
        correlation=correlation(ORDERED, "correlated c", span=SPAN).correlation,
    )
    matches = [found("a", 1), found("b", 2), found("c", 3)]
    for rules in ([inner, outer], [outer, inner]):
        assert [(order, match.rule.name) for order, match in correlate(rules, enumerate(matches))] == [
            (1, "correlated"),
            (2, "outer"),
        ]


def test_correlations_that_need_one_another_never_match() -> None:
    circle = correlation(TEMPORAL, "correlated a", span=SPAN)
    assert correlate([circle], enumerate([found("a", 1)])) == []


def test_a_correlation_has_what_its_parts_extracted() -> None:
    parts = [
        found("a", 1, fields={"table": "users", "code": "42P01", "names": ("x",)}),
        found("b", 2, fields={"table": "orders", "code": "42P01", "names": ("y", "x")}),
    ]
    assert merged_fields(parts) == {"table": ("users", "orders"), "code": "42P01", "names": ("x", "y")}


@pytest.mark.parametrize(
    "rule",
    [
        correlation(TEMPORAL, "a b", span=SECOND),
        correlation(ORDERED, "a b", span=SECOND),
        correlation(ORDERED, "a a a", span=SECOND),
        correlation(EVENTS, "a b", span=SECOND, bounds=at_least(1)),
        correlation(EVENTS, "a b", span=SECOND, bounds=at_least(4000)),
        correlation(EVENTS, "a b", span=SECOND, bounds=((Operator.LT, 90000),)),
        correlation(VALUES, "a b", span=SECOND, field="id", bounds=at_least(4000)),
        correlation(VALUES, "a b", span=SECOND, field="message", bounds=at_least(1)),
    ],
    ids=lambda rule: f"{rule.correlation.type.value}",
)
@pytest.mark.parametrize("step", [0, 1])
def test_a_storm_gives_few_matches_in_linear_time(rule: Rule, step: int) -> None:
    matches = [found("ab"[index % 2], index * step, fields={"id": str(index)}) for index in range(10_000)]
    start = time.process_time()
    assert len(correlate([rule], enumerate(matches))) == 1
    assert time.process_time() - start < 2


# The reference: every definition tried out on all matches so far, without any state that is carried on.

_Row = tuple[str, int, str]
_Starts = Callable[[Sequence[_Row], int], int | None]
"""From when a window that ends now holds, out of the rows in it; None where it does not."""

_rows = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 12), st.sampled_from("xy")), max_size=14)


def _reference(rows: Sequence[_Row], span: int, starts: _Starts) -> list[tuple[int, int]]:
    """Start and end of each match, of one group."""
    done: list[tuple[int, int]] = []
    open_rows: list[_Row] = []
    until = -1
    for now, batch in itertools.groupby(sorted(rows, key=lambda row: row[1]), key=lambda row: row[1]):
        if now <= until:
            continue
        open_rows += batch
        start = starts([row for row in open_rows if row[1] >= now - span], now)
        if start is not None:
            done.append((start, now))
            until = start + span
            open_rows = []
    return done


def _temporal(rows: Sequence[_Row], now: int) -> int | None:
    latest = [[row[1] for row in rows if row[0] == name] for name in "abc"]
    return min(max(times) for times in latest) if all(latest) else None


def _ordered(rows: Sequence[_Row], now: int) -> int | None:
    choices = itertools.product(*([row[1] for row in rows if row[0] == name] for name in "abc"))
    return max((times[0] for times in choices if list(times) == sorted(times) and times[-1] == now), default=None)


def _counted(rows: Sequence[_Row], now: int) -> int | None:
    return min(row[1] for row in rows) if len(rows) >= 3 else None


def _valued(rows: Sequence[_Row], now: int) -> int | None:
    latest = {row[0]: row[1] for row in sorted(rows, key=lambda row: row[1])}
    return min(latest.values()) if len(latest) >= 3 else None


def _spans(rule: Rule, rows: Sequence[_Row]) -> Iterator[tuple[str, int, int]]:
    matches = [found(name, at, service=service, fields={"name": name}) for name, at, service in rows]
    for _, match in correlate([rule], enumerate(matches)):
        times = [part.time for part in match.parts]
        assert times == sorted(times)
        yield match.event.first.service, times[0], times[-1]


_CASES = (
    (correlation(TEMPORAL, "a b c", span=0, group_by="service"), _temporal),
    (correlation(ORDERED, "a b c", span=0, group_by="service"), _ordered),
    (correlation(VALUES, "a b c", span=0, group_by="service", field="name", bounds=at_least(3)), _valued),
)


@pytest.mark.parametrize(("rule", "starts"), _CASES, ids=["temporal", "temporal_ordered", "value_count"])
@given(rows=_rows, span=st.integers(0, 6))
def test_correlations_agree_with_the_reference(rule: Rule, starts: _Starts, rows: list[_Row], span: int) -> None:
    assert rule.correlation is not None
    wide = msgspec.structs.replace(rule, correlation=msgspec.structs.replace(rule.correlation, timespan=span))
    expected = [
        (service, *window)
        for service in "xy"
        for window in _reference([row for row in rows if row[2] == service], span, starts)
    ]
    assert sorted(_spans(wide, rows)) == sorted(expected)


@given(st.lists(st.integers(0, 30), max_size=14, unique=True), st.integers(0, 8))
def test_counts_agree_with_the_reference(times: list[int], span: int) -> None:
    rule = correlation(EVENTS, "a", span=span, bounds=at_least(3))
    rows = [("a", at, "x") for at in times]
    assert [row[1:] for row in _spans(rule, rows)] == _reference(rows, span, _counted)


@given(_rows, st.randoms(use_true_random=False))
def test_the_order_in_which_matches_come_does_not_matter(rows: list[_Row], random: Random) -> None:
    rule = correlation(ORDERED, "a b c", span=4)
    shuffled = list(rows)
    random.shuffle(shuffled)
    assert [row[1:] for row in _spans(rule, rows)] == [row[1:] for row in _spans(rule, shuffled)]
