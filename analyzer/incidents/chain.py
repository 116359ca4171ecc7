"""Tally and Chain: the faults of one cause while they are being gathered, with exact counts and capped samples."""

from __future__ import annotations

from array import array
from sys import intern
from typing import TYPE_CHECKING

from analyzer.incidents.faults import (
    Fault,
    Happening,
    explains,
    fault_of,
    names_cause,
    needs_no_cause,
    things_of,
)
from analyzer.incidents.series import Series
from analyzer.model import Severity
from analyzer.rule import Level, Role
from analyzer.times import SECOND

if TYPE_CHECKING:
    from analyzer.model import Match
    from analyzer.rule import Rule

__all__ = ["NEVER", "UNORDERED", "Chain", "Tally", "disorder"]

UNORDERED = 2 * SECOND
"""Lines of one moment reach the log in any order: an effect may stand this far before its cause."""
NEVER = -1 << 62
"""When a thing was last seen that has not been seen."""
_MOST_IDS = 100
"""InsertIds that are kept of a fault: of a storm they would fill more memory than all else."""


class Tally:
    """All matches of one fault in one chain: exact counts, capped samples.

    Attributes:
        fault: The fault.
        rule: Its rule.
        service: Of the first match.
        count: All its matches, exact.
        first: Time of the first match, nanoseconds.
        last: Time of the last match, nanoseconds.
        things: What the first match names of what failures may have in common.
        samples: The first matches.
        ids: The first insertIds.
        instances: When it was last seen, by instance.
        told: When it was what an event told best, and not only said beside something that tells more.
        beside: When it was only said beside something else.
        severities: Of the events that told of it best.
    """

    __slots__ = (
        "beside",
        "count",
        "fault",
        "first",
        "ids",
        "instances",
        "last",
        "rule",
        "samples",
        "service",
        "severities",
        "things",
        "told",
    )

    def __init__(self, fault: Fault, match: Match) -> None:
        self.fault = fault
        self.rule: Rule = match.rule
        self.service = match.event.first.service
        self.things = things_of(match)
        self.count = 0
        self.first = self.last = match.time
        self.samples: list[Match] = []
        self.ids: list[str] = []
        self.instances: dict[str, int] = {}
        self.told = Series()
        self.beside = Series()
        self.severities: set[Severity] = set()

    @property
    def match(self) -> Match:
        """The first match."""
        return self.samples[0]

    def add(self, match: Match, time: int, most: int, *, primary: bool) -> bool:
        """Count a match.

        Args:
            match: The match.
            time: Its time, nanoseconds.
            most: Samples to keep.
            primary: It is what its event tells best.

        Returns:
            Whether it is among the samples.
        """
        self.count += 1
        event = match.event
        instance = intern(event.first.instance)  # it is kept by every fault that it shows
        if time >= self.instances.get(instance, NEVER):
            self.instances[instance] = time
        (self.told if primary else self.beside).add(instance, time)
        if primary:
            self.severities.add(event.severity)
        if len(self.ids) < _MOST_IDS:
            self.ids = list(dict.fromkeys([*self.ids, *match.insert_ids]))
        self.last = max(self.last, time)
        if time < self.first:
            self.first = time
            self.samples = [match, *self.samples][:most]
            self._look_at_first()
            return True
        if len(self.samples) < most:
            self.samples.append(match)
            return True
        return False

    def absorb(self, other: Tally, most: int) -> None:
        """Take over another chain's matches of the same fault."""
        self.count += other.count
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.samples = sorted([*self.samples, *other.samples], key=lambda match: match.time)[:most]
        self._look_at_first()
        if len(self.ids) < _MOST_IDS:
            self.ids = list(dict.fromkeys([*self.ids, *other.ids]))[:_MOST_IDS]
        for instance, time in other.instances.items():
            self.instances[instance] = max(time, self.instances.get(instance, time))
        self.told.absorb(other.told)
        self.beside.absorb(other.beside)
        self.severities |= other.severities

    def _look_at_first(self) -> None:
        self.service = self.match.event.first.service
        self.things = things_of(self.match)


