"""What a message must hold before a condition can hold on it: the literals that scanners and servers look for.

A condition is reduced to a set of lower-case literals of which at least one occurs in any matching message, whatever
its case. That is enough to nominate entries; the condition itself still decides. Literals are made of characters whose
case is simple (ASCII, or without case such as ``✗``), hold no line feed, so that they lie within one line of a split
record, and are compared with the message in lower case.

Where such a literal is weak, a clause holds a second one beside it.
"""

from __future__ import annotations

from analyzer.literals.pattern import pattern_clauses, pattern_literals
from analyzer.literals.sets import (
    GOOD,
    Clauses,
    Literals,
    alone,
    best,
    key,
    long_enough,
    minimal,
    reduced,
    simplest,
    union,
    weight,
)
from analyzer.rule import TEXT_OPERATORS, And, Comparison, Condition, Named, Not, Operator, Or

__all__ = [
    "GOOD",
    "key",
    "pattern_clauses",
    "pattern_literals",
    "required_clauses",
    "required_literals",
    "simplest",
    "weight",
]


def required_literals(condition: Condition, *, shortest: int = 3) -> Literals | None:
    """Lower-case literals of which a message holds at least one whenever ``condition`` holds on its event.

    Args:
        condition: A rule's condition.
        shortest: Sets with a shorter literal (in characters) are too weak to be of use.

    Returns:
        The literals, none of them part of another; an empty set for a condition that never holds; None when an entry
        can match whatever its message says.
    """
    clauses = required_clauses(condition, shortest=shortest)
    return None if clauses is None else minimal({key(clause) for clause in clauses})


def required_clauses(condition: Condition, *, shortest: int = 3) -> Clauses | None:
    """The same as clauses of one or two literals; the second stands beside a weak one, in the same line.

    Two comparisons may hold on two lines of a record that came as two entries, so that they are never joined.
    """
    found: Clauses | None = None
    match condition:
        case Named(item=item):
            found = required_clauses(item, shortest=shortest)
        case And(items=items):
            every = [required_clauses(item, shortest=shortest) for item in items]
            found = best([clauses for clauses in every if clauses is not None])
        case Or(items=items):
            found = union([required_clauses(item, shortest=shortest) for item in items])
        case Not():
            found = None
        case Comparison(field="message", operator=Operator.RE, value=str(pattern)):
            found = pattern_clauses(pattern, shortest=shortest)
        case Comparison(field="message", operator=operator, value=str(text)) if operator in TEXT_OPERATORS:
            found = long_enough(alone(reduced({text})), shortest)
    return found
