"""Blocks of records to sheets: a few fields of each, decoded at once; what is doubtful is left to the plain way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.sheets import NOTHING, Glance, Sheet, stamp_of
from analyzer.sources.decoding import decode

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analyzer.model import LogEntry, Window
    from analyzer.sources.blocks import Block

__all__ = ["runs"]

_DECODER = msgspec.json.Decoder(Glance)
_DEEP = 100
"""Brackets that a record needs to be nested too deeply."""

_TOGETHER = 8


def runs(block: Block, window: Window | None) -> Iterator[tuple[int, int, Sheet | None]]:
    """The records of a block in their order: where each run begins and ends, and its sheet.

    Yields:
        Start and end of a run in ``block.spans``, and a sheet of those of its records that lie in ``window``; None for
        a record that must be decoded wholly.
    """
    data = block.data
    records = [data[start:end] for start, end in block.spans]
    deep = _perhaps_deep(block)
    seconds: dict[str, int] = {}
    glances = _glances(records)
    if glances is not None and not deep and window is None and all(map(_is_plain, glances)):
        read = (stamp_of(glance.timestamp, seconds) for glance in glances)
        stamps = [stamp for stamp in read if stamp is not None]
        if len(stamps) == len(records):
            yield 0, len(records), Sheet(_whole, glances, stamps, records)
            return
    sheet = Sheet(_whole)
    start = 0
    for index, record in enumerate(records):
        glance = _glance(record) if glances is None else glances[index]
        stamp = None if glance is None else stamp_of(glance.timestamp, seconds)
        if glance is None or stamp is None or index in deep or not _is_plain(glance):
            if index > start:
                yield start, index, sheet
                sheet = Sheet(_whole)
            yield index, index + 1, None
            start = index + 1
        elif window is None or stamp in window:
            sheet.glances.append(glance)
            sheet.stamps.append(stamp)
            sheet.records.append(record)
    if len(records) > start:
        yield start, len(records), sheet


def _glances(records: Sequence[bytes]) -> list[Glance] | None:
    """A few fields of each record; None when one of them cannot be read."""
    read = _DECODER.decode
    try:
        return [read(record) for record in records]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _glance(record: bytes) -> Glance | None:
    try:
        return _DECODER.decode(record)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _perhaps_deep(block: Block) -> frozenset[int]:
    """The records with more brackets than the deepest that are taken; neighbours are counted together, for speed."""
    data, spans = block.data, block.spans
    found: list[int] = []
    for first in range(0, len(spans), _TOGETHER):
        some = spans[first : first + _TOGETHER]
        if _brackets(data, some[0][0], some[-1][1]) > _DEEP:
            found += (index for index, span in enumerate(some, first) if _brackets(data, *span) > _DEEP)
    return frozenset(found)


def _brackets(data: bytes, start: int, end: int) -> int:
    return data.count(b"{", start, end) + data.count(b"[", start, end)


def _is_plain(glance: Glance) -> bool:
    """Whether it has a field that only a LogEntry in the API's own spelling has."""
    return (
        glance.resource is not NOTHING
        or glance.textPayload is not None
        or glance.jsonPayload is not None
        or glance.httpRequest is not None
    )


def _whole(record: bytes) -> LogEntry:
    found = next(decode(record))
    if isinstance(found, str):  # pragma: no cover - a record of a sheet has been decoded already
        raise TypeError(found)
    return found
