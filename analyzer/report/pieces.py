"""The report as JSON in pieces: what may be many megabytes is never in memory as a whole, let alone twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from analyzer.safe import json_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.report.document import ReportDocument

__all__ = ["json_pieces"]

_INDENT: Final = 2


def json_pieces(document: ReportDocument) -> Iterator[str]:
    """The document as indented JSON that ends in a line feed; in each list, every field of every item is a piece."""
    yield from _fields(document, 0)
    yield "\n"


def _fields(value: msgspec.Struct, depth: int) -> Iterator[str]:
    opening = "{"
    for name in value.__struct_fields__:
        yield f'{opening}{_line(depth + 1)}"{name}": '
        item = getattr(value, name)
        yield from _items(item, 1) if not depth and isinstance(item, list) and item else [_json(item, depth + 1)]
        opening = ","
    yield _line(depth) + "}"


def _items(items: list[msgspec.Struct], depth: int) -> Iterator[str]:
    opening = "["
    for item in items:
        yield opening + _line(depth + 1)
        yield from _fields(item, depth + 1)
        opening = ","
    yield _line(depth) + "]"


def _json(value: object, depth: int) -> str:
    """A value as it stands so deep in the document: within JSON's strings there is no line feed that could move."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=_INDENT).decode()
    return json_text(text).replace("\n", _line(depth))


def _line(depth: int) -> str:
    return "\n" + " " * _INDENT * depth
