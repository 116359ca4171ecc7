"""Filter text into tokens: quoted strings, unquoted text, operators, parentheses; comments are dropped."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from tests.emulator.query.errors import FilterError

__all__ = ["Kind", "Token", "tokenize"]


class Kind(enum.Enum):
    """What a token is."""

    TEXT = "text"
    STRING = "string"
    OPERATOR = "operator"
    PUNCTUATION = "punctuation"
    AND = "AND"
    OR = "OR"
    NOT = "NOT"
    MINUS = "-"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Attributes:
        kind: What it is.
        text: Its meaning: a quoted string without quotes and escapes.
        raw: As it was written.
        position: Offset in the filter.
        spaced: White space, a comment or the beginning stands before it.
    """

    kind: Kind
    text: str
    raw: str
    position: int
    spaced: bool


_SKIP = re.compile(r"(?:\s+|--[^\n]*)+")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'', re.DOTALL)
_OPERATOR = re.compile(r"!=|!~|=~|>=|<=|[=<>:]")
_TEXT = re.compile(r"""[^\s()=<>!:,"'.~*+-][^\s()=<>!:,"'.~*]*|\*""")
_NUMBER = re.compile(r"-?\d+\.\d+(?:[eE][+-]?\d+)?[A-Za-z]*|-\d[^\s()=<>!:,\"'~.*]*")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|x[0-9a-fA-F]{2}|[0-7]{3}|.)", re.DOTALL)
_ESCAPES = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_WORDS = {"AND": Kind.AND, "OR": Kind.OR, "NOT": Kind.NOT}


def tokenize(text: str) -> list[Token]:
    """The tokens of a filter, an END last.

    Raises:
        FilterError: A character that can begin no token, or a string without its end.
    """
    tokens: list[Token] = []
    position, spaced = 0, True
    while True:
        if found := _SKIP.match(text, position):
            position, spaced = found.end(), True
        if position >= len(text):
            tokens.append(Token(Kind.END, "", "EOF", len(text), spaced))
            return tokens
        token = _next(text, position, tokens[-1] if tokens else None, spaced=spaced)
        tokens.append(token)
        position, spaced = position + len(token.raw), False


def _next(text: str, position: int, last: Token | None, *, spaced: bool) -> Token:
    def made(kind: Kind, raw: str, meaning: str | None = None) -> Token:
        return Token(kind, raw if meaning is None else meaning, raw, position, spaced)

    char = text[position]
    if char in "\"'":
        if found := _STRING.match(text, position):
            return made(Kind.STRING, found[0], _unescape(found[0][1:-1], text, position))
        raise FilterError("syntax error", text, position, text[position : position + 20])
    if found := _OPERATOR.match(text, position):
        return made(Kind.OPERATOR, found[0])
    if char in "().,":
        return made(Kind.PUNCTUATION, char)
    after_operator = last is not None and last.kind is Kind.OPERATOR
    if (char.isdigit() or (char == "-" and after_operator)) and (found := _NUMBER.match(text, position)):
        return made(Kind.TEXT, found[0])
    if char == "-":
        return made(Kind.MINUS, char)
    if found := _TEXT.match(text, position):
        return made(_WORDS.get(found[0], Kind.TEXT), found[0])
    raise FilterError("syntax error", text, position, char)


def _unescape(body: str, text: str, position: int) -> str:
    """The meaning of a quoted string; a backslash before any other character stays, as regular expressions need."""

    def meaning(found: re.Match[str]) -> str:
        code = found[1]
        if code[0] in "uUx" and len(code) > 1:
            number = int(code[1:], 16)
            if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
                raise FilterError("syntax error", text, position, found[0])
            return chr(number)
        if len(code) == 3:
            return chr(int(code, 8))
        return _ESCAPES.get(code, code if code in "\\\"'" else found[0])

    return _ESCAPE.sub(meaning, body)
