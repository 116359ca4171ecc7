"""Values that a rule takes from an event: names, codes, and the items of a printed list or set."""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

from analyzer.errors import RuleError
from analyzer.matching.fields import Subject, reader
from analyzer.matching.searches import guards, may_be_found
from analyzer.regex import Pattern, PatternError, compile_pattern

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from analyzer.model import Fields
    from analyzer.rule import Extract

__all__ = ["MOST_VALUES", "compile_extracts", "printed_items"]

MOST_VALUES = 200
"""How many values one field keeps."""

_LONGEST_VALUE = 500
_MOST_MATCHES = 1000
_CLOSING = {"[": "]", "{": "}", "(": ")"}
_CLOSERS = frozenset(_CLOSING.values())
_WRAPPER = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,40}\((?P<inner>[\[({].*[\])}])(?:, dtype=\w+)?\)", re.DOTALL)
_QUOTES = "'\"`"
_STRING_PREFIX = re.compile(r"[uUbBrR]{1,2}(?=['\"])")


def compile_extracts(extracts: tuple[Extract, ...]) -> Callable[[Subject], Fields]:
    """The function that fills a rule's fields from an event; names that nothing fills are left out.

    Of a name's patterns the first that finds something gives the value: text, or a tuple of distinct texts in the
    order of the event where it is found more than once or is a printed list or set. At most 200 values of 500
    characters are kept.

    Raises:
        RuleError: RE2 refuses a pattern, or it has no group of the name.
    """
    compiled = [(item.name, item.field, [_compile(item, source) for source in item.patterns]) for item in extracts]

    def extract(subject: Subject) -> Fields:
        fields: dict[str, str | tuple[str, ...]] = {}
        for name, source, patterns in compiled:
            folded = None if name in fields else subject.folded(source)
            if folded is None:
                continue
            for literals, pattern in patterns:
                if may_be_found(literals, folded):
                    value = _value(pattern.values(name, subject.encoded(source)))
                    if value is not None:
                        fields[name] = value
                        break
        return fields

    return extract


def printed_items(text: str) -> tuple[str, ...] | None:
    """The items of a list, set or tuple as a program printed it, distinct and in order; None when it is none.

    Quotes of any kind are taken off, with or without ``u`` and ``b`` before them; items may be bare; ``frozenset({…})``
    and the like are looked into; a printed mapping is not a list.
    """
    inner = text.strip()
    if inner[-1:] not in _CLOSERS:
        return None
    if found := _WRAPPER.fullmatch(inner):
        inner = found["inner"]
    if inner in {"set()", "frozenset()"}:
        return ()
    if len(inner) < 2 or _CLOSING.get(inner[0]) != inner[-1]:  # noqa: PLR2004 - both brackets
        return None
    body = inner[1:-1]
    if re.match(r"\s*\\[\"']", body):  # a list inside a JSON text that was printed with its escapes
        body = body.replace('\\"', '"').replace("\\'", "'")
    items: dict[str, None] = {}
    for item in _split(body, braces=inner[0] == "{"):
        if item is None:
            return None
        if item:
            items[item[:_LONGEST_VALUE]] = None
        if len(items) >= MOST_VALUES:
            break
    return tuple(items)


def _compile(item: Extract, source: str) -> tuple[tuple[str, ...], Pattern]:
    reader(item.field)
    try:
        pattern = compile_pattern(source)
    except PatternError as error:
        raise RuleError(f"RE2 refuses {source!r}: {error}", line=item.line) from error
    if item.name not in pattern.groups:
        raise RuleError(f"no group is named {item.name!r} in {source!r}", line=item.line)
    return guards(source), pattern


def _value(texts: Iterable[str]) -> str | tuple[str, ...] | None:
    """What a pattern found, together; None when that is nothing but blanks."""
    values: dict[str, None] = {}
    matches = 0
    listed = False
    for text in itertools.islice(texts, _MOST_MATCHES):
        found = text.strip()
        if not found:
            continue
        matches += 1
        items = printed_items(found)
        listed = listed or items is not None
        values.update(dict.fromkeys((found[:_LONGEST_VALUE],) if items is None else items))
        if len(values) >= MOST_VALUES:
            break
    if not matches:
        return None
    kept = tuple(itertools.islice(values, MOST_VALUES))
    return kept if listed or len(kept) != 1 else kept[0]


def _split(body: str, *, braces: bool) -> Iterator[str | None]:
    """The items between commas, unquoted; None, and no more, where a colon shows a mapping or a quote stays open."""
    at = 0
    while at < len(body):
        char = body[at]
        if char in ", \t\r\n;":
            at += 1
            continue
        prefix = _STRING_PREFIX.match(body, at)
        if prefix is not None:
            at = prefix.end()
            char = body[at]
        quoted = char in _QUOTES
        item, at = _quoted(body, at) if quoted else _bare(body, at)
        mapping = body[at : at + 40].lstrip().startswith(":") or (braces and not quoted and ":" in (item or ""))
        if item is None or mapping:
            yield None
            return
        yield item


def _quoted(body: str, start: int) -> tuple[str | None, int]:
    quote, at, chars = body[start], start + 1, []
    while at < len(body):
        char = body[at]
        if char == "\\" and at + 1 < len(body):
            following = body[at + 1]
            chars.append(following if following in "\\'\"`" else char + following)
            at += 2
            continue
        if char == quote:
            return "".join(chars), at + 1
        chars.append(char)
        at += 1
    return None, at


def _bare(body: str, start: int) -> tuple[str, int]:
    """Up to the next comma that no bracket or quote encloses."""
    depth, at, quote = 0, start, ""
    while at < len(body):
        char = body[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"" and depth:
            quote = char
        elif char in "([{":
            depth += 1
        elif char in ")]}":
            depth -= 1
        elif char == "," and depth <= 0:
            break
        at += 1
    return body[start:at].strip(), at
