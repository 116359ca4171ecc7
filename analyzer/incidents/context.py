"""What stood around an incident: milestones, states, all-clears, and the claims it belies."""

from __future__ import annotations

import bisect
from collections import defaultdict
from typing import TYPE_CHECKING

from analyzer.rule import Category, Role
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analyzer.model import Match

__all__ = ["Surroundings", "belied"]

BEFORE = 900 * SECOND
"""How long before an incident its milestones may lie."""
AFTER = 60 * SECOND
_CLAIMS = frozenset({Category.STARTUP, Category.VALIDATION})
"""All-clears of these categories speak for the whole service."""


class Surroundings:
    """The matches that are no failures, by service, in order of time."""

    def __init__(self, matches: Iterable[Match]) -> None:
        by_service: defaultdict[str, list[Match]] = defaultdict(list)
        for match in matches:
            by_service[match.event.first.service].append(match)
        self._by_service = dict(by_service)
        self._times = {name: [match.time for match in found] for name, found in by_service.items()}

    def around(self, services: Iterable[str], first: int, last: int) -> list[Match]:
        """The matches of ``services`` from fifteen minutes before ``first`` to one after ``last``."""
        found: list[Match] = []
        for service in services:
            times = self._times.get(service, [])
            begin = bisect.bisect_left(times, first - BEFORE)
            end = bisect.bisect_right(times, last + AFTER)
            found += self._by_service.get(service, [])[begin:end]
        return sorted(found, key=lambda match: match.time)


def belied(failures: Sequence[Match], context: Sequence[Match], parts: Iterable[Match]) -> tuple[Match, ...]:
    """The claims of success that the failures show to be wrong, in order of time, one of each rule.

    A failure belies the milestones and all-clears that its rule names under ``contradicts``, the all-clears of its own
    category and of start-up and validation as a whole, and the milestones that a correlation joined it with. What was
    claimed long after the last failure is a recovery and no contradiction.
    """
    parted = {id(match) for match in parts}
    last = max(match.time for match in failures)
    found: dict[str, Match] = {}
    for match in context:
        if match.rule.role in (Role.FAILURE, Role.CONSEQUENCE, Role.STATE) or match.time > last + SECOND * 10:
            continue
        wrong = id(match) in parted or any(_belies(failure, match) for failure in failures)
        # The claim nearest before the failure says most.
        if wrong and (match.rule.name not in found or match.time <= failures[0].time):
            found[match.rule.name] = match
    return tuple(sorted(found.values(), key=lambda match: match.time))


def _belies(failure: Match, claim: Match) -> bool:
    named = failure.rule.contradicts
    if claim.rule.name in named or claim.rule.category in named:
        return True
    if claim.rule.role is not Role.ALL_CLEAR or named:
        return False
    return claim.rule.category is failure.rule.category or claim.rule.category in _CLAIMS
