"""The pieces of one instance and log, put in order and joined."""

from __future__ import annotations

import functools
from itertools import pairwise
from typing import TYPE_CHECKING

from analyzer.events.group import GAP, Group
from analyzer.lines import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analyzer.events.pieces import Piece

__all__ = ["join_stream"]

_FAILING = 4
_QUIET = 2
"""Records that may be continued at one time: tracebacks of several threads, and what else is printed between them."""

_SHUFFLED = 4
"""With more than one step back for so many forward (or the other way round), the order they came in says nothing."""

_AHEAD = 12
_AHEAD_TIME = 50_000_000
_CHOSEN_BY_PARTS = frozenset({Kind.FRAME, Kind.INDENT, Kind.BRIDGE, Kind.TAIL, Kind.HEAD, Kind.EXCEPTION})


def join_stream(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces that make an event each, in order of time; none of them stands alone by its nature.

    Pieces of one time have no order of their own: exports list them as they came, newest first, or by insertId. Of
    these orders the one is taken that leaves the fewest events, which is the one in which tracebacks are whole: of each
    burst by itself, so that how one came says nothing of another.
    """
    orders = _orders(pieces)
    if not _has_ties(orders[0]):
        return _join(orders[0])
    return [group for burst in _bursts(orders[0]) for group in _whole([order[burst] for order in orders])]


def _bursts(ordered: Sequence[Piece]) -> Iterator[slice]:
    """The pieces in order of time, parted where none can belong together any more."""
    begin = 0
    for end, (one, two) in enumerate(pairwise(ordered), 1):
        if two.time - one.time > GAP:
            yield slice(begin, end)
            begin = end
    yield slice(begin, len(ordered))


def _whole(orders: Sequence[Sequence[Piece]]) -> list[list[Piece]]:
    """The events of a burst in the first of these orders that leaves the fewest."""
    if not _has_ties(orders[0]):
        return _join(orders[0])
    return min(map(_join, orders), key=len)


def _orders(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces in order of time, with those of one time in each order that they may have, the likeliest first."""
    falls = sum(one.time > two.time for one, two in pairwise(pieces))
    rises = sum(one.time < two.time for one, two in pairwise(pieces))
    if falls > rises:
        pieces = pieces[::-1]
    backwards = pieces[::-1]
    came, reverse = sorted(pieces, key=_time), sorted(backwards, key=_time)
    by_id = sorted(came, key=_identity)
    shuffled = min(falls, rises) * _SHUFFLED > max(falls, rises)
    return [by_id, came, reverse] if shuffled else [came, by_id, reverse]


def _time(piece: Piece) -> tuple[int, int]:
    return (piece.time, piece.entries[0].timestamp)


def _identity(piece: Piece) -> tuple[int, int, str]:
    return (*_time(piece), piece.entries[0].insert_id)


def _has_ties(ordered: Sequence[Piece]) -> bool:
    """Whether pieces of one time are such that their order matters."""
    return any(
        one.time == two.time and (one.kind in _CHOSEN_BY_PARTS or two.kind in _CHOSEN_BY_PARTS or '"' in one.first)
        for one, two in pairwise(ordered)
    )


def _join(ordered: Sequence[Piece]) -> list[list[Piece]]:
    groups: list[list[Piece]] = []
    open_groups: list[Group] = []
    for index, piece in enumerate(ordered):
        best: Group | None = None
        strength = 0
        if piece.kind is not Kind.RECORD:
            for group in reversed(open_groups):
                found = group.accepts(piece, open_groups[-1], functools.partial(_comes_soon, ordered, index))
                if found > strength:
                    best, strength = group, found
        if best is not None:
            best.add(piece)
            open_groups.remove(best)
            open_groups.append(best)
            continue
        group_pieces = [piece]
        groups.append(group_pieces)
        _open(open_groups, Group(group_pieces))
    return groups


def _open(groups: list[Group], group: Group) -> None:
    """Adds a record; the oldest of its kind, that nothing is likely to continue any more, makes room."""
    groups.append(group)
    same = [other for other in groups if other.failing == group.failing]
    if len(same) > (_FAILING if group.failing else _QUIET):
        groups.remove(same[0])


def _comes_soon(ordered: Sequence[Piece], index: int, kinds: frozenset[Kind]) -> bool:
    """Whether a line of one of ``kinds`` stands in this piece or soon after, so that it is a part of an exception."""
    last = ordered[index].time
    for piece in ordered[index : index + 1 + _AHEAD]:
        if piece.time - last > _AHEAD_TIME:
            return False
        if not piece.kinds.isdisjoint(kinds):
            return not piece.first.lstrip().startswith("File ")
        if piece.kind is Kind.HEAD:
            return piece.first.startswith("goroutine ")
        if piece.kind is not Kind.RECORD:
            last = piece.time
    return False
