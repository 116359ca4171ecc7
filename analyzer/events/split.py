"""Records that the API split because they were too large: https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#LogSplit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from analyzer.events.pieces import Piece, piece_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.model import Entry

__all__ = ["merge_splits"]

_GAP = "\n[...]\n"
"""Stands where parts are missing, so that text from either side is not taken for one."""


def merge_splits(entries: Iterable[Entry]) -> list[Piece]:
    """The entries of one stream as pieces, in the order they came; parts of one record become one piece.

    The parts are put in order of ``split.index``; parts that are missing are tolerated.
    """
    pieces: list[Piece | str] = []
    parts: defaultdict[str, list[tuple[int, Entry]]] = defaultdict(list)
    for entry in entries:
        split = entry.raw.get("split")
        if split is None or (part := _part(split)) is None:
            pieces.append(piece_of((entry,), entry.message))
            continue
        uid, index = part
        if uid not in parts:
            pieces.append(uid)
        parts[uid].append((index, entry))
    return [_merge(parts[piece]) if isinstance(piece, str) else piece for piece in pieces]


def _part(split: object) -> tuple[str, int] | None:
    if not isinstance(split, Mapping):
        return None
    uid, index = split.get("uid"), split.get("index", 0)
    if isinstance(index, float) and index.is_integer():
        index = int(index)
    if not isinstance(uid, str) or not uid or not isinstance(index, int):
        return None
    return uid, index


def _merge(parts: list[tuple[int, Entry]]) -> Piece:
    parts.sort(key=lambda part: (part[0], part[1].insert_id))
    text = _text(parts[0][1]) if parts[0][0] == 0 else _GAP.lstrip() + _text(parts[0][1])
    for (before, _), (index, entry) in pairwise(parts):
        text += _text(entry) if index <= before + 1 else _GAP + _text(entry)
    return piece_of(tuple(entry for _, entry in parts), text.rstrip())


def _text(entry: Entry) -> str:
    # The decoded message has lost the white space at its end, which here is the middle of a line.
    text = entry.raw.get("textPayload")
    if not isinstance(text, str):
        return entry.message
    return entry.message + text[len(text.rstrip()) :]
