"""Regular expressions with one meaning: RE2's, which is also that of the Logging query language and BigQuery.

Linear in the length of the text, so that neither a rule nor a log line can hang a run.
Syntax: https://github.com/google/re2/wiki/Syntax.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING

import re2

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Pattern", "PatternError", "Search", "compile_pattern", "compile_search", "escape", "scrub"]

Search = Callable[[bytes], object]
"""Whether a pattern matches anywhere in a text, which is in UTF-8: what comes back is true or not."""


class PatternError(ValueError):
    """A pattern that RE2 refuses; the text is RE2's own reason."""


class Pattern:
    """A compiled RE2 pattern over Python strings.

    Args:
        source: The pattern text.
        ignore_case: Match letters of either case.

    Raises:
        PatternError: RE2 refuses the pattern.
    """

    __slots__ = ("_compiled", "_index", "groups", "source")

    def __init__(self, source: str, *, ignore_case: bool = False) -> None:
        try:
            self._compiled = re2.compile(source, _options(ignore_case=ignore_case))
        except re2.error as error:
            reason = error.args[0] if error.args else "refused"
            raise PatternError(reason.decode() if isinstance(reason, bytes) else str(reason)) from error
        self.source = source
        self._index = self._compiled.groupindex
        self.groups: tuple[str, ...] = tuple(self._index)

    def search(self, text: str | bytes) -> bool:
        """Whether the pattern matches anywhere in ``text`` (which must be scrubbed of lone surrogates, or UTF-8)."""
        return self._compiled.search(text) is not None

    def find(self, text: str) -> dict[str, str] | None:
        """The named groups of the first match, without those that took no part; None when nothing matches."""
        found = self._compiled.search(text)
        if found is None:
            return None
        return {name: value for name, value in found.groupdict().items() if value is not None}

    def find_all(self, text: str) -> Iterator[dict[str, str]]:
        """The named groups of every match, first to last."""
        for found in self._compiled.finditer(text):
            yield {name: value for name, value in found.groupdict().items() if value is not None}

    def values(self, name: str, text: bytes) -> Iterator[str]:
        """What the group ``name`` holds in every match in a text in UTF-8; empty where it took no part."""
        group = self._index[name]
        for found in self._compiled.finditer(text):
            start, end = found.span(group)
            yield text[start:end].decode() if start >= 0 else ""

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Start and end (in characters) of every match, first to last."""
        for found in self._compiled.finditer(text):
            yield found.span()


@functools.lru_cache(maxsize=8192)
def compile_pattern(source: str, *, ignore_case: bool = False) -> Pattern:
    """The compiled pattern, kept so that one text is compiled once.

    Raises:
        PatternError: RE2 refuses the pattern.
    """
    return Pattern(source, ignore_case=ignore_case)


@functools.lru_cache(maxsize=8192)
def compile_search(*sources: str, ignore_case: bool = False) -> Search:
    """What tells only whether one of some patterns matches, in half the time, since RE2 need not find out where.

    Raises:
        PatternError: RE2 refuses a pattern.
    """
    found = re2.Set.SearchSet(_options(ignore_case=ignore_case))
    try:
        for source in sources:
            found.Add(source)
        found.Compile()
    except re2.error:  # refused, or so large that a set, which has no slower way to fall back on, cannot have it
        searches = [compile_pattern(source, ignore_case=ignore_case).search for source in sources]
        return lambda text: any(search(text) for search in searches)
    return found.Match


def _options(*, ignore_case: bool) -> re2.Options:
    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    return options


def escape(text: str) -> str:
    """The pattern that matches ``text`` and nothing else."""
    return str(re2.escape(text))


def scrub(text: str) -> str:
    """``text`` with each lone surrogate replaced by U+FFFD, which re2, sqlite3 and file writes need."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    return text
