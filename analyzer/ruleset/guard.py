"""Rule text to values, safely: hostile or careless YAML is a RuleError with file and line, never a crash.

PyYAML's composer recurses in C and takes the process with it on 30 KB of ``[``. Only libyaml's event stream is used
here, which recurses nowhere; nesting is counted as the events come. Anchors, aliases and tags (all that YAML offers for
bombs and for building objects) are refused, and so are duplicate keys, of which YAML loaders silently keep the last.

Scalars follow YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema) without its octal and hexadecimal
forms, because a rule author who writes ``on``, ``010``, ``12:30`` or ``2025-09-10`` in a detection means that text.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

import yaml

from analyzer.errors import RuleError
from analyzer.ruleset.files import MAX_BYTES
from analyzer.ruleset.nodes import Node, Scalar

try:
    from yaml import CSafeLoader as _SafeLoader
except ImportError:  # PyYAML built without libyaml reads the same, only slower
    from yaml import SafeLoader as _SafeLoader  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MAX_DEPTH", "MAX_DOCUMENTS", "MAX_NODES", "read_bytes", "read_text"]

MAX_DEPTH: Final = 40
MAX_DOCUMENTS: Final = 5000
MAX_NODES: Final = 500_000

_WORDS: Final[dict[str, Scalar]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
# Longer digit strings are ids, and int() refuses the very long ones.
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,40}(?:[eE][-+]?[0-9]{1,3})?|[eE][-+]?[0-9]{1,3})")
_STARTS: Final = frozenset({yaml.MappingStartEvent, yaml.SequenceStartEvent})
_HINTS: Final = {
    "scanning an alias": "a text that starts with * needs quotes",
    "scanning an anchor": "a text that starts with & needs quotes",
    "mapping values are not allowed": "a text with ': ' in it needs quotes",
    "cannot start any token": "put the text in single quotes",
    "unknown escape": "put the text in single quotes",
    "end of stream": "close it",
    "expected <block end>": "look at the indentation and the quotes",
    "could not find expected ':'": "look at the indentation and the quotes",
}
"""Part of a problem that libyaml reports to what may be done."""


def read_bytes(content: bytes, path: str) -> list[Node]:
    """The documents of a rule file.

    Args:
        content: The file's bytes, UTF-8.
        path: The file, as errors shall name it.

    Raises:
        RuleError: Too large, not UTF-8, not YAML, or YAML that rule files may not use.
    """
    if len(content) > MAX_BYTES:
        raise RuleError(f"a rule file may hold {MAX_BYTES:,} bytes, this one has {len(content):,}", path=path)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        raise RuleError("not UTF-8 text", path=path, line=line, column=column, hint="save it as UTF-8") from error
    return read_text(text, path)


def read_text(text: str, path: str) -> list[Node]:
    """The documents of a rule text; empty documents are left out.

    Raises:
        RuleError: As for :func:`read_bytes`.
    """
    if len(text) > MAX_BYTES:
        raise RuleError(f"a rule text may hold {MAX_BYTES:,} characters, this one has {len(text):,}", path=path)
    try:
        return list(_Composer(text, path).documents())
    except yaml.MarkedYAMLError as error:
        problem = " ".join(filter(None, (error.context, error.problem)))
        # What is never closed is found missing at the end; where it was opened says more.
        ended = "end of stream" in problem and error.context_mark is not None
        mark = error.context_mark if ended else error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        lines = text.split("\n", line)
        hint = _hint(problem, lines[line - 1][:column] if 0 < line <= len(lines) else "")
        raise RuleError(f"not YAML: {problem}", path=path, line=line, column=column, hint=hint) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise RuleError("not YAML: a control character", path=path, line=line, hint="write it as an escape") from error
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise RuleError("half of a surrogate pair is no character", path=path, line=line) from error


class _Composer:
    """Builds nodes from events, with a stack of its own."""

    def __init__(self, text: str, path: str) -> None:
        self._loader = _SafeLoader(text)
        self._path = path
        self._nodes = 0

    def documents(self) -> Iterator[Node]:
        count = 0
        while (event := self._loader.get_event()) is not None:
            if not isinstance(event, yaml.DocumentStartEvent):
                continue
            count += 1
            if count > MAX_DOCUMENTS:
                raise self._error(event, f"a rule file may hold {MAX_DOCUMENTS:,} documents")
            if event.tags:
                raise self._error(event, "rule files use no %TAG")
            node = self._document()
            if node.value is not None:
                yield node

    def _document(self) -> Node:
        """The root of one document: an explicit stack, so that depth costs nothing but the check."""
        open_collections: list[_Collection] = []
        while True:
            event: Any = self._loader.get_event()
            kind = type(event)
            self._check(event, kind)
            if kind in _STARTS:
                if len(open_collections) >= MAX_DEPTH:
                    raise self._error(event, f"nested deeper than {MAX_DEPTH} levels")
                open_collections.append(_Collection(event, self._path))
                continue
            # What is neither a start nor a scalar is the end of a collection.
            scalar = kind is yaml.ScalarEvent
            node = _scalar(event, self._path) if scalar else open_collections.pop().close()
            if not open_collections:
                return node
            open_collections[-1].add(node)

    def _check(self, event: Any, kind: type) -> None:
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise self._error(event, f"a rule file may hold {MAX_NODES:,} values")
        if kind is yaml.AliasEvent:
            raise self._error(event, f"rule files use no aliases: *{event.anchor}", hint=_quote_hint("*"))
        if kind is yaml.ScalarEvent or kind in _STARTS:
            if event.anchor is not None:
                raise self._error(event, f"rule files use no anchors: &{event.anchor}", hint=_quote_hint("&"))
            if event.tag is not None:
                raise self._error(event, f"rule files use no tags: {event.tag}", hint=_quote_hint("!"))

    def _error(self, event: Any, message: str, *, hint: str = "") -> RuleError:
        mark = event.start_mark
        return RuleError(message, path=self._path, line=mark.line + 1, column=mark.column + 1, hint=hint)


class _Collection:
    """A mapping or sequence whose end has not come yet."""

    __slots__ = ("_column", "_items", "_key", "_keys", "_line", "_path", "_values")

    def __init__(self, event: Any, path: str) -> None:
        self._path = path
        self._line = event.start_mark.line + 1
        self._column = event.start_mark.column + 1
        self._items: list[Node] | None = [] if isinstance(event, yaml.SequenceStartEvent) else None
        self._values: dict[str, Node] = {}
        self._keys: dict[str, tuple[int, int]] = {}
        self._key: str | None = None

    def add(self, node: Node) -> None:
        if self._items is not None:
            self._items.append(node)
        elif self._key is None:
            self._key = self._new_key(node)
        else:
            self._values[self._key] = node
            self._key = None

    def _new_key(self, node: Node) -> str:
        if isinstance(node.value, (tuple, dict)):
            raise node.error("a key must be a text", hint="a value that starts with [ or { needs quotes")
        key = node.text
        if key in self._keys:
            line = self._keys[key][0]
            raise node.error(f"the key '{key}' stands twice", hint=f"first on line {line}; put both values in one list")
        self._keys[key] = (node.line, node.column)
        return key

    def close(self) -> Node:
        value = self._values if self._items is None else tuple(self._items)
        return Node(value, self._path, self._line, self._column, keys=self._keys)


def _scalar(event: Any, path: str) -> Node:
    start, end = event.start_mark, event.end_mark
    text: str = event.value
    bare = not event.style
    value: Scalar = text
    if bare:
        if text in _WORDS:
            value = _WORDS[text]
        elif text[:1] in "-+0123456789":
            value = _number(text)
    plain = start.line == end.line and (bare or end.column - start.column == len(text) + 2)
    column = start.column + 1 + (plain and not bare)
    return Node(value, path, start.line + 1, column, text, plain)


def _number(text: str) -> Scalar:
    if _INTEGER.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        number = float(text)
        return number if math.isfinite(number) else text
    return text


def _quote_hint(sign: str) -> str:
    return f"a text that starts with {sign} needs quotes"


def _hint(problem: str, before: str) -> str:
    """What to do about one of libyaml's problems, with what stands on its line up to it."""
    if "\t" in before and before.isspace():
        return "YAML indents with spaces, not with tabs"
    return next((hint for sign, hint in _HINTS.items() if sign in problem), "")
