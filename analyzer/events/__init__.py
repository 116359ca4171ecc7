"""Entries to events: the parts of one split record, the lines of one traceback, the halves of one broken line.

What belongs together is only ever looked for within one service, instance and log, because two instances may crash in
the same millisecond and their lines interleave.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from analyzer.events.group import GAP
from analyzer.events.pieces import OWN_LEVELS, is_part, stands_alone
from analyzer.events.roots import root_line
from analyzer.events.severity import joined_severity
from analyzer.events.split import merge_splits
from analyzer.events.streams import join_stream
from analyzer.lines import marks_error
from analyzer.model import Event

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analyzer.events.pieces import Piece
    from analyzer.model import Entry

__all__ = ["GAP", "OWN_LEVELS", "is_part", "join", "marks_error", "stands_alone"]


def join(entries: Iterable[Entry], *, newest_first: bool = False) -> list[Event]:
    """The entries as events, each entry in exactly one, in order of time.

    An event of several entries spans at most 400 lines, 256 KiB and 10 seconds, with at most one second between two
    lines; the parts of a LogSplit are one whatever their size.

    Args:
        entries: In any order, without duplicates. Where timestamps agree, the order they came in counts, unless another
            order of those leaves fewer tracebacks in pieces; and that of insertIds for those that never join anything.
        newest_first: They came against the order of time. Where that is not known, it is recognised by those of one
            stream, as far as their times differ.

    Returns:
        Events ordered by time and timestamp of their first entry.
    """
    streams: defaultdict[tuple[str, str, str, str], list[Entry]] = defaultdict(list)
    for entry in reversed(list(entries)) if newest_first else entries:
        streams[entry.project, entry.service, entry.instance, entry.log].append(entry)
    joined = [_event(group) for _, stream in sorted(streams.items()) for group in _groups(merge_splits(stream))]
    # Stable: what one instance printed at one time stays in the order it was joined in.
    return sorted(joined, key=lambda event: (event.first.time, event.first.timestamp))


def _groups(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """The pieces of one stream that make an event each; what never joins says nothing of the order of what does.

    Entries of one log and time are ordered by their insertIds:
    https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#FIELDS.insert_id.
    """
    alone = sorted((piece for piece in pieces if piece.alone), key=lambda piece: piece.entries[0].insert_id)
    return [*join_stream([piece for piece in pieces if not piece.alone]), *([piece] for piece in alone)]


def _event(pieces: list[Piece]) -> Event:
    if len(pieces) == 1 and len(pieces[0].entries) == 1:
        entry = pieces[0].entries[0]
        return Event(entries=(entry,), message=entry.message, severity=entry.severity, root=root_line(entry.message))
    entries = tuple(entry for piece in pieces for entry in piece.entries)
    message = "\n".join(piece.text for piece in pieces).rstrip()
    return Event(entries=entries, message=message, severity=joined_severity(entries, message), root=root_line(message))
