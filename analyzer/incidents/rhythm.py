"""How often containers started, and how regularly a fault comes back."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING

from analyzer.rule import Category, Role
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.model import Match

__all__ = ["container_starts", "period_of"]

_ONE_START = SECOND
"""Start lines of one instance this close together tell of one container start."""
_ONE_END = 3 * SECOND
"""The last words of a container that ends come from several processes, and over a moment."""
_FEWEST_GAPS = 2
_REGULAR = 0.6
"""Share of the gaps that must be about as long as the middle one to call it a rhythm."""
_ABOUT = 0.35


def container_starts(context: Iterable[Match], failing: Iterable[Match]) -> int:
    """How often a container of the incident started.

    Args:
        context: The milestones around the incident; those of category start-up mark a start.
        failing: Its failures and consequences; consequences of category crash tell of a container's end.

    Returns:
        The largest number of starts that one kind of line tells of: several kinds tell of the same starts.
    """
    begun = (m for m in context if m.rule.role is Role.MILESTONE and m.rule.category is Category.STARTUP)
    ended = (m for m in failing if m.rule.role is Role.CONSEQUENCE and m.rule.category is Category.CRASH)
    return max(_most_bursts(begun, _ONE_START), _most_bursts(ended, _ONE_END))


def _most_bursts(matches: Iterable[Match], apart: int) -> int:
    """The bursts of matches of one rule on one instance, summed over instances, of the rule that has most."""
    last: dict[tuple[str, str], int] = {}
    bursts: defaultdict[str, int] = defaultdict(int)
    for match in sorted(matches, key=lambda match: match.time):
        place = (match.rule.name, match.event.first.instance)
        if match.time - last.get(place, -apart) >= apart:
            bursts[match.rule.name] += 1
        last[place] = match.time
    return max(bursts.values(), default=0)


def period_of(causes: Iterable[Match]) -> int:
    """The usual time between repeats of a cause in nanoseconds; 0 when they are too few or follow no rhythm.

    What several instances say in one second is one repeat.
    """
    repeats: list[int] = []
    for time in sorted(match.time for match in causes):
        if not repeats or time - repeats[-1] >= SECOND:
            repeats.append(time)
    gaps = sorted(after - before for before, after in itertools.pairwise(repeats))
    if len(gaps) < _FEWEST_GAPS:
        return 0
    middle = gaps[len(gaps) // 2]
    alike = sum(abs(gap - middle) <= _ABOUT * middle for gap in gaps)
    return middle if alike >= _REGULAR * len(gaps) else 0
