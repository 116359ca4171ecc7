"""Tally and Chain: the faults of one cause while they are being gathered, with exact counts and capped samples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.incidents.faults import (
    Fault,
    Happening,
    explains,
    fault_of,
    names_cause,
    needs_no_cause,
)
from analyzer.model import Severity
from analyzer.rule import Level, Role
from analyzer.times import SECOND

if TYPE_CHECKING:
    from analyzer.model import Match

__all__ = ["UNORDERED", "Chain", "Tally", "disorder"]

UNORDERED = 2 * SECOND
"""Lines of one moment reach the log in any order: an effect may stand this far before its cause."""
_MOST_IDS = 1000


class Tally:
    """All matches of one fault in one chain: exact counts, capped samples.

    Attributes:
        primary: It was what an event told best, and not only said beside something that tells more.
    """

    __slots__ = ("count", "fault", "first", "ids", "instances", "last", "primary", "samples")

    def __init__(self, fault: Fault, match: Match) -> None:
        self.fault = fault
        self.count = 0
        self.primary = False
        self.first = self.last = match.time
        self.samples: list[Match] = []
        self.ids: dict[str, None] = {}
        self.instances: dict[str, int] = {}

    @property
    def match(self) -> Match:
        """The first match."""
        return self.samples[0]

    def add(self, match: Match, most: int) -> None:
        """Count a match."""
        self.count += 1
        earlier = match.time < self.first
        self.first, self.last = min(self.first, match.time), max(self.last, match.time)
        instance = match.event.first.instance
        self.instances[instance] = max(match.time, self.instances.get(instance, match.time))
        if earlier:
            self.samples = [match, *self.samples][:most]
        elif len(self.samples) < most:
            self.samples.append(match)
        if len(self.ids) < _MOST_IDS:
            self.ids.update(dict.fromkeys(match.insert_ids))

    def absorb(self, other: Tally, most: int) -> None:
        """Take over another chain's matches of the same fault."""
        self.count += other.count
        self.primary = self.primary or other.primary
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.samples = sorted([*self.samples, *other.samples], key=lambda match: match.time)[:most]
        self.ids = dict.fromkeys([*self.ids, *other.ids][:_MOST_IDS])
        for instance, time in other.instances.items():
            self.instances[instance] = max(time, self.instances.get(instance, time))


class Chain:
    """One cause with what followed, while it is being gathered."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.tallies: dict[Fault, Tally] = {}
        self.services: dict[str, None] = {}
        self.happenings: list[Happening] = []
        self.first = 0
        self.last = 0

    def add(self, happening: Happening) -> None:
        """Take a happening in."""
        for match in happening.matches:
            fault = happening.fault if match is happening.primary else fault_of(match)
            tally = self.tallies.get(fault)
            if tally is None:
                tally = self.tallies[fault] = Tally(fault, match)
            tally.add(match, self._most)
            tally.primary = tally.primary or match is happening.primary
        self.happenings.append(happening)
        time = happening.primary.time
        self.first = min(self.first or time, time)
        self.last = max(self.last, time)
        self.services[happening.primary.event.first.service] = None

    @property
    def explained(self) -> bool:
        """It holds a failure, so that its effects need no other cause."""
        return any(tally.match.rule.role is Role.FAILURE for tally in self.tallies.values())

    def absorb(self, other: Chain) -> None:
        """Take another chain in."""
        for fault, tally in other.tallies.items():
            if fault in self.tallies:
                self.tallies[fault].absorb(tally, self._most)
            else:
                self.tallies[fault] = tally
        self.happenings += other.happenings
        self.first, self.last = min(self.first, other.first), max(self.last, other.last)
        self.services.update(other.services)

    @property
    def count(self) -> int:
        """How many happenings there are."""
        return len(self.happenings)

    @property
    def cause(self) -> Tally:
        """The fault that explains the others.

        Failures before consequences, grave ones before minor ones and before what the program took for a warning,
        those that no other failure of the chain is named to explain, and of these the earliest.
        """
        tallies = list(self.tallies.values())
        failures = [t for t in tallies if t.match.rule.role is Role.FAILURE] or tallies
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
    if names_cause(tally.match, by.match):
        return not names_cause(by.match, tally.match) or by.first < tally.first
    if names_cause(by.match, tally.match) or needs_no_cause(tally.match):
        return False
    if tally.match.event is by.match.event:
        return explains(by.match, tally.match)
    return explains(by.match, tally.match) and by.first <= tally.first + disorder(by.match, tally.match)


def disorder(one: Match, other: Match) -> int:
    """By how much two lines may stand in the wrong order, nanoseconds: one log of one instance keeps its order."""
    first, second = one.event.first, other.event.first
    same = first.instance and (first.instance, first.log) == (second.instance, second.log)
    return 0 if same else UNORDERED
