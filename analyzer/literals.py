"""What a message must hold before a condition can hold on it: the literals that scanners and servers look for.

A condition is reduced to a set of lower-case literals of which at least one occurs in any matching message, whatever
its case. That is enough to nominate entries; the condition itself still decides. Literals are made of characters whose
case is simple (ASCII, or without case such as ``✗``), hold no line feed, so that they lie within one line of a split
record, and are compared with ``message.lower()``.

Patterns are read by a small parser of RE2's syntax (https://github.com/google/re2/wiki/Syntax); what it does not know
yields no literal, never a wrong one. RE2's folding of ``ſ`` and the Kelvin sign onto ``s`` and ``k`` is not followed.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from analyzer.rule import And, Comparison, Condition, Named, Not, Operator, Or

__all__ = ["pattern_literals", "required_literals"]

_TEXT = frozenset({Operator.EQUALS, Operator.CONTAINS, Operator.STARTSWITH, Operator.ENDSWITH})
_MOST_STRINGS = 32
_MOST_LITERALS = 256
_LARGEST_CLASS = 4
_DEEPEST = 100
_GOOD_LENGTH = 8
_CONTROL = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_EMPTY_ESCAPES = frozenset("bBAz")
_CLASS_ESCAPES = frozenset("dDsSwWC")
_REPEAT = re.compile(r"\{(\d+)(,(\d*))?\}")
_GROUP = re.compile(r"\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?(?P<end>[:)]))")
_PROPERTY = re.compile(r"[pP](?:\{\^?\w+\}|[A-Za-z])")
_HEX = re.compile(r"x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")
_OCTAL = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")
_NAMED_CLASS = re.compile(r"\[:\^?[a-z]+:\]")

Literals = frozenset[str]


def required_literals(condition: Condition, *, shortest: int = 3) -> Literals | None:  # noqa: PLR0911 - one a kind
    """Lower-case literals of which a message holds at least one whenever ``condition`` holds on its event.

    Args:
        condition: A rule's condition.
        shortest: Sets with a shorter literal (in characters) are too weak to be of use.

    Returns:
        The literals, none of them part of another; an empty set for a condition that never holds; None when an entry
        can match whatever its message says.
    """
    match condition:
        case Named(item=item):
            return required_literals(item, shortest=shortest)
        case And(items=items):
            found = [required_literals(item, shortest=shortest) for item in items]
            return _best([literals for literals in found if literals is not None])
        case Or(items=items):
            return _union([required_literals(item, shortest=shortest) for item in items])
        case Not():
            return None
        case Comparison(field="message", operator=Operator.RE, value=str(pattern)):
            return pattern_literals(pattern, shortest=shortest)
        case Comparison(field="message", operator=operator, value=str(text)) if operator in _TEXT:
            return _long_enough(_reduced({text}), shortest)
    return None


def pattern_literals(pattern: str, *, shortest: int = 3) -> Literals | None:
    """Lower-case literals of which every text that the RE2 ``pattern`` is found in holds at least one, or None."""
    try:
        node = _Parser(pattern).parse()
    except _UnknownSyntaxError:
        return None
    return _long_enough(node.needed, shortest)


class _Node(NamedTuple):
    """What a part of a pattern matches: one of ``exact`` (None when they are too many); it ``needs`` any of a set."""

    exact: frozenset[str] | None
    needs: Literals | None = None

    @property
    def needed(self) -> Literals | None:
        """The stronger of what is known."""
        if self.exact is None:
            return self.needs
        return _best([known for known in (_reduced(self.exact), self.needs) if known is not None])


class _UnknownSyntaxError(Exception):
    """The pattern holds something the parser does not know."""


_ANY = _Node(None)
_EMPTY = _Node(frozenset({""}))


class _Parser:
    """Recursive descent over one pattern; flags are read over because everything is compared in lower case."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._depth = 0

    def parse(self) -> _Node:
        node = self._alternation()
        if self._at < len(self._text):
            raise _UnknownSyntaxError
        return node

    def _alternation(self) -> _Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _UnknownSyntaxError
        branches = [self._concatenation()]
        while self._peek() == "|":
            self._at += 1
            branches.append(self._concatenation())
        self._depth -= 1
        return branches[0] if len(branches) == 1 else _either(branches)

    def _concatenation(self) -> _Node:
        nodes = []
        while self._peek() not in {"", "|", ")"}:
            if self._text.startswith("\\Q", self._at):
                nodes.append(self._quoted())
            else:
                nodes.append(self._repeated(self._atom()))
        return _sequence(nodes)

    def _quoted(self) -> _Node:
        end = self._text.find("\\E", self._at)
        end = len(self._text) if end < 0 else end
        literal = self._text[self._at + 2 : end]
        self._at = min(end + 2, len(self._text))
        # A repetition after \E binds to the last character only: give that one up.
        if self._peek() in {"*", "+", "?", "{"}:
            self._repeated(_EMPTY)
            return _sequence([_literal(literal[:-1]), _ANY])
        return _literal(literal)

    def _repeated(self, node: _Node) -> _Node:
        while (sign := self._peek()) in {"*", "+", "?", "{"}:
            least, most = 0, 0
            if sign == "{":
                found = _REPEAT.match(self._text, self._at)
                if found is None:
                    return node  # a brace that repeats nothing is itself
                least = int(found[1])
                most = least if found[2] is None else 0
                self._at = found.end()
            else:
                self._at += 1
                least = int(sign == "+")
            if self._peek() == "?":
                self._at += 1
            node = _repeat(node, least, once=most == 1, optional=sign == "?")
        return node

    def _atom(self) -> _Node:
        char = self._text[self._at]
        self._at += 1
        match char:
            case "(":
                return self._group()
            case "[":
                return self._class()
            case "\\":
                return self._escape()
            case ".":
                return _ANY
            case "^" | "$":
                return _EMPTY
            case "*" | "+" | "?":
                raise _UnknownSyntaxError
        return _literal(char)

    def _group(self) -> _Node:
        if self._peek() == "?":
            found = _GROUP.match(self._text, self._at)
            if found is None:
                raise _UnknownSyntaxError
            self._at = found.end()
            if found["end"] == ")":
                return _EMPTY
        node = self._alternation()
        if self._peek() != ")":
            raise _UnknownSyntaxError
        self._at += 1
        return node

    def _escape(self) -> _Node:
        char = self._peek()
        if char in _EMPTY_ESCAPES:
            self._at += 1
            return _EMPTY
        literal = self._escaped()
        return _ANY if literal is None else _literal(literal)

    def _escaped(self) -> str | None:
        """The character an escape stands for; None for a class of characters."""
        char = self._peek()
        if found := _HEX.match(self._text, self._at):
            self._at = found.end()
            return chr(int(found[1] or found[2], 16))
        if found := _OCTAL.match(self._text, self._at):
            self._at = found.end()
            return chr(int(found[0], 8))
        if found := _PROPERTY.match(self._text, self._at):
            self._at = found.end()
            return None
        if char in _CLASS_ESCAPES:
            self._at += 1
            return None
        if char == "" or (char.isalnum() and char not in _CONTROL):
            raise _UnknownSyntaxError
        self._at += 1
        return _CONTROL.get(char, char)

    def _class(self) -> _Node:
        negated = self._peek() == "^"
        self._at += negated
        start = self._at
        chars: set[str] | None = set()
        while self._peek() != "]" or self._at == start:
            low = self._class_item()
            high = low
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] not in {"]", ""}:
                self._at += 1
                high = self._class_item()
            if chars is None or low is None or high is None or ord(high) - ord(low) >= _LARGEST_CLASS:
                chars = None
            else:
                chars |= {chr(code).lower() for code in range(ord(low), ord(high) + 1)}
        self._at += 1
        if negated or not chars or len(chars) > _LARGEST_CLASS:
            return _ANY
        return _Node(frozenset(chars))

    def _class_item(self) -> str | None:
        if self._peek() == "":
            raise _UnknownSyntaxError
        if found := _NAMED_CLASS.match(self._text, self._at):
            self._at = found.end()
            return None
        char = self._peek()
        self._at += 1
        return self._escaped() if char == "\\" else char

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]


