"""Sigma filter documents: conditions that are added to rules, to leave out what is known and harmless somewhere.

``filter:`` names the rules (or ``any``) and holds detections with a condition; the condition is joined to each rule's
with *and*, so one that excludes reads ``not selection``. As Sigma has it, a filter reaches only rules whose logsource
lies inside its own: https://sigmahq.io/sigma-specification/specification/sigma-filters-specification.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from analyzer.rule import Condition
from analyzer.ruleset.documents import condition_of, metadata
from analyzer.ruleset.findings import Finding
from analyzer.ruleset.nodes import Node, nearest
from analyzer.ruleset.rule_set import AppliedFilter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.rule import Rule

__all__ = ["Filter", "apply_filter", "read_filter"]

_ANY: Final = "any"


class Filter(msgspec.Struct, frozen=True, kw_only=True):
    """One filter document.

    Attributes:
        name: Its name.
        rules: What it names, as written; empty for all rules that its logsource contains.
        logsource: The logsource it reaches.
        condition: What must hold beside the rule's own condition.
        node: The document.
        warnings: What is odd about it.
    """

    name: str
    rules: tuple[Node, ...]
    logsource: Mapping[str, str]
    condition: Condition
    node: Node
    warnings: tuple[Finding, ...] = ()


def read_filter(node: Node) -> Filter:
    """Read a filter document.

    Raises:
        RuleError: It is no such document.
    """
    if "loganalyze" in node.mapping("a filter"):
        raise node.key_error("loganalyze", "a filter has no 'loganalyze' key")
    values, warnings = metadata(node)
    body = node.required("filter", "a filter")
    rules = body.required("rules", "'filter'")
    names = rules.strings("'rules'")
    condition, unused = condition_of(body, reserved=("rules",))
    if unused:
        name, item = unused[0]
        raise item.error(f"the condition does not use '{name}'", hint=f"condition: not {name}")
    every = not names or [name.lower() for name in names] == [_ANY]
    if not values["logsource"]:
        raise node.error("a filter needs a 'logsource'", hint="logsource: {product: gcp}")
    return Filter(
        name=values["name"],
        rules=() if every else tuple(rules) or (rules,),
        logsource=values["logsource"],
        condition=condition,
        node=node,
        warnings=tuple(warnings),
    )


def apply_filter(document: Filter, rules: Sequence[Rule]) -> AppliedFilter:
    """The filter with the rules that it reaches: those it names, or all that its logsource contains.

    Raises:
        RuleError: It names no known rule, a correlation, or a rule outside its logsource.
    """
    by_reference = {reference: rule for rule in rules for reference in (rule.name, rule.id) if reference}
    chosen: set[str] = set()
    for node in document.rules:
        rule = by_reference.get(node.text)
        if rule is None:
            hint = nearest(node.text, [rule.name for rule in rules])
            raise node.error(f"the filter names no known rule: '{node.text}'", hint=hint)
        if rule.condition is None:
            raise node.error(f"'{rule.name}' is a correlation", hint="filter the rules that it correlates")
        if not _contains(document.logsource, rule.logsource):
            raise node.error(
                f"the filter's logsource does not contain that of '{rule.name}'",
                hint=f"write logsource: {{{', '.join(f'{key}: {word}' for key, word in rule.logsource.items())}}}",
            )
        chosen.add(rule.name)
    if not document.rules:
        chosen = {rule.name for rule in rules if rule.condition and _contains(document.logsource, rule.logsource)}
    return AppliedFilter(document.name, document.condition, frozenset(chosen))


def _contains(outer: Mapping[str, str], inner: Mapping[str, str]) -> bool:
    keys = ("category", "product", "service")
    return all(key not in outer or outer[key] == inner.get(key) for key in keys)
