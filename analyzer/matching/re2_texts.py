"""Literals looked for by RE2: as a set where it is asked which a value holds, as one pattern where it is asked whether.

Sets: https://github.com/google/re2/blob/main/re2/set.h.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final, TypeVar

import re2

from analyzer.matching.bounds import BOUND, bounded
from analyzer.regex import escape, scrub
from analyzer.rule import Operator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

__all__ = ["Re2Texts"]

_MEMORY = 32 << 20
"""Bytes RE2 may use for a program and for the states it builds while scanning; it starts anew when they are full."""

_LARGEST = 200_000
"""Instructions of a pattern beyond which RE2 may have no room for its states, without which it is very slow."""

_SHAPES: Final = {
    Operator.CONTAINS: "{}",
    Operator.EQUALS: r"\A(?:{})\z",
    Operator.STARTSWITH: r"\A(?:{})",
    Operator.ENDSWITH: r"(?:{})\z",
}
_BOUNDED: Final = {
    Operator.CONTAINS: "{}",
    Operator.EQUALS: r"\x00{}\x00",
    Operator.STARTSWITH: r"\x00{}",
    Operator.ENDSWITH: r"{}\x00",
}
_ANYTHING: Final = r"\x00\C"
"""What every value holds; like the others, it ends behind the bound that the value begins with."""

_Compiled = TypeVar("_Compiled")


class Re2Texts:
    """Literals, each of which must stand in a value in one way, whatever the case.

    Args:
        texts: Pairs of an operator (contains, equals, startswith, endswith) and a literal, without equal ones.
    """

    def __init__(self, texts: Sequence[tuple[Operator, str]]) -> None:
        self.texts = texts

    def find(self, value: str) -> Sequence[int]:
        """Indexes into ``texts`` of those that ``value`` holds, in no order."""
        try:
            return self._find(value)
        except UnicodeEncodeError:
            return self._find(scrub(value))

    def holding(self, values: Sequence[str]) -> list[int]:
        """Indexes, ascending, of the ``values`` that hold one at least."""
        joined = None if self._crossing else bounded(values)
        if joined is None:
            return [index for index, value in enumerate(values) if self.find(value)]
        found = [list(_hits(pattern, joined)) for pattern in self._patterns]
        return found[0] if len(found) == 1 else sorted(set().union(*found))

    def _find(self, value: str) -> Sequence[int]:
        sets = self._sets
        if len(sets) == 1:
            return sets[0][1].Match(value) or ()
        return [start + index for start, some in sets for index in some.Match(value) or ()]

    @functools.cached_property
    def _sets(self) -> tuple[tuple[int, re2.Set], ...]:
        patterns = [_SHAPES[sign].format(escape(scrub(text))) for sign, text in self.texts]
        return tuple(_parts(_set, patterns)) if patterns else ()

    @functools.cached_property
    def _patterns(self) -> tuple[re2._Regexp, ...]:
        # In order, so that RE2 takes out what neighbours begin with, which makes for far fewer states.
        patterns = sorted(
            {
                _BOUNDED[sign].format(escape(scrub(text))) if text or sign is Operator.EQUALS else _ANYTHING
                for sign, text in self.texts
            }
        )
        return tuple(pattern for _, pattern in _parts(_alternation, patterns)) if patterns else ()

    @functools.cached_property
    def _crossing(self) -> bool:
        """Whether a literal may lie across the bound of two values."""
        return any(BOUND in text for _, text in self.texts)


def _hits(pattern: re2._Regexp, joined: bytes) -> Iterator[int]:
    """The values in ``joined`` that the pattern finds something in; each is left with its first find."""
    bound = BOUND.encode()
    at, index = 0, -1
    while (found := pattern.match(joined, at)) is not None:
        last = found.end() - 1
        index += joined.count(bound, at, last)
        yield index
        at = joined.find(bound, last)


def _parts(
    build: Callable[[Sequence[str]], _Compiled], patterns: Sequence[str], start: int = 0
) -> Iterator[tuple[int, _Compiled]]:
    """The patterns compiled as one, or as several where RE2 has no room for one; each with the index of its first."""
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

    Where the match begins is not asked, since a second program would have to read backwards for it.
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
