"""What rules look for in messages, and texts without what varies.

What a line is does not depend on the digits in it, so that it is found once for all lines that differ in nothing else.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analyzer.matching.textset import TextSet

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.needs import Need

__all__ = ["Texts", "without_digits"]

_DIGIT = re.compile("[0-9]")
_ZEROS = str.maketrans("123456789", "000000000")


class Texts:
    """The texts that rules need a message to hold.

    Args:
        needs: What the rules look for, in whatever fields.
    """

    def __init__(self, needs: Iterable[Need]) -> None:
        texts = [(need.operator, str(need.value)) for need in needs if need.field == "message"]
        self._steady = TextSet(one for one in texts if _DIGIT.search(one[1]) is None)
        self._numbered = TextSet(one for one in texts if _DIGIT.search(one[1]))

    def steady(self, text: str) -> bool:
        """Whether ``text`` holds one that has no digits; the same for all texts that are equal but for their digits."""
        return bool(self._steady.find(text))

    def numbered(self, text: str) -> bool:
        """Whether ``text`` holds one with digits."""
        return _DIGIT.search(text) is not None and bool(self._numbered.find(text))


def without_digits(text: str) -> str:
    """``text`` with a zero for every digit of ASCII."""
    return text.translate(_ZEROS)
