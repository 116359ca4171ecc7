"""Blocks of records to sheets: a few fields of each, decoded at once; what is doubtful is left to the plain way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import numpy as np

from analyzer.columns import NONE, nanoseconds
from analyzer.sheets import NOTHING, Glance, Records, Sheet
from analyzer.sources.decoding import decode
from analyzer.sources.lines import LineSpans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analyzer.columns import Flags, Integers
    from analyzer.model import LogEntry, Window
    from analyzer.sources.blocks import Block

__all__ = ["runs"]

_DECODER = msgspec.json.Decoder(Glance)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_GAP = 16
"""Bytes between two records that may be anything."""

_DEEP = 100
"""Brackets that a record needs to be nested too deeply."""

_LOWER = np.uint8(ord("{") ^ ord("["))
"""The bit that makes both opening brackets one."""

_ILLEGIBLE = Glance()
"""What is seen of a record that cannot be read."""

Edges = tuple["Integers", "Integers"]


def runs(block: Block, window: Window | None) -> Iterator[tuple[int, int, Sheet | None]]:
    """The records of a block in their order: where each run begins and ends, and its sheet.

    Yields:
        Start and end of a run in ``block.spans``, and a sheet of those of its records that lie in ``window``; None for
        a record that must be decoded wholly.
    """
    edges, glances = _lines(block) or _records(block)
    moments = nanoseconds([glance.timestamp for glance in glances] + [glance.receiveTimestamp for glance in glances])
    stamps, received = moments[: len(glances)], moments[len(glances) :]
    sheet = Sheet(Records(_whole, block.data, edges), glances, stamps, received)
    doubtful = np.array([_is_odd(glance) for glance in glances], bool)
    doubtful |= (stamps == NONE) | _perhaps_deep(block.data, edges)
    start = 0
    for stop in [*np.flatnonzero(doubtful).tolist(), len(glances)]:
        if stop > start:
            run = sheet if stop - start == len(sheet) else sheet.only(range(start, stop))
            yield start, stop, run if window is None else run.only(_inside(run.stamps, window))
        if stop < len(glances):
            yield stop, stop + 1, None
        start = stop + 1


def _inside(stamps: Integers, window: Window) -> Sequence[int]:
    rows: list[int] = np.flatnonzero((stamps >= window.start) & (stamps < window.end)).tolist()
    return rows


def _lines(block: Block) -> tuple[Edges, list[Glance]] | None:
    """The records of a block of lines, decoded together; None where one of them is not one plain line of JSON."""
    data = block.data
    if not isinstance(block.spans, LineSpans):
        return None
    signs = np.frombuffer(data, np.uint8)
    ends = np.flatnonzero(signs == ord("\n"))
    if not data.endswith(b"\n"):
        ends = np.append(ends, len(data))
    starts = np.concatenate((ends[:1] * 0, ends[:-1] + 1))
    # No JSON object that goes over two lines has both this beginning and this end on each of them.
    if not ((signs[starts] == ord("{")) & (signs[ends - 1] == ord("}"))).all():
        return None
    try:
        glances = [*_DECODER.decode_lines(data)]
    except _UNREADABLE:
        return None
    return ((starts, ends), glances) if len(glances) == len(ends) else None


def _records(block: Block) -> tuple[Edges, list[Glance]]:
    """The records of any block, decoded together or else one by one."""
    data, spans = block.data, block.spans
    both = np.array([*spans], np.intp).reshape(-1, 2)
    edges = (both[:, 0], both[:, 1])
    try:
        glances = [*_DECODER.decode_lines(_apart(data, edges))]
    except _UNREADABLE:
        glances = []
    return edges, glances if len(glances) == len(spans) else [_glance(data[start:end]) for start, end in spans]


def _apart(data: bytes, edges: Edges) -> bytes | bytearray:
    """The records with nothing but line feeds between them; no bytes where that does not keep them apart.

    Where one ends with a brace and the next begins with one, no JSON object goes on over line feeds between these.
    """
    starts, ends = edges
    gaps = starts[1:] - ends[:-1]
    signs = np.frombuffer(data, np.uint8)
    braced = (signs[starts] == ord("{")) & (signs[ends - 1] == ord("}"))
    widest = gaps.max(initial=0)
    if not len(starts) or not braced.all() or gaps.min(initial=1) < 1 or widest > _GAP:
        return b""
    text = bytearray(data[starts[0] : ends[-1]])
    signs, first = np.frombuffer(text, np.uint8), ends[:-1] - starts[0]
    for place in range(widest):
        signs[first[gaps > place] + place] = ord("\n")
    return text


def _glance(record: bytes) -> Glance:
    try:
        return _DECODER.decode(record)
    except _UNREADABLE:
        return _ILLEGIBLE


def _perhaps_deep(data: bytes, edges: Edges) -> Flags:
    """The records with more brackets than the deepest that are taken."""
    signs = np.frombuffer(data, np.uint8)
    brackets = np.flatnonzero((signs | _LOWER) == ord("{"))
    found: Flags = brackets.searchsorted(edges[1]) - brackets.searchsorted(edges[0]) > _DEEP
    return found


def _is_odd(glance: Glance) -> bool:
    """Whether it has none of the fields that only a LogEntry in the API's own spelling has."""
    return (
        glance.resource is NOTHING
        and glance.textPayload is None
        and glance.jsonPayload is None
        and glance.httpRequest is None
    )


def _whole(record: bytes) -> LogEntry | str:
    return next(decode(record))
