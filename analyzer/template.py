"""What a message says without what varies: numbers, ids, times, addresses, quoted values.

Two messages of one fault have one template whatever run, revision or instance printed them, so a hash of the template
is a stable identity. Masking each message by itself, unlike a mining tree such as Drain's, gives the same template
whatever else was read before it; and since no word is ever masked, "completed" and "failed" never fall together.
"""

from __future__ import annotations

import hashlib
import re
import string

__all__ = ["digest", "mask", "mask_value"]

_LONGEST = 2000
"""Characters of a message that take part in its template."""

_WORD = f"{string.ascii_letters}{string.digits}_.+@:/%=~-"
"""What names, addresses and tokens are made of."""

_VARIABLE = re.compile(
    r"""
      (?P<time>\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[ ]?[+-]\d\d:?\d\d)?)
    | (?P<url>\b[a-z][a-z0-9+.-]{1,20}://[^\s'"<>]+)
    | (?P<mail>[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]{1,64}){1,8})
    | (?P<uuid>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)
    | (?P<address>\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b)
    | (?P<hex>\b(?:0x[0-9a-fA-F]+|(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}|[0-9A-F]{16,})\b)
    | (?P<revision>-\d{5}-[a-z0-9]{3}\b)
    | (?P<number>\d+(?:[.,:]\d+)*)
    """,
    re.VERBOSE,
)
_LEVEL = re.compile(
    r"^\s*(?:\[?<\*>\]?\s*[-|]?\s*)*(?:\[?(?:DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR|CRITICAL|FATAL|SEVERE)\]?\s*[:|-]?\s*)?"
)


def mask(text: str) -> str:
    """The template of a message: white space folded, each varying part replaced by ``<*>``.

    Args:
        text: The message; only its first 2,000 characters count.

    Returns:
        The template, without the time and level a logger put before it.
    """
    masked = " ".join(_VARIABLE.sub("<*>", _beginning(text)).split())
    while "<*> <*>" in masked:
        masked = masked.replace("<*> <*>", "<*>")
    return masked[_matched_prefix(masked) :]


def _beginning(text: str) -> str:
    """What counts of a text: no word is cut in two, or half of an address would stand there as if it were a word."""
    if len(text) <= _LONGEST:
        return text
    whole = text[:_LONGEST].rstrip(_WORD)
    return whole or text[:_LONGEST]


def _matched_prefix(masked: str) -> int:
    found = _LEVEL.match(masked)
    return found.end() if found is not None and found.end() < len(masked) else 0


def mask_value(value: str) -> str:
    """A name out of a message, in lower case, with what varies between runs replaced."""
    return _VARIABLE.sub("<*>", _beginning(value)).casefold()


def digest(*parts: str, size: int = 8) -> str:
    """A stable hash of ``parts`` as ``2 * size`` hex digits."""
    return hashlib.blake2b("\x1f".join(parts).encode("utf-8", "surrogatepass"), digest_size=size).hexdigest()
