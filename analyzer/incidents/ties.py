"""How well a happening fits a chain: a score with a name, from the strongest evidence to the weakest."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

from analyzer.incidents.chain import UNORDERED, disorder
from analyzer.incidents.faults import (
    agrees,
    explains,
    names_cause,
    names_rule,
    needs_no_cause,
    rank,
    same_target,
    share_object,
    share_target,
    siblings,
)
from analyzer.rule import Category, Role
from analyzer.times import SECOND

if TYPE_CHECKING:
    from analyzer.incidents.chain import Chain, Tally
    from analyzer.incidents.faults import Happening
    from analyzer.model import Match

__all__ = ["LONGEST", "Fit", "Fitting", "fit_of"]

LONGEST = 600 * SECOND
"""A cause that a rule names may lie this far before its effect; nothing but the same fault again joins over more."""
_AGAIN = 300 * SECOND
_FOLLOWS = 120 * SECOND
_NATURAL = 60 * SECOND
_BURST = 5 * SECOND
_FAR = 1 << 62


class Fit(enum.IntEnum):
    """How well a happening fits a chain; the highest wins, on the same instance before elsewhere, then the nearest."""

    NONE = 0
    ONCE_THE_SAME = 10
    NEAR = 20
    ELSEWHERE = 22
    """A cause in another service, where a rule says that it may lie there."""
    SAME_THING = 25
    """They name one table, one host, or the same rule says nearly the same."""
    UNORDERED = 30
    NATURAL = 40
    FOLLOWS = 50
    NAMED_LATER = 60
    NAMED = 70
    AGAIN = 80


class Fitting(NamedTuple):
    """A fit with what decides between equals.

    Attributes:
        fit: The evidence.
        here: The chain was seen on the happening's instance within the last minute.
        last: When the chain was last seen, there or else anywhere, nanoseconds.
    """

    fit: Fit
    here: bool = False
    last: int = 0


def fit_of(chain: Chain, happening: Happening) -> Fitting:
    """How well ``happening``, which is not earlier than what the chain holds, fits it."""
    effect = happening.primary
    again = happening.fault in chain.tallies
    seen = max(_last_here(tally, effect) for tally in chain.tallies.values())
    here = effect.time - seen <= _NATURAL
    last = seen if here else chain.last
    if again and (effect.time - chain.last <= _AGAIN or chain.cause.fault == happening.fault):
        return Fitting(Fit.AGAIN, here, last)
    best = max(_tie(tally, effect) for tally in chain.tallies.values())
    if best in (Fit.UNORDERED, Fit.NAMED_LATER) and chain.explained:
        # Effects that have their cause do not look for one among later lines; another failure still may.
        best = max(_tie(tally, effect) if _is_failure(tally) else Fit.NONE for tally in chain.tallies.values())
    return Fitting(Fit.ONCE_THE_SAME if again and best is Fit.NONE else best, here, last)


def _is_failure(tally: Tally) -> bool:
    return tally.match.rule.role is Role.FAILURE


def _last_here(tally: Tally, effect: Match) -> int:
    return tally.instances.get(effect.event.first.instance, -_FAR)


def _tie(tally: Tally, effect: Match) -> Fit:
    """The strongest evidence that ``effect`` and a fault of a chain have one cause."""
    cause = tally.match
    gap = effect.time - tally.last
    if cause.event.first.service != effect.event.first.service:
        return _tie_elsewhere(cause, effect, gap)
    near = effect.time - _last_here(tally, effect)
    if _is_named(cause, effect, gap, near):
        return Fit.NAMED
    if gap <= disorder(cause, effect) and names_cause(cause, effect):
        return Fit.NAMED_LATER
    if _of_other_process(tally, effect):
        return Fit.NONE
    if _follows(cause, effect, gap, near):
        return Fit.FOLLOWS
    best = Fit.NONE if _other_trace(cause, effect) else _natural_tie(cause, effect, gap, near)
    return max(best, Fit.SAME_THING) if gap <= LONGEST and _same_thing(tally, effect, gap) else best


def _of_other_process(tally: Tally, effect: Match) -> bool:
    """Whether a request failed on an instance that had no part in the end of others."""
    bound = tally.match.rule.category in (Category.STARTUP, Category.CRASH)
    instance = effect.event.first.instance
    return bound and effect.rule.category is Category.HTTP and bool(instance) and instance not in tally.instances


def _tie_elsewhere(cause: Match, effect: Match, gap: int) -> Fit:
    if gap > LONGEST:
        return Fit.NONE
    if share_target(cause, effect):
        return Fit.SAME_THING
    spans = effect.rule.spans_services or cause.rule.spans_services
    named = names_rule(effect, cause) or (gap <= _FOLLOWS and names_cause(effect, cause))
    return Fit.ELSEWHERE if spans and named and same_target(cause, effect) else Fit.NONE


def _is_named(cause: Match, effect: Match, gap: int, near: int) -> bool:
    """Whether the effect's rule names its cause, near enough: a rule says more than a category, an instance more."""
    if not names_cause(effect, cause):
        return False
    if names_rule(effect, cause) or effect.rule.role is Role.CONSEQUENCE:
        return gap <= LONGEST
    return (near <= _FOLLOWS or gap <= _NATURAL) and not _other_trace(cause, effect)


