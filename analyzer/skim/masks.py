"""Masks of texts: what is left where numbers, and the digests and UUIDs that name things, are all alike.

Whoever finds out what a mask says knows it of every text with that mask, but for what rules look for in the masked
places: :func:`may_be_masked` tells which of their texts can lie there.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["LONGEST", "digits_count", "masked", "may_be_masked"]

LONGEST: Final = 2_000
"""Characters of a text that is judged by its mask."""

_NAME: Final = re.compile(r"[0a-f]{8}(?:-[0a-f]{4}-[0a-f]{4}-[0a-f]{4}-[0a-f]{12}|[0a-f]{4,}+)")
"""What follows is looked at afterwards: so each run of signs is gone through once, however long it is."""

_TIME: Final = "0" * 10
_LEVELS: Final = tuple(f"{name}={quote}" for name in ("level", "lvl", "severity") for quote in ("", '"'))
"""A name of a level may be followed by a letter that tells it."""

_UUID: Final = "0a0a0a0a-0a0a-0a0a-0a0a-0a0a0a0a0a0a"
_EDGE: Final = re.compile(r"[a-f-]*[a-f](?![^\W_])|(?s:.*)(?<![^\W_])[a-f][a-f-]*\Z")
_DIGIT: Final = re.compile(r"[0-9]")
_DIGITS_COUNT: Final = re.compile(r"(?m)[\x1b\\\r]|#000\[|U\+|^[^\S\n]*<")


def masked(zeroed: Sequence[str]) -> list[str]:
    """The masks of texts: each digest of twelve signs or more, and each UUID, is one of its length.

    Whether it begins with a letter stays, since that tells loggers' names and times apart. So does what is written in
    capitals, has only digits or only letters, or begins with ten digits, as Unix times do.

    Args:
        zeroed: The texts with a zero for each digit, as :func:`analyzer.columns.zeros` writes them.
    """
    found = _NAME.sub(_mask, "\0".join(zeroed)).split("\0")
    return found if len(found) == len(zeroed) else [_NAME.sub(_mask, text) for text in zeroed]


def _mask(found: re.Match[str]) -> str:
    name, text, start, end = found[0], found.string, found.start(), found.end()
    if text[start - 1 : start].isalnum() or text[end : end + 1].isalnum() or text.endswith(_LEVELS, 0, start):
        return name
    if "0" not in name or name.startswith(_TIME) or not name.strip("0-"):
        return name
    mask = _UUID if "-" in name else "0a" * (len(name) // 2 + 1)
    return ("0" if name[0] == "0" else "a") + mask[1 : len(name)]


def may_be_masked(text: str) -> bool:
    """Whether a text that is looked for, ignoring case, may begin or end in what is masked, or lie in it."""
    return _DIGIT.search(text) is not None or _EDGE.match(text.lower()) is not None


def digits_count(mask: str) -> bool:
    """Whether texts of one mask may yet say different things, for the digits that they have."""
    return len(mask) > LONGEST or _DIGITS_COUNT.search(mask) is not None
