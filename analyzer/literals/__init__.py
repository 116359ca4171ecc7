"""What a message must hold before a condition can hold on it: the literals that scanners and servers look for.

A condition is reduced to a set of lower-case literals of which at least one occurs in any matching message, whatever
its case. That is enough to nominate entries; the condition itself still decides. Literals are made of characters whose
case is simple (ASCII, or without case such as ``✗``), hold no line feed, so that they lie within one line of a split
record, and are compared with the message in lower case.
"""

from __future__ import annotations

from analyzer.literals.pattern import pattern_literals
from analyzer.literals.sets import Literals, best, long_enough, reduced, union
from analyzer.rule import And, Comparison, Condition, Named, Not, Operator, Or

__all__ = ["pattern_literals", "required_literals"]

_TEXT = frozenset({Operator.EQUALS, Operator.CONTAINS, Operator.STARTSWITH, Operator.ENDSWITH})


def required_literals(condition: Condition, *, shortest: int = 3) -> Literals | None:  # noqa: PLR0911 - one a kind
    """Lower-case literals of which a message holds at least one whenever ``condition`` holds on its event.

    Args:
        condition: A rule's condition.
        shortest: Sets with a shorter literal (in characters) are too weak to be of use.

    Returns:
        The literals, none of them part of another; an empty set for a condition that never holds; None when an entry
        can match whatever its message says.
    """
    match condition:
        case Named(item=item):
            return required_literals(item, shortest=shortest)
        case And(items=items):
            found = [required_literals(item, shortest=shortest) for item in items]
            return best([literals for literals in found if literals is not None])
        case Or(items=items):
            return union([required_literals(item, shortest=shortest) for item in items])
        case Not():
            return None
        case Comparison(field="message", operator=Operator.RE, value=str(pattern)):
            return pattern_literals(pattern, shortest=shortest)
        case Comparison(field="message", operator=operator, value=str(text)) if operator in _TEXT:
            return long_enough(reduced({text}), shortest)
    return None