class Chain:
    """One cause with what followed, while it is being gathered.

    Attributes:
        tallies: Its faults.
        services: Services of its happenings, in order.
        instances: When it was last seen, by instance.
        places: Where its happenings stand among all of the run.
        first: Time of its first happening, nanoseconds.
        last: Time of its last happening, nanoseconds.
        explained: It holds a failure, so that its effects need no other cause.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._cause: Tally | None = None
        self.tallies: dict[Fault, Tally] = {}
        self.services: dict[str, None] = {}
        self.instances: dict[str, int] = {}
        self.places: array[int] = array("q")
        self.first = 0
        self.last = 0
        self.explained = False

    def add(self, happening: Happening) -> list[Tally]:
        """Take a happening in; the faults that it tells of are returned."""
        primary = happening.matches[0]
        event = primary.event
        time, first = event.time, event.first
        told = []
        for match in happening.matches:
            fault = happening.fault if match is primary else fault_of(match)
            tally = self.tallies.get(fault)
            if tally is None:
                tally = self.tallies[fault] = Tally(fault, match)
                self.explained = self.explained or match.rule.role is Role.FAILURE
            if tally.add(match, time, self._most, primary=match is primary):
                self._cause = None
            told.append(tally)
        self.places.append(happening.place)
        self.first = min(self.first or time, time)
        self.last = max(self.last, time)
        self.services[first.service] = None
        if time >= self.instances.get(first.instance, NEVER):
            self.instances[first.instance] = time
        return told

    def absorb(self, other: Chain) -> None:
        """Take another chain in."""
        for fault, tally in other.tallies.items():
            if fault in self.tallies:
                self.tallies[fault].absorb(tally, self._most)
            else:
                self.tallies[fault] = tally
        self.places.extend(other.places)
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.services.update(other.services)
        for instance, time in other.instances.items():
            self.instances[instance] = max(time, self.instances.get(instance, time))
        self.explained = self.explained or other.explained
        self._cause = None

    @property
    def count(self) -> int:
        """How many happenings there are."""
        return len(self.places)

    @property
    def cause(self) -> Tally:
        """The fault that explains the others.

        Failures before consequences, grave ones before minor ones and before what the program took for a warning,
        those that no other failure of the chain is named to explain, and of these the earliest.
        """
        if self._cause is None:
            self._cause = _cause_of(list(self.tallies.values()))
        return self._cause


def _cause_of(tallies: list[Tally]) -> Tally:
    failures = [t for t in tallies if t.rule.role is Role.FAILURE] or tallies
    gravest = max(_weight(t) for t in failures)
    grave = [t for t in failures if _weight(t) >= min(gravest, Level.HIGH)]
    roots = [t for t in grave if not any(_explained(t, other) for other in grave if other is not t)] or grave
    return min(roots, key=lambda tally: (tally.first, tally.fault))


def _weight(tally: Tally) -> Level:
    """How much a fault weighs as a cause; a warning less than its rule says, because the program went on."""
    level = tally.match.rule.level
    warned = all(match.event.severity is Severity.WARNING for match in tally.samples)
    return min(level, Level.MEDIUM) if warned else level


def _explained(tally: Tally, by: Tally) -> bool:
    """Whether one fault of a chain is the effect of another: named so, or naturally so and not earlier."""
    if names_cause(tally.rule, by.rule):
        return not names_cause(by.rule, tally.rule) or by.first < tally.first
    if names_cause(by.rule, tally.rule) or needs_no_cause(tally.rule) or not explains(by.rule, tally.rule):
        return False
    if tally.match.event is by.match.event:
        return True
    return by.first <= tally.first + disorder(by.match, tally.match)


def disorder(one: Match, other: Match) -> int:
    """By how much two lines may stand in the wrong order, nanoseconds: one log of one instance keeps its order."""
    first, second = one.event.first, other.event.first
    same = first.instance and (first.instance, first.log) == (second.instance, second.log)
    return 0 if same else UNORDERED
