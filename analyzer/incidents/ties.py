"""How well a happening fits a chain: a score with a name, from the strongest evidence to the weakest."""

from __future__ import annotations

import enum
from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from analyzer.incidents.chain import NEVER, UNORDERED, disorder
from analyzer.incidents.faults import (
    ABOUT_OBJECTS,
    TARGETED,
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
from analyzer.rule import Category, Role, Rule
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from analyzer.incidents.chain import Chain, Tally
    from analyzer.incidents.faults import Happening
    from analyzer.model import Match

__all__ = ["LONGEST", "Fit", "Fitting", "Ties"]

LONGEST = 600 * SECOND
"""A cause that a rule names may lie this far before its effect; nothing but the same fault again joins over more."""
_AGAIN = 300 * SECOND
_FOLLOWS = 120 * SECOND
_NATURAL = 60 * SECOND
_BURST = 5 * SECOND


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


class Ties:
    """Judges how well happenings fit chains; remembers what it has found out about pairs of rules.

    One for each run: rules of one name are one rule within a run only.
    """

    def __init__(self) -> None:
        self._reaches: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)

    @staticmethod
    def is_again(chain: Chain, happening: Happening) -> bool:
        """Whether ``happening`` is one more of what a chain holds, soon after it or of what caused it."""
        tally = chain.tallies.get(happening.fault)
        if tally is None:
            return False
        return happening.primary.time - chain.last <= _AGAIN or chain.cause is tally

    def fits(self, happening: Happening, chains: Iterable[Chain]) -> Iterator[tuple[Fitting, Chain]]:
        """The chains that ``happening``, which is not earlier than what they hold, fits, and how well."""
        effect = happening.primary
        time, instance = effect.time, effect.event.first.instance
        for chain in chains:
            again = chain.tallies.get(happening.fault)
            if again is not None and self.is_again(chain, happening):
                fit = Fit.AGAIN
            else:
                fit = self._evidence(chain, effect) or (Fit.NONE if again is None else Fit.ONCE_THE_SAME)
            if fit:
                seen = chain.instances.get(instance, NEVER)
                here = time - seen <= _NATURAL
                yield Fitting(fit, here, seen if here else chain.last), chain

    def _evidence(self, chain: Chain, effect: Match) -> Fit:
        """The strongest evidence that ``effect`` and what a chain holds have one cause."""
        tied = list(self._tied(chain, effect))
        if not tied:
            return Fit.NONE
        best = max(fit for fit, _ in tied)
        if best in (Fit.UNORDERED, Fit.NAMED_LATER) and chain.explained:
            # Effects that have their cause do not look for one among later lines; another failure still may.
            return max((fit for fit, tally in tied if tally.rule.role is Role.FAILURE), default=Fit.NONE)
        return best

    def _tied(self, chain: Chain, effect: Match) -> Iterator[tuple[Fit, Tally]]:
        """The faults of a chain that have something to do with ``effect``, and what."""
        rule, time, service = effect.rule, effect.time, effect.event.first.service
        reaches = self._reaches[rule.name]
        for tally in chain.tallies.values():
            cause = tally.rule
            reach = reaches.get(cause.name)
            if reach is None:
                reach = reaches[cause.name] = _reach_here(cause, rule), _reach_elsewhere(cause, rule)
            elsewhere = tally.service != service
            if time - tally.last <= reach[elsewhere]:
                fit = _tie_elsewhere(tally, effect) if elsewhere else _tie(tally, effect)
                if fit:
                    yield fit, tally


def _reach_here(cause: Rule, effect: Rule) -> int:
    """How long after a match of ``cause`` one of ``effect`` may still be tied to it in one service; -1 for never.

    Whatever the matches say: this only spares asking about pairs of rules that have nothing to do with each other, or
    lie too far apart, of which there are many.
    """
    reaches = [-1]
    if cause.name in effect.caused_by or cause.category in effect.caused_by:
        reaches.append(LONGEST)
    if {cause.category, effect.category} <= ABOUT_OBJECTS or {cause.category, effect.category} <= TARGETED:
        reaches.append(LONGEST)
    if cause.name == effect.name:
        reaches.append(_AGAIN)
    if effect.role is Role.CONSEQUENCE:
        reaches.append(_FOLLOWS)
    return max(*reaches, _NATURAL)


def _reach_elsewhere(cause: Rule, effect: Rule) -> int:
    """The same where they are of two services."""
    if {cause.category, effect.category} <= TARGETED:
        return LONGEST
    named = cause.name in effect.caused_by or cause.category in effect.caused_by
    return LONGEST if named and (effect.spans_services or cause.spans_services) else -1


def _last_here(tally: Tally, effect: Match) -> int:
    return tally.instances.get(effect.event.first.instance, NEVER)


def _tie(tally: Tally, effect: Match) -> Fit:
    """The strongest evidence that ``effect`` and a fault of its own service have one cause."""
    cause = tally.match
    gap = effect.time - tally.last
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


def _tie_elsewhere(tally: Tally, effect: Match) -> Fit:
    """The strongest evidence that ``effect`` and a fault of another service have one cause."""
    cause = tally.match
    gap = effect.time - tally.last
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
    if tally.told and gap <= _AGAIN and agrees(cause, effect):
        return True
    return gap <= _NATURAL and siblings(cause, effect)


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
