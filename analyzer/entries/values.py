"""Careful reading of JSON values that may be of any type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

import msgspec

from analyzer.regex import scrub

__all__ = ["compact", "find", "fold", "is_mapping", "mapping_of", "number_of", "path", "text_of"]

_EMPTY: Mapping[str, Any] = {}
_ENCODER = msgspec.json.Encoder(order="sorted")
_LONGEST_DIGITS = 30


def text_of(value: Any) -> str:
    """``value`` if it is text (lone surrogates replaced), a whole number as text, and otherwise nothing."""
    if isinstance(value, str):
        return value if value.isascii() else scrub(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**_LONGEST_DIGITS:
        return str(value)
    return ""


def is_mapping(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether ``value`` is an object; a dict is known at once, asking for any mapping takes ten times as long."""
    return type(value) is dict or (value is not None and isinstance(value, Mapping))


def mapping_of(value: Any) -> Mapping[str, Any]:
    """``value`` if it is an object, otherwise an empty one."""
    return value if is_mapping(value) else _EMPTY


def number_of(value: Any) -> float | None:
    """A finite number, or one written as text; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    if isinstance(value, str) and len(value) > _LONGEST_DIGITS:
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if abs(number) < 10.0**_LONGEST_DIGITS else None


def path(value: Any, *names: str) -> Any:
    """The value under nested names, or None."""
    for name in names:
        if not is_mapping(value):
            return None
        value = value.get(name)
    return value


def fold(payload: Mapping[str, Any]) -> Mapping[str, Any]:
    """``payload`` with its names in lower case (of two that then agree, the one that was so already)."""
    try:
        if "".join(payload).islower():
            return payload
    except TypeError:  # a name that is no text
        pass
    folded = {name.lower(): value for name, value in payload.items() if isinstance(name, str)}
    folded.update((name, value) for name, value in payload.items() if isinstance(name, str) and name.islower())
    return folded


def find(payload: Mapping[str, Any], names: Sequence[str]) -> Any:
    """The first value that is not empty under one of ``names``; None where there is none."""
    for name in names:
        value = payload.get(name)
        if value is not None and value != "":
            return value
    return None


def compact(value: Any) -> str:
    """``value`` as JSON in one line, keys sorted; nothing where it cannot be written."""
    try:
        return scrub(_ENCODER.encode(value).decode())
    except (TypeError, ValueError, RecursionError, OverflowError, UnicodeError, msgspec.MsgspecError):
        try:
            return scrub(repr(value))
        except RecursionError:
            return ""
