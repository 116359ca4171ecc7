"""How grave an incident is: the level of its gravest rule, unless its own entries say that it was no trouble."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.incidents.series import Series, within
from analyzer.model import Severity
from analyzer.rule import Category, Level, Role, Rule
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.incidents.chain import Chain, Tally
    from analyzer.incidents.context import Around
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


def level_of(chain: Chain, speakers: Sequence[Match], around: Around) -> Level:
    """The level of an incident.

    Args:
        chain: Its failures and consequences.
        speakers: Its matches, one of each rule, and the correlations that name it.
        around: Milestones, states and all-clears around it.

    Returns:
        The level of the gravest rule; but LOW for what passed by itself: failed probes before a start without fault,
        a connection that a retry brought about, a handful of failed requests and nothing else. Failures that their own
        program took for less than errors, and that nothing followed from, are LOW or, when they keep coming, MEDIUM.
    """
    level = max(match.rule.level for match in speakers)
    tallies = [tally for tally in chain.tallies.values() if tally.told]
    if _passed(tallies, around):
        return min(level, Level.LOW)
    if all(_made_light_of(tally) for tally in tallies):
        often = _OFTEN if any(Severity.WARNING in tally.severities for tally in tallies) else _SOME
        return min(level, Level.MEDIUM if chain.count >= often else Level.LOW)
    return level


def _passed(tallies: Sequence[Tally], around: Around) -> bool:
    """Whether what failed was over by itself."""
    if all(_is(tally.rule, Role.CONSEQUENCE, Category.STARTUP) for tally in tallies):
        return _recovered(tallies, around.good_news(_HEALTHY), _RECOVERY)
    requests = [tally for tally in tallies if _is(tally.rule, Role.CONSEQUENCE, Category.HTTP)]
    rest = [tally for tally in tallies if tally not in requests]
    if not rest:
        times = sorted(time for tally in requests for time in tally.told.times())
        # Times of any five in a row that lie within five minutes of each other.
        rows = zip(times, times[_FEW - 1 :], strict=False)
        return not any(last - first <= _RECOVERY for first, last in rows)
    few = sum(len(tally.told) for tally in requests) < _FEW
    if few and all(_is(tally.rule, Role.FAILURE, Category.CONNECTIVITY) for tally in rest):
        return _recovered(rest, around.good_news({Category.CONNECTIVITY}), _SOON)
    return False


def _is(rule: Rule, role: Role, category: Category) -> bool:
    return rule.role is role and rule.category is category


def _made_light_of(tally: Tally) -> bool:
    """Whether a program stated a level below ERROR for a failure; where none is stated, the rule is right."""
    stated = all(Severity.DEFAULT < severity < Severity.ERROR for severity in tally.severities)
    return tally.rule.role is Role.FAILURE and stated


def _recovered(failed: Sequence[Tally], good_news: Series, soon: int) -> bool:
    """Whether every instance told soon after each failure that it is well."""
    news = good_news.by_instance()
    return all(
        within(news.get(instance, ()), time, time + soon)[0] >= 0
        for tally in failed
        for instance, times in tally.told.by_instance().items()
        for time in times
    )
