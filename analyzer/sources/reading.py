"""One run over files or pieces of them: bytes to records to entries or sheets, with notices of what cannot be read."""

from __future__ import annotations

import sys
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

from analyzer.errors import SourceError
from analyzer.model import Notice
from analyzer.sources.blocks import Block, Damage, Lines
from analyzer.sources.decoding import decode
from analyzer.sources.formats import kind_of_text, split
from analyzer.sources.parts import Tally
from analyzer.sources.streams import Span, Stream, Unreadable
from analyzer.times import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from analyzer.model import LogEntry, Window
    from analyzer.sheets import Sheet
    from analyzer.sources.parts import Part, Piece
    from analyzer.sources.scope import Scope

__all__ = ["Reading", "skimming"]

_TOLD: Final = 20  # records of one read that are told singly
_PROOF: Final = 20  # records of which one must be an entry
_SAMPLE: Final = 4096
_MOST: Final = 5_000


def skimming(part: Part, *, stdin: BinaryIO | None = None) -> Reading:
    """A reading of one part, with sheets of those records of which a few fields are enough at first."""
    sheets = part.window is None or not part.window.received
    return Reading(part.window, part.scope, stdin=stdin, sheets=sheets)


class Reading:
    """One run, with its counts.

    Args:
        window: The time whose entries are taken; None for all.
        scope: What is wanted of these; None for all.
        stdin: What standard input is; None for the process's own.
        sheets: Give sheets of those records of which a few fields are enough at first.
        progress: Called with :attr:`tally` after every block.

    Attributes:
        tally: What was read so far.
    """

    def __init__(
        self,
        window: Window | None,
        scope: Scope | None = None,
        *,
        stdin: BinaryIO | None = None,
        sheets: bool = False,
        progress: Callable[[Tally], None] | None = None,
    ) -> None:
        self.tally = Tally()
        self._window = window
        self._scope = None if scope is None or scope.is_all else scope
        self._wanted: dict[tuple[Any, bytes], bool] = {}
        self._stdin = stdin
        self._sheets = sheets
        self._progress = progress
        self._told = 0
        self._untold = 0

    def items(self, pieces: Iterable[Piece]) -> Iterator[LogEntry | Notice | Sheet]:
        """What is in the pieces. A file that cannot be read at all is noted in :attr:`tally`."""
        for piece in pieces:
            try:
                yield from self._piece(piece)
                self.tally.readable += not piece.start
            except SourceError as error:
                self.tally.failures.append((error.message, error.hint))
        if self._untold:
            yield Notice("", skipped=self._untold)

    def _piece(self, piece: Piece) -> Iterator[LogEntry | Notice | Sheet]:
        """One file's entries; notices wait for the first, so that a file without any is one error and not many."""
        before, told = self.tally.entries, (self._told, self._untold)
        held: list[Notice] = []
        failure: OSError | Unreadable | None = None
        try:
            with self._open(piece.target.path) as raw:
                for item in self._items(piece, raw):
                    if self.tally.entries == before and isinstance(item, Notice):
                        held.append(item)
                        continue
                    if held:
                        yield from held
                        held.clear()
                    yield item
        except (OSError, Unreadable) as error:
            failure = error
        if failure is None or self.tally.entries > before:
            yield from held
        if failure is None:
            return
        reason = failure.reason if isinstance(failure, Unreadable) else (failure.strerror or str(failure)).lower()
        if self.tally.entries == before:
            self._told, self._untold = told
            hint = failure.hint if isinstance(failure, Unreadable) else ""
            raise SourceError(f"cannot read {piece.target.name}: {reason}", hint=hint) from failure
        yield Notice(f"{piece.target.name}: {reason}; what came before was read", incomplete=True)

    def _open(self, path: str | None) -> AbstractContextManager[BinaryIO]:
        if path is not None:
            return Path(path).open("rb")
        stdin = self._stdin if self._stdin is not None else sys.stdin.buffer
        if stdin.isatty():
            raise Unreadable("it is a terminal", hint="pipe an export into it, or give a file")
        return nullcontext(stdin)

    def _items(self, piece: Piece, raw: BinaryIO) -> Iterator[LogEntry | Notice | Sheet]:
        span = Span(raw, piece.start, piece.end) if piece.start or piece.end is not None else None
        stream = Stream(raw if span is None else span)
        chunks = stream.chunks()
        before, consumed, records = self.tally.entries, self.tally.consumed, 0
        reason, sample = "", b""
        for item in split(chunks, piece.layout, begun=piece.start > 0, goes_on=piece.end is not None):
            if isinstance(item, Damage):
                reason = reason or f"it {item.reason}"
                yield from self._lost(piece, span, item)
                continue
            yield from self._decoded(piece, span, item)
            self.tally.consumed = consumed + stream.consumed
            if self._progress is not None:
                self._progress(self.tally)
            if self.tally.entries == before:
                records += len(item.spans)
                sample = sample or item.data[:_SAMPLE]
                if records >= _PROOF and not piece.start:
                    break
        self.tally.consumed = consumed + stream.consumed
        if self.tally.entries == before and (records or reason) and not piece.start:
            reason = reason or f"it holds no log entries; it looks like {kind_of_text(sample)}"
            raise Unreadable(reason, hint="export with: gcloud logging read --format=json")

    def _decoded(self, piece: Piece, span: Span | None, block: Block) -> Iterator[LogEntry | Notice | Sheet]:
        lines = Lines(block)
        if not self._sheets:
            yield from self._wholly(piece, span, block, lines, block.spans)
            return
        from analyzer.sources.glances import runs  # noqa: PLC0415 - small runs do without it

        for start, end, sheet in runs(block, self._window):
            if sheet is None:
                yield from self._wholly(piece, span, block, lines, block.spans[start:end])
                continue
            self.tally.entries += end - start
            self.tally.kept += len(sheet)
            yield sheet if self._scope is None else self._narrowed(sheet, self._scope)

    def _narrowed(self, sheet: Sheet, scope: Scope) -> Sheet:
        """Those of a sheet that are in scope; found out once for all that are of one resource and log."""
        rows = []
        for row, glance in enumerate(sheet.glances):
            key = (glance.logName, bytes(glance.resource)) if type(glance.logName) is str else None
            wanted = None if key is None else self._wanted.get(key)
            if wanted is None:
                record = sheet.records.whole(row)
                wanted = isinstance(record, str) or scope.holds(record)
                if key is not None:
                    self._remember(key, wanted=wanted)
            if wanted:
                rows.append(row)
        return sheet if len(rows) == len(sheet) else sheet.only(rows)

    def _remember(self, key: tuple[Any, bytes], *, wanted: bool) -> None:
        if len(self._wanted) >= _MOST:
            self._wanted.clear()
        self._wanted[key] = wanted

    def _wholly(
        self, piece: Piece, span: Span | None, block: Block, lines: Lines, spans: Sequence[tuple[int, int]]
    ) -> Iterator[LogEntry | Notice]:
        data = block.data
        for start, end in spans:
            for item in decode(data[start:end]):
                if isinstance(item, str):
                    cut = block.open_end and end == len(data) and not data.endswith(b"}")
                    reason = "ends in the middle of a record" if cut else item
                    yield from self._lost(piece, span, Damage(lines.at(start), reason, incomplete=cut))
                    continue
                self.tally.entries += 1
                inside = self._holds(item)
                if inside:
                    self.tally.kept += 1
                    if self._scope is None or self._scope.holds(item):
                        yield item
                elif inside is None:
                    self.tally.kept += 1  # it is counted as skipped, not as outside
                    yield from self._lost(piece, span, Damage(lines.at(start), "has no timestamp"))

    def _holds(self, entry: LogEntry) -> bool | None:
        """Whether the window holds the entry; None where the entry has no time."""
        if self._window is None:
            return True
        fields = ("timestamp", "receiveTimestamp")
        for field in reversed(fields) if self._window.received else fields:
            text = entry.get(field)
            if isinstance(text, str):
                try:
                    return parse_timestamp(text) in self._window
                except ValueError:
                    continue
        return None

    def _lost(self, piece: Piece, span: Span | None, damage: Damage) -> Iterator[Notice]:
        """A record that is lost: told singly while there are few, only counted from then on."""
        if self._told >= _TOLD and not damage.incomplete:
            self._untold += damage.skipped
            return
        self._told += 1
        line = damage.line + (span.lines_before() if span is not None else 0)
        text = f"{piece.target.name}:{line}: {damage.reason}"
        yield Notice(text, skipped=damage.skipped, incomplete=damage.incomplete)
