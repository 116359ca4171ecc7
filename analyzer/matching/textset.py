"""Many texts looked for at once: one pass of RE2 over a value says which of thousands of literals it holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import re2

from analyzer.regex import escape, scrub
from analyzer.rule import Operator

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["TextSet"]

_MEMORY = 32 << 20
"""Bytes RE2 may use for the program and for the states it builds while scanning; it starts anew when they are full."""

_SHAPES = {
    Operator.CONTAINS: "{}",
    Operator.EQUALS: r"\A(?:{})\z",
    Operator.STARTSWITH: r"\A(?:{})",
    Operator.ENDSWITH: r"(?:{})\z",
}


class TextSet:
    """A set of literals, each of which must stand in a value in one way (contained, equal, at its start or end).

    Case is ignored as RE2 ignores it.

    Args:
        texts: Pairs of an operator (contains, equals, startswith, endswith) and a literal; equal ones are one pattern.
    """

    __slots__ = ("_sets", "texts")

    def __init__(self, texts: Iterable[tuple[Operator, str]]) -> None:
        self.texts: tuple[tuple[Operator, str], ...] = tuple(dict.fromkeys(texts))
        patterns = [_SHAPES[sign].format(escape(scrub(text))) for sign, text in self.texts]
        self._sets: tuple[tuple[int, re2.Set], ...] = tuple(_compiled(patterns, 0)) if patterns else ()

    def find(self, value: str) -> Sequence[int]:
        """Indexes into ``texts`` of those that ``value`` holds, in no order."""
        try:
            return self._find(value)
        except UnicodeEncodeError:
            return self._find(scrub(value))

    def _find(self, value: str) -> Sequence[int]:
        if len(self._sets) == 1:
            return self._sets[0][1].Match(value) or ()
        return [start + index for start, some in self._sets for index in some.Match(value) or ()]


def _compiled(patterns: list[str], start: int) -> Iterable[tuple[int, re2.Set]]:
    """The patterns as one set, or as several where one would not fit into RE2's memory."""
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.never_capture = True
    options.max_mem = _MEMORY
    found = re2.Set.SearchSet(options)
    try:
        for pattern in patterns:
            found.Add(pattern)
        found.Compile()
    except re2.error:
        if len(patterns) == 1:
            raise
        middle = len(patterns) // 2
        yield from _compiled(patterns[:middle], start)
        yield from _compiled(patterns[middle:], start + middle)
    else:
        yield start, found
