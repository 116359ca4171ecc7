"""Rules as a first script evaluates them: on one entry at a time, with Python's ``re``, or as SQL.

Neither joins split records, nor leaves out duplicates, nor knows correlations; on what one entry alone says they agree
with the rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from analyzer.rule import And, Comparison, Named, Not, Operator, Or

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from analyzer.rule import Condition, Rule

__all__ = ["COLUMNS", "Row", "flat", "python_rules", "row_of", "sql_rules"]

Row = Mapping[str, Any]
Test = Callable[[Row], bool]

COLUMNS = ("message", "http_status", "proto_methodName")
"""What the pack's rules look at, as the names of columns."""

_RENAMED = {
    "textPayload": "message",
    "jsonPayload.message": "message",
    "httpRequest.status": "http_status",
    "protoPayload.methodName": "proto_methodName",
}

_FLAGS = re.compile(r"\A(?:\(\?[a-z]+\))+")
"""Flags for the rest of a pattern, which Python takes only at the very beginning."""

_ORDER = {Operator.GT: ">", Operator.GTE: ">=", Operator.LT: "<", Operator.LTE: "<="}


def row_of(entry: Mapping[str, Any]) -> Row:
    """An entry flattened to the columns that rules look at."""
    payload = entry.get("jsonPayload") or {}
    return {
        "insertId": entry.get("insertId"),
        "message": entry.get("textPayload") or payload.get("message"),
        "http_status": (entry.get("httpRequest") or {}).get("status"),
        "proto_methodName": (entry.get("protoPayload") or {}).get("methodName"),
    }


def flat(entry: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """All values of an entry, each with the name of its column: its path, or the name that rules know it by."""
    stack: list[tuple[str, Any]] = [("", entry)]
    while stack:
        path, value = stack.pop()
        if isinstance(value, Mapping):
            stack.extend((f"{path}.{key}" if path else key, item) for key, item in value.items())
        else:
            yield _RENAMED.get(path, path), value if isinstance(value, str | int | float) else repr(value)


def python_rules(rules: Iterable[Rule]) -> Iterator[tuple[str, Test]]:
    """Each rule's name and the function that says whether it holds on a row; a correlation's never does."""
    for rule in rules:
        yield rule.name, _never if rule.condition is None else _test(rule.condition)


def sql_rules(rules: Iterable[Rule]) -> Iterator[tuple[str, str, tuple[Any, ...]]]:
    """Each rule's name, and the WHERE clause of its query with the values of its marks; correlations are left out."""
    for rule in rules:
        if rule.condition is not None:
            values: list[Any] = []
            yield rule.name, _where(rule.condition, values), tuple(values)


def _never(_: Row) -> bool:
    return False


def _test(condition: Condition) -> Test:
    match condition:
        case Named(item=item):
            return _test(item)
        case Not(item=item):
            inner = _test(item)
            return lambda row: not inner(row)
        case And(items=items):
            parts = [_test(item) for item in items]
            return lambda row: all(part(row) for part in parts)
        case Or(items=items):
            parts = [_test(item) for item in _alternatives(items)]
            return lambda row: any(part(row) for part in parts)
        case Comparison():
            return _comparison(condition)


def _comparison(item: Comparison) -> Test:
    name, value = _column(item), item.value
    if item.operator in _ORDER and isinstance(value, int | float):
        bound, sign = float(value), item.operator
        ordered: Mapping[Operator, Callable[[float], bool]] = {
            Operator.GT: bound.__lt__,
            Operator.GTE: bound.__le__,
            Operator.LT: bound.__gt__,
            Operator.LTE: bound.__ge__,
        }
        test = ordered[sign]
        return lambda row: (found := row[name]) is not None and test(found)
    pattern = re.compile(_source(item))
    return lambda row: (found := row[name]) is not None and pattern.search(found) is not None


def _where(condition: Condition, values: list[Any]) -> str:
    match condition:
        case Named(item=item):
            return _where(item, values)
        case Not(item=item):
            return f"(NOT {_where(item, values)})"
        case And(items=items):
            return f"({' AND '.join([_where(item, values) for item in items])})"
        case Or(items=items):
            return f"({' OR '.join([_where(item, values) for item in _alternatives(items)])})"
        case Comparison(operator=operator) if operator in _ORDER:
            values.append(condition.value)
            return f"{_column(condition)} {_ORDER[operator]} ?"
        case Comparison():
            values.append(_source(condition))
            return f"{_column(condition)} REGEXP ?"


def _alternatives(items: tuple[Condition, ...]) -> Iterator[Condition]:
    """The same, with the patterns that look at one field as the one pattern that a person would write."""
    merged: dict[str, list[Comparison]] = {}
    for item in items:
        if isinstance(item, Comparison) and item.operator not in _ORDER:
            merged.setdefault(item.field, []).append(item)
        else:
            yield item
    for same in merged.values():
        source = "|".join(_source(item) for item in same)
        yield same[0] if len(same) == 1 else Comparison(same[0].field, Operator.RE, source, cased=True)


def _source(item: Comparison) -> str:
    """A comparison with text as a pattern of Python."""
    text = str(item.value)
    if item.operator is not Operator.RE:
        start = r"\A" if item.operator in {Operator.EQUALS, Operator.STARTSWITH} else ""
        end = r"\Z" if item.operator in {Operator.EQUALS, Operator.ENDSWITH} else ""
        text = start + re.escape(text) + end
    text = text.replace(r"\z", r"\Z")
    flags = "" if item.cased else "i"
    if found := _FLAGS.match(text):
        flags, text = flags + re.sub("[^a-z]", "", found[0]), text[found.end() :]
    return f"(?{''.join(sorted(set(flags)))}:{text})"


def _column(item: Comparison) -> str:
    column = item.field.replace(".", "_")
    if column not in COLUMNS:
        raise ValueError(f"no column for the field {item.field}")
    return column
