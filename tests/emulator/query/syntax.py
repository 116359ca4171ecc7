"""The tree of a filter."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = [
    "EXISTS",
    "And",
    "Call",
    "Comparison",
    "Exists",
    "Expression",
    "Not",
    "Or",
    "Path",
    "Search",
    "Value",
    "Values",
]


@dataclass(frozen=True, slots=True)
class Path:
    """A field path.

    Attributes:
        parts: Its identifiers, unquoted.
        position: Offset in the filter.
    """

    parts: tuple[str, ...]
    position: int = 0

    def __str__(self) -> str:
        return ".".join(self.parts)


@dataclass(frozen=True, slots=True)
class Value:
    """A literal, as text; ``position`` is its offset in the filter."""

    text: str
    position: int = 0


class Exists:
    """The unquoted ``*`` after a colon: the field is there."""


EXISTS = Exists()


@dataclass(frozen=True, slots=True)
class Call:
    """A function: ``log_id("stderr")``.

    Attributes:
        name: Its name as written.
        arguments: Paths for unquoted text, values for strings and numbers.
        position: Offset in the filter.
    """

    name: str
    arguments: tuple[Path | Value, ...]
    position: int = 0


@dataclass(frozen=True, slots=True)
class Search:
    """A bare term: every field is searched for it."""

    text: str


@dataclass(frozen=True, slots=True)
class Not:
    """Negation."""

    operand: Expression | Values


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    operands: tuple[Expression | Values, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """Any of them."""

    operands: tuple[Expression | Values, ...]


Values = Value | Exists | Not | And | Or
"""What stands right of an operator: a literal, or a parenthesized expression of literals."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """``path operator values``."""

    path: Path
    operator: str
    values: Values


Expression = Comparison | Search | Call | Not | And | Or
