r"""An array as ``gcloud logging read --format=json`` prints it, with an indent of two.

A record ends with a line ``  },`` and the next one begins with a line ``  {``: a seam. JSON allows no raw line feed in
a string (RFC 8259, section 7), and what is inside a record stands further in, so that nothing else looks like a seam.
A file that begins as such an array is cut at every seam, whatever becomes of it further on. What is not one plain
record between two seams is read by :class:`~analyzer.sources.values.ValueSplitter`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from analyzer.sources.blocks import Block, Damage, Seam
from analyzer.sources.values import ValueSplitter

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ARRAY_HEAD", "ARRAY_SEAM", "ArraySplitter"]

ARRAY_SEAM: Final = Seam(b"\n  },\n", b"  {\n    ")
"""The last line of a record; the first line of the next one, and where the second begins."""

ARRAY_HEAD: Final = b"[\n" + ARRAY_SEAM.after
"""What such an array begins with."""

_END, _BEGIN = ARRAY_SEAM
_INDENT: Final = len(b"  ")
_COMMA: Final = len(b",\n")
_MARK: Final = re.compile(rb"\n  (?:\},\n(?=  \{\n    )|([{}]))")
"""The end of a record at a seam; as a group, a brace on a line where only the edges of records have one."""

_LONG: Final = 1024 * 1024
"""Bytes without a seam that are kept: an entry of the API has half as many at most, rarely more when it is printed."""


class ArraySplitter:
    """Cuts bytes, from the file's beginning or from a seam, into the records between seams and what else there is."""

    def __init__(self) -> None:
        self._rest = b""
        self._line = 1
        self._odd: ValueSplitter | None = None

    def feed(self, chunk: bytes, *, final: bool) -> Iterator[Block | Damage]:
        """The whole records up to the end of ``chunk``; ``final`` says that nothing follows it."""
        data = self._rest + chunk
        spans: list[tuple[int, int]] = []
        place, plain = 0, self._odd is None
        for mark in _MARK.finditer(data):
            if mark[1]:
                plain = False
                continue
            end = mark.end()
            if plain and data.startswith(_BEGIN, place):
                spans.append((place + _INDENT, end - _COMMA))
            else:
                if spans:
                    yield Block(data, spans, self._line)
                    spans = []
                yield from self._to_seam(data, place, end)
            place, plain = end, True
        if spans:
            yield Block(data, spans, self._line)
        self._pass(data, place)
        if final or self._odd is not None or len(self._rest) > _LONG:
            yield from self._without_seam(final=final)

    def _pass(self, data: bytes, place: int) -> None:
        self._line += data.count(b"\n", 0, place)
        self._rest = data[place:]

    def _to_seam(self, data: bytes, start: int, end: int) -> Iterator[Block | Damage]:
        """What is no plain record and ends at a seam, where the array goes on whatever it is."""
        odd, self._odd = self._odd or _values(data, start, self._line), None
        for item in odd.feed(data[start:end], final=True):
            if isinstance(item, Block):
                yield item
            elif item.skipped:
                yield Damage(item.line, "has no end that could be found from here", item.skipped)

    def _without_seam(self, *, final: bool) -> Iterator[Block | Damage]:
        """What may have no seam at its end at all: read on, but for bytes with which one may begin."""
        data = self._rest
        odd = self._odd = self._odd or _values(data, 0, self._line)
        end = len(data) if final else max(0, len(data) - len(_END + _BEGIN) + 1)
        yield from odd.feed(data[:end], final=final)
        self._pass(data, end)


def _values(data: bytes, start: int, line: int) -> ValueSplitter:
    """What reads on from a seam, inside the array, or from the file's beginning."""
    inside = data.startswith(_BEGIN, start)
    return ValueSplitter(line=line + data.count(b"\n", 0, start), arrays=int(inside))
