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
    """The document as indented JSON that ends in a line feed; of each list in it, every item is a piece by itself."""
    opening = "{"
    for name in document.__struct_fields__:
        yield f'{opening}{_line(1)}"{name}": '
        value = getattr(document, name)
        yield from _items(value) if isinstance(value, list) and value else [_json(value, 1)]
        opening = ","
    yield "\n}\n"


def _items(items: list[object]) -> Iterator[str]:
    opening = "["
    for item in items:
        yield f"{opening}{_line(2)}{_json(item, 2)}"
        opening = ","
    yield f"{_line(1)}]"


def _json(value: object, depth: int) -> str:
    """A value as it stands so deep in the document: within JSON's strings there is no line feed that could move."""
    text = msgspec.json.format(msgspec.json.encode(value), indent=_INDENT).decode()
    return json_text(text).replace("\n", _line(depth))


def _line(depth: int) -> str:
    return "\n" + " " * _INDENT * depth
