"""Conditions compiled to functions: whether a rule's condition holds on an event.

Text is compared as RE2 compares it ignoring case (simple folding), unless the comparison is cased, so that a rule means
the same here, in the Logging query language and in BigQuery. Sigma 2.1:
https://sigmahq.io/sigma-specification/specification/sigma-rules-specification.html.
"""

from __future__ import annotations

import functools
import ipaddress
import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from analyzer.errors import RuleError
from analyzer.literals import pattern_literals
from analyzer.matching.fields import Subject, Value, fold, plain, reader, text_of
from analyzer.regex import Pattern, PatternError, compile_pattern, escape, scrub
from analyzer.rule import And, Comparison, Condition, Named, Not, Operator, Or

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Predicate", "compile_condition", "compile_number_test"]

Predicate = Callable[[Subject], bool]

_ORDER: Mapping[Operator, Callable[[float, float], bool]] = {
    Operator.GT: operator.gt,
    Operator.GTE: operator.ge,
    Operator.LT: operator.lt,
    Operator.LTE: operator.le,
    Operator.EQUALS: operator.eq,
}
_TEXT = frozenset({Operator.EQUALS, Operator.CONTAINS, Operator.STARTSWITH, Operator.ENDSWITH, Operator.RE})
_NUMBER = re.compile(r"\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*", re.ASCII)
_LONGEST_NUMBER = 400
_MOST_LITERALS = 12


def compile_condition(condition: Condition, part: Callable[[Condition], Predicate] | None = None) -> Predicate:
    """The function that says whether ``condition`` holds on an event.

    Args:
        condition: The condition.
        part: Compiles the conditions that it is made of; this function when it is None.

    Raises:
        RuleError: A comparison names an unknown field, or a value that its operator cannot use.
    """
    compile_part = part or compile_condition
    match condition:
        case Named(item=item):
            return compile_part(item)
        case Not(item=item):
            inner = compile_part(item)
            return lambda subject: not inner(subject)
        case And(items=items):
            return _all([compile_part(item) for item in items])
        case Or(items=items):
            return _any([compile_part(item) for item in items])
        case Comparison():
            return _comparison(condition)


def compile_number_test(bounds: tuple[tuple[Operator, float], ...]) -> Callable[[float], bool]:
    """Whether a number keeps all of ``bounds``, pairs of an operator and the number it compares with."""
    tests = [(_ORDER[sign], bound) for sign, bound in bounds]
    return lambda number: all(test(number, bound) for test, bound in tests)


def _all(parts: list[Predicate]) -> Predicate:
    return parts[0] if len(parts) == 1 else lambda subject: all(part(subject) for part in parts)


def _any(parts: list[Predicate]) -> Predicate:
    return parts[0] if len(parts) == 1 else lambda subject: any(part(subject) for part in parts)


def _comparison(item: Comparison) -> Predicate:
    reader(item.field)  # an unknown field is refused now, not on the first event
    predicate = _special(item) or _ordered(item) or _textual(item)
    if predicate is None:
        raise RuleError(f"{item.operator.value} cannot use {item.value!r}", line=item.line)
    return predicate


def _special(item: Comparison) -> Predicate | None:
    """What is not about one text or number: presence, null, other fields, networks."""
    match item:
        case Comparison(operator=Operator.EXISTS, value=bool(wanted)):
            return lambda subject: (subject.raw(item.field) is not None) is wanted
        case Comparison(operator=Operator.EQUALS, value=None):
            return lambda subject: subject.raw(item.field) in (None, "")
        case Comparison(operator=Operator.FIELDREF, value=str(other)):
            return _same_as(item.field, other, cased=item.cased)
        case Comparison(operator=Operator.CIDR, value=str(network)):
            return _inside(item, network)
    return None


def _ordered(item: Comparison) -> Predicate | None:
    """Comparisons with a number; a bound that is written as text counts where only numbers make sense."""
    if item.operator not in _ORDER or isinstance(item.value, bool):
        return None
    bound = item.value
    if isinstance(bound, str):
        bound = None if item.operator in _TEXT else _as_number(bound)
    return None if bound is None else _number(item.field, item.operator, bound)


def _textual(item: Comparison) -> Predicate | None:
    wanted = text_of(item.value)
    return None if wanted is None or item.operator not in _TEXT else _text(item, scrub(wanted))


