"""Happenings -> chains: what belongs to one cause, in one pass over time.

Each happening joins the chain it fits best, or begins one. How well it fits is a score with a name (``_Fit``), tried
from the strongest evidence to the weakest: the same fault again, a cause that a rule names, the natural order of causes
on one instance, and nearness. Faults that nothing ties together stay apart, however close in time.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from analyzer.incidents.faults import Fault, Happening, explains, fault_of, names_cause, same_target, share_object
from analyzer.rule import Category, Role
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.model import Match

__all__ = ["Chain", "Tally", "fold", "gather"]

_NAMED_GAP = 600 * SECOND
"""A cause that a rule names may lie this far before its effect."""
_NATURAL_GAP = 60 * SECOND
_FOLLOWS_GAP = 120 * SECOND
_AGAIN_GAP = 300 * SECOND
_NEAR_GAP = 5 * SECOND
_UNORDERED = 2 * SECOND
"""Lines of one moment reach the log in any order: an effect may stand this far before its cause."""
_ORPHAN_GAP = 300 * SECOND
_FAR = 1 << 62
_MOST_IDS = 1000
_MOST_NAMES = 50
"""Distinct name sets of one rule on one service before names stop telling faults apart (user data, not objects)."""


class _Fit(enum.IntEnum):
    """How well a happening fits a chain; the highest wins, the nearest among equals."""

    NONE = 0
    ONCE_THE_SAME = 10
    NEAR = 20
    SAME_OBJECT = 25
    UNORDERED = 30
    NATURAL = 40
    FOLLOWS = 50
    NAMED_LATER = 60
    NAMED = 70
    AGAIN = 80


class Tally:
    """All matches of one fault in one chain: exact counts, capped samples."""

    __slots__ = ("count", "fault", "first", "ids", "instances", "last", "samples")

    def __init__(self, fault: Fault, match: Match) -> None:
        self.fault = fault
        self.count = 0
        self.first = self.last = match.time
        self.samples: list[Match] = []
        self.ids: dict[str, None] = {}
        self.instances: dict[str, int] = {}

    @property
    def match(self) -> Match:
        """The first match."""
        return self.samples[0]

    def add(self, match: Match, most: int) -> None:
        """Count a match; matches come in order of time."""
        self.count += 1
        self.first, self.last = min(self.first, match.time), max(self.last, match.time)
        self.instances[match.event.first.instance] = match.time
        if len(self.samples) < most:
            self.samples.append(match)
        if len(self.ids) < _MOST_IDS:
            self.ids.update(dict.fromkeys(match.insert_ids))

    def absorb(self, other: Tally, most: int) -> None:
        """Take over another chain's matches of the same fault."""
        self.count += other.count
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
        self.happenings.append(happening)
        time = happening.primary.time
        self.first = min(self.first or time, time)
        self.last = max(self.last, time)
        self.services[happening.primary.event.first.service] = None

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

        Failures before consequences, grave ones before warnings, those that no other failure of the chain is named to
        explain, and of these the earliest.
        """
        tallies = list(self.tallies.values())
        failures = [t for t in tallies if t.match.rule.role is Role.FAILURE] or tallies
        gravest = max(t.match.rule.level for t in failures)
        grave = [t for t in failures if t.match.rule.level >= min(gravest, 3)]
        roots = [t for t in grave if not any(_explained(t, other) for other in grave if other is not t)] or grave
        return min(roots, key=lambda tally: (tally.first, tally.fault))


def _explained(tally: Tally, by: Tally) -> bool:
    """Whether one fault of a chain is the effect of another: named so, or naturally so and not earlier."""
    if names_cause(tally.match, by.match):
        return not names_cause(by.match, tally.match) or by.first < tally.first
    if names_cause(by.match, tally.match):
        return False
    same_event = tally.match.event is by.match.event
    return explains(by.match, tally.match) and (same_event or by.first <= tally.first + _UNORDERED)


def gather(happenings: Iterable[Happening], most: int) -> list[Chain]:
    """Group happenings (in order of time) into chains.

    Args:
        happenings: What failed, in order of time.
        most: Samples kept of one fault.

    Returns:
        The chains, in order of their first happening.
    """
    chains: list[Chain] = []
    recent: list[Chain] = []
    holding: dict[Fault, list[Chain]] = {}
    names: dict[tuple[str, str], set[str]] = {}
    for given in happenings:
        happening = _forget_user_data(given, names)
        time = happening.primary.time
        recent = [chain for chain in recent if time - chain.last <= _NAMED_GAP]
        known = holding.setdefault(happening.fault, [])
        chain = _best(happening, known, recent)
        if chain is None:
            chain = Chain(most)
            chains.append(chain)
        if chain not in recent:
            recent.append(chain)
        if chain not in known:
            known.append(chain)
        chain.add(happening)
    return _adopt(fold(chains))


def _best(happening: Happening, known: list[Chain], recent: list[Chain]) -> Chain | None:
    """The chain that a happening fits best, the latest among equals; None when nothing ties it to any."""
    candidates = [*known, *(chain for chain in recent if chain not in known)]
    fits = [(_fit(chain, happening), chain.last, -place) for place, chain in enumerate(candidates)]
    fit, _, place = max(fits, default=(_Fit.NONE, 0, 0))
    return None if fit is _Fit.NONE else candidates[-place]


def _forget_user_data(happening: Happening, names: dict[tuple[str, str], set[str]]) -> Happening:
    fault = happening.fault
    known = names.setdefault((fault.service, fault.rule), set())
    if fault.names not in known and len(known) >= _MOST_NAMES:
        return happening._replace(fault=fault._replace(names="*"))
    known.add(fault.names)
    return happening


def _fit(chain: Chain, happening: Happening) -> _Fit:
    effect = happening.primary
    again = happening.fault in chain.tallies
    if again and (effect.time - chain.last <= _AGAIN_GAP or chain.cause.fault == happening.fault):
        return _Fit.AGAIN
    best = max(_tie(tally, effect) for tally in chain.tallies.values())
    return _Fit.ONCE_THE_SAME if again and best is _Fit.NONE else best


def _tie(tally: Tally, effect: Match) -> _Fit:
    """The strongest evidence that ``effect`` and a fault of a chain have one cause."""
    cause = tally.match
    same_service = cause.event.first.service == effect.event.first.service
    if not same_service and not (effect.rule.spans_services or cause.rule.spans_services):
        return _Fit.NONE
    gap = effect.time - tally.last
    if gap <= _NAMED_GAP and names_cause(effect, cause):
        return _Fit.NAMED
    if not same_service:
        return _Fit.NONE
    if gap <= _UNORDERED and names_cause(cause, effect):
        return _Fit.NAMED_LATER
    near = effect.time - tally.instances.get(effect.event.first.instance, -_FAR)
    if _follows(cause, effect, gap, near):
        return _Fit.FOLLOWS
    best = _Fit.NONE if _other_trace(cause, effect) else _natural_tie(cause, effect, gap, near)
    return max(best, _Fit.SAME_OBJECT) if gap <= _NAMED_GAP and share_object(cause, effect) else best


def _follows(cause: Match, effect: Match, gap: int, near: int) -> bool:
    """Whether ``effect`` is a consequence that comes soon after a failure.

    A consequence whose rule names its causes follows another failure only on the instance that had it.
    """
    if effect.rule.role is not Role.CONSEQUENCE or cause.rule.role is not Role.FAILURE:
        return False
    return near <= _NATURAL_GAP if effect.rule.caused_by else gap <= _FOLLOWS_GAP


def _natural_tie(cause: Match, effect: Match, gap: int, near: int) -> _Fit:
    """What the categories of two matches, their instance and their nearness say."""
    anywhere = effect.rule.category in (Category.CRASH, Category.HTTP)
    if (gap if anywhere else near) <= _NATURAL_GAP and explains(cause, effect):
        return _Fit.NATURAL
    if near <= _UNORDERED and explains(effect, cause):
        return _Fit.UNORDERED
    if cause.rule.role is Role.CONSEQUENCE is effect.rule.role and gap <= _NATURAL_GAP:
        return _Fit.NEAR
    if near <= _NEAR_GAP and cause.rule.category is effect.rule.category and same_target(cause, effect):
        return _Fit.NEAR
    return _Fit.NONE


def _other_trace(one: Match, other: Match) -> bool:
    """Whether both belong to requests, and to different ones."""
    first, second = one.event.first.trace, other.event.first.trace
    return bool(first and second and first != second)


def fold(chains: list[Chain]) -> list[Chain]:
    """Chains whose cause turned out to be one fault become one."""
    by_cause: dict[Fault, Chain] = {}
    for chain in chains:
        fault = chain.cause.fault
        if fault in by_cause:
            by_cause[fault].absorb(chain)
        else:
            by_cause[fault] = chain
    return list(by_cause.values())


def _adopt(chains: list[Chain]) -> list[Chain]:
    """Chains of consequences alone go to the failure of their service that was under way, where there is one."""
    failures = [chain for chain in chains if chain.cause.match.rule.role is Role.FAILURE]
    left: list[Chain] = list(failures)
    for orphan in (chain for chain in chains if chain.cause.match.rule.role is not Role.FAILURE):
        parents = [
            chain
            for chain in failures
            if chain.services.keys() & orphan.services.keys()
            and chain.first - _UNORDERED <= orphan.first <= chain.last + _ORPHAN_GAP
        ]
        if parents:
            before = [chain for chain in parents if chain.first <= orphan.first]
            max(before or parents, key=lambda chain: chain.last).absorb(orphan)
        else:
            left.append(orphan)
    return sorted(left, key=lambda chain: chain.first)
