"""The conditions of many rules compiled together: what several of them have in common is decided once an event.

Sigma filters put the same exceptions (test output, SQL echo, access logs) into most rules, with dozens of patterns.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from analyzer.matching.evaluate import compile_condition
from analyzer.rule import And, Named, Not, Or

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from analyzer.matching.evaluate import Predicate
    from analyzer.matching.fields import Subject
    from analyzer.rule import Condition

__all__ = ["compiler"]


def compiler(conditions: Iterable[Condition]) -> Callable[[Condition], Predicate]:
    """The function that compiles each of ``conditions``, and equal parts of them only once.

    It raises RuleError as :func:`~analyzer.matching.evaluate.compile_condition` does.
    """
    uses = Counter(_key(part) for condition in conditions for part in _joined(condition))
    compiled: dict[bytes, Predicate] = {}

    def part(condition: Condition) -> Predicate:
        if not isinstance(condition, And | Or) or uses[key := _key(condition)] <= 1:
            return compile_condition(condition, part)
        if key not in compiled:
            compiled[key] = _remembered(compile_condition(condition, part), len(compiled))
        return compiled[key]

    return part


def _key(condition: Condition) -> bytes:
    """What tells conditions apart; equality does not, since True equals 1."""
    return msgspec.msgpack.encode(condition)


def _remembered(predicate: Predicate, number: int) -> Predicate:
    def holds(subject: Subject) -> bool:
        known = subject.known.get(number)
        if known is None:
            known = subject.known[number] = predicate(subject)
        return known

    return holds


def _joined(condition: Condition) -> Iterator[Condition]:
    """The parts that join others: single comparisons cost as little as remembering them."""
    match condition:
        case And(items=items) | Or(items=items):
            yield condition
            for item in items:
                yield from _joined(item)
        case Not(item=item) | Named(item=item):
            yield from _joined(item)
