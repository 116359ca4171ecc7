"""Values of options and arguments as they are, where Typer would load pydantic to tell that they are right.

Loading it, and building a validator for each option, takes as long as reading a few thousand entries. What needs none
is done here: nothing stays nothing, a text is a text, a word of an enumeration is that member of it, some digits are a
number that is neither too small nor too large. Anything else, and each fault, is left to Typer.
"""

from __future__ import annotations

import enum
import functools
from typing import TYPE_CHECKING, Any, Final, get_args, get_origin

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["plainly"]

_LEFT: Final = object()
"""A value that is left to Typer."""

_MOST_DIGITS: Final = 9


def plainly(parameters: list[Any]) -> list[Any]:
    """The parameters of a command, made to let plain values pass."""
    for parameter in parameters:
        described = getattr(parameter, "type_descriptor", None)  # a Typer without pydantic has none
        known = isinstance(parameter.process_value, functools.partial)
        if described is not None and not known and described.parameter_info.parser is None:
            parameter.process_value = functools.partial(_processed, parameter, parameter.process_value)
    return parameters


def _processed(parameter: Any, typers: Callable[[Any, Any], Any], context: Any, value: Any) -> Any:
    described = parameter.type_descriptor
    plain = _number(described.parameter_info, value) if described.annotation is int else _LEFT
    plain = _plain(described.annotation, value) if plain is _LEFT else plain
    if plain is _LEFT or (parameter.required and not plain):  # it may be missing, which Typer says
        return typers(context, value)
    return plain if parameter.callback is None else parameter.callback(context, parameter, plain)


def _number(told: Any, value: Any) -> Any:
    """The number that an option is given in a few digits; one that stands for itself is left as it is."""
    if isinstance(value, str) and len(value) <= _MOST_DIGITS and value.isascii() and value.isdecimal():
        value = int(value)
    if type(value) is not int or (told.min is not None and value < told.min):
        return _LEFT
    return _LEFT if told.max is not None and value > told.max else value


def _plain(kind: Any, value: Any) -> Any:
    several = get_origin(kind) is list
    if value is None:
        return () if several else None
    if several and isinstance(value, (list, tuple)):
        (item,) = get_args(kind)
        items = [_plain(item, one) for one in value]
        return _LEFT if _LEFT in items else items
    if kind is str and isinstance(value, str):
        return value
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return next((member for member in kind if value in {member, member.value}), _LEFT)
    return _LEFT
