"""A rule as its documentation: Markdown that says what it finds, how, what it then says, and what shows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.rule import And, Comparison, Named, Not, Operator, Or

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.rule import Condition, Rule

__all__ = ["describe", "in_words"]

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


def in_words(condition: Condition) -> str:
    """A condition in one line: ``message contains "x" and not (all_clear)``."""
    match condition:
        case Comparison():
            return _comparison(condition)
        case Named(item=item):
            return in_words(item)
        case Not(item=item):
            return f"not {_bracketed(item)}"
        case And(items=items):
            return " and ".join(_bracketed(item) for item in items)
        case Or(items=items):
            return " or ".join(_bracketed(item) for item in items)


def _lines(rule: Rule) -> Iterator[str]:
    yield f"# {rule.title}"
    yield ""
    yield f"`{rule.name}` · {rule.category.value} · {rule.role.value} · {rule.level.word} · {rule.status}"
    yield ""
    if rule.description:
        yield from (rule.description.strip(), "")
    yield from ("## Finds", "")
    if rule.condition is not None:
        yield f"    {in_words(rule.condition)}"
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


def _bracketed(condition: Condition) -> str:
    text = in_words(condition)
    return f"({text})" if isinstance(_inner(condition), And | Or) else text


def _inner(condition: Condition) -> Condition:
    return _inner(condition.item) if isinstance(condition, Named) else condition


def _comparison(one: Comparison) -> str:
    if one.operator is Operator.EXISTS:
        return f"{one.field} {'exists' if one.value else 'does not exist'}"
    if one.value is None:
        return f"{one.field} is absent"
    value = f'"{one.value}"' if isinstance(one.value, str) and one.operator is not Operator.FIELDREF else str(one.value)
    return f"{one.field} {_VERBS[one.operator]} {value}"
