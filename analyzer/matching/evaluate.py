"""Conditions compiled to functions: whether a rule's condition holds on an event.

Text is compared as RE2 compares it ignoring case (simple folding), unless the comparison is cased, so that a rule means
the same here, in the Logging query language and in BigQuery. Sigma 2.1:
https://sigmahq.io/sigma-specification/specification/sigma-rules-specification.html.
"""

from __future__ import annotations

import ipaddress
import operator
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from analyzer.errors import RuleError
from analyzer.matching.fields import Subject, Value, fold, plain, reader, text_of
from analyzer.matching.searches import AnyFound, Sought, sought
from analyzer.regex import Pattern, escape, scrub
from analyzer.rule import And, Comparison, Condition, Named, Not, Operator, Or

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

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
            return _all([compile_part(item) for item in sorted(_level(And, items), key=_is_exception)])
        case Or(items=items):
            return _any(_alternatives(_level(Or, items), compile_part))
        case Comparison():
            return _comparison(condition)


def compile_number_test(bounds: tuple[tuple[Operator, float], ...]) -> Callable[[float], bool]:
    """Whether a number keeps all of ``bounds``, pairs of an operator and the number it compares with."""
    tests = [(_ORDER[sign], bound) for sign, bound in bounds]
    return lambda number: all(test(number, bound) for test, bound in tests)


def _all(parts: list[Predicate]) -> Predicate:
    if len(parts) == 1:
        return parts[0]

    def holds(subject: Subject) -> bool:
        for part in parts:  # noqa: SIM110 - a generator costs more than what most parts do
            if not part(subject):
                return False
        return True

    return holds


def _any(parts: list[Predicate]) -> Predicate:
    if len(parts) == 1:
        return parts[0]

    def holds(subject: Subject) -> bool:
        for part in parts:  # noqa: SIM110 - the same
            if part(subject):
                return True
        return False

    return holds


def _level(kind: type[And | Or], items: Iterable[Condition]) -> Iterator[Condition]:
    """What is joined, whether at once or within one another: (a or b) or c is a or b or c."""
    for item in items:
        inner = item.item if isinstance(item, Named) else item
        if isinstance(inner, Named):
            yield from _level(kind, (inner,))
        elif isinstance(inner, kind):
            yield from _level(kind, inner.items)
        else:
            yield inner


def _is_exception(condition: Condition) -> bool:
    """What is asked last: an exception mostly joins many patterns, and what it is excepted from seldom holds."""
    return isinstance(condition, Not)


def _alternatives(items: Iterable[Condition], compile_part: Callable[[Condition], Predicate]) -> list[Predicate]:
    """Alternatives as functions; patterns of one field are one of these."""
    patterns: dict[str, list[Comparison]] = {}
    parts: list[Predicate] = []
    for item in items:
        if isinstance(item, Comparison) and item.operator is Operator.RE:
            patterns.setdefault(item.field, []).append(item)
        else:
            parts.append(compile_part(item))
    return [*map(_patterns, patterns.values()), *parts]


def _comparison(item: Comparison) -> Predicate:
    reader(item.field)  # an unknown field is refused now, not on the first event
    predicate = _special(item) or _ordered(item) or _textual(item)
    if predicate is None:
        raise _unusable(item)
    return predicate


def _unusable(item: Comparison) -> RuleError:
    return RuleError(f"{item.operator.value} cannot use {item.value!r}", line=item.line)


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
        return _patterns([item])
    if item.cased:
        return _plain(sign, wanted, lambda subject: subject.text(name))
    if all(_folds_simply(char) for char in wanted):
        return _plain(sign, fold(wanted), lambda subject: subject.folded(name))
    start = r"\A" if sign in {Operator.EQUALS, Operator.STARTSWITH} else ""
    end = r"\z" if sign in {Operator.EQUALS, Operator.ENDSWITH} else ""
    return AnyFound(name, [sought(item, f"{start}(?:{escape(wanted)}){end}", ignore_case=True)])


def _patterns(items: Sequence[Comparison]) -> Predicate:
    """Whether one of some patterns of one field is found."""
    name = items[0].field
    reader(name)
    return AnyFound(name, map(_pattern, items))


def _pattern(item: Comparison) -> Sought:
    wanted = text_of(item.value)
    if wanted is None:
        raise _unusable(item)
    return sought(item, scrub(wanted), ignore_case=not item.cased)


def _plain(sign: Operator, wanted: str, read: Callable[[Subject], str | None]) -> Predicate:
    match sign:
        case Operator.EQUALS:
            return lambda subject: read(subject) == wanted
        case Operator.STARTSWITH:
            return lambda subject: (text := read(subject)) is not None and text.startswith(wanted)
        case Operator.ENDSWITH:
            return lambda subject: (text := read(subject)) is not None and text.endswith(wanted)
    return lambda subject: (text := read(subject)) is not None and wanted in text


def _folds_simply(char: str) -> bool:
    """Whether :func:`fold` and RE2 agree on what ``char`` equals: ASCII, and what has no case at all."""
    return fold(char).isascii() or char.lower() == char == char.upper()


def _number(name: str, sign: Operator, bound: float) -> Predicate:
    test = _ORDER[sign]

    def holds(subject: Subject) -> bool:
        raw = subject.raw(name)
        number = float(subject.event.severity) if name == "severity" else _as_number(plain(raw))
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
