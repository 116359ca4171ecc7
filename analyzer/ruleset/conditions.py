"""Sigma's condition language: detections by name, ``and``, ``or``, ``not``, parentheses, ``1 of x*``, ``all of them``.

A recursive descent over the tokens; an error points at its place with a caret. ``not`` binds closer than ``and``, and
``and`` closer than ``or``: https://sigmahq.io/sigma-specification/specification/sigma-rules-specification.html#condition.
"""

from __future__ import annotations

import fnmatch
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from analyzer.rule import And, Condition, Named, Not, Or
from analyzer.ruleset.nodes import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["MAX_CONDITION_DEPTH", "ConditionSyntaxError", "parse_condition"]

MAX_CONDITION_DEPTH: Final = 50
_TOKEN = re.compile(r"\s*(?:(?P<word>[A-Za-z0-9_*?.-]+)|(?P<sign>[()])|(?P<other>\S)|$)")
_KEYWORDS: Final = frozenset({"and", "or", "not"})
_QUANTIFIERS: Final = frozenset({"1", "any", "all"})


class ConditionSyntaxError(ValueError):
    """A condition that cannot be understood.

    Args:
        message: What is wrong.
        condition: The whole condition.
        position: Where, as a 0-based offset into it.
        advice: What to write instead; may be empty.
    """

    def __init__(self, message: str, condition: str, position: int, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.position = position
        flat = re.sub(r"\s", " ", condition)
        self.hint = f"{flat}\n{' ' * position}^ {advice}".rstrip()


def parse_condition(text: str, detections: Mapping[str, Condition]) -> tuple[Condition, frozenset[str]]:
    """The condition over the detections that it names.

    Args:
        text: The condition as the rule has it.
        detections: Name to what it holds.

    Returns:
        The condition, each detection in it under its name, and the names it used.

    Raises:
        ConditionSyntaxError: It is no condition, or names a detection that is not there.
    """
    parser = _Parser(text, detections)
    return parser.parse(), frozenset(parser.used)


class _Token(NamedTuple):
    text: str
    at: int


class _Parser:
    def __init__(self, text: str, detections: Mapping[str, Condition]) -> None:
        self._text = text
        self._detections = detections
        self._tokens = [
            _Token(found["word"] or found["sign"] or found["other"], found.start(found.lastgroup or 0))
            for found in _TOKEN.finditer(text)
            if found.lastgroup
        ]
        self._next = 0
        self._depth = 0
        self.used: set[str] = set()

    def parse(self) -> Condition:
        condition = self._either()
        if self._next < len(self._tokens):
            token = self._tokens[self._next]
            raise self._error(f"'{token.text}' does not belong here", token, self._advice(token))
        return condition

    def _advice(self, token: _Token) -> str:
        if token.text.lower() in _KEYWORDS:
            return f"write '{token.text.lower()}' in lower case"
        if token.text == "|":
            return "counts are written as a correlation rule"
        return "" if token.text == ")" else "put 'and' or 'or' between two detections"

    def _either(self) -> Condition:
        items = [self._both()]
        while self._take("or"):
            items.append(self._both())
        return items[0] if len(items) == 1 else Or(tuple(items))

    def _both(self) -> Condition:
        items = [self._negation()]
        while self._take("and"):
            items.append(self._negation())
        return items[0] if len(items) == 1 else And(tuple(items))

    def _negation(self) -> Condition:
        token = self._peek()
        self._depth += 1
        if self._depth > MAX_CONDITION_DEPTH:
            raise self._error(f"nested deeper than {MAX_CONDITION_DEPTH} levels", token)
        condition = Not(self._negation()) if self._take("not") else self._operand()
        self._depth -= 1
        return condition

    def _operand(self) -> Condition:
        token = self._peek()
        if self._take("("):
            condition = self._either()
            if not self._take(")"):
                raise self._error("this parenthesis is never closed", token)
            return condition
        if token.text == "" or token.text in _KEYWORDS or not re.fullmatch(r"[\w*?.-]+", token.text):
            found = f"'{token.text}'" if token.text else "the end"
            raise self._error(f"a detection is expected, not {found}", token, nearest("", self._detections))
        self._next += 1
        if token.text in _QUANTIFIERS and self._take("of"):
            return self._quantified(token)
        if token.text not in self._detections:
            advice = nearest(token.text, self._detections)
            raise self._error(f"there is no detection '{token.text}'", token, advice)
        return self._named(token.text)

    def _quantified(self, quantifier: _Token) -> Condition:
        pattern = self._peek()
        if pattern.text == "" or pattern.text in _KEYWORDS or pattern.text in {"(", ")"}:
            raise self._error("'of' wants the name of detections, with *, or 'them'", pattern)
        self._next += 1
        wanted = "*" if pattern.text == "them" else pattern.text
        # Names that start with an underscore are left out of patterns, so that they can be kept for single use.
        names = [
            name
            for name in self._detections
            if fnmatch.fnmatchcase(name, wanted) and (not name.startswith("_") or wanted.startswith("_"))
        ]
        if not names:
            raise self._error(f"no detection is called '{pattern.text}'", pattern, nearest("", self._detections))
        items = tuple(self._named(name) for name in names)
        if len(items) == 1:
            return items[0]
        return And(items) if quantifier.text == "all" else Or(items)

    def _named(self, name: str) -> Named:
        self.used.add(name)
        return Named(name, self._detections[name])

    def _peek(self) -> _Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else _Token("", len(self._text.rstrip()))

    def _take(self, text: str) -> bool:
        if self._peek().text == text:
            self._next += 1
            return True
        return False

    def _error(self, message: str, token: _Token, advice: str = "") -> ConditionSyntaxError:
        return ConditionSyntaxError(message, self._text, token.at, advice)
