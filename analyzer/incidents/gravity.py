"""How grave an incident is: the level of its gravest rule, unless its own entries say that it was no trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.model import Severity
from analyzer.rule import Category, Level, Role
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analyzer.incidents.chain import Chain
    from analyzer.model import Match

__all__ = ["level_of"]

_RECOVERY = 300 * SECOND
_OFTEN = 10
"""A warning that comes this often tells of something that does not pass by itself."""
_HEALTHY = frozenset({Category.STARTUP, Category.VALIDATION})


def level_of(chain: Chain, speakers: Sequence[Match], context: Sequence[Match]) -> Level:
    """The level of an incident.

    Args:
        chain: Its failures and consequences.
        speakers: Its matches, one of each rule, and the correlations that name it.
        context: Milestones, states and all-clears around it, in order of time.

    Returns:
        The level of the gravest rule; LOW for failed probes alone that a start without fault came after; for failures
        that their own program took for warnings, and that nothing followed from, LOW or, when they keep coming, MEDIUM.
    """
    level = max(match.rule.level for match in speakers)
    matches = [happening.primary for happening in chain.happenings]
    if all(_is_trial(match) for match in matches):
        return min(level, Level.LOW) if _recovered(matches, context) else level
    if all(_is_warning(match) for match in matches):
        return min(level, Level.MEDIUM if len(matches) >= _OFTEN else Level.LOW)
    return level


def _is_trial(match: Match) -> bool:
    """Whether it tells of a start that was not yet done, such as a probe that failed."""
    return match.rule.role is Role.CONSEQUENCE and match.rule.category is Category.STARTUP


def _is_warning(match: Match) -> bool:
    return match.rule.role is Role.FAILURE and match.event.severity is Severity.WARNING


def _recovered(effects: Iterable[Match], context: Sequence[Match]) -> bool:
    """Whether every instance that had an effect told afterwards that it is well."""
    last: dict[str, int] = {}
    for effect in effects:
        instance = effect.event.first.instance
        last[instance] = max(effect.time, last.get(instance, 0))
    return all(
        any(
            time <= claim.time <= time + _RECOVERY and claim.event.first.instance == instance
            for claim in context
            if claim.rule.role in (Role.ALL_CLEAR, Role.MILESTONE) and claim.rule.category in _HEALTHY
        )
        for instance, time in last.items()
    )
