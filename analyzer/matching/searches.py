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

__all__ = ["Guarded", "any_found", "guarded", "guards", "may_be_found"]

_MOST_LITERALS: Final = 40
_FEW: Final = 10
"""Literals up to which a look for each takes no longer than one for all of them."""


class Guarded(NamedTuple):
    """A pattern, and the lower-case literals of which a text holds one wherever the pattern is found in it.

    Without literals every text is searched: there are too many of them, or they are not known.
    """

    literals: tuple[str, ...]
    source: str
    ignore_case: bool

    @property
    def search(self) -> Search:
        """Whether the pattern is found in a text."""
        return compile_search(self.source, ignore_case=self.ignore_case)


def guarded(item: Comparison, source: str, *, ignore_case: bool) -> Guarded:
    """The pattern ``source``, which a comparison asks for.

    Raises:
        RuleError: RE2 refuses it.
    """
    try:
        compile_search(source, ignore_case=ignore_case)
    except PatternError as error:
        raise RuleError(f"RE2 refuses {item.value!r}: {error}", line=item.line) from error
    return Guarded(guards(source), source, ignore_case)


def may_be_found(literals: Sequence[str], folded: str) -> bool:
    """Whether a pattern with these literals may be found in a text, given in lower case."""
    for literal in literals:
        if literal in folded:
            return True
    return not literals


def any_found(name: str, patterns: Iterable[Guarded]) -> Callable[[Subject], bool]:
    """Whether one of the patterns is found in the field ``name``."""
    some = list(patterns)
    spared = [one for one in some if one.literals]
    likely = _likely_at_once if sum(len(one.literals) for one in spared) > _FEW else _likely_one_by_one
    searches = likely(name, spared)
    always = _together([one for one in some if not one.literals])

    def holds(subject: Subject) -> bool:
        if subject.text(name) is None:
            return False
        for search in (*searches(subject), *always):  # noqa: SIM110 - a generator takes longer
            if search(subject.encoded(name)):
                return True
        return False

    return holds


def _together(patterns: Iterable[Guarded]) -> list[Search]:
    """What finds any of the patterns: a search for those that mind case, one for those that do not."""
    kinds: dict[bool, list[str]] = {}
    for one in patterns:
        kinds.setdefault(one.ignore_case, []).append(one.source)
    return [compile_search(*sources, ignore_case=ignore_case) for ignore_case, sources in kinds.items()]


def _likely_one_by_one(name: str, patterns: Sequence[Guarded]) -> Callable[[Subject], Iterable[Search]]:
    """What a text must be searched for, with a look for each literal."""
    pairs = [(one.literals, one.search) for one in patterns]

    def likely(subject: Subject) -> Iterable[Search]:
        folded = subject.folded(name) or ""
        return [search for literals, search in pairs if may_be_found(literals, folded)]

    return likely


def _likely_at_once(name: str, patterns: Sequence[Guarded]) -> Callable[[Subject], Iterable[Search]]:
    """The same with one look for all literals."""
    holders: dict[str, list[Search]] = {}
    for one in patterns:
        for literal in one.literals:
            holders.setdefault(literal, []).append(one.search)
    texts = TextSet((Operator.CONTAINS, literal) for literal in holders)
    searches = list(holders.values())

    def likely(subject: Subject) -> Iterable[Search]:
        found = texts.find(subject.text(name) or "")
        return {search for index in found for search in searches[index]} if found else ()

    return likely


@functools.lru_cache(maxsize=8192)
def guards(source: str) -> tuple[str, ...]:
    """The literals of which a text holds one, in lower case, wherever a pattern is found in it; none for no such."""
    literals = sorted(pattern_literals(source, shortest=2) or ())
    few = len(literals) <= _MOST_LITERALS and not any("i\u0307" in literal for literal in literals)
    return tuple(literals) if few else ()
