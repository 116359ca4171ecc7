"""Many rules compiled together, each when it is first asked for: a run asks for a few out of hundreds.

What several of them have in common is decided once an event. Sigma filters put the same exceptions (test output, SQL
echo, access logs) into most rules, with dozens of patterns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.errors import RuleError
from analyzer.matching.evaluate import compile_condition
from analyzer.matching.extract import compile_extracts
from analyzer.rule import And, Named, Not, Or

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from analyzer.matching.evaluate import Predicate
    from analyzer.matching.fields import Subject
    from analyzer.model import Fields
    from analyzer.rule import Condition, Rule

__all__ = ["CompiledRules", "compiler"]


class CompiledRules(dict[int, "tuple[Predicate, Callable[[Subject], Fields]]"]):
    """By a rule's index, what decides whether it holds on an event, and what fills its fields.

    A rule that cannot be compiled raises RuleError when it is first asked for, or by :meth:`complete`.

    Args:
        rules: The rules.
    """

    def __init__(self, rules: Sequence[Rule]) -> None:
        super().__init__()
        self._rules = rules
        self._part = compiler([rule.condition for rule in rules if rule.condition is not None])

    def __missing__(self, index: int) -> tuple[Predicate, Callable[[Subject], Fields]]:
        """Compile a rule."""
        rule = self._rules[index]
        try:
            # A correlation holds on no single event: an Or of nothing.
            condition = Or(()) if rule.condition is None else rule.condition
            made = self[index] = self._part(condition), compile_extracts(rule.extract)
        except RuleError as error:
            line = error.line or rule.line
            raise RuleError(error.message, path=rule.path, line=line, hint=error.hint) from error
        return made

    def complete(self) -> None:
        """Compile all of the rules.

        Raises:
            RuleError: One of them names an unknown field, or has a value or pattern that cannot be used.
        """
        for index in range(len(self._rules)):
            self[index]


def compiler(conditions: Iterable[Condition]) -> Callable[[Condition], Predicate]:
    """The function that compiles each of ``conditions``, and parts that several of them hold only once.

    A part is shared where it is one object: a loader puts a filter into all the rules that it reaches. The function
    raises RuleError as :func:`~analyzer.matching.evaluate.compile_condition` does.
    """
    shared = _shared(conditions)
    compiled: dict[int, Predicate] = {}

    def part(condition: Condition) -> Predicate:
        key = id(condition)
        if key not in shared:
            return compile_condition(condition, part)
        if key not in compiled:
            compiled[key] = _remembered(compile_condition(condition, part), len(compiled))
        return compiled[key]

    return part


def _shared(conditions: Iterable[Condition]) -> Mapping[int, Condition]:
    """The joining parts that occur more than once, by identity; they are held, so that no other part gets their id."""
    seen: set[int] = set()
    shared: dict[int, Condition] = {}
    left = list(conditions)
    while left:
        match condition := left.pop():
            case And(items=items) | Or(items=items):
                if id(condition) in seen:
                    shared[id(condition)] = condition
                else:
                    seen.add(id(condition))
                    left += items
            case Not(item=item) | Named(item=item):
                left.append(item)
    return shared


def _remembered(predicate: Predicate, number: int) -> Predicate:
    def holds(subject: Subject) -> bool:
        known = subject.known.get(number)
        if known is None:
            known = subject.known[number] = predicate(subject)
        return known

    return holds
