"""What stood around incidents: milestones, states and all-clears, and the claims that incidents belie.

How far an incident reaches is known only when all has been read, and a service that says every second that it is well
says so all day. So of each such match only the time, the instance and the place among all matches are kept; the few
matches that a report shows are looked up by their places when the incidents are known.
"""

from __future__ import annotations

import bisect
from array import array
from collections import defaultdict
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from analyzer.incidents.rhythm import tells_of_start
from analyzer.incidents.series import Series, within
from analyzer.rule import Category, Role, Rule
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from analyzer.model import Match

__all__ = ["Around", "Moment", "Strand", "Surroundings"]

BEFORE = 900 * SECOND
"""How long before an incident its milestones may lie."""
AFTER = 60 * SECOND
RECOVERY = 10 * SECOND
"""What is claimed so long after the last failure is a recovery and no contradiction."""
_CLAIMS = frozenset({Category.STARTUP, Category.VALIDATION})
"""All-clears of these categories speak for the whole service."""
_MOST_STATES = 50
"""Distinct states of one rule on one service that are told apart."""


Moment = tuple[int, int]
"""When a match happened, nanoseconds, and its place among all matches."""


class _Lane:
    """The matches of one rule on one service that name the same things, or for a state that say the same."""

    __slots__ = ("instances", "places", "rule", "times")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.times: array[int] = array("q")
        self.places: array[int] = array("q")
        self.instances: array[int] = array("q")


class _Stretch(NamedTuple):
    """The part of a lane that lies around an incident."""

    lane: _Lane
    begin: int
    end: int

    def moments(self, begin: int, end: int) -> Iterator[Moment]:
        return zip(self.lane.times[begin:end], self.lane.places[begin:end], strict=True)

    def firsts(self, most: int) -> Iterator[Moment]:
        return self.moments(self.begin, min(self.end, self.begin + most))

    def lasts(self, most: int) -> Iterator[Moment]:
        return self.moments(max(self.begin, self.end - most), self.end)


class Strand:
    """The matches of one rule around an incident.

    Attributes:
        rule: The rule.
        stretches: Where in the lanes of the rule they are.
    """

    __slots__ = ("rule", "stretches")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.stretches: list[_Stretch] = []

    def __len__(self) -> int:
        """How many there are."""
        return sum(stretch.end - stretch.begin for stretch in self.stretches)

    def firsts(self, most: int) -> list[Moment]:
        """The first ones, in order."""
        return sorted(chain.from_iterable(stretch.firsts(most) for stretch in self.stretches))[:most]

    def lasts(self, most: int) -> list[Moment]:
        """The last ones, in order."""
        return sorted(chain.from_iterable(stretch.lasts(most) for stretch in self.stretches))[-most:]

    def nearest(self, time: int, until: int) -> Moment | None:
        """The last one that is not after ``time``, or else the first one up to ``until``."""
        before: list[Moment] = []
        for stretch in self.stretches:
            after = bisect.bisect_right(stretch.lane.times, time, stretch.begin, stretch.end)
            before += stretch.moments(max(stretch.begin, after - 1), after)
        (found,) = [max(before)] if before else self.firsts(1)
        return found if found[0] <= until else None

    def at(self, time: int) -> Moment | None:
        """The first one of exactly ``time``."""
        found: list[Moment] = []
        for stretch in self.stretches:
            place = bisect.bisect_left(stretch.lane.times, time, stretch.begin, stretch.end)
            found += (moment for moment in stretch.moments(place, min(place + 1, stretch.end)) if moment[0] == time)
        return min(found, default=None)


class Surroundings:
    """The matches that are no failures, by service, in order of time."""

    def __init__(self) -> None:
        self._lanes: defaultdict[str, dict[tuple[str, object], _Lane]] = defaultdict(dict)
        self._states: defaultdict[tuple[str, str], set[object]] = defaultdict(set)
        self._instances: dict[str, int] = {}

    def add(self, place: int, match: Match) -> None:
        """Note a match that is no failure; ``place`` is where it stands among all matches."""
        first = match.event.first
        lanes = self._lanes[first.service]
        key = match.rule.name, self._likeness(match)
        lane = lanes.get(key)
        if lane is None:
            lane = lanes[key] = _Lane(match.rule)
        lane.times.append(match.time)
        lane.places.append(place)
        lane.instances.append(self._instances.setdefault(first.instance, len(self._instances)))

    def _likeness(self, match: Match) -> object:
        """What matches of one rule have in common that are told as one: a state's values, else the names alone."""
        names = tuple(match.fields)
        if match.rule.role is not Role.STATE:
            return names
        values = tuple(match.fields.items())
        known = self._states[match.event.first.service, match.rule.name]
        if values not in known and len(known) >= _MOST_STATES:
            return names
        known.add(values)
        return values

    def around(self, services: Iterable[str], first: int, last: int) -> Around:
        """What stood on ``services`` from fifteen minutes before ``first`` to one after ``last``."""
        stretches = []
        for service in services:
            for lane in self._lanes.get(service, {}).values():
                begin, end = within(lane.times, first - BEFORE, last + AFTER)
                if end > begin:
                    stretches.append(_Stretch(lane, begin, end))
        return Around(stretches, list(self._instances))


