"""Raw records and their places: what lies between the bytes of a file and the entries decoded out of them.

A scanner may look over a block's bytes at once and decode only some of its records; the plain way decodes them all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec

__all__ = ["LARGEST", "Block", "Damage", "Lines", "Seam"]

LARGEST = 16 * 1024 * 1024
"""Bytes a record may have. An entry of the API has at most 512 KiB, escaped in JSON at most six times that."""


class Block(msgspec.Struct, frozen=True):
    """A run of bytes with the whole records in it.

    Attributes:
        data: The bytes, records and what stands between them.
        spans: Start and end of each record in ``data``, in order.
        line: The 1-based line of the file on which ``data`` begins.
        open_end: The file ends where the last record does, without the line feed that would prove it whole.
    """

    data: bytes
    spans: Sequence[tuple[int, int]]
    line: int
    open_end: bool = False


class Damage(msgspec.Struct, frozen=True):
    """Bytes that hold no record.

    Attributes:
        line: The 1-based line of the file on which they begin.
        reason: What is wrong with them.
        skipped: How many records were lost, as far as can be told.
        incomplete: The file says no more, or no more of it could be understood.
    """

    line: int
    reason: str
    skipped: int = 1
    incomplete: bool = False


class Seam(NamedTuple):
    """Bytes that stand nowhere but between two records, so that a file can be cut there.

    Attributes:
        before: What ends a record.
        after: What begins the next one.
    """

    before: bytes
    after: bytes


class Lines:
    """The lines on which the records of a block begin, asked for in their order: each stretch is counted once."""

    def __init__(self, block: Block) -> None:
        self._data = block.data
        self._line = block.line
        self._start = 0

    def at(self, start: int) -> int:
        """The 1-based line of the file on which the byte at ``start`` of the block's data stands."""
        self._line += self._data.count(b"\n", self._start, start)
        self._start = start
        return self._line
