"""How grave an incident is: the level of its gravest rule, unless its own entries say that it was no trouble."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from analyzer.model import Severity
from analyzer.rule import Category, Level, Role
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Container, Sequence

    from analyzer.incidents.chain import Chain
    from analyzer.model import Match

__all__ = ["level_of"]

_RECOVERY = 300 * SECOND
_SOON = 60 * SECOND
_OFTEN = 10
"""A warning that comes this often tells of something that does not pass by itself."""
_SOME = 3
"""An INFO that a rule takes for a failure this often is no line that only speaks of one."""
_FEW = 5
"""Fewer failed requests than this in five minutes, with nothing else wrong, are the sender's to retry."""
_HEALTHY = frozenset({Category.STARTUP, Category.VALIDATION})


def level_of(chain: Chain, speakers: Sequence[Match], context: Sequence[Match]) -> Level:
    """The level of an incident.

    Args:
        chain: Its failures and consequences.
        speakers: Its matches, one of each rule, and the correlations that name it.
        context: Milestones, states and all-clears around it, in order of time.

    Returns:
        The level of the gravest rule; but LOW for what passed by itself: failed probes before a start without fault,
        a connection that a retry brought about, a handful of failed requests and nothing else. Failures that their own
        program took for less than errors, and that nothing followed from, are LOW or, when they keep coming, MEDIUM.
    """
    level = max(match.rule.level for match in speakers)
    matches = sorted((happening.primary for happening in chain.happenings), key=lambda match: match.time)
    if _passed(matches, context):
        return min(level, Level.LOW)
    if all(_made_light_of(match) for match in matches):
        often = _OFTEN if any(match.event.severity is Severity.WARNING for match in matches) else _SOME
        return min(level, Level.MEDIUM if len(matches) >= often else Level.LOW)
    return level


def _passed(matches: Sequence[Match], context: Sequence[Match]) -> bool:
    """Whether what failed was over by itself."""
    if all(_is(match, Role.CONSEQUENCE, Category.STARTUP) for match in matches):
        return _recovered(matches, context, _HEALTHY, _RECOVERY)
    if all(_is(match, Role.CONSEQUENCE, Category.HTTP) for match in matches):
        # Times of any five in a row that lie within five minutes of each other.
        rows = zip(matches, matches[_FEW - 1 :], strict=False)
        return not any(last.time - first.time <= _RECOVERY for first, last in rows)
    rest = [match for match in matches if not _is(match, Role.CONSEQUENCE, Category.HTTP)]
    if len(matches) - len(rest) < _FEW and all(_is(match, Role.FAILURE, Category.CONNECTIVITY) for match in rest):
        return _recovered(rest, context, {Category.CONNECTIVITY}, _SOON)
    return False


def _is(match: Match, role: Role, category: Category) -> bool:
    return match.rule.role is role and match.rule.category is category


def _made_light_of(match: Match) -> bool:
    """Whether a program stated a level below ERROR for a failure; where none is stated, the rule is right."""
    stated = Severity.DEFAULT < match.event.severity < Severity.ERROR
    return match.rule.role is Role.FAILURE and stated


def _recovered(failed: Sequence[Match], context: Sequence[Match], categories: Container[Category], within: int) -> bool:
    """Whether every instance told soon after each failure that it is well."""
    claims: defaultdict[str, list[int]] = defaultdict(list)
    for match in context:
        if match.rule.role in (Role.ALL_CLEAR, Role.MILESTONE) and match.rule.category in categories:
            claims[match.event.first.instance].append(match.time)
    return all(any(0 <= time - match.time <= within for time in claims[match.event.first.instance]) for match in failed)
