"""How well a happening fits a chain: a score with a name, from the strongest evidence to the weakest."""

from __future__ import annotations

import enum
from collections import defaultdict
from typing import TYPE_CHECKING

from analyzer.incidents.chain import NEVER, UNORDERED, disorder
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
    things_of,
)
from analyzer.incidents.reach import AGAIN, BURST, FOLLOWS, LONGEST, NATURAL, Reach, reach_of
from analyzer.rule import Category, Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analyzer.incidents.chain import Chain, Tally
    from analyzer.incidents.faults import Happening
    from analyzer.model import Match

__all__ = ["Fit", "Ties", "is_again", "nearness"]


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


class Ties:
    """Judges how well happenings fit chains; remembers what it has found out about pairs of rules.

    One for each run: rules of one name are one rule within a run only.
    """

    def __init__(self) -> None:
        self._reaches: defaultdict[str, dict[tuple[str, bool], Reach]] = defaultdict(dict)

    def evidence(self, effect: Match, faults: Iterable[tuple[Tally, Chain]]) -> dict[Chain, Fit]:
        """The strongest evidence that ``effect``, which is not earlier than these faults, and a chain have one cause.

        Args:
            effect: What failed.
            faults: Faults with their chains; chains that nothing ties to ``effect`` are left out of what is returned.
        """
        tied: defaultdict[Chain, list[tuple[Fit, Tally]]] = defaultdict(list)
        rule, time, service = effect.rule, effect.time, effect.event.first.service
        reaches, things = self._reaches[rule.name], things_of(effect)
        for tally, chain in faults:
            key = tally.rule.name, not things.isdisjoint(tally.things)
            reach = reaches.get(key)
            if reach is None:
                reach = reaches[key] = reach_of(tally.rule, rule, alike=key[1])
            elsewhere = tally.service != service
            if time - tally.last <= reach[elsewhere]:
                fit = _tie_elsewhere(tally, effect) if elsewhere else _tie(tally, effect)
                if fit:
                    tied[chain].append((fit, tally))
        best = ((chain, _best(chain, fits)) for chain, fits in tied.items())
        return {chain: fit for chain, fit in best if fit}


def is_again(chain: Chain, happening: Happening) -> bool:
    """Whether ``happening`` is one more of what a chain holds, soon after it or of what caused it."""
    tally = chain.tallies.get(happening.fault)
    if tally is None:
        return False
    return happening.primary.time - chain.last <= AGAIN or chain.cause is tally


def nearness(chain: Chain, effect: Match) -> tuple[bool, int]:
    """Whether a chain was seen on an effect's instance within the last minute; when it was, there or else anywhere."""
    seen = chain.instances.get(effect.event.first.instance, NEVER)
    here = effect.time - seen <= NATURAL
    return here, seen if here else chain.last


def _best(chain: Chain, fits: Sequence[tuple[Fit, Tally]]) -> Fit:
    best = max(fit for fit, _ in fits)
    if best in (Fit.UNORDERED, Fit.NAMED_LATER) and chain.explained:
        # Effects that have their cause do not look for one among later lines; another failure still may.
        return max((fit for fit, tally in fits if tally.rule.role is Role.FAILURE), default=Fit.NONE)
    return best


def _last_here(tally: Tally, effect: Match) -> int:
    return tally.instances.get(effect.event.first.instance, NEVER)


def _tie(tally: Tally, effect: Match) -> Fit:
    """The strongest evidence that ``effect`` and a fault of its own service have one cause."""
    cause = tally.match
    gap = effect.time - tally.last
    near = effect.time - _last_here(tally, effect)
    if _is_named(cause, effect, gap, near):
        return Fit.NAMED
    if gap <= disorder(cause, effect) and names_cause(cause.rule, effect.rule):
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


def _tie_elsewhere(tally: Tally, effect: Match) -> Fit:
    """The strongest evidence that ``effect`` and a fault of another service have one cause."""
    cause = tally.match
    gap = effect.time - tally.last
    if gap > LONGEST:
        return Fit.NONE
    if share_target(cause, effect):
        return Fit.SAME_THING
    spans = effect.rule.spans_services or cause.rule.spans_services
    named = names_rule(effect.rule, cause.rule) or (gap <= FOLLOWS and names_cause(effect.rule, cause.rule))
    return Fit.ELSEWHERE if spans and named and same_target(cause, effect) else Fit.NONE


def _is_named(cause: Match, effect: Match, gap: int, near: int) -> bool:
    """Whether the effect's rule names its cause, near enough: a rule says more than a category, an instance more."""
    if not names_cause(effect.rule, cause.rule):
        return False
    if names_rule(effect.rule, cause.rule) or effect.rule.role is Role.CONSEQUENCE:
        return gap <= LONGEST
    return (near <= FOLLOWS or gap <= NATURAL) and not _other_trace(cause, effect)


def _same_thing(tally: Tally, effect: Match, gap: int) -> bool:
    cause = tally.match
    if share_object(cause, effect) or share_target(cause, effect):
        return True
    if tally.told and gap <= AGAIN and agrees(cause, effect):
        return True
    return gap <= NATURAL and siblings(cause.rule, effect.rule)


def _follows(cause: Match, effect: Match, gap: int, near: int) -> bool:
    """Whether ``effect`` is a consequence that comes soon after a failure.

    A consequence whose rule names its causes follows another failure only on the instance that had it.
    """
    if effect.rule.role is not Role.CONSEQUENCE or cause.rule.role is not Role.FAILURE:
        return False
    return near <= NATURAL if effect.rule.caused_by else gap <= FOLLOWS


def _natural_tie(cause: Match, effect: Match, gap: int, near: int) -> Fit:
    """What the categories of two matches, their instance and their nearness say."""
    if explains(cause.rule, effect.rule) and _in_natural_reach(effect, gap, near):
        return Fit.NATURAL
    if near <= BURST and needs_no_cause(cause.rule) and rank(effect.rule.category) >= rank(Category.VALIDATION):
        # What a start that has failed already says of its checks is no news.
        return Fit.NATURAL
    unordered = near <= UNORDERED and not needs_no_cause(cause.rule)
    if unordered and explains(effect.rule, cause.rule) and not _blames_others(cause, effect):
        return Fit.UNORDERED
    if cause.rule.role is Role.CONSEQUENCE is effect.rule.role and gap <= NATURAL:
        return Fit.NEAR
    if near <= BURST and cause.rule.category is effect.rule.category and same_target(cause, effect):
        return Fit.NEAR
    return Fit.NONE


def _in_natural_reach(effect: Match, gap: int, near: int) -> bool:
    """Whether the natural order may be taken for evidence.

    An effect by its rule, or a failed request, may follow from anything before it. Another failure follows from what
    came with it in one burst, unless its rule names its causes, and not this one, or it needs none.
    """
    if effect.rule.role is Role.CONSEQUENCE or effect.rule.category is Category.HTTP:
        return gap <= NATURAL
    return near <= BURST and not effect.rule.caused_by and not needs_no_cause(effect.rule)


def _blames_others(effect: Match, cause: Match) -> bool:
    """Whether a failure's rule names its causes, and ``cause`` is none of them."""
    return bool(effect.rule.caused_by) and not names_cause(effect.rule, cause.rule)


def _other_trace(one: Match, other: Match) -> bool:
    """Whether both belong to requests, and to different ones."""
    first, second = one.event.first.trace, other.event.first.trace
    return bool(first and second and first != second)
