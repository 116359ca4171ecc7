"""A YAML value that knows where it stands, and what a reader may ask of it: text, number, flag, list, mapping.

Every question that a value cannot answer is a :class:`~analyzer.errors.RuleError` with file, line and column, and a key
nobody knows is answered with the nearest one that somebody does.
"""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import msgspec

from analyzer.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Node", "Scalar", "nearest"]

Scalar = str | int | float | bool | None


class Node(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One value of a rule file.

    Attributes:
        value: A scalar by YAML 1.2's core schema (so ``yes``, ``010``, ``1:30`` and dates are text), the items of a
            sequence, or the values of a mapping by key.
        path: The file, as errors name it.
        line: 1-based.
        column: 1-based.
        text: A scalar as it is written, without quotes; empty for the others.
        plain: A scalar without quotes on one line, so that a place in the text is a place in the file.
        keys: Of a mapping, where each key stands: line and column.
    """

    value: Scalar | tuple[Node, ...] | dict[str, Node]
    path: str
    line: int
    column: int
    text: str = ""
    plain: bool = False
    keys: dict[str, tuple[int, int]] = {}

    def error(self, message: str, *, hint: str = "", offset: int = 0) -> RuleError:
        """An error at this value, or ``offset`` characters into its text."""
        column = self.column + (offset if self.plain else 0)
        return RuleError(message, path=self.path, line=self.line, column=column, hint=hint)

    def key_error(self, key: str, message: str, *, hint: str = "") -> RuleError:
        """An error at a key of this mapping."""
        line, column = self.keys.get(key, (self.line, self.column))
        return RuleError(message, path=self.path, line=line, column=column, hint=hint)

    @property
    def kind(self) -> str:
        """What it is, for a message."""
        match self.value:
            case None:
                return "nothing"
            case bool():
                return "a yes or no"
            case str():
                return "a text"
            case int() | float():
                return "a number"
            case tuple():
                return "a list"
        return "a mapping"

    def mapping(self, what: str) -> dict[str, Node]:
        """The values by key.

        Raises:
            RuleError: It is no mapping.
        """
        if isinstance(self.value, dict):
            return self.value
        raise self.error(f"{what} must be a mapping, not {self.kind}")

    def items(self, what: str) -> tuple[Node, ...]:
        """The items of a list.

        Raises:
            RuleError: It is no list.
        """
        if isinstance(self.value, tuple):
            return self.value
        raise self.error(f"{what} must be a list, not {self.kind}", hint=f"write [{self.text}]" if self.text else "")

    def string(self, what: str) -> str:
        """The text of a scalar that is neither a list, a mapping nor empty; a number counts as it is written.

        Raises:
            RuleError: It is something else.
        """
        if isinstance(self.value, (tuple, dict)) or self.value is None or not self.text.strip():
            raise self.error(f"{what} must be a text, not {'an empty one' if self.value == '' else self.kind}")
        return self.text

    def strings(self, what: str) -> tuple[str, ...]:
        """The texts of a list, or of one text alone.

        Raises:
            RuleError: It holds something else.
        """
        if isinstance(self.value, tuple):
            return tuple(item.string(f"each of {what}") for item in self.value)
        return (self.string(what),)

    def flag(self, what: str) -> bool:
        """True or false.

        Raises:
            RuleError: It is something else.
        """
        if isinstance(self.value, bool):
            return self.value
        raise self.error(f"{what} must be true or false, not {self.kind}")

    def number(self, what: str) -> float:
        """A number.

        Raises:
            RuleError: It is something else.
        """
        if isinstance(self.value, (int, float)) and not isinstance(self.value, bool):
            return self.value
        raise self.error(f"{what} must be a number, not {self.kind}", hint="numbers stand without quotes")

    def only(self, known: Iterable[str], what: str) -> dict[str, Node]:
        """The values by key, where every key must be known.

        Raises:
            RuleError: It is no mapping, or holds a key that is not among ``known``.
        """
        names = tuple(known)
        values = self.mapping(what)
        for key in values:
            if key not in names:
                raise self.key_error(key, f"{what} has no key '{key}'", hint=nearest(key, names))
        return values

    def required(self, key: str, what: str) -> Node:
        """The value of ``key``.

        Raises:
            RuleError: It is no mapping or lacks the key.
        """
        found = self.mapping(what).get(key)
        if found is None:
            raise self.error(f"{what} needs the key '{key}'")
        return found

    def plain_value(self) -> Any:
        """The value with all inside it, as JSON has it."""
        if isinstance(self.value, tuple):
            return [item.plain_value() for item in self.value]
        if isinstance(self.value, dict):
            return {key: item.plain_value() for key, item in self.value.items()}
        return self.value

    def __iter__(self) -> Iterator[Node]:
        """What is directly inside it."""
        if isinstance(self.value, tuple):
            yield from self.value
        elif isinstance(self.value, dict):
            yield from self.value.values()


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint: the known word that ``word`` most resembles, or all of them when it resembles none."""
    names = sorted(set(known))
    found = difflib.get_close_matches(word, names, n=1, cutoff=0.6)
    if found:
        return f"did you mean '{found[0]}'?"
    return f"known are {', '.join(names)}" if names else ""
