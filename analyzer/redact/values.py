"""Where an assigned value ends, and whether it is a secret at all."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["MASK", "Value", "holds_secret", "is_placeholder", "read_value"]


MASK = "\ue000"
"""What stands for each character of a surrogate while detectors look at a text."""


class Value(NamedTuple):
    """``text[start:end]`` without its quotes."""

    start: int
    end: int
    quoted: bool


_OPEN = re.compile(r"\[?[ ]?[bru]?(?P<quote>\\{0,3}[\"'`])")
_ANGLED = re.compile(r"<[A-Za-z_ .-]{0,64}>")
_IN_DOUBLE = re.compile(r'(?:[^"\\\n]|\\.)*+')
_IN_SINGLE = re.compile(r"(?:[^'\\\n]|\\.)*+")
_IN_BACKTICK = re.compile(r"[^`\n]*+")
_INSIDE = {'"': _IN_DOUBLE, "'": _IN_SINGLE, "`": _IN_BACKTICK}
_BARE = re.compile(
    r"""(?:[^\s"'`,&;\\]
          |\\(?![nrt"'])
          |[,&;](?![\s"']|$|[\w.%$-]{1,40}[ ]?[=:])
        )++""",
    re.VERBOSE,
)
_LONGEST_ESCAPED = 4096
_CLOSERS = {")": "(", "]": "[", "}": "{"}


def read_value(text: str, start: int) -> Value | None:
    """The value at ``start``: quoted (also with escaped quotes, as in JSON within JSON) or up to a delimiter."""
    angled = _ANGLED.match(text, start)
    if angled is not None:
        return Value(start, angled.end(), quoted=True)
    opening = _OPEN.match(text, start)
    if opening is not None:
        begin = opening.end()
        quote = opening["quote"]
        if len(quote) > 1:
            end = text.find(quote, begin, begin + _LONGEST_ESCAPED)
            end = end if end >= 0 else _bare_end(text, begin)
        else:
            inside = _INSIDE[quote].match(text, begin)
            end = inside.end() if inside else begin
        return Value(begin, end, quoted=True) if end > begin else None
    end = _bare_end(text, start)
    return Value(start, end, quoted=False) if end > start else None


def _bare_end(text: str, start: int) -> int:
    found = _BARE.match(text, start)
    if found is None:
        return start
    end = found.end()
    while end > start:
        last = text[end - 1]
        if last in ".,;:!?" or (last in _CLOSERS and _CLOSERS[last] not in text[start : min(end, start + 64)]):
            end -= 1
        else:
            break
    return end


_PLACEHOLDER = re.compile(
    r"""[^\w]*(?:redacted|hidden|masked|filtered|removed|omitted|scrubbed|sensitive|not[ _-]?set|none|null|nil|undefined
          |unset|empty|missing|true|false|yes|no|required|present|absent)?(?:[_ -]redacted)?[^\w]*
        |[*x•.\#-]{3,}
        |%?\(\w+\)[sd]|%[sdr]|\$\d{1,2}|:\w+|\?
        |\$?\{{1,2}[^{}]*\}{1,2}|\$[A-Za-z_]\w*
        |<[^<>]*>
        |\w{0,20}\((?:'|")?\**(?:'|")?\)?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_STATE_WORDS = frozenset(
    """
    any authentication authorization bad bearer bool boolean bytes cannot configured could created default
    denied dict disabled empty enabled error expired failed failure generated include incorrect int invalid is
    latest list loaded missing must none not null nullable object off ok omit on optional present refreshed
    refused rejected required revoked rotated same-origin set should str string text too type unauthorized
    unavailable undefined unknown unset updated valid validated validation varchar verification was wrong
    """.split(),  # noqa: SIM905 (a list of 60 words reads better as words)
)
_PROSE_WORDS = re.compile(
    r"\b(?:is|are|was|has|have|be|not|must|required|invalid|missing|expired|failed|denied|cannot|should|field|this|the|of|for|too)\b",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[A-Za-z]+")
_ENVIRONMENT_NAME = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_RESOURCE = re.compile(r"(?:projects|secrets|organizations)/[\w./-]+|(?:gs|file|sm)://[\w./-]+")
_SECRET_VERSION = re.compile(r"[\w-]{1,255}:latest")
_PATH = re.compile(r"\.{0,2}/[\w.-]+(?:/[\w.-]+)*/?")
_CALL_OR_ATTRIBUTE = re.compile(
    r"(?:self|cls|os|config|settings|conf|cfg|request|req|env|args|kwargs|options|app|ctx|context|data|user|params|payload|body"
    r"|process|client|session)(?:\.[A-Za-z_]\w*)+[\[(]?.*|[A-Za-z_][A-Za-z_.]{0,60}[\[(].*[\])].*",
    re.DOTALL,
)
_VARIABLE = re.compile(
    r"_?(?:(?:api|access|auth|secret|private)_)?(?:password|passwd|pwd|secret|token|credentials?|key)_?"
)
_OPAQUE = re.compile(r"(?=[^\s]{0,256}\d)(?=[^\s]{0,256}[A-Za-z])[\w+/=.~%-]{16,}", re.ASCII)
_SHORT_NUMBER = re.compile(r"\d{1,5}(?:[.,/]\d+)?")
_LONG = 256


def is_placeholder(value: str) -> bool:
    """Whether a value stands for a secret without being one: masked, empty, a parameter, a variable's name."""
    return len(value) <= _LONG and _PLACEHOLDER.fullmatch(value) is not None


def holds_secret(text: str, value: Value, name: str, *, assigned: bool) -> bool:  # noqa: PLR0911 (a list of reasons)
    """Whether the value beside ``name`` (a group of the key pattern) is a secret.

    Args:
        text: The text the value stands in.
        value: Where it stands.
        name: ``password``, ``secret``, ``token``, ``key``, ``cookie``, ``authorization`` or ``signature``.
        assigned: It stands after ``=`` rather than after a colon.
    """
    if value.end - value.start > _LONG:
        return True
    word = text[value.start : value.end]
    if is_placeholder(word) or word.lower() in _STATE_WORDS or _is_reference(word, name):
        return False
    if name in ("signature", "cookie") and _OPAQUE.fullmatch(word) is None:
        return False
    if value.quoted:
        return not (" " in word and _PROSE_WORDS.search(word))
    if name != "password" and _SHORT_NUMBER.fullmatch(word):
        return False
    if _CALL_OR_ATTRIBUTE.fullmatch(word) or _is_argument(text, value, word):
        return False
    return assigned or not _is_prose(text, value, word, name)


def _is_argument(text: str, value: Value, word: str) -> bool:
    """``connect(credentials=_credentials)``: a traceback's line of code that passes on a variable of that name."""
    return _VARIABLE.fullmatch(word) is not None and text[value.end : value.end + 1] in (",", ")")


def _is_reference(word: str, name: str) -> bool:
    """A resource's name or a path says where a secret is kept, not what it is."""
    if _RESOURCE.fullmatch(word) or _SECRET_VERSION.fullmatch(word):
        return True
    return name in ("password", "secret", "key") and _PATH.fullmatch(word) is not None and len(word) < _LONG


def _is_prose(text: str, value: Value, word: str, name: str) -> bool:
    """``token: expired at noon``, ``secret: JWT_SECRET_KEY``: words after a colon."""
    if _ENVIRONMENT_NAME.fullmatch(word):
        return True
    if _LETTERS.fullmatch(word) is None:
        return False
    if name != "password":
        return True
    # A password may be a word; only a sentence around it shows that it is none.
    return text[value.end : value.end + 1] == " " and _PROSE_WORDS.search(text, value.end, value.end + 60) is not None
