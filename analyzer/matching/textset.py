"""Many texts looked for at once: one pass of RE2 over a value says which of thousands of literals it holds."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final, TypeVar

import re2

from analyzer.regex import escape, scrub
from analyzer.rule import Operator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["TextSet"]

_MEMORY = 32 << 20
"""Bytes RE2 may use for a program and for the states it builds while scanning; it starts anew when they are full."""

_LARGEST = 200_000
"""Instructions of a pattern beyond which RE2 may have no room for its states; without them it takes a thousand times."""

_BOUND: Final = "\0"
"""Stands before and behind each of many texts that are searched at once."""

_SHAPES = {
    Operator.CONTAINS: "{}",
    Operator.EQUALS: r"\A(?:{})\z",
    Operator.STARTSWITH: r"\A(?:{})",
    Operator.ENDSWITH: r"(?:{})\z",
}
_BOUND_SHAPES = {
    Operator.CONTAINS: "{}",
    Operator.EQUALS: r"\x00{}\x00",
    Operator.STARTSWITH: r"\x00{}",
    Operator.ENDSWITH: r"{}\x00",
}
_ANYTHING = r"\x00\C"
"""What every text holds: it ends, like all the others do, behind the bound that the text begins with."""

_Compiled = TypeVar("_Compiled")


class TextSet:
    """A set of literals, each of which must stand in a value in one way (contained, equal, at its start or end).

    Case is ignored as RE2 ignores it.

    Args:
        texts: Pairs of an operator (contains, equals, startswith, endswith) and a literal; equal ones are one pattern.
    """

    def __init__(self, texts: Iterable[tuple[Operator, str]]) -> None:
        self.texts: tuple[tuple[Operator, str], ...] = tuple(dict.fromkeys(texts))
        patterns = [_SHAPES[sign].format(escape(scrub(text))) for sign, text in self.texts]
        self._sets: tuple[tuple[int, re2.Set], ...] = tuple(_parts(_set, patterns)) if patterns else ()

    def find(self, value: str) -> Sequence[int]:
        """Indexes into ``texts`` of those that ``value`` holds, in no order."""
        try:
            return self._find(value)
        except UnicodeEncodeError:
            return self._find(scrub(value))

    def holding(self, values: Sequence[str]) -> list[int]:
        """Indexes, ascending, of the ``values`` that hold one at least.

        Far cheaper than asking for each, where few do.
        """
        if not self.texts or not values:
            return []
        joined = f"{_BOUND}{_BOUND.join(values)}{_BOUND}"
        if self._bound or joined.count(_BOUND) > len(values) + 1:
            return [index for index, value in enumerate(values) if self.find(value)]
        try:
            encoded = joined.encode()
        except UnicodeEncodeError:
            encoded = scrub(joined).encode()
        found = [list(_hits(pattern, encoded)) for pattern in self._patterns]
        return found[0] if len(found) == 1 else sorted(set().union(*found))

    @functools.cached_property
    def _bound(self) -> bool:
        return any(_BOUND in text for _, text in self.texts)

    @functools.cached_property
    def _patterns(self) -> tuple[re2._Regexp, ...]:
        patterns = {
            _BOUND_SHAPES[sign].format(escape(scrub(text))) if text or sign is Operator.EQUALS else _ANYTHING
            for sign, text in self.texts
        }
        # In order, RE2 takes out what neighbours begin with, which makes far fewer states.
        return tuple(pattern for _, pattern in _parts(_alternation, sorted(patterns)))

    def _find(self, value: str) -> Sequence[int]:
        if len(self._sets) == 1:
            return self._sets[0][1].Match(value) or ()
        return [start + index for start, some in self._sets for index in some.Match(value) or ()]


def _hits(pattern: re2._Regexp, joined: bytes) -> Iterator[int]:
    """The texts in ``joined`` that the pattern finds something in; each is left behind with its first find."""
    bound = _BOUND.encode()
    at, index = 0, -1
    while (found := pattern.match(joined, at)) is not None:
        last = found.end() - 1
        index += joined.count(bound, at, last)
        yield index
        at = joined.find(bound, last)


def _parts(
    build: Callable[[Sequence[str]], _Compiled], patterns: Sequence[str], start: int = 0
) -> Iterator[tuple[int, _Compiled]]:
    """The patterns compiled as one, or as several, each with the index of its first, where RE2 has no room for one."""
    try:
        yield start, build(patterns)
    except re2.error:
        if len(patterns) == 1:
            raise
        middle = len(patterns) // 2
        yield from _parts(build, patterns[:middle], start)
        yield from _parts(build, patterns[middle:], start + middle)


def _set(patterns: Sequence[str]) -> re2.Set:
    found = re2.Set.SearchSet(_options(_MEMORY))
    for pattern in patterns:
        found.Add(pattern)
    found.Compile()
    return found


def _alternation(patterns: Sequence[str]) -> re2._Regexp:
    """A pattern whose match ends with the first of ``patterns`` behind the place where it is asked for.

    Only where a match ends is known without a second program that reads backwards.
    """
    found = re2.compile(rf"\C*?(?:{'|'.join(patterns)})", _options(2 * _MEMORY))
    if found.programsize > _LARGEST and len(patterns) > 1:
        raise re2.error("too large")
    return found


def _options(memory: int) -> re2.Options:
    options = re2.Options()
    options.case_sensitive = False
    options.log_errors = False
    options.never_capture = True
    options.max_mem = memory
    return options
