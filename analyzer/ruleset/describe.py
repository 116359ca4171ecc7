"""A rule as its documentation: Markdown that says what it finds, how, what it then says, and what shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.rule import And, Comparison, Named, Not, Operator, Or

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.rule import Condition, Rule

__all__ = ["describe"]

_VERBS = {
    Operator.EQUALS: "is",
    Operator.CONTAINS: "contains",
    Operator.STARTSWITH: "starts with",
    Operator.ENDSWITH: "ends with",
    Operator.RE: "matches",
    Operator.GT: ">",
    Operator.GTE: ">=",
    Operator.LT: "<",
    Operator.LTE: "<=",
    Operator.CIDR: "lies in",
    Operator.FIELDREF: "equals the field",
}


def describe(rule: Rule) -> str:
    """The documentation of one rule, as Markdown."""
    return "\n".join(_lines(rule)).rstrip() + "\n"


def _lines(rule: Rule) -> Iterator[str]:
    yield f"# {rule.title}"
    yield ""
    yield f"`{rule.name}` · {rule.category.value} · {rule.role.value} · {rule.level.word} · {rule.status}"
    yield ""
    if rule.description:
        yield from (rule.description.strip(), "")
    yield from ("## Finds", "")
    if rule.condition is not None:
        yield from _tree(rule.condition, 0)
    if rule.correlation is not None:
        one = rule.correlation
        by = f", by {', '.join(one.group_by)}" if one.group_by else ""
        yield f"    {one.type.value} of {', '.join(one.rules)} within {one.timespan // 1_000_000_000} s{by}"
    yield ""
    if rule.extract:
        yield from ("## Takes from the entry", "")
        yield from (f"- `{one.name}` from {one.field}: `{'` or `'.join(one.patterns)}`" for one in rule.extract)
        yield ""
    yield from _says(rule)
    for title, items in (
        ("Caused by", rule.caused_by),
        ("Contradicts", rule.contradicts),
        ("May be wrong about", rule.falsepositives),
        ("Read more", rule.references),
    ):
        if items:
            yield from (f"## {title}", "", *(f"- {item}" for item in items), "")
    if rule.tests:
        yield from ("## Tests", "")
        yield from (f"- {'matches' if test.match else 'does not match'}: {test.name}" for test in rule.tests)
        yield ""
    if rule.path:
        yield f"Written in {rule.path}:{rule.line}"


def _says(rule: Rule) -> Iterator[str]:
    told = [("Title", rule.headline), ("Problem", rule.problem), ("Impact", rule.impact)]
    told += [("Next step", step) for step in rule.next_steps]
    if any(text for _, text in told):
        yield from ("## Says", "")
        yield from (f"- {name}: {text}" for name, text in told if text)
        yield ""


def _tree(condition: Condition, depth: int, name: str = "") -> Iterator[str]:
    """A condition as a nested list, each detection under its name."""
    told = f"{name}: " if name else ""
    match condition:
        case Comparison():
            yield f"{'  ' * depth}- {told}{_comparison(condition)}"
        case Named(name=own, item=item):
            yield from _tree(item, depth, own)
        case Not(item=item):
            yield f"{'  ' * depth}- {told}not"
            yield from _tree(item, depth + 1)
        case And(items=items) | Or(items=items):
            yield f"{'  ' * depth}- {told}{'all of' if isinstance(condition, And) else 'any of'}"
            for item in items:
                yield from _tree(item, depth + 1)


def _comparison(one: Comparison) -> str:
    if one.operator is Operator.EXISTS:
        return f"{one.field} {'exists' if one.value else 'does not exist'}"
    if one.value is None:
        return f"{one.field} is absent"
    value = f"`{one.value}`" if isinstance(one.value, str) else str(one.value)
    return f"{one.field} {_VERBS[one.operator]} {value}"
