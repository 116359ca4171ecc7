"""Lines of an export as sheets and records, cut where a test likes, and what the plain way makes of the same lines."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from analyzer.coverage import Ledger
from analyzer.entries import EntryError, decode, is_own
from analyzer.model import Notice
from analyzer.nomination import nominated
from analyzer.selection import select
from analyzer.skim import Skimmer
from analyzer.sources.blocks import Block
from analyzer.sources.decoding import decode as decode_record
from analyzer.sources.glances import runs
from analyzer.sources.lines import LineSpans
from analyzer.times import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from analyzer.matching import Matcher
    from analyzer.model import Coverage, Entry, LogEntry, Revision
    from analyzer.sheets import Sheet
    from analyzer.traffic import Stretch

__all__ = ["Told", "entries_of", "entry_of", "line", "nominating", "plain", "records", "sheet_of", "skimmed"]

BASE = parse_timestamp("2025-09-10T00:33:00Z")


class Told(NamedTuple):
    """What a read comes to, to compare."""

    coverage: Coverage
    revisions: tuple[Revision, ...]
    traffic: list[Stretch]
    selected: list[Entry]


def nominating(matcher: Matcher) -> Callable[[Entry], bool]:
    """What is worth a closer look by itself."""

    return lambda entry: nominated(entry, matcher)


def records(data: bytes, cuts: Iterable[int] = ()) -> Iterator[LogEntry | Notice | Sheet]:
    """The lines of ``data`` in blocks that begin at the line numbers ``cuts``: sheets, and single records between."""
    lines = data.split(b"\n")
    edges = sorted({0, len(lines), *(cut for cut in cuts if cut < len(lines))})
    for start, end in pairwise(edges):
        part = b"\n".join(lines[start:end])
        block = Block(part, LineSpans(part), start + 1)
        for first, last, sheet in runs(block, None) if part else ():
            if sheet is not None:
                yield sheet
            else:
                for place in block.spans[first:last]:
                    yield from _wholly(part[slice(*place)])


def _wholly(record: bytes) -> Iterator[LogEntry | Notice]:
    for item in decode_record(record):
        yield Notice("", skipped=1) if isinstance(item, str) else item


def sheet_of(*lines: dict[str, Any]) -> Sheet:
    """Plain records as one sheet."""
    data = b"\n".join(map(msgspec.json.encode, lines))
    ((start, end, sheet),) = runs(Block(data, LineSpans(data), 1), None)
    assert sheet is not None
    assert (start, end) == (0, len(lines))
    return sheet


def skimmed(items: Iterable[LogEntry | Notice | Sheet], matcher: Matcher) -> Told:
    """What batches of the records come to."""
    ledger = Ledger()
    selected: list[Entry] = []
    for batch in Skimmer(matcher, nominating(matcher)).batches(items):
        ledger.add(batch)
        selected += [one.entry for one in batch.selected if ledger.is_first(one.key)]
    ledger.close()
    return _told(ledger, selected)


def plain(data: bytes, matcher: Matcher) -> Told:
    """What the same comes to when each record is decoded wholly and looked at by itself."""
    ledger = Ledger()

    def entries() -> Iterator[Entry]:
        for record in data.split(b"\n"):
            for one in entries_of(record):
                if isinstance(one, str):
                    ledger.skip(one)
                else:
                    yield one

    return _told(ledger, select(ledger.distinct(entries()), nominating(matcher)))


def entries_of(record: bytes) -> Iterator[Entry | str]:
    """The entries of a line, or the reason why there are none."""
    for raw in decode_record(record) if record.strip() else ():
        one = entry_of(raw)
        if one is not None:
            yield one


def entry_of(raw: LogEntry | str) -> Entry | str | None:
    """The entry of a record, or the reason why there is none; None for what this program wrote itself."""
    if isinstance(raw, str):
        return raw
    try:
        entry = decode(raw)
        return None if is_own(raw) else entry
    except EntryError as error:
        return str(error)


def _told(ledger: Ledger, selected: Iterable[Entry]) -> Told:
    some = sorted(selected, key=lambda entry: (entry.key, entry.message))
    return Told(ledger.coverage(), ledger.revisions(), sorted(ledger.traffic.stretches()), some)


def line(number: int, text: str = "", *, at: float | None = None, **fields: Any) -> dict[str, Any]:
    """A record, ``at`` seconds (a tenth of its number) after a full minute."""
    nanos = round((number / 10 if at is None else at) * 1e9)
    payload = {} if "httpRequest" in fields else {"textPayload": text or f"calm line {number}"}
    return {
        "insertId": f"i{number}",
        "timestamp": f"2025-09-10T00:{33 + nanos // 60_000_000_000:02}:{nanos // 10**9 % 60:02}.{nanos % 10**9:09}Z",
        "logName": "projects/p/logs/run.googleapis.com%2Fstderr",
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": "api", "revision_name": "api-1"}},
        **payload,
        **fields,
    }
