"""Matches as a store gives them: made anew whenever they are read, and too many to be kept."""

from __future__ import annotations

import gc
import itertools
import tracemalloc
from collections import Counter
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.incidents import build_incidents, happenings, ties
from analyzer.incidents.reach import LONGEST, Reach
from analyzer.model import Event, Match, Severity
from analyzer.rule import Category, Correlation, CorrelationType, Level, Role
from analyzer.settings import ReportSettings
from tests.incidents.builders import event, match, rule

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from analyzer.outcome import Incident

_T = TypeVar("_T", Match, Event)

REFUSED = rule("refused", Category.CONNECTIVITY, level=Level.CRITICAL)
TABLE = rule("table", Category.SCHEMA, caused_by=["refused"])
STEP = rule("step", Category.MIGRATION, spans_services=True, caused_by=["schema"])
BOOT = rule("boot", Category.STARTUP, caused_by=["migration"])
EXIT = rule("exit", Category.CRASH, Role.CONSEQUENCE)
SLOW = rule("slow", Category.HTTP, Role.CONSEQUENCE, caused_by=["crash"])
STARTED = rule("started", Category.STARTUP, Role.MILESTONE)
HEALTHY = rule("healthy", Category.STARTUP, Role.ALL_CLEAR)
MODE = rule("mode", Category.VALIDATION, Role.STATE, impact="It runs in {{ mode }}.")
FAILING = (REFUSED, TABLE, STEP, BOOT, EXIT, SLOW)
AROUND = (STARTED, HEALTHY, MODE)
NAMING = msgspec.structs.replace(
    rule("naming", Category.SCHEMA, level=Level.CRITICAL),
    condition=None,
    correlation=Correlation(CorrelationType.TEMPORAL, ("started", "table")),
)


class Anew(Generic[_T]):
    """Nouns that are copies whenever they are read; neighbours of one event share their copy of it."""

    def __init__(self, nouns: Sequence[_T], copied: Callable[[Iterable[_T]], Iterator[_T]]) -> None:
        self._nouns: Sequence[_T] = nouns
        self._copied: Callable[[Iterable[_T]], Iterator[_T]] = copied
        self.readings = 0

    def __iter__(self) -> Iterator[_T]:
        self.readings += 1
        return self._copied(self._nouns)


def copied_event(one: Event) -> Event:
    return msgspec.structs.replace(one, entries=tuple(msgspec.structs.replace(entry, raw={}) for entry in one.entries))


def copied_matches(matches: Iterable[Match]) -> Iterator[Match]:
    for _, group in itertools.groupby(matches, key=lambda one: id(one.event)):
        found = list(group)
        copy = copied_event(found[0].event)
        for one in found:
            yield msgspec.structs.replace(one, event=copy, parts=tuple(copied_matches(one.parts)))


@st.composite
def stories(draw: st.DrawFn) -> tuple[list[Match], list[Event]]:
    """Matches and unknown errors in order of time."""
    matches: list[Match] = []
    unknown: list[Event] = []
    now = 0.0
    for _ in range(draw(st.integers(1, 25))):
        now += draw(st.sampled_from([0.0, 0.5, 4.0, 30.0, 90.0, 250.0, 700.0]))
        service, instance = draw(st.sampled_from(["api", "web"])), draw(st.sampled_from(["", "i1", "i2"]))
        level = draw(st.sampled_from([Severity.ERROR, Severity.WARNING]))
        trace = draw(st.sampled_from(["", "t1", "t2"]))
        root = draw(st.sampled_from(["", "", "Boom: no"]))
        one = event("said", at=now, service=service, instance=instance, severity=level, trace=trace, root=root)
        if draw(st.integers(0, 4)) == 0:
            unknown.append(one)
            continue
        names: dict[str, str] = draw(st.sampled_from([{}, {"table": "a"}, {"table": "b"}, {"host": "db"}]))
        said = draw(st.lists(st.sampled_from(FAILING + AROUND), min_size=1, max_size=3, unique_by=lambda r: r.name))
        matches += [Match(rule=told, event=one, fields={"mode": "odd"} if told is MODE else names) for told in said]
        table = next((found for found in matches if found.rule is TABLE and found.event is one), None)
        started = next((found for found in reversed(matches) if found.rule is STARTED), None)
        if table is not None and started is not None:
            matches.append(Match(rule=NAMING, event=one, fields={}, parts=(started, table)))
    return matches, unknown


def plain(incidents: Iterable[Incident]) -> list[Incident]:
    """Without what copies leave out."""
    return [msgspec.structs.replace(one, happenings=tuple(one.happenings)) for one in incidents]


def raw_less(story: tuple[list[Match], list[Event]]) -> tuple[list[Match], list[Event]]:
    return list(copied_matches(story[0])), [copied_event(one) for one in story[1]]


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(stories())
def test_matches_may_be_made_anew_and_are_read_twice_at_most(story: tuple[list[Match], list[Event]]) -> None:
    matches, unknown = raw_less(story)
    anew = Anew(matches, copied_matches)
    errors = Anew(unknown, lambda events: map(copied_event, events))
    found = build_incidents(anew, errors, (), ReportSettings())
    assert plain(found) == plain(build_incidents(matches, unknown, (), ReportSettings()))
    assert anew.readings <= 2
    assert errors.readings <= 1


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(stories())
def test_everything_that_failed_has_its_place_in_one_incident(story: tuple[list[Match], list[Event]]) -> None:
    matches, unknown = story
    incidents = build_incidents(matches, unknown, (), ReportSettings())
    told = dict(happenings(matches, unknown))
    places = Counter(place for incident in incidents for place in incident.happenings)
    assert set(places.values()) <= {1}
    assert {place for place in told if place >= 0} <= set(places) <= set(told)
    for incident in incidents:
        own = [told[place] for place in incident.happenings]
        assert len(own) == incident.count
        counted = Counter(one.rule.name for found in own for one in found)
        assert counted == {name: row[1] for name, row in incident.counts.items() if name != "naming"}
        times = [one.time for found in own for one in found]
        assert (incident.first, incident.last) == (min(times), max(times))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(stories())
def test_what_lies_out_of_reach_would_not_have_been_tied(story: tuple[list[Match], list[Event]]) -> None:
    found = build_incidents(*story, (), ReportSettings())
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ties, "reach_of", lambda *_, alike: Reach(LONGEST + alike, LONGEST + alike))
        assert plain(build_incidents(*story, (), ReportSettings())) == plain(found)


def test_what_is_kept_of_a_match_is_next_to_nothing() -> None:
    def peak(count: int) -> int:
        def storm(_: Iterable[Match]) -> Iterator[Match]:
            for number in range(count):
                told = (REFUSED, EXIT, STARTED, HEALTHY)[number % 4]
                yield match(told, at=number, message=f"line {number} of a storm", instance=f"i{number % 7}")

        gc.collect()
        tracemalloc.start()
        (incident,) = build_incidents(Anew((), storm), (), (), ReportSettings())
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert incident.count == count // 2
        return top

    few, many = peak(6_000), peak(12_000)
    assert (many - few) / 6_000 < 100
