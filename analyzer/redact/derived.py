"""Secrets in what was made of a text: a name taken out of it, a title, a template, a line that was cut off.

A secret is often one only by what stands around it (``password=``, ``://app:...@``), and a piece of the text, or a
form of it with its signs or numbers replaced, has lost that. So the values that were secret in the whole text are
looked for once more in whatever was made of it.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

from analyzer.template import mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["beginnings_of", "pieces_of", "replace_pieces"]

_SHORTEST = 6
_LONGEST = 4096
_LONG_WORD = 16
_CUT = 6
"""Characters of a secret that give it away where a text was cut in the midst of it."""
_LINE_FEED = re.compile(r"\n|\\n|\\r")
_WORD = re.compile(r"[A-Za-z0-9]{10,}")
"""Long enough that it can only come from a secret that it is a part of."""
_NAME = re.compile(r"[^\W_]+")
_SPOKEN = ("[email:", "[service-account:", "[ip:", "[password:")
_PART = re.compile(r"<\*>|\d+(?:[.,:]\d+)*|[^\W\d_]+|(?:(?!<\*>)[\W_])+")


def pieces_of(secrets: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What to look for, each with its surrogate: of a key of many lines, each line; no ordinary word.

    Args:
        secrets: Values that were secret in a text, with their surrogates.
    """
    return {
        line[:_LONGEST]: surrogate
        for value, surrogate in secrets
        for line in (value, *(part.strip() for part in _LINE_FEED.split(value)))
        if _tells(line)
    }


def beginnings_of(secrets: Iterable[tuple[str, str]], shown: Sequence[str]) -> dict[str, str]:
    """Beginnings of e-mail addresses, which a pattern may have taken out as a name, each with its surrogate.

    Args:
        secrets: Values that were secret in some texts, with their surrogates.
        shown: The texts as they are shown; what stands there is a name by itself.
    """
    found = {
        value[: match.end()]: surrogate
        for value, surrogate in secrets
        if surrogate.startswith("[email:")
        for match in _NAME.finditer(value.partition("@")[0])
        if match.start() and match.end() >= _SHORTEST
    }
    return {name: surrogate for name, surrogate in found.items() if not any(name in text for text in shown)}


def _tells(value: str) -> bool:
    """A password that is a plain word (``postgres``) may be a database's name beside it."""
    return len(value) >= _LONG_WORD or (len(value) >= _SHORTEST and not value.isalpha())


def replace_pieces(text: str, known: Mapping[str, str]) -> str:
    """``text`` without the pieces of secrets that :func:`pieces_of` gave.

    Args:
        text: What was made of the text that held them.
        known: Piece to surrogate.
    """
    for value in sorted(known, key=len, reverse=True):
        for pattern in _patterns(value):
            text = pattern.sub(known[value], text)
    # Of an address or a password, a part may be a project's or a host's name.
    random = {value: surrogate for value, surrogate in known.items() if not surrogate.startswith(_SPOKEN)}
    for value, surrogate in random.items():
        text = _without_cut(text, value, surrogate)
    return _WORD.sub(lambda found: next((random[value] for value in random if found[0] in value), found[0]), text)


@functools.lru_cache(maxsize=4096)
def _patterns(value: str) -> tuple[re.Pattern[str], ...]:
    """The value as it is, with its signs replaced as in a title, and with its numbers as in a template or its title."""
    spelled = (value, mask(value))
    return tuple(
        re.compile(_spelling(form))
        for form in dict.fromkeys(spelled)
        if sum(char.isalnum() for char in form) >= _SHORTEST
    )


def _spelling(form: str) -> str:
    parts = _PART.findall(form)
    pieces = []
    # The mark alone, which is all that a template keeps of an address, stands for anything.
    worded = any(part[0].isalpha() for part in parts)
    for number, part in enumerate(parts):
        if part == "<*>" or part[0].isdigit():
            spelled = r"[^\w<]{1,3}".join(map(re.escape, re.split(r"[.,:]", part)))
            masked = r"|<\*>|_" if worded else ""
            pieces.append(rf"(?:{re.escape(part)}|{spelled}{masked})")
        elif part[0].isalpha():
            pieces.append(re.escape(part))
        else:
            signs = re.escape(part)
            if number in (0, len(parts) - 1):
                pieces.append(f"(?:{signs})?")
            else:
                pieces.append(rf"(?:{signs}|[\W_]{{1,{len(part) + 2}}})")
    return "".join(pieces)


def _without_cut(text: str, value: str, surrogate: str) -> str:
    """The text without the first part of the value at its end, where it was cut."""
    stem = text.rstrip("…")
    for length in range(min(len(value) - 1, len(stem)), _CUT - 1, -1):
        if stem.endswith(value[:length]):
            return stem[:-length] + surrogate + text[len(stem) :]
    return text
