"""Patterns looked for in one field: RE2 decides, and is asked only where a text holds what a pattern needs.

Most rules are alternatives of patterns, and most of these need a literal that the text at hand does not hold.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final, NamedTuple

from analyzer.errors import RuleError
from analyzer.literals import pattern_literals
from analyzer.matching.textset import TextSet
from analyzer.regex import PatternError, compile_search
from analyzer.rule import Operator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from analyzer.matching.fields import Subject
    from analyzer.regex import Search
    from analyzer.rule import Comparison

__all__ = ["AnyFound", "Sought", "guards", "may_be_found", "sought"]

_MOST_LITERALS: Final = 40
_FEW: Final = 10
"""Literals up to which a look for each takes no longer than one for all of them."""


class Sought(NamedTuple):
    """A pattern that a comparison looks for, and which RE2 takes."""

    source: str
    ignore_case: bool

    @property
    def search(self) -> Search:
        """Whether it is found in a text."""
        return compile_search(self.source, ignore_case=self.ignore_case)


def sought(item: Comparison, source: str, *, ignore_case: bool) -> Sought:
    """The pattern ``source``, which a comparison asks for.

    Raises:
        RuleError: RE2 refuses it.
    """
    try:
        compile_search(source, ignore_case=ignore_case)
    except PatternError as error:
        raise RuleError(f"RE2 refuses {item.value!r}: {error}", line=item.line) from error
    return Sought(source, ignore_case)


class AnyFound:
    """Whether one of some patterns is found in a field; what they need is found out with the first event.

    Args:
        name: The field.
        patterns: The patterns.
    """

    def __init__(self, name: str, patterns: Iterable[Sought]) -> None:
        self._name = name
        self._patterns = tuple(patterns)

    def __call__(self, subject: Subject) -> bool:
        """Whether one is found."""
        name = self._name
        text = subject.text(name)
        if text is None:
            return False
        searches = (*self._likely(text, subject.folded(name) or ""), *self._always)
        for search in searches:  # noqa: SIM110 - a generator takes longer
            if search(subject.encoded(name)):
                return True
        return False

    @functools.cached_property
    def _likely(self) -> Callable[[str, str], Iterable[Search]]:
        """What a text must be searched for, given as it is and in lower case."""
        spared = [(found, one.search) for one in self._patterns if (found := guards(one.source))]
        if sum(len(literals) for literals, _ in spared) <= _FEW:
            return lambda _, folded: [search for literals, search in spared if may_be_found(literals, folded)]
        return _Index(spared).likely

    @functools.cached_property
    def _always(self) -> list[Search]:
        """What every text is searched for: at once for those that mind case, and for those that do not."""
        kinds: dict[bool, list[str]] = {}
        for one in self._patterns:
            if not guards(one.source):
                kinds.setdefault(one.ignore_case, []).append(one.source)
        return [compile_search(*sources, ignore_case=ignore_case) for ignore_case, sources in kinds.items()]


class _Index:
    """Searches by the literals that they are worth making for, with one look for all of these."""

    def __init__(self, spared: Iterable[tuple[Iterable[str], Search]]) -> None:
        holders: dict[str, list[Search]] = {}
        for literals, search in spared:
            for literal in literals:
                holders.setdefault(literal, []).append(search)
        self._texts = TextSet((Operator.CONTAINS, literal) for literal in holders)
        self._searches = list(holders.values())

    def likely(self, text: str, _: str) -> Iterable[Search]:
        found = self._texts.find(text)
        return {search for index in found for search in self._searches[index]} if found else ()


def may_be_found(literals: Sequence[str], folded: str) -> bool:
    """Whether a pattern with these literals may be found in a text, given in lower case."""
    for literal in literals:
        if literal in folded:
            return True
    return not literals


@functools.lru_cache(maxsize=8192)
def guards(source: str) -> tuple[str, ...]:
    """The literals of which a text holds one, in lower case, wherever a pattern is found in it; none for no such."""
    literals = sorted(pattern_literals(source, shortest=2) or ())
    few = len(literals) <= _MOST_LITERALS and not any("i\u0307" in literal for literal in literals)
    return tuple(literals) if few else ()
