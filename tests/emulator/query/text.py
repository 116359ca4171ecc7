"""How the language compares strings: folded by NFKC_CF, so that letter case and look-alike forms do not count.

Source: "Comparison operators" in https://cloud.google.com/logging/docs/view/logging-query-language.
"""

from __future__ import annotations

import re
import unicodedata

__all__ = ["fold"]

_IGNORABLE = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Default_Ignorable_Code_Point of Unicode, which NFKC_Casefold drops: the variation selector of an emoji, for one."""


def fold(text: str) -> str:
    """NFKC_Casefold of ``text``: https://www.unicode.org/reports/tr44/#NFKC_Casefold."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", _IGNORABLE.sub("", folded))
