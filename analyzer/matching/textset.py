"""Many texts looked for at once: one pass over a value says which of thousands of literals it holds.

Hyperscan looks where it is installed (``pip install 'loganalyze[fast]'``), RE2 where it is not, and where Hyperscan
does not ignore case as RE2 does. Both find the same. ``LOGANALYZE_SCANNER`` asks for one by its name.
"""

from __future__ import annotations

import functools
import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from analyzer.errors import UsageError
from analyzer.matching.hyperscan_texts import hyperscan_texts
from analyzer.matching.re2_texts import Re2Texts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from analyzer.rule import Operator

__all__ = ["Sought", "TextSet"]

_VARIABLE: Final = "LOGANALYZE_SCANNER"
_MANY: Final = 300
"""Literals from which on Hyperscan is worth its time: RE2 compiles fewer of them sooner."""


class _Engine(Protocol):
    def find(self, value: str, /) -> Sequence[int]: ...
    def holding(self, values: Sequence[str], /) -> list[int]: ...


class Sought(NamedTuple):
    """A literal that is looked for.

    Attributes:
        operator: How it stands in a value: contains, equals, startswith or endswith.
        text: The literal.
        beside: Another that the value must hold, in lower case; empty where the first is enough.
    """

    operator: Operator
    text: str
    beside: str = ""


class TextSet:
    """A set of literals, each of which must stand in a value in one way (contained, equal, at its start or end).

    Case is ignored as RE2 ignores it. Nothing is compiled before it is needed.

    Args:
        texts: What is looked for; equal ones are one.

    Raises:
        UsageError: ``LOGANALYZE_SCANNER`` asks for a scanner that is not there.
    """

    def __init__(self, texts: Iterable[tuple[Operator, str] | Sought]) -> None:
        self.texts = tuple(dict.fromkeys(Sought(*one) for one in texts))
        self._paired = any(one.beside for one in self.texts)
        self._accelerated = _wants_hyperscan(os.environ.get(_VARIABLE, ""))

    @functools.cached_property
    def find(self) -> Callable[[str], Sequence[int]]:
        """Indexes into ``texts`` of those that a value holds, in no order."""
        return self._find if self._paired else self._engine.find

    @functools.cached_property
    def holding(self) -> Callable[[Sequence[str]], list[int]]:
        """Indexes, ascending, of those of many values that hold one at least; far cheaper than to ask for each."""
        return self._holding if self._paired else self._engine.holding

    def _find(self, value: str) -> Sequence[int]:
        hits = self._engine.find(value)
        if not hits:
            return ()
        # RE2 takes the long s for s and the Kelvin sign for k; so does this, and no text loses what it holds by it.
        folded = value.casefold()
        texts = self.texts
        return [index for hit in hits for index in self._named[hit] if texts[index].beside in folded]

    def _holding(self, values: Sequence[str]) -> list[int]:
        return [index for index in self._engine.holding(values) if self._find(values[index])]

    @functools.cached_property
    def _named(self) -> Sequence[Sequence[int]]:
        """Of each literal by itself, where ``texts`` has it."""
        found: dict[tuple[Operator, str], list[int]] = {}
        for index, one in enumerate(self.texts):
            found.setdefault(one[:2], []).append(index)
        return list(found.values())

    @functools.cached_property
    def _engine(self) -> _Engine:
        plain = Re2Texts(tuple(dict.fromkeys(one[:2] for one in self.texts)))
        accelerated = self._accelerated and len(plain.texts) >= _MANY
        return (hyperscan_texts(plain) if accelerated else None) or plain


@functools.cache
def _wants_hyperscan(name: str) -> bool:
    """Whether Hyperscan is to look, by the value of the variable; empty for whatever is installed."""
    if name not in {"", "re2", "hyperscan"}:
        raise UsageError(
            f"{_VARIABLE} is {name!r}", hint="it may be re2 or hyperscan; without it the faster one is used"
        )
    installed = name != "re2" and find_spec("hyperscan") is not None
    if name == "hyperscan" and not installed:
        hint = f"install it with: pip install 'loganalyze[fast]', or leave {_VARIABLE} out"
        raise UsageError("hyperscan is not installed", hint=hint)
    return installed
