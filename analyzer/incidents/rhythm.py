"""How often containers started, and how regularly a fault comes back."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from analyzer.rule import Category, Role, Rule
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analyzer.incidents.series import Series

__all__ = ["container_starts", "period_of", "tells_of_end", "tells_of_start"]

_ONE_START = SECOND
"""Start lines of one instance this close together tell of one container start."""
_ONE_END = 3 * SECOND
"""The last words of a container that ends come from several processes, and over a moment."""
_FEWEST_GAPS = 2
_REGULAR = 0.6
"""Share of the gaps that must be about as long as the middle one to call it a rhythm."""
_ABOUT = 0.35


def tells_of_start(rule: Rule) -> bool:
    """Whether a rule's matches mark the start of a container."""
    return rule.role is Role.MILESTONE and rule.category is Category.STARTUP


def tells_of_end(rule: Rule) -> bool:
    """Whether a rule's matches mark the end of a container."""
    return rule.role is Role.CONSEQUENCE and rule.category is Category.CRASH


def container_starts(begun: Mapping[str, Series], ended: Mapping[str, Series]) -> int:
    """How often a container of an incident started.

    Args:
        begun: By rule, when a start was told of.
        ended: By rule, when an end was told of.

    Returns:
        The largest number of starts that one kind of line tells of: several kinds tell of the same starts.
    """
    return max(_most_bursts(begun, _ONE_START), _most_bursts(ended, _ONE_END))


def _most_bursts(told: Mapping[str, Series], apart: int) -> int:
    """The bursts of one rule's lines on one instance, summed over instances, of the rule that has most."""
    return max((sum(_bursts(times, apart) for times in one.by_instance().values()) for one in told.values()), default=0)


def _bursts(times: Sequence[int], apart: int) -> int:
    return bool(times) + sum(after - before >= apart for before, after in itertools.pairwise(times))


def period_of(times: Sequence[int]) -> int:
    """The usual time between repeats of a cause in nanoseconds; 0 when they are too few or follow no rhythm.

    What several instances say in one second is one repeat.

    Args:
        times: When the cause happened, nanoseconds, in order.
    """
    repeats: list[int] = []
    for time in times:
        if not repeats or time - repeats[-1] >= SECOND:
            repeats.append(time)
    gaps = sorted(after - before for before, after in itertools.pairwise(repeats))
    if len(gaps) < _FEWEST_GAPS:
        return 0
    middle = gaps[len(gaps) // 2]
    alike = sum(abs(gap - middle) <= _ABOUT * middle for gap in gaps)
    return middle if alike >= _REGULAR * len(gaps) else 0
