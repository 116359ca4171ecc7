"""Documents to the parts of a set of rules: names are distinct and known, what is disabled is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.errors import ConfigError, RuleError
from analyzer.rule import Category, CorrelationType, Rule
from analyzer.ruleset.documents import Document, kind_of, read_rule
from analyzer.ruleset.filters import Filter, apply_filter, read_filter
from analyzer.ruleset.findings import Finding, FindingSeverity
from analyzer.ruleset.nodes import Node, nearest
from analyzer.ruleset.rule_set import Parts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

__all__ = ["assemble"]


def assemble(nodes: Sequence[Node], errors: list[RuleError], disable: Collection[str]) -> Parts:
    """The rules and filters of all documents, in their order.

    Args:
        nodes: The documents of all files.
        errors: Each fault is added here, and what has it is left out.
        disable: Names of rules and filters to leave out.

    Raises:
        ConfigError: ``disable`` names no rule.
    """
    documents, filters = _read(nodes, errors)
    documents = _distinct(documents, errors)
    names = {document.rule.name for document in documents} | {item.name for item in filters}
    for name in disable:
        if name not in names and not errors:
            raise ConfigError(f"'disable' names no known rule: {name}", hint=nearest(name, names))
    documents = _known(documents, errors)
    warnings = [warning for document in documents for warning in document.warnings]
    warnings += [warning for item in filters for warning in item.warnings]
    rules = [document.rule for document in documents]
    applied = []
    for item in filters:
        if item.name in disable:
            continue
        try:
            applied.append(apply_filter(item, rules))
        except RuleError as error:
            errors.append(error)
    rules = _without(rules, frozenset(disable), warnings)
    return Parts(rules=tuple(rules), filters=tuple(applied), warnings=tuple(warnings))


def _read(nodes: Iterable[Node], errors: list[RuleError]) -> tuple[list[Document], list[Filter]]:
    documents: list[Document] = []
    filters: list[Filter] = []
    by_reference: dict[str, Node] = {}
    for node in nodes:
        for key in ("name", "id"):
            item = node.value.get(key) if isinstance(node.value, dict) else None
            if item is not None and item.text:
                by_reference.setdefault(item.text, node)
    for node in nodes:
        try:
            if kind_of(node) == "filter":
                filters.append(read_filter(node))
            else:
                documents.append(read_rule(node, _inherited(node, by_reference, set())))
        except RuleError as error:
            errors += [error, *error.others]
    return documents, filters


def _inherited(node: Node, by_reference: Mapping[str, Node], seen: set[int]) -> frozenset[str]:
    """Names that the rules of a correlation extract, down through correlations of correlations."""
    body = _child(node, "correlation")
    rules = _child(body, "rules")
    if rules is None or id(node) in seen:
        return frozenset()
    seen.add(id(node))
    names: set[str] = set()
    for item in tuple(rules) or (rules,):
        part = by_reference.get(item.text)
        if part is not None:
            extract = _child(_child(part, "loganalyze"), "extract")
            names |= set(extract.value) if extract is not None and isinstance(extract.value, dict) else set()
            names |= _inherited(part, by_reference, seen)
    return frozenset(names)


def _child(node: Node | None, key: str) -> Node | None:
    return node.value.get(key) if node is not None and isinstance(node.value, dict) else None


def _distinct(documents: list[Document], errors: list[RuleError]) -> list[Document]:
    """The documents without those that take the name or id of an earlier one."""
    first: dict[str, Rule] = {}
    kept = []
    for document in documents:
        rule = document.rule
        clash = next((key for key in ("name", "id") if getattr(rule, key) in first), "")
        if clash:
            other = first[getattr(rule, clash)]
            key = clash if clash in document.node.keys else "title"
            message = f"the {clash} '{getattr(rule, clash)}' is taken by another rule"
            errors.append(document.node.key_error(key, message, hint=f"see {other.path}:{other.line}"))
            continue
        first.update({reference: rule for reference in (rule.name, rule.id) if reference})
        kept.append(document)
    return kept


def _known(documents: list[Document], errors: list[RuleError]) -> list[Document]:
    """The documents with ids replaced by names, without those that name a rule which is not there."""
    while True:
        names = {document.rule.name: document.rule.name for document in documents}
        names |= {document.rule.id: document.rule.name for document in documents if document.rule.id}
        kept = []
        for document in documents:
            try:
                kept.append(_resolved(document, names))
            except RuleError as error:
                errors.append(error)
        # One that went may have been named by others.
        if len(kept) == len(documents):
            return _without_cycles(kept, errors)
        documents = kept


def _resolved(document: Document, names: Mapping[str, str]) -> Document:
    rule = document.rule
    known = {**names, **{str(category): str(category) for category in Category}}
    for node in document.references:
        if node.text not in known:
            message = f"there is no rule or category '{node.text}'"
            raise node.error(message, hint=nearest(node.text, {*names.values(), *Category}))
    changes: dict[str, object] = {
        "caused_by": tuple(known[name] for name in rule.caused_by),
        "contradicts": tuple(known[name] for name in rule.contradicts),
    }
    if rule.correlation is not None:
        body = document.node.required("correlation", "a rule")
        _check_rules(body, names)
        changes["correlation"] = msgspec.structs.replace(
            rule.correlation,
            rules=tuple(names[name] for name in rule.correlation.rules),
            aliases={
                alias: {names[name]: field for name, field in fields.items()}
                for alias, fields in rule.correlation.aliases.items()
            },
        )
    return msgspec.structs.replace(document, rule=msgspec.structs.replace(rule, **changes))


def _check_rules(body: Node, names: Mapping[str, str]) -> None:
    rules = body.required("rules", "'correlation'")
    for node in tuple(rules) or (rules,):
        if node.text not in names:
            hint = nearest(node.text, names.values())
            raise node.error(f"the correlation names no known rule: '{node.text}'", hint=hint)
    aliases = _child(body, "aliases")
    for alias in tuple(aliases or ()):
        for name in alias.mapping("an alias"):
            if name not in names:
                raise alias.key_error(name, f"the alias names no known rule: '{name}'")


def _without_cycles(documents: list[Document], errors: list[RuleError]) -> list[Document]:
    """The documents without correlations that rest on themselves."""
    parts = {item.rule.name: item.rule.correlation.rules if item.rule.correlation else () for item in documents}
    kept = []
    for document in documents:
        reached: set[str] = set()
        open_names = list(parts[document.rule.name])
        while open_names:
            name = open_names.pop()
            if name not in reached:
                reached.add(name)
                open_names += parts[name]
        if document.rule.name in reached:
            errors.append(document.node.key_error("correlation", "the correlation rests on itself"))
        else:
            kept.append(document)
    return kept


def _without(rules: list[Rule], disable: frozenset[str], warnings: list[Finding]) -> list[Rule]:
    """The rules without the disabled ones, and without correlations that cannot be completed any more."""
    while True:
        gone = disable & {rule.name for rule in rules}
        kept = []
        lost: set[str] = set()
        for rule in rules:
            if rule.name in gone:
                continue
            if rule.correlation is not None and gone & set(rule.correlation.rules):
                left = tuple(name for name in rule.correlation.rules if name not in gone)
                temporal = rule.correlation.type in {CorrelationType.TEMPORAL, CorrelationType.TEMPORAL_ORDERED}
                if temporal or not left:
                    lost.add(rule.name)
                    text = f"left out, because it needs {', '.join(sorted(gone & set(rule.correlation.rules)))}"
                    warnings.append(_warning(rule, text))
                    continue
                correlation = msgspec.structs.replace(rule.correlation, rules=left)
                kept.append(msgspec.structs.replace(rule, correlation=correlation))
            else:
                kept.append(rule)
        if not lost:
            return kept
        rules, disable = [*kept, *(rule for rule in rules if rule.name in lost)], frozenset(lost)


def _warning(rule: Rule, text: str) -> Finding:
    return Finding(path=rule.path, line=rule.line, rule=rule.name, severity=FindingSeverity.WARNING, text=text)
