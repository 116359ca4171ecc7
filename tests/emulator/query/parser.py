"""Tokens into a tree.

    expression  = sequence {"AND" sequence}          lowest: AND, and AND that is left out
    sequence    = factor {factor}
    factor      = term {"OR" term}                   OR binds tighter than AND
    term        = ["NOT" | "-"] simple               NOT binds tightest
    simple      = "(" expression ")" | restriction
    restriction = text | call | path operator values
    values      = literal | "(" expression of literals ")"

The order NOT, OR, AND is the documented one: https://cloud.google.com/logging/docs/view/logging-query-language.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.query.errors import FilterError
from tests.emulator.query.syntax import EXISTS, And, Call, Comparison, Not, Or, Path, Search, Value
from tests.emulator.query.tokens import Kind, Token, tokenize

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.emulator.query.syntax import Expression, Values

__all__ = ["parse"]

_DEEPEST = 60
"""Parentheses and negations within one another."""


def parse(text: str) -> Expression | None:
    """The tree of a filter; None for one that says nothing.

    Raises:
        FilterError: It does not follow the grammar.
    """
    parser = _Parser(text)
    if parser.ended():
        return None
    tree: Expression = parser.expression(parser.restriction)
    if not parser.ended():
        raise parser.error()
    return tree


class _Parser:
    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.index = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.index]

    def ended(self) -> bool:
        return self.token.kind is Kind.END

    def error(self, token: Token | None = None) -> FilterError:
        token = token or self.token
        return FilterError("syntax error", self.text or " ", token.position, token.raw)

    def take(self) -> Token:
        token = self.token
        self.index += 1
        return token

    def accept(self, raw: str) -> bool:
        if self.token.kind in (Kind.PUNCTUATION, Kind.OPERATOR, Kind.AND, Kind.OR) and self.token.raw == raw:
            self.index += 1
            return True
        return False

    def expect(self, raw: str) -> None:
        if not self.accept(raw):
            raise self.error()

    def expression(self, leaf: Callable[[], Any]) -> Any:
        operands = [self.factor(leaf)]
        while True:
            if self.accept("AND") or self.begins():
                operands.append(self.factor(leaf))
            else:
                return operands[0] if len(operands) == 1 else And(tuple(operands))

    def begins(self) -> bool:
        """Whether another operand follows, joined by an AND that is left out."""
        return self.token.kind in (Kind.TEXT, Kind.STRING, Kind.NOT, Kind.MINUS) or self.token.raw == "("

    def factor(self, leaf: Callable[[], Any]) -> Any:
        operands = [self.term(leaf)]
        while self.accept("OR"):
            operands.append(self.term(leaf))
        return operands[0] if len(operands) == 1 else Or(tuple(operands))

    def term(self, leaf: Callable[[], Any]) -> Any:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise FilterError("the filter is nested too deeply")
        try:
            if self.token.kind in (Kind.NOT, Kind.MINUS):
                self.take()
                return Not(self.term(leaf))
            if self.accept("("):
                inner = self.expression(leaf)
                self.expect(")")
                return inner
            return leaf()
        finally:
            self.depth -= 1

    def restriction(self) -> Expression:
        start = self.token
        if start.kind not in (Kind.TEXT, Kind.STRING) or start.raw == "*":
            raise self.error()
        if start.kind is Kind.TEXT and self.calls():
            return self.call()
        parts = self.dotted()
        if self.token.kind is not Kind.OPERATOR:
            return Search(".".join(parts))
        operator = self.take().raw
        return Comparison(Path(tuple(parts), start.position), operator, self.values(operator))

    def calls(self) -> bool:
        after = self.tokens[self.index + 1]
        return after.raw == "(" and after.kind is Kind.PUNCTUATION and not after.spaced

    def call(self) -> Call:
        name = self.take()
        self.expect("(")
        arguments: list[Path | Value] = []
        while not self.accept(")"):
            if arguments:
                self.expect(",")
            start = self.token
            if start.kind is Kind.STRING:
                self.take()
                arguments.append(Value(start.text, start.position))
            elif start.kind is Kind.TEXT:
                arguments.append(Path(tuple(self.dotted()), start.position))
            else:
                raise self.error()
        return Call(name.text, tuple(arguments), name.position)

    def dotted(self) -> list[str]:
        parts = [self.take().text]
        while self.accept("."):
            if self.token.kind not in (Kind.TEXT, Kind.STRING, Kind.AND, Kind.OR, Kind.NOT):
                raise self.error()
            parts.append(self.take().text)
        return parts

    def values(self, operator: str) -> Values:
        if self.accept("("):
            inner: Values = self.expression(lambda: self.value(operator))
            self.expect(")")
            return inner
        return self.value(operator)

    def value(self, operator: str) -> Values:
        start = self.token
        if start.kind is Kind.STRING:
            return Value(self.take().text, start.position)
        if start.kind is not Kind.TEXT or operator in ("=~", "!~"):
            raise self.error()
        if start.raw == "*":
            if operator != ":":
                raise self.error()
            self.take()
            return EXISTS
        return Value(".".join(self.dotted()), start.position)
