"""Conditions that cannot do what their author meant: never true, or true of an entry that says nothing.

The proof is a modest one, over the comparisons as they are written: it finds what slips into rule files (a detection
and its own negation, a value and a longer value that must not be there, two values for one field), not every
contradiction there is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.rule import And, Comparison, Condition, Named, Not, Operator, Or

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["bare", "holds_on_nothing", "never_holds"]

_DEEPEST = 6
_HELD_BY: dict[Operator, frozenset[Operator]] = {
    Operator.CONTAINS: frozenset({Operator.CONTAINS, Operator.STARTSWITH, Operator.ENDSWITH, Operator.EQUALS}),
    Operator.STARTSWITH: frozenset({Operator.STARTSWITH, Operator.EQUALS}),
    Operator.ENDSWITH: frozenset({Operator.ENDSWITH, Operator.EQUALS}),
}
"""What must stand, for the operator on the left to follow from it."""


def bare(condition: Condition) -> Condition:
    """The condition without names and lines, flat: two that are equal say the same."""
    match condition:
        case Named(item=item):
            return bare(item)
        case Not(item=item):
            inner = bare(item)
            return inner.item if isinstance(inner, Not) else Not(inner)
        case And(items=items):
            return _flat(And, [bare(item) for item in items])
        case Or(items=items):
            return _flat(Or, [bare(item) for item in items])
        case Comparison(field, operator, value, cased):
            text = value.lower() if isinstance(value, str) and not cased and operator is not Operator.RE else value
            return Comparison(field, operator, text, cased)


def never_holds(condition: Condition) -> bool:
    """Whether the condition contradicts itself."""
    return _contradicts(_Facts((), ()), [bare(condition)], _DEEPEST)


def holds_on_nothing(condition: Condition) -> bool:
    """Whether the condition holds on an entry whose fields are all absent and whose message is empty."""
    match condition:
        case Named(item=item):
            return holds_on_nothing(item)
        case Not(item=item):
            return not holds_on_nothing(item)
        case And(items=items):
            return all(holds_on_nothing(item) for item in items)
        case Or(items=items):
            return any(holds_on_nothing(item) for item in items)
        case Comparison(operator=operator, value=value):
            absent = {Operator.EXISTS: value is False, Operator.EQUALS: value is None or value == ""}
            return absent.get(operator, False)


def _flat(kind: type[And | Or], items: Sequence[Condition]) -> Condition:
    flat: dict[Condition, None] = {}
    for item in items:
        flat.update(dict.fromkeys(item.items if isinstance(item, kind) else (item,)))
    ordered = tuple(sorted(flat, key=repr))
    return ordered[0] if len(ordered) == 1 else kind(ordered)


class _Facts:
    """What holds, and what does not, on a way through a condition."""

    __slots__ = ("false", "true")

    def __init__(self, true: tuple[Condition, ...], false: tuple[Condition, ...]) -> None:
        self.true = true
        self.false = false

    def contradict(self) -> bool:
        return any(_implies(left, right) for left in self.true for right in self.false) or any(
            _exclude(left, right) for left in self.true for right in self.true
        )


def _contradicts(facts: _Facts, todo: list[Condition], depth: int) -> bool:
    """Whether every way to make all of ``todo`` true beside the facts ends in a contradiction."""
    true, false = list(facts.true), list(facts.false)
    choices: list[tuple[Condition, ...]] = []
    todo = list(todo)
    while todo:
        item = todo.pop()
        match item:
            case And(items=items):
                todo += items
            case Or(items=items):
                choices.append(items)
            case Not(item=Or(items=items)):
                todo += [Not(each) for each in items]
            case Not(item=And(items=items)):
                choices.append(tuple(Not(each) for each in items))
            case Not(item=Not(item=inner)):
                todo.append(inner)
            case Not(item=inner):
                false.append(inner)
            case _:
                true.append(item)
    known = _Facts(tuple(true), tuple(false))
    if known.contradict():
        return True
    if not choices or depth == 0:
        return False
    return any(all(_contradicts(known, [branch], depth - 1) for branch in branches) for branches in choices)


def _implies(left: Condition, right: Condition) -> bool:
    """Whether ``right`` holds wherever ``left`` does."""
    if left == right:
        return True
    if not isinstance(left, Comparison) or not isinstance(right, Comparison) or left.field != right.field:
        return False
    if not isinstance(left.value, str) or not isinstance(right.value, str) or (right.cased and not left.cased):
        return False
    if left.operator not in _HELD_BY.get(right.operator, frozenset()):
        return False
    held, part = (left.value, right.value) if right.cased else (left.value.lower(), right.value.lower())
    return {
        Operator.CONTAINS: part in held,
        Operator.STARTSWITH: held.startswith(part),
        Operator.ENDSWITH: held.endswith(part),
    }[right.operator]


def _exclude(left: Condition, right: Condition) -> bool:
    """Whether two comparisons cannot both hold: one field, two values."""
    if not isinstance(left, Comparison) or not isinstance(right, Comparison) or left.field != right.field:
        return False
    # A field that lists several values is compared as one text, so that two equal values are not both possible.
    if left.operator is not Operator.EQUALS or right.operator is not Operator.EQUALS:
        return False
    if left.value is None or right.value is None:
        return False
    return str(left.value).lower() != str(right.value).lower()
