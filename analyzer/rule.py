"""The noun Rule: one Sigma document, parsed, with what its ``loganalyze:`` key adds.

The loader in ``ruleset`` builds rules, ``matching`` compiles and evaluates them, ``incidents`` and ``report`` read what
they say. Sigma 2.1: https://sigmahq.io/sigma-specification/.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any

import msgspec

__all__ = [
    "TEXT_OPERATORS",
    "And",
    "Category",
    "Comparison",
    "Condition",
    "Correlation",
    "CorrelationType",
    "Extract",
    "Level",
    "Named",
    "Not",
    "Operator",
    "Or",
    "Role",
    "Rule",
    "RuleTest",
]


class Level(enum.IntEnum):
    """Sigma's levels; an incident has the level of its gravest rule."""

    INFORMATIONAL = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The level as Sigma and the JSON report spell it."""
        return self.name.lower()


class Category(enum.StrEnum):
    """What kind of fault a rule is about."""

    SCHEMA = "schema"
    MIGRATION = "migration"
    VALIDATION = "validation"
    CONFIGURATION = "configuration"
    STARTUP = "startup"
    CONNECTIVITY = "connectivity"
    AUTH = "auth"
    LOCK = "lock"
    DEPENDENCY = "dependency"
    CRASH = "crash"
    HTTP = "http"
    OTHER = "other"


class Role(enum.StrEnum):
    """What part a match plays in an incident."""

    FAILURE = "failure"
    CONSEQUENCE = "consequence"
    MILESTONE = "milestone"
    STATE = "state"
    ALL_CLEAR = "all-clear"


class Operator(enum.StrEnum):
    """How one field is compared with one value."""

    EQUALS = "equals"
    CONTAINS = "contains"
    STARTSWITH = "startswith"
    ENDSWITH = "endswith"
    RE = "re"
    EXISTS = "exists"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    CIDR = "cidr"
    FIELDREF = "fieldref"


TEXT_OPERATORS = frozenset({Operator.EQUALS, Operator.CONTAINS, Operator.STARTSWITH, Operator.ENDSWITH})
"""Those that look for a text as it stands."""


class Comparison(msgspec.Struct, frozen=True, tag=True):
    """One field against one value.

    Attributes:
        field: The field's name (``message`` for a Sigma keyword).
        operator: How they are compared.
        value: Text for text operators (without Sigma wildcards: the loader turned those into an operator or an RE2
            pattern), a number for gt/gte/lt/lte, a bool for ``exists``, a field's name for ``fieldref``, None for
            Sigma's null (the field is absent or empty).
        cased: Case matters; Sigma compares without case unless ``|cased`` stands. For ``re``, Sigma's meaning: case
            matters unless ``|i`` stands (the loader sets this, so that readers need not know).
        line: The line of the rule file it stands on.
    """

    field: str
    operator: Operator
    value: str | float | bool | None
    cased: bool = False
    line: int = 0


class And(msgspec.Struct, frozen=True, tag=True):
    """All of the items hold."""

    items: tuple[Condition, ...]


class Or(msgspec.Struct, frozen=True, tag=True):
    """At least one of the items holds."""

    items: tuple[Condition, ...]


class Not(msgspec.Struct, frozen=True, tag=True):
    """The item does not hold."""

    item: Condition


class Named(msgspec.Struct, frozen=True, tag=True):
    """A detection under its name, kept so that ``rules explain`` can speak of it."""

    name: str
    item: Condition


Condition = Comparison | And | Or | Not | Named


class CorrelationType(enum.StrEnum):
    """The correlation types of Sigma 2.1 that are supported."""

    EVENT_COUNT = "event_count"
    VALUE_COUNT = "value_count"
    TEMPORAL = "temporal"
    TEMPORAL_ORDERED = "temporal_ordered"


class Correlation(msgspec.Struct, frozen=True):
    """Several matches that together mean something.

    Attributes:
        type: Which correlation.
        rules: Names of the rules whose matches are correlated, in the order that ``temporal_ordered`` asks for.
        group_by: Fields (or aliases) whose values must agree; a missing field is a group of its own.
        timespan: The window in nanoseconds; matches exactly this far apart are still inside.
        field: The field that ``value_count`` counts distinct values of.
        bounds: Comparisons with the count, as (operator, number): ``((Operator.GTE, 10),)``.
        aliases: Alias to rule name to field name.
        generate: The correlated rules' own matches are kept beside the correlation's.
    """

    type: CorrelationType
    rules: tuple[str, ...]
    group_by: tuple[str, ...] = ()
    timespan: int = 0
    field: str = ""
    bounds: tuple[tuple[Operator, float], ...] = ()
    aliases: Mapping[str, Mapping[str, str]] = {}
    generate: bool = True


class Extract(msgspec.Struct, frozen=True):
    """One name to fill from an entry: the first pattern that matches gives it, all its matches if there are several.

    Attributes:
        name: The extracted field; every pattern holds a named group of this name.
        patterns: RE2 patterns, tried in order.
        field: The field searched.
        line: The line of the rule file it stands on.
    """

    name: str
    patterns: tuple[str, ...]
    field: str = "message"
    line: int = 0


class RuleTest(msgspec.Struct, frozen=True):
    """One inline test of a rule.

    Attributes:
        name: What it shows.
        entries: LogEntry mappings, in order of time. A test written with ``message:`` is one text entry.
        match: Whether the rule must match.
        fields: Extracted values that the match must have.
        line: The line of the rule file it stands on.
    """

    name: str
    entries: tuple[Mapping[str, Any], ...]
    match: bool
    fields: Mapping[str, str | list[str]] = {}
    line: int = 0


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule; exactly one of ``condition`` and ``correlation`` is set.

    Attributes:
        name: Unique, ``[a-z0-9_]+``; other rules and the configuration refer to it.
        id: The rule's UUID.
        title: Sigma's title: what the rule finds, in one line without values.
        level: How grave a match is.
        logsource: Sigma's logsource, for readers; it selects nothing here.
        category: What kind of fault it is about.
        role: What part its matches play.
        extract: Values to take from an entry.
        headline: Jinja template for an incident's title (``loganalyze.title``); ``title`` when the rule gives none.
        problem: Jinja template: what is wrong, one or more sentences; may be empty.
        impact: Jinja template: who is hurt and how; may be empty.
        next_steps: Jinja templates, one a step.
        phase: Heading of the timeline phase its matches stand under; empty for the role's and category's own.
        caused_by: Names of rules, or categories, whose failures explain a match of this rule when they come before it.
        spans_services: Its cause may be in another service.
        contradicts: Names of rules, or categories, of all-clears and milestones that a match of this rule belies;
            empty for those of its own category.
        tests: The inline tests.
        references: Web addresses that tell more.
        path: The file it came from, as given by the user or relative to the pack's folder.
        line: The 1-based line its document starts on.
    """

    name: str
    id: str
    title: str
    level: Level
    category: Category
    role: Role
    description: str = ""
    status: str = "stable"
    logsource: Mapping[str, str] = {}
    condition: Condition | None = None
    correlation: Correlation | None = None
    extract: tuple[Extract, ...] = ()
    headline: str = ""
    problem: str = ""
    impact: str = ""
    next_steps: tuple[str, ...] = ()
    phase: str = ""
    caused_by: tuple[str, ...] = ()
    spans_services: bool = False
    contradicts: tuple[str, ...] = ()
    falsepositives: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    tests: tuple[RuleTest, ...] = ()
    path: str = ""
    line: int = 0