def _same_thing(tally: Tally, effect: Match, gap: int) -> bool:
    cause = tally.match
    if share_object(cause, effect) or share_target(cause, effect):
        return True
    return (tally.primary and gap <= _AGAIN and agrees(cause, effect)) or (gap <= _NATURAL and siblings(cause, effect))


def _follows(cause: Match, effect: Match, gap: int, near: int) -> bool:
    """Whether ``effect`` is a consequence that comes soon after a failure.

    A consequence whose rule names its causes follows another failure only on the instance that had it.
    """
    if effect.rule.role is not Role.CONSEQUENCE or cause.rule.role is not Role.FAILURE:
        return False
    return near <= _NATURAL if effect.rule.caused_by else gap <= _FOLLOWS


def _natural_tie(cause: Match, effect: Match, gap: int, near: int) -> Fit:
    """What the categories of two matches, their instance and their nearness say."""
    if explains(cause, effect) and _in_natural_reach(effect, gap, near):
        return Fit.NATURAL
    if near <= _BURST and needs_no_cause(cause) and rank(effect.rule.category) >= rank(Category.VALIDATION):
        # What a start that has failed already says of its checks is no news.
        return Fit.NATURAL
    unordered = near <= UNORDERED and not needs_no_cause(cause)
    if unordered and explains(effect, cause) and not _blames_others(cause, effect):
        return Fit.UNORDERED
    if cause.rule.role is Role.CONSEQUENCE is effect.rule.role and gap <= _NATURAL:
        return Fit.NEAR
    if near <= _BURST and cause.rule.category is effect.rule.category and same_target(cause, effect):
        return Fit.NEAR
    return Fit.NONE


def _in_natural_reach(effect: Match, gap: int, near: int) -> bool:
    """Whether the natural order may be taken for evidence.

    An effect by its rule, or a failed request, may follow from anything before it. Another failure follows from what
    came with it in one burst, unless its rule names its causes, and not this one, or it needs none.
    """
    if effect.rule.role is Role.CONSEQUENCE or effect.rule.category is Category.HTTP:
        return gap <= _NATURAL
    return near <= _BURST and not effect.rule.caused_by and not needs_no_cause(effect)


def _blames_others(effect: Match, cause: Match) -> bool:
    """Whether a failure's rule names its causes, and ``cause`` is none of them."""
    return bool(effect.rule.caused_by) and not names_cause(effect, cause)


def _other_trace(one: Match, other: Match) -> bool:
    """Whether both belong to requests, and to different ones."""
    first, second = one.event.first.trace, other.event.first.trace
    return bool(first and second and first != second)
