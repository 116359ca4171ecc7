"""What a literal means for each type of field, and how values are compared with it."""

from __future__ import annotations

import operator
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from analyzer.regex import PatternError, compile_pattern, scrub
from tests.emulator.query.errors import FilterError
from tests.emulator.query.fields import FieldType
from tests.emulator.query.text import fold
from tests.emulator.times import parse_duration, parse_time

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["SEVERITIES", "matcher", "number"]

SEVERITIES = {
    "default": 0,
    "debug": 100,
    "info": 200,
    "notice": 300,
    "warning": 400,
    "error": 500,
    "critical": 600,
    "alert": 700,
    "emergency": 800,
}

_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?(?:inf|infinity)", re.IGNORECASE | re.ASCII)
_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    ":": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def number(text: str) -> float | None:
    """The number a literal means, None when it means none."""
    return float(text) if _NUMBER.fullmatch(text) else None


def matcher(kind: FieldType, comparison: str, text: str) -> Callable[[Any], bool]:
    """A test of one JSON value of a field of this type; a field that is not set is tested as None.

    Raises:
        FilterError: The literal cannot be converted to the field's type, or the operator does not go with it.
    """
    if comparison in ("=~", "!~"):
        return _pattern(kind, comparison, text)
    if kind in (FieldType.PAYLOAD, FieldType.LABEL, FieldType.MESSAGE):
        return _Untyped.of(text).test(comparison)
    if kind is FieldType.STRING:
        test = _Untyped.of(text).strings(comparison)
        return lambda value: test(str(value or ""))
    convert = _CONVERSIONS[kind]
    wanted = convert(text)
    if wanted is None:
        raise FilterError(f"cannot convert '{text}' to the type of the field ({kind.value})")
    compare = _ORDERINGS[comparison]

    def typed(value: Any) -> bool:
        actual = 0 if value is None else convert(str(value))
        return actual is not None and compare(actual, wanted)

    return typed


def _pattern(kind: FieldType, comparison: str, text: str) -> Callable[[Any], bool]:
    if kind not in (FieldType.PAYLOAD, FieldType.LABEL, FieldType.STRING):
        raise FilterError(f"regular expressions work on strings, not on a field of type {kind.value}")
    try:
        pattern = compile_pattern(scrub(text))
    except PatternError as error:
        raise FilterError(f"invalid regular expression '{text}': {error}") from error
    wanted = comparison == "=~"
    defaulted = kind is FieldType.STRING

    def matches(value: Any) -> bool:
        if value is None and defaulted:
            value = ""
        return isinstance(value, str) and pattern.search(scrub(value)) is wanted

    return matches


@dataclass(frozen=True, slots=True)
class _Untyped:
    """A literal beside values that bring their own type, as in a payload: the literal is converted to each."""

    folded: str
    number: float | None

    @classmethod
    def of(cls, text: str) -> _Untyped:
        return cls(fold(text), number(text))

    def strings(self, comparison: str) -> Callable[[str], bool]:
        folded = self.folded
        if comparison == ":":
            return lambda value: folded in fold(value)
        compare = _ORDERINGS[comparison]
        return lambda value: compare(fold(value), folded)

    def test(self, comparison: str) -> Callable[[Any], bool]:
        strings = self.strings(comparison)
        compare = _ORDERINGS[comparison]
        truth = {"true": True, "false": False}.get(self.folded)

        def tests(value: Any) -> bool:
            match value:
                case str():
                    return strings(value)
                case bool():
                    return truth is not None and compare(value, truth)
                case int() | float():
                    return self.number is not None and compare(float(value), self.number)
                case dict() | list() if comparison == ":":
                    return any(map(tests, value.values() if isinstance(value, dict) else value))
                case None:
                    return compare("null_value", self.folded)
            return False

        return tests


def _boolean(text: str) -> bool | None:
    return {"true": True, "false": False, "0": False}.get(text.casefold())


def _severity(text: str) -> float | None:
    return SEVERITIES.get(text.casefold(), number(text))


_CONVERSIONS: dict[FieldType, Callable[[str], Any]] = {
    FieldType.INTEGER: number,
    FieldType.DOUBLE: number,
    FieldType.BOOLEAN: _boolean,
    FieldType.ENUM: _severity,
    FieldType.TIMESTAMP: parse_time,
    FieldType.DURATION: parse_duration,
}
