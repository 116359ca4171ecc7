"""Why a rule holds on an event, or does not: its condition as a tree, each part with what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.matching.evaluate import compile_condition
from analyzer.matching.fields import Subject
from analyzer.rule import And, Comparison, Named, Not, Operator, Or

if TYPE_CHECKING:
    from analyzer.model import Event
    from analyzer.rule import Condition, Rule

__all__ = ["Explanation", "explain"]

_LONGEST = 200


class Explanation(msgspec.Struct, frozen=True):
    """A part of a rule and what came of it on one event.

    Attributes:
        text: The part: a detection's name, ``and``, ``or``, ``not``, or a comparison in words.
        held: Whether it holds.
        actual: What the event has in the compared field, shortened, as the log had it; None when the field is absent
            or the part compares nothing.
        line: The line of the rule file it stands on, 0 when it is not known.
        parts: What it is made of.
    """

    text: str
    held: bool
    actual: str | None = None
    line: int = 0
    parts: tuple[Explanation, ...] = ()


def explain(rule: Rule, event: Event) -> Explanation:
    """What held and what did not of ``rule`` on ``event``; the root speaks of the whole rule.

    A correlation is about several events: on one alone it never holds, and its parts are the names of its rules.
    """
    if rule.condition is not None:
        part = _explain(rule.condition, Subject(event))
        return Explanation(rule.name, part.held, None, rule.line, (part,))
    names = rule.correlation.rules if rule.correlation is not None else ()
    parts = tuple(Explanation(f"needs matches of {name}", held=False) for name in names)
    return Explanation(rule.name, held=False, line=rule.line, parts=parts)


def _explain(condition: Condition, subject: Subject) -> Explanation:
    match condition:
        case Named(name=name, item=item):
            part = _explain(item, subject)
            return Explanation(name, part.held, parts=(part,))
        case Not(item=item):
            part = _explain(item, subject)
            return Explanation("not", not part.held, parts=(part,))
        case And(items=items):
            parts = tuple(_explain(item, subject) for item in items)
            return Explanation("and", all(part.held for part in parts), parts=parts)
        case Or(items=items):
            parts = tuple(_explain(item, subject) for item in items)
            return Explanation("or", any(part.held for part in parts), parts=parts)
        case Comparison():
            held = compile_condition(condition)(subject)
            return Explanation(_words(condition), held, _shortened(subject.text(condition.field)), condition.line)


def _words(item: Comparison) -> str:
    match item:
        case Comparison(operator=Operator.EXISTS):
            return f"{item.field} is {'there' if item.value else 'absent'}"
        case Comparison(operator=Operator.EQUALS, value=None):
            return f"{item.field} is absent or empty"
    case = ", case matters" if item.cased and isinstance(item.value, str) else ""
    return f"{item.field} {item.operator.value} {item.value!r}{case}"


def _shortened(text: str | None) -> str | None:
    if text is None or len(text) <= _LONGEST:
        return text
    return text[: _LONGEST - 1] + "…"
