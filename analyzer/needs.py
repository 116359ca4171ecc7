"""What an event must have before a condition can hold on it: texts of its message, and comparisons with its fields.

A condition is weakened to a set of needs of which at least one is met by every event that it holds on. Scanners, the
Logging query and SQL look for these to nominate entries; the condition itself still decides.

To find them in hundreds of rules takes longer than a small run, so that a loader hands them on with its rules.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple, Self

from analyzer.literals import GOOD, pattern_literals, required_clauses, weight
from analyzer.rule import TEXT_OPERATORS, And, Comparison, Named, Operator, Or, Rule

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.rule import Condition

__all__ = ["CheckedRules", "Need", "Needs", "Wanted", "is_told", "needs", "needs_of", "wanted"]

_ORDER = frozenset({Operator.EQUALS, Operator.GT, Operator.GTE, Operator.LT, Operator.LTE})
_COMMON = frozenset({"severity", "service", "revision", "instance", "log", "logger", "resource.type", "http.method"})
"""Fields that nearly every entry has and that hold the same few values: weak to search by."""

_TOLD = ("message", "http.", "json.", "proto.", "severity")
"""Fields of rules that a few fields of an entry show, or that only records have which are always decoded wholly."""


class Need(NamedTuple):
    """One thing that an event may be asked for; text is compared ignoring case.

    Attributes:
        field: ``message`` or another field of events.
        operator: ``contains`` for the message; for other fields one of equals, contains, startswith, endswith, gt, gte,
            lt, lte and exists.
        value: What it is compared with; True for ``exists``.
        beside: Another text that the message must hold too, in lower case; empty where the value is rare enough.
    """

    field: str
    operator: Operator
    value: str | float | bool
    beside: str = ""


Needs = frozenset[Need]

Wanted = frozenset[Needs]
"""Needs that are met together; mostly one, with others where the first is one that most entries meet."""


class CheckedRules(tuple[Rule, ...]):  # noqa: SLOT001 - a tuple has no room for slots, and the needs must go somewhere
    """Rules as a loader made them: their fields are known and RE2 takes their patterns, so nobody need check again.

    What is said of them cannot grow stale: neither the tuple nor a rule in it changes, and whoever takes rules out of
    it, or puts others in their place, has an ordinary sequence again.

    Args:
        rules: The rules.
        needs: The needs of each, where they are known already.
    """

    def __new__(cls, rules: Iterable[Rule] = (), needs: Iterable[Needs | None] | None = None) -> Self:
        """See the class."""
        made = super().__new__(cls, rules)
        if needs is not None:
            made.needs = tuple(needs)
        return made

    @functools.cached_property
    def needs(self) -> tuple[Needs | None, ...]:
        """The needs of each rule, as :func:`needs_of` finds them."""
        return tuple(map(needs_of, self))


def is_told(need: Need) -> bool:
    """Whether a few fields of an entry tell if it meets a need, so that the others need not be decoded."""
    # What is said of one path is said of all that differ in digits alone: nobody may ask for a number there.
    numeric = need.field == "http.path" and isinstance(need.value, int | float) and need.operator is not Operator.EXISTS
    return need.field.startswith(_TOLD) and not numeric


def needs_of(rule: Rule) -> Needs | None:
    """The needs of a rule; none at all, as for a condition that never holds, for a correlation."""
    return frozenset() if rule.condition is None else needs(rule.condition)


def needs(condition: Condition) -> Needs | None:
    """The needs of which an event meets at least one whenever ``condition`` holds on it.

    Returns:
        The needs; an empty set for a condition that never holds; None when any event may satisfy it.
    """
    found = wanted(condition)
    return None if found is None else frozenset(map(_one_of, found))


def _one_of(together: Needs) -> Need:
    """The need that is met most seldom, with the text that narrows it where it is weak."""
    best = max(together, key=_worth)
    beside = next((str(need.value) for need in together if need is not best and need.field == best.field), "")
    return best._replace(beside=beside) if best.field == "message" else best


def wanted(condition: Condition) -> Wanted | None:
    """The same with what narrows the weak ones: sets of which an event meets at least one wholly.

    Of an event of several entries there is one entry that meets such a set by itself, as far as its message goes.
    """
    found: Wanted | None = None
    match condition:
        case Named(item=item):
            found = wanted(item)
        case And(items=items):
            known = [some for some in map(wanted, items) if some is not None]
            found = max(known, key=_strength, default=None)
            if found is not None and all(need.field in _COMMON for together in found for need in together):
                found = _with_others(found, known)
        case Or(items=items):
            every = [wanted(item) for item in items]
            known = [some for some in every if some is not None]
            found = frozenset().union(*known) if len(known) == len(every) else None
        case Comparison(field="message"):
            found = _message_needs(condition)
        case Comparison():
            some = _field_needs(condition)
            found = None if some is None else frozenset(frozenset({need}) for need in some)
    return found


def _with_others(weak: Wanted, known: Iterable[Wanted]) -> Wanted:
    """Needs of common fields with all other such that are met as well: who cannot ask for the one asks for another."""
    others = frozenset(need for some in known if len(some) == 1 for need in next(iter(some)) if need.field in _COMMON)
    return frozenset(together | others for together in weak)


def _field_needs(item: Comparison) -> Needs | None:
    found: Needs | None = frozenset({Need(item.field, Operator.EXISTS, value=True)})
    match item:
        case Comparison(operator=Operator.EXISTS, value=False) | Comparison(value=None):
            found = None
        case Comparison(operator=Operator.RE, value=str(pattern)):
            found = _texts(item.field, pattern_literals(pattern, shortest=1)) or found
        case Comparison(operator=operator, value=str(text)) if operator in TEXT_OPERATORS and text:
            found = frozenset({Need(item.field, operator, text)})
        case Comparison(operator=operator, value=int(number) | float(number)) if operator in _ORDER:
            found = found if isinstance(number, bool) else frozenset({Need(item.field, operator, number)})
    return found


@functools.lru_cache(maxsize=8192)
def _message_needs(item: Comparison) -> Wanted | None:
    # Kept, since a run reduces its rules more than once: for the query, for the scan.
    clauses = required_clauses(item, shortest=1)
    if clauses is None:
        return None
    found = [_texts("message", clause) for clause in clauses]
    every = [some for some in found if some is not None]
    return frozenset(every) if len(every) == len(found) else None


def _texts(field: str, literals: frozenset[str] | None) -> Needs | None:
    # A dotted capital I in a rule comes lowered to two characters that its text does not have.
    if literals is None or any("i\u0307" in literal for literal in literals):
        return None
    return frozenset(Need(field, Operator.CONTAINS, literal) for literal in literals)


def _strength(some: Wanted) -> tuple[int, int]:
    """How little a set nominates: its weakest need, then how few they are."""
    return min((max(map(_weight, together)) for together in some), default=GOOD + 1), -len(some)


def _worth(need: Need) -> tuple[int, bool, int, str]:
    # Of common fields the severity is best: it is known of every entry that is counted.
    return _weight(need), need.field == "severity", len(str(need.value)), str(need.value)


def _weight(need: Need) -> int:
    if need.operator is Operator.EXISTS:
        return 0
    if need.field in _COMMON:
        return 1
    if isinstance(need.value, str):
        return weight(need.value) if need.field == "message" else min(len(need.value), GOOD)
    return GOOD // 2
