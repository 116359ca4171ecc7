"""What is the same fault, and what explains what: the two judgements that grouping rests on.

A *fault* is a rule with the names it extracted, on one service: ``undefined_table(table=orders)`` of ``api``. Numbers,
ids and addresses in the names do not count, so a fault is the same on every revision, instance and day.

What explains what: a rule's ``caused_by`` first; else the natural order of categories (a database that cannot be
reached explains a failed migration, that a failed validation, that a start-up that ends, that a 503).
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from analyzer.rule import Category, Role, Rule
from analyzer.template import digest, mask_value

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.model import Match

__all__ = [
    "ABOUT_OBJECTS",
    "TARGETED",
    "Fault",
    "Happening",
    "agrees",
    "explains",
    "fault_of",
    "most_telling_first",
    "names_cause",
    "names_rule",
    "needs_no_cause",
    "rank",
    "same_target",
    "share_object",
    "share_target",
    "siblings",
    "things_of",
]

_RANK = {
    Category.CONFIGURATION: 0,
    Category.DEPENDENCY: 0,
    Category.CONNECTIVITY: 0,
    Category.AUTH: 0,
    Category.LOCK: 0,
    Category.SCHEMA: 1,
    Category.MIGRATION: 1,
    Category.VALIDATION: 2,
    Category.OTHER: 2,
    Category.STARTUP: 3,
    Category.CRASH: 4,
    Category.HTTP: 5,
}
TARGETED = frozenset({Category.CONNECTIVITY, Category.AUTH, Category.DEPENDENCY})
"""Categories whose faults are apart when they name different targets: two hosts, two users, two modules."""

_TARGETS = frozenset({"host", "instance", "database", "role"})
"""Names of what several services use: when it fails, it fails for all of them."""

_OWN = re.compile(r"(?:localhost|0\.0\.0\.0|127\.[\d.]+|\[?::1?\]?|169\.254\.[\d.]+|metadata[\w.-]*)$")
"""Hosts that mean another place in every container."""

ABOUT_OBJECTS = frozenset({Category.SCHEMA, Category.MIGRATION, Category.VALIDATION})
"""Categories whose faults are about tables and what belongs to them."""

_OBJECTS = frozenset({"table", "tables", "column", "columns", "constraint", "type", "index", "view", "relation"})


class Fault(NamedTuple):
    """The identity of a fault within one run: hashable, and stable enough to be hashed into a fingerprint."""

    service: str
    rule: str
    names: str


class Happening(NamedTuple):
    """One event and everything that failing rules say of it.

    Attributes:
        matches: The most telling one first.
        fault: What the most telling one is an instance of.
        place: Where it stands in what a run has found; see :attr:`analyzer.outcome.Incident.happenings`.
    """

    matches: tuple[Match, ...]
    fault: Fault
    place: int

    @property
    def primary(self) -> Match:
        """The match that says best what went wrong."""
        return self.matches[0]


def rank(category: Category) -> int:
    """Place in the natural order of causes: 0 is a root, 5 a failed request."""
    return _RANK[category]


def names_cause(effect: Rule, cause: Rule) -> bool:
    """Whether ``effect`` lists ``cause`` or its category under ``caused_by``."""
    return names_rule(effect, cause) or (cause.category in effect.caused_by and cause.name != effect.name)


def names_rule(effect: Rule, cause: Rule) -> bool:
    """Whether ``effect`` lists ``cause`` itself: surer than a category."""
    return cause.name in effect.caused_by


def needs_no_cause(rule: Rule) -> bool:
    """Whether a failure ends a process or a start by itself: a module that is not there, memory that is used up."""
    ending = rule.role is Role.FAILURE and rule.category in (Category.STARTUP, Category.CRASH)
    return ending and not rule.caused_by


def explains(cause: Rule, effect: Rule) -> bool:
    """Whether the natural order lets ``cause`` explain ``effect`` (time and place are the caller's to check)."""
    if cause.role is not Role.FAILURE:
        return False
    before, after = rank(cause.category), rank(effect.category)
    if before == after:
        return before == 1 and cause.category is not effect.category
    return before < after


def same_target(one: Match, other: Match) -> bool:
    """Whether two matches of one category may be about one thing: no name they share differs."""
    if one.rule.category not in TARGETED:
        return True
    shared = one.fields.keys() & other.fields.keys()
    return all(_values(one, name) & _values(other, name) for name in shared)


def things_of(match: Match) -> frozenset[str]:
    """What a match names of what failures may have in common: tables and the like, hosts and the like."""
    return frozenset(_objects(match)).union(*(_values(match, name) for name in _targets(match)))


def share_target(one: Match, other: Match) -> bool:
    """Whether two failures name one thing outside their containers that they could not use, and none that differs."""
    if not {one.rule.category, other.rule.category} <= TARGETED:
        return False
    shared = _targets(one) & _targets(other)
    told = shared | (one.fields.keys() & other.fields.keys() & {"port"})
    return bool(shared) and all(_values(one, name) & _values(other, name) for name in told)


def agrees(one: Match, other: Match) -> bool:
    """Whether two matches of one rule differ in no name that both give, and one gives all that the other does."""
    if one.rule.name != other.rule.name:
        return False
    mine, others = one.fields.keys(), other.fields.keys()
    if not (mine <= others or others <= mine):
        return False
    return all(_masked(name, one.fields[name]) == _masked(name, other.fields[name]) for name in mine & others)


def share_object(one: Match, other: Match) -> bool:
    """Whether two matches about a schema name one table, column, type or constraint."""
    if not {one.rule.category, other.rule.category} <= ABOUT_OBJECTS:
        return False
    return bool(_objects(one) & _objects(other))


def fault_of(match: Match) -> Fault:
    """The fault that a match is an instance of.

    For a built-in rule, which has no condition, the names are how much of a service fails, not what: they do not count.
    What is named from outside the containers (a host, a database, its role) fails for every service that uses it, so
    the fault is not one of a service.
    """
    if match.rule.condition is None:
        return Fault(match.event.first.service, match.rule.name, "")
    shared = match.rule.role is Role.FAILURE and (match.rule.spans_services or _targets(match))
    service = "" if shared else match.event.first.service
    return Fault(service, match.rule.name, _digest_of_names(tuple(match.fields.items())) if match.fields else "")


@functools.lru_cache(maxsize=4096)
def _digest_of_names(names: tuple[tuple[str, str | tuple[str, ...]], ...]) -> str:
    """Names and their values without what varies, hashed; a storm says the same names over and over."""
    return digest(*(f"{name}={_masked(name, value)}" for name, value in sorted(names)))


def most_telling_first(matches: Sequence[Match]) -> tuple[Match, ...]:
    """The failing matches of one event, what says best what went wrong before the others."""
    if len(matches) == 1:
        return tuple(matches)
    return tuple(sorted(matches, key=lambda match: _tellingness(match, matches)))


def _tellingness(match: Match, others: Sequence[Match]) -> tuple[object, ...]:
    """Sort key: what others name as their cause, failures, roots, grave ones, and those that name things come first."""
    named = sum(names_cause(other.rule, match.rule) for other in others)
    return (
        -named,
        match.rule.role is not Role.FAILURE,
        rank(match.rule.category),
        -int(match.rule.level),
        -len(match.fields),
        match.rule.name,
    )


def siblings(one: Rule, other: Rule) -> bool:
    """Whether two failures about a schema are effects of one cause that nobody saw: their rules blame the same."""
    if one.category is not Category.SCHEMA or other.category is not Category.SCHEMA:
        return False
    return not set(one.caused_by).isdisjoint(other.caused_by)


def _objects(match: Match) -> set[str]:
    return {
        value.casefold().rpartition(".")[2] for name in match.fields.keys() & _OBJECTS for value in _values(match, name)
    }


def _targets(match: Match) -> set[str]:
    """The fields of a failure that name what is used over the network."""
    if match.rule.category not in TARGETED or match.rule.role is not Role.FAILURE:
        return set()
    return {name for name in match.fields.keys() & _TARGETS if not any(map(_OWN.match, _values(match, name)))}


def _masked(name: str, value: str | tuple[str, ...]) -> str:
    """The values of a field without what varies; a port is a name, though it is a number."""
    mask = str if name == "port" else mask_value
    return ",".join(sorted(mask(one) for one in ({value} if isinstance(value, str) else set(value))))


def _values(match: Match, name: str) -> set[str]:
    value = match.fields[name]
    return {value} if isinstance(value, str) else set(value)
