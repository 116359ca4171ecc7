"""How long after a cause an effect may still be tied to it, by their rules alone.

Most pairs of rules have nothing to do with each other, and most others only within seconds. Whoever looks for what a
happening belongs to asks this first, and ``ties.py`` only about the few faults that are left: it decides. A reach may
be too long and never too short.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from analyzer.incidents.chain import UNORDERED
from analyzer.incidents.faults import ABOUT_OBJECTS, TARGETED, explains, needs_no_cause, rank, siblings
from analyzer.rule import Category, Role
from analyzer.times import SECOND

if TYPE_CHECKING:
    from analyzer.rule import Rule

__all__ = ["AGAIN", "BURST", "FOLLOWS", "LONGEST", "NATURAL", "Reach", "may_lie_elsewhere", "reach_of"]

LONGEST = 600 * SECOND
"""A cause that a rule names may lie this far before its effect; nothing but the same fault again joins over more."""
AGAIN = 300 * SECOND
FOLLOWS = 120 * SECOND
NATURAL = 60 * SECOND
BURST = 5 * SECOND


class Reach(NamedTuple):
    """How long after a match of one rule one of another may be tied to it, nanoseconds; -1 where nothing ties them.

    Attributes:
        here: In one service.
        elsewhere: In two services.
    """

    here: int
    elsewhere: int


def reach_of(cause: Rule, effect: Rule, *, alike: bool) -> Reach:
    """The reach of two rules.

    Args:
        cause: The rule of what came before.
        effect: The rule of what came after it.
        alike: Their matches name one thing; see :func:`analyzer.incidents.faults.things_of`.
    """
    return Reach(_reach_here(cause, effect, alike=alike), _reach_elsewhere(cause, effect, alike=alike))


def _reach_here(cause: Rule, effect: Rule, *, alike: bool) -> int:
    consequence = effect.role is Role.CONSEQUENCE
    both = {cause.category, effect.category}
    reaches = {
        LONGEST: _names(effect, cause) or (alike and (both <= ABOUT_OBJECTS or both <= TARGETED)),
        AGAIN: cause.name == effect.name,
        FOLLOWS: consequence and cause.role is Role.FAILURE,
        NATURAL: siblings(cause, effect)
        or (consequence and cause.role is Role.CONSEQUENCE)
        or (explains(cause, effect) and (consequence or effect.category is Category.HTTP)),
        BURST: cause.category is effect.category
        or explains(cause, effect)
        or (needs_no_cause(cause) and rank(effect.category) >= rank(Category.VALIDATION)),
        UNORDERED: _names(cause, effect) or explains(effect, cause),
    }
    return max((reach for reach, holds in reaches.items() if holds), default=-1)


def _reach_elsewhere(cause: Rule, effect: Rule, *, alike: bool) -> int:
    if alike and {cause.category, effect.category} <= TARGETED:
        return LONGEST
    return LONGEST if _names(effect, cause) and (effect.spans_services or cause.spans_services) else -1


def may_lie_elsewhere(cause: Rule) -> bool:
    """Whether effects whose own rules say nothing of other services may be tied to a cause in another one."""
    return cause.spans_services or cause.category in TARGETED


def _names(effect: Rule, cause: Rule) -> bool:
    return cause.name in effect.caused_by or cause.category in effect.caused_by
