"""Sigma correlation documents: several matches that together mean something.

https://sigmahq.io/sigma-specification/specification/sigma-correlation-rules-specification.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from analyzer.rule import Correlation, CorrelationType, Operator
from analyzer.ruleset.nodes import nearest

if TYPE_CHECKING:
    from analyzer.ruleset.nodes import Node

Bounds = tuple[tuple[Operator, float], ...]

__all__ = ["CONDITION_KEYS", "CORRELATION_KEYS", "correlation", "field_nodes"]

CORRELATION_KEYS: Final = ("type", "rules", "group-by", "timespan", "condition", "aliases", "generate")
"""What may stand under ``correlation:``."""

_BOUNDS: Final = {
    "gt": Operator.GT,
    "gte": Operator.GTE,
    "lt": Operator.LT,
    "lte": Operator.LTE,
    "eq": Operator.EQUALS,
}
CONDITION_KEYS: Final = (*_BOUNDS, "field")
"""What may stand under its ``condition:``."""

_TIMESPAN = re.compile(r"([0-9]{1,9})([smhdwMy])")
# A month and a year are a twelfth of, and the whole of, the mean Gregorian year, as pySigma counts them.
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_629_746, "y": 31_556_952}
_TEMPORAL: Final = frozenset({CorrelationType.TEMPORAL, CorrelationType.TEMPORAL_ORDERED})
_UNSUPPORTED: Final = ("value_sum", "value_avg", "value_percentile", "value_median")


def correlation(node: Node) -> Correlation:
    """Read a ``correlation:``; the rules it names are as written, by name or id.

    Raises:
        RuleError: It holds an unknown key, lacks one, or a value does not fit.
    """
    values = node.only(CORRELATION_KEYS, "'correlation'")
    kind = _kind(node.required("type", "'correlation'"))
    rules = node.required("rules", "'correlation'")
    names = rules.strings("'rules'")
    if not names:
        raise rules.error("'rules' is empty")
    if len(set(names)) < len(names):
        raise rules.error("'rules' names a rule twice")
    if kind in _TEMPORAL and len(names) < 2:  # noqa: PLR2004 - one event has no order
        raise rules.error(f"'{kind}' needs two rules or more")
    field, bounds = _condition(values.get("condition"), kind, node)
    return Correlation(
        type=kind,
        rules=names,
        group_by=values["group-by"].strings("'group-by'") if "group-by" in values else (),
        timespan=_timespan(node.required("timespan", "'correlation'")),
        field=field,
        bounds=bounds,
        aliases=_aliases(values["aliases"]) if "aliases" in values else {},
        generate=values["generate"].flag("'generate'") if "generate" in values else True,
    )


def field_nodes(node: Node) -> list[Node]:
    """The nodes of a ``correlation:`` that name fields, which its rules' extracted names may be."""
    values = node.mapping("'correlation'")
    group_by = values.get("group-by")
    found = (list(group_by) or [group_by]) if group_by is not None else []
    condition = values.get("condition")
    if condition is not None and isinstance(condition.value, dict) and "field" in condition.value:
        found.append(condition.value["field"])
    if "aliases" in values:
        found += [field for alias in values["aliases"] for field in alias]
    return found


def _kind(node: Node) -> CorrelationType:
    word = node.string("'type'")
    if word in _UNSUPPORTED:
        raise node.error(f"the correlation type '{word}' is not supported", hint="event_count or value_count may do")
    known = [str(kind) for kind in CorrelationType]
    if word not in known:
        raise node.error(f"there is no correlation type '{word}'", hint=nearest(word, known))
    return CorrelationType(word)


def _timespan(node: Node) -> int:
    found = _TIMESPAN.fullmatch(node.text)
    if found is None or int(found[1]) == 0:
        raise node.error(f"'{node.text}' is no timespan", hint="write 30s, 10m, 1h or 1d")
    return int(found[1]) * _SECONDS[found[2]] * 1_000_000_000


def _condition(node: Node | None, kind: CorrelationType, parent: Node) -> tuple[str, Bounds]:
    """The counted field, and the bounds of the count."""
    if node is None:
        if kind in _TEMPORAL:
            return "", ()
        raise parent.error(f"'{kind}' needs the key 'condition'", hint="condition: {gte: 10}")
    if isinstance(node.value, str):
        raise node.error("conditions over rules' names are not supported", hint="name the rules under 'rules'")
    values = node.only(CONDITION_KEYS, "'condition'")
    bounds = tuple((_BOUNDS[key], value.number(f"'{key}'")) for key, value in values.items() if key in _BOUNDS)
    if not bounds:
        raise node.error("'condition' needs a bound", hint="condition: {gte: 10}")
    if kind is CorrelationType.VALUE_COUNT:
        return node.required("field", "the condition of 'value_count'").string("'field'"), bounds
    if "field" in values:
        raise node.key_error("field", f"'{kind}' counts events, not a field", hint="type: value_count counts values")
    return "", bounds


def _aliases(node: Node) -> dict[str, dict[str, str]]:
    return {
        alias: {rule: field.string("a field") for rule, field in rules.mapping(f"the alias '{alias}'").items()}
        for alias, rules in node.mapping("'aliases'").items()
    }