def _text(item: Comparison, wanted: str) -> Predicate:
    """A text operator: plainly where that is exact, otherwise as the RE2 pattern that defines it."""
    name, sign = item.field, item.operator
    if sign is Operator.RE:
        return _pattern(item, wanted, ignore_case=not item.cased)
    if item.cased:
        return _plain(sign, wanted, lambda subject: subject.text(name))
    if all(_folds_simply(char) for char in wanted):
        return _plain(sign, fold(wanted), lambda subject: subject.folded(name))
    start = r"\A" if sign in {Operator.EQUALS, Operator.STARTSWITH} else ""
    end = r"\z" if sign in {Operator.EQUALS, Operator.ENDSWITH} else ""
    return _pattern(item, f"{start}(?:{escape(wanted)}){end}", ignore_case=True)


def _plain(sign: Operator, wanted: str, read: Callable[[Subject], str | None]) -> Predicate:
    match sign:
        case Operator.EQUALS:
            return lambda subject: read(subject) == wanted
        case Operator.STARTSWITH:
            return lambda subject: (text := read(subject)) is not None and text.startswith(wanted)
        case Operator.ENDSWITH:
            return lambda subject: (text := read(subject)) is not None and text.endswith(wanted)
    return lambda subject: (text := read(subject)) is not None and wanted in text


def _pattern(item: Comparison, source: str, *, ignore_case: bool) -> Predicate:
    """Whether RE2 finds the pattern; a text without any of its literals need not be searched, which is most of them."""
    name = item.field
    try:
        pattern = compile_pattern(source, ignore_case=ignore_case)
    except PatternError as error:
        raise RuleError(f"RE2 refuses {item.value!r}: {error}", line=item.line) from error

    def holds(subject: Subject) -> bool:
        text = subject.text(name)
        if text is None:
            return False
        literals = _guards(source)
        if literals:
            folded = subject.folded(name) or ""
            if not any(literal in folded for literal in literals):
                return False
        return pattern.search(text)

    return holds


@functools.lru_cache(maxsize=8192)
def _guards(source: str) -> tuple[str, ...]:
    """The few literals of which a text holds one wherever the pattern is found in it; none where that is not known."""
    literals = sorted(pattern_literals(source, shortest=2) or ())
    few = len(literals) <= _MOST_LITERALS and not any("i\u0307" in literal for literal in literals)
    return tuple(literals) if few else ()


def _folds_simply(char: str) -> bool:
    """Whether :func:`fold` and RE2 agree on what ``char`` equals: ASCII, and what has no case at all."""
    return fold(char).isascii() or char.lower() == char == char.upper()


def _number(name: str, sign: Operator, bound: float) -> Predicate:
    test = _ORDER[sign]

    def holds(subject: Subject) -> bool:
        number = float(subject.event.severity) if name == "severity" else _as_number(plain(subject.raw(name)))
        return number is not None and test(number, bound)

    return holds


def _as_number(value: Value) -> float | None:
    """A number, or what a text writes as one; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, str):
        return float(value) if len(value) <= _LONGEST_NUMBER and _NUMBER.fullmatch(value) else None
    return value


def _same_as(name: str, other: str, *, cased: bool) -> Predicate:
    reader(other)

    def holds(subject: Subject) -> bool:
        left, right = subject.text(name), subject.text(other)
        if left is None or right is None:
            return False
        if left == right:
            return True
        if cased:
            return False
        if subject.folded(name) == subject.folded(other):
            return True
        if left.isascii() and right.isascii():
            return False
        return Pattern(rf"\A(?:{escape(left)})\z", ignore_case=True).search(right)

    return holds


def _inside(item: Comparison, network: str) -> Predicate:
    try:
        wanted = ipaddress.ip_network(network, strict=False)
    except ValueError as error:
        raise RuleError(f"{network!r} is not a network", line=item.line, hint="write 10.0.0.0/8 or fd00::/8") from error

    def holds(subject: Subject) -> bool:
        try:
            address = ipaddress.ip_address((subject.text(item.field) or "").strip())
        except ValueError:
            return False
        if isinstance(address, ipaddress.IPv6Address) and wanted.version == 4:  # noqa: PLR2004 - IPv4's own number
            mapped = address.ipv4_mapped
            return mapped is not None and mapped in wanted
        return address in wanted

    return holds