def _literal(text: str) -> _Node:
    return _Node(frozenset({text.lower()}))


def _either(branches: list[_Node]) -> _Node:
    needs = _union([branch.needed for branch in branches])
    exact: frozenset[str] = frozenset()
    for branch in branches:
        if branch.exact is None or len(exact) > _MOST_STRINGS:
            return _Node(None, needs)
        exact |= branch.exact
    return _Node(exact, needs)


def _sequence(nodes: list[_Node]) -> _Node:
    """Join what stands side by side; short alternatives multiply out, so that ``tables? are`` gives whole texts."""
    known: list[Literals] = []
    run = _EMPTY.exact or frozenset()
    whole = True
    for node in nodes:
        if node.exact is not None and len(run) * len(node.exact) <= _MOST_STRINGS:
            run = frozenset(left + right for left in run for right in node.exact)
            continue
        whole = False
        known += [found for found in (_reduced(run), node.needed) if found is not None]
        run = node.exact if node.exact is not None else frozenset({""})
    last = _reduced(run)
    known += [last] if last is not None else []
    return _Node(run if whole else None, _best(known))


def _repeat(node: _Node, least: int, *, once: bool, optional: bool) -> _Node:
    if optional and node.exact is not None:
        return _Node(node.exact | {""})
    if least == 0:
        return _ANY
    return node if once else _Node(None, node.needed)


def _union(found: list[Literals | None]) -> Literals | None:
    every: set[str] = set()
    for literals in found:
        if literals is None:
            return None
        every |= literals
    return _minimal(every) if len(every) <= _MOST_LITERALS else None


def _minimal(literals: set[str]) -> Literals:
    """Without those that hold another one."""
    kept: list[str] = []
    for literal in sorted(literals, key=len):
        if not any(shorter in literal for shorter in kept):
            kept.append(literal)
    return frozenset(kept)


def _best(found: list[Literals]) -> Literals | None:
    """The set that nominates least: no literal in it is short, and they are few."""
    return max(found, key=_strength, default=None)


def _strength(literals: Literals) -> tuple[int, int, int]:
    least = min(map(len, literals), default=_GOOD_LENGTH + 1)
    return (min(least, _GOOD_LENGTH), -len(literals), sum(map(len, literals)))


def _reduced(texts: set[str] | frozenset[str]) -> Literals | None:
    """Each text's longest run of simple characters; None when one of them has none."""
    runs = {_longest_run(text) for text in texts}
    return None if "" in runs else _minimal(runs)


def _longest_run(text: str) -> str:
    cut = "".join(char if _simple(char) else "\n" for char in text.lower())
    return max(cut.split("\n"), key=len)


def _simple(char: str) -> bool:
    if char.isascii():
        return char >= " "
    return char.upper() == char and not char.isspace()


def _long_enough(literals: Literals | None, shortest: int) -> Literals | None:
    if literals is None or any(len(literal) < shortest for literal in literals):
        return None
    return literals