class Around:
    """What stood around one incident.

    Attributes:
        strands: By rule.
    """

    def __init__(self, stretches: Iterable[_Stretch], instances: Sequence[str]) -> None:
        self._instances = instances
        self.strands: dict[str, Strand] = {}
        for stretch in stretches:
            rule = stretch.lane.rule
            self.strands.setdefault(rule.name, Strand(rule)).stretches.append(stretch)

    def samples(self, most: int) -> list[int]:
        """Places of the first matches, in order."""
        firsts = chain.from_iterable(stretch.firsts(most) for stretch in self._stretches())
        return [place for _, place in sorted(firsts)[:most]]

    def last_words(self) -> list[int]:
        """Places of the last match that names each thing, in order: a later one overrides an earlier one's names."""
        lasts = chain.from_iterable(stretch.lasts(1) for stretch in self._stretches())
        return [place for _, place in sorted(lasts)]

    def states(self) -> list[int]:
        """Places of the first match of each state, in order."""
        states = (stretch.firsts(1) for stretch in self._stretches() if stretch.lane.rule.role is Role.STATE)
        return [place for _, place in sorted(chain.from_iterable(states))]

    def starts(self) -> dict[str, Series]:
        """By rule, when the start of a container was told of."""
        strands = (strand for strand in self.strands.values() if tells_of_start(strand.rule))
        return {strand.rule.name: self._series(strand.stretches) for strand in strands}

    def good_news(self, categories: Container[Category]) -> Series:
        """When milestones and all-clears of some categories were told of."""
        roles = (Role.ALL_CLEAR, Role.MILESTONE)
        rules = ((s, s.lane.rule) for s in self._stretches())
        return self._series([s for s, rule in rules if rule.role in roles and rule.category in categories])

    def claims(self, failures: Sequence[Match]) -> dict[str, Moment]:
        """Of each rule whose claims of success the failures show to be wrong, the claim that says most.

        A failure belies the milestones and all-clears that its rule names under ``contradicts``, and the all-clears of
        its own category and of start-up and validation as a whole. The claim nearest before the failure says most.
        """
        until = claimed_until(failures)
        found = {}
        for strand in self.strands.values():
            if strand.rule.role is not Role.STATE and any(_belies(failure.rule, strand.rule) for failure in failures):
                moment = strand.nearest(failures[0].time, until)
                if moment is not None:
                    found[strand.rule.name] = moment
        return found

    def joined_claims(self, failures: Sequence[Match], parts: Iterable[Match]) -> dict[str, tuple[Moment, Match]]:
        """The same for the milestones and all-clears that a correlation joined the failures with."""
        until = claimed_until(failures)
        found: dict[str, tuple[Moment, Match]] = {}
        for part in sorted(parts, key=lambda part: part.time):
            name, strand = part.rule.name, self.strands.get(part.rule.name)
            moment = strand.at(part.time) if strand is not None and part.rule.role is not Role.STATE else None
            if moment is not None and part.time <= until and (name not in found or part.time <= failures[0].time):
                found[name] = moment, part
        return found

    def _stretches(self) -> Iterator[_Stretch]:
        return (stretch for strand in self.strands.values() for stretch in strand.stretches)

    def _series(self, stretches: Iterable[_Stretch]) -> Series:
        series = Series()
        for lane, begin, end in stretches:
            for number in range(begin, end):
                series.add(self._instances[lane.instances[number]], lane.times[number])
        return series


def claimed_until(failures: Sequence[Match]) -> int:
    """Until when a claim of success counts as belied, nanoseconds."""
    return max(failure.time for failure in failures) + RECOVERY


def _belies(failure: Rule, claim: Rule) -> bool:
    if claim.name in failure.contradicts or claim.category in failure.contradicts:
        return True
    if claim.role is not Role.ALL_CLEAR or failure.contradicts:
        return False
    return claim.category is failure.category or claim.category in _CLAIMS
