"""A tree into a test of stored entries."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from tests.emulator.query.fields import resolve
from tests.emulator.query.functions import function
from tests.emulator.query.literals import matcher, number
from tests.emulator.query.parser import parse
from tests.emulator.query.syntax import And, Call, Comparison, Exists, Not, Or, Search, Value
from tests.emulator.query.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.query.fields import Field
    from tests.emulator.query.syntax import Expression, Values
    from tests.emulator.records import Record

    Predicate = Callable[[Record], bool]

__all__ = ["compile_filter"]


@functools.lru_cache(maxsize=64)
def compile_filter(text: str) -> Predicate:
    """The test that a filter means; the empty filter holds on every entry.

    Raises:
        FilterError: The API would refuse it.
    """
    tree = parse(text)
    return (lambda _: True) if tree is None else _compile(tree)


def _compile(tree: Expression) -> Predicate:
    match tree:
        case Search(text):
            return _search(text)
        case Comparison(path, comparison, values):
            return _comparison(resolve(path), comparison, values)
        case Call():
            return function(tree)
    return _combined(tree, _compile)


def _comparison(field: Field, comparison: str, values: Values) -> Predicate:
    match values:
        case Value(text):
            return _single(field, matcher(field.type, comparison, text))
        case Exists():
            return lambda record: bool(field.values(record.data))
    return _combined(values, lambda operand: _comparison(field, comparison, operand))


def _single(field: Field, test: Callable[[Any], bool]) -> Predicate:
    defaulted, values = field.defaulted, field.values

    def holds(record: Record) -> bool:
        found = values(record.data)
        if not found:
            return defaulted and test(None)
        return any(map(test, found))

    return holds


def _combined(tree: Any, compile_operand: Callable[[Any], Predicate]) -> Predicate:
    match tree:
        case Not(operand):
            inner = compile_operand(operand)
            return lambda record: not inner(record)
        case And(operands):
            every = [compile_operand(operand) for operand in operands]
            return lambda record: all(test(record) for test in every)
        case Or(operands):
            some = [compile_operand(operand) for operand in operands]
            return lambda record: any(test(record) for test in some)
    raise AssertionError(tree)


def _search(text: str) -> Predicate:
    folded, value = fold(text), number(text)
    atom = folded if value is None else f"{value:.15g}"
    return lambda record: folded in record.text or atom in record.atoms
