"""RE2 patterns to literals: a small parser of RE2's syntax (https://github.com/google/re2/wiki/Syntax).

What the parser does not know yields no literal, never a wrong one. RE2's folding of ``ſ`` and the Kelvin sign onto
``s`` and ``k`` is not followed.
"""

from __future__ import annotations

import functools
import re
from typing import NamedTuple

from analyzer.literals.sets import Clauses, Literals, alone, best, joined, key, long_enough, minimal, reduced, union

__all__ = ["pattern_clauses", "pattern_literals"]

_MOST_STRINGS = 32
_LARGEST_CLASS = 4
_DEEPEST = 100
_CONTROL = {"a": "\a", "f": "\f", "t": "\t", "n": "\n", "r": "\r", "v": "\v"}
_EMPTY_ESCAPES = frozenset("bBAz")
_CLASS_ESCAPES = frozenset("dDsSwWC")
_ENDS = frozenset({"", "|", ")"})
_WITHIN_LINES = frozenset("dSw")
_REPEAT = re.compile(r"\{(\d+)(,(\d*))?\}")
_GROUP = re.compile(r"\?(?:P?<\w+>|[imsU]*(?:-[imsU]+)?(?P<end>[:)]))")
_PROPERTY = re.compile(r"[pP](?:\{\^?\w+\}|[A-Za-z])")
_HEX = re.compile(r"x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")
_OCTAL = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")
_DOTALL = re.compile(r"\(\?[imU]*s")
_PLAIN = re.compile(r"[^\\.^$*+?{}\[\]()|]+(?![*+?{])")
"""Characters that are themselves, without the last one where something repeats it."""

_FEED = re.compile(r"\\[ns]|\n")
_PERHAPS_FEED = re.compile(r"\\[nsWDCpPx0-7]|\[:|[\x00-\x0a]")
_NAMED_CLASS = re.compile(r"\[:\^?[a-z]+:\]")


def pattern_literals(pattern: str, *, shortest: int = 3) -> Literals | None:
    """Lower-case literals of which every text that the RE2 ``pattern`` is found in holds at least one, or None."""
    clauses = pattern_clauses(pattern, shortest=shortest)
    return None if clauses is None else minimal({key(clause) for clause in clauses})


def pattern_clauses(pattern: str, *, shortest: int = 3) -> Clauses | None:
    """Clauses of which every text that the RE2 ``pattern`` is found in meets one, within one of its lines; or None."""
    return long_enough(_parsed(pattern), shortest)


@functools.lru_cache(maxsize=8192)
def _parsed(pattern: str) -> Clauses | None:
    try:
        return _Parser(pattern).parse().needed
    except (_UnknownSyntaxError, ValueError, OverflowError):  # the latter for \x{...} beyond Unicode
        return None


class _Node(NamedTuple):
    """What a part of a pattern matches: one of ``exact``, or, where these are too many, what meets one of ``needs``.

    ``breaks`` says that a line feed may stand in what it matches, so that what stands before it and behind it may be
    on two lines, of a record that comes as two entries.
    """

    exact: frozenset[str] | None
    needs: Clauses | None = None
    breaks: bool = False

    @property
    def needed(self) -> Clauses | None:
        """What it meets one of."""
        return self.needs if self.exact is None else alone(reduced(self.exact))


class _UnknownSyntaxError(Exception):
    """The pattern holds something the parser does not know."""


_NOTHING = frozenset({""})
_ANY = _Node(None)
_LINES = _Node(None, breaks=True)
_EMPTY = _Node(_NOTHING)


class _Parser:
    """Recursive descent over one pattern; flags are read over because everything is compared in lower case."""

    def __init__(self, pattern: str) -> None:
        self._text = pattern
        self._at = 0
        self._depth = 0
        self._dot = _LINES if _DOTALL.search(pattern) else _ANY

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
        while (char := self._peek()) not in _ENDS:
            if (run := _PLAIN.match(self._text, self._at)) is not None:
                nodes.append(_literal(run[0]))
                self._at = run.end()
            elif char == "\\" and self._text.startswith("\\Q", self._at):
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
                return self._dot
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
        # Of the classes only these leave line feeds out; of a property it is not known.
        whole = _ANY if char in _WITHIN_LINES else _LINES
        return whole if literal is None else _literal(literal)

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
        source = self._text[start : self._at]
        self._at += 1
        breaks = _FEED.search(source) is None if negated else _PERHAPS_FEED.search(source) is not None
        if negated or not chars or len(chars) > _LARGEST_CLASS:
            return _LINES if breaks else _ANY
        return _Node(frozenset(chars), breaks=breaks)

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
    return _Node(frozenset({text.lower()}), breaks="\n" in text)


def _either(branches: list[_Node]) -> _Node:
    breaks = any(branch.breaks for branch in branches)
    exact: set[str] = set()
    for branch in branches:
        if branch.exact is None or len(exact) > _MOST_STRINGS:
            return _Node(None, union([branch.needed for branch in branches]), breaks)
        exact |= branch.exact
    return _Node(frozenset(exact), breaks=breaks)


def _sequence(nodes: list[_Node]) -> _Node:
    """Join what stands side by side; short alternatives multiply out, so that ``tables? are`` gives whole texts."""
    lines: list[list[Clauses]] = [[]]
    run = _NOTHING
    whole = True
    breaks = False
    for exact, needs, breaking in nodes:
        if exact is not None and not breaking and len(run) * len(exact) <= _MOST_STRINGS:
            if exact is not _NOTHING:
                run = exact if run is _NOTHING else frozenset([left + right for left in run for right in exact])
            continue
        whole = False
        lines[-1] += _known(run)
        run = _NOTHING if exact is None else exact
        if breaking:
            breaks = True
            lines += [[], []]
        if exact is None and needs is not None:
            lines[-2 if breaking else -1].append(needs)
    if whole:
        return _Node(run)
    lines[-1] += _known(run)
    return _Node(None, best([found for found in map(joined, lines) if found is not None]), breaks)


def _known(run: frozenset[str]) -> list[Clauses]:
    found = None if run is _NOTHING else alone(reduced(run))
    return [] if found is None else [found]


def _repeat(node: _Node, least: int, *, once: bool, optional: bool) -> _Node:
    if optional and node.exact is not None:
        return _Node(node.exact | {""}, breaks=node.breaks)
    if least == 0:
        return _LINES if node.breaks else _ANY
    return node if once else _Node(None, node.needed, node.breaks)
