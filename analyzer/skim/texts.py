"""What rules look for in messages, and which of many texts hold some of it.

What a line is does not depend on the digits in it, nor on what names things by digests, so that it is found once for
all lines that differ in nothing else; what rules look for that may lie there is looked for in each line.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from analyzer.matching.textset import Sought, TextSet
from analyzer.rule import TEXT_OPERATORS, Operator
from analyzer.skim.masks import may_be_masked

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from analyzer.needs import Need

__all__ = ["METHODS", "Texts", "texts_of"]

_DIGIT = re.compile("[0-9]")
_STATUS = re.compile("[0-9]{0,3}$")
METHODS: Final = ("GET", "POST", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT", "TRACE")


@functools.lru_cache(maxsize=4)
def texts_of(needs: frozenset[Need]) -> Texts:
    """The texts among what rules look for: compiled once, whatever many parts are read."""
    return Texts(needs)


class Texts:
    """The texts that rules need a message to hold.

    Args:
        needs: What the rules look for, in whatever fields.

    Attributes:
        asks_for_paths: Some rule asks for a path with digits or the like in it.
    """

    def __init__(self, needs: Collection[Need]) -> None:
        texts = [Sought(need.operator, str(need.value), need.beside) for need in needs if need.field == "message"]
        numbered = [one for one in texts if may_be_masked(one.text) or may_be_masked(one.beside)]
        self._steady = TextSet(one for one in texts if not _DIGIT.search(one.text + one.beside))
        self._numbered = TextSet(numbered)
        paths = {word for one in numbered for word in _in_path(one.text) if may_be_masked(word)}
        self._words = TextSet((Operator.CONTAINS, word) for word in sorted(paths))
        asked = [(need.operator, str(need.value)) for need in needs if need.field == "http.path"]
        self._paths = TextSet((sign, text) for sign, text in asked if sign in TEXT_OPERATORS and may_be_masked(text))
        self.asks_for_paths = bool(self._paths.texts)

    def steady(self, text: str) -> bool:
        """Whether ``text`` holds one that has no digits; the same for all texts that are equal but for their digits.

        The same for all of one mask, too, but for those that hold one that is :meth:`numbered`.
        """
        return bool(self._steady.find(text))

    def numbered(self, text: str) -> bool:
        """Whether ``text`` holds one with digits, or one that may lie in a digest, and has digits itself."""
        return _DIGIT.search(text) is not None and bool(self._numbered.find(text))

    def with_numbered(self, texts: Sequence[str]) -> Sequence[int]:
        """The indexes of those texts that are :meth:`numbered`."""
        return [row for row in self._numbered.holding(texts) if _DIGIT.search(texts[row])]

    def with_paths(self, urls: Sequence[str]) -> Sequence[int]:
        """The indexes of those URLs whose path may be a part of such a text.

        They have no blank in them, and are asked for in one of :data:`METHODS`. Digits of the status are not meant.
        """
        return self._words.holding(urls)

    def with_asked_paths(self, paths: Sequence[str]) -> Sequence[int]:
        """The indexes of those paths that are, for their digits or digests, what a rule asks of paths."""
        return self._paths.holding(paths)


def _in_path(text: str) -> Iterator[str]:
    """What a path must hold so that ``text`` stands in the line of its request: method, path and status."""
    parts = text.split(" ")
    method = any(name.endswith(parts[0].upper()) for name in METHODS)
    status = _STATUS.match(parts[-1]) is not None
    match parts:
        case [path]:
            yield path
        case [first, second]:
            yield from [second] * method
            yield from [first] * status
        case [_, path, _]:
            yield from [path] * (method and status)
