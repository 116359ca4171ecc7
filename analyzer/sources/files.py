"""Entries from files, folders, patterns and standard input, whatever gcloud, a sink or jq wrote them as.

Three layers: ``streams`` gives bytes, ``formats.split`` cuts them into blocks of raw records with their places, and
``decoding`` makes entries of those, or ``glances`` sheets of a few of their fields.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from analyzer.errors import SourceError
from analyzer.model import Notice, SourceInfo
from analyzer.sheets import Sheet
from analyzer.sources._query import stamped
from analyzer.sources.blocks import Block, Damage, Lines
from analyzer.sources.decoding import decode
from analyzer.sources.formats import kind_of_text, split
from analyzer.sources.glances import runs
from analyzer.sources.paths import STANDARD_INPUT, Target, find_targets, outside
from analyzer.sources.streams import Stream, Unreadable
from analyzer.times import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analyzer.model import LogEntry, Window

__all__ = ["Files", "Progress"]

Progress = Callable[[int, float | None], None]
"""Told after every block how many entries were read, and which share of the bytes (None where it cannot be known)."""

_TOLD = 20  # notices of one kind that are told singly
_PROOF = 20  # records of which one must be an entry
_SAMPLE = 4096


class Files:
    """A source over files.

    Args:
        paths: Files, folders, patterns, or ``-`` for standard input.
        stdin: What ``-`` reads; None for the process's own.
        progress: Called after every block.
    """

    def __init__(
        self, paths: Sequence[str | Path], *, stdin: BinaryIO | None = None, progress: Progress | None = None
    ) -> None:
        self._paths = tuple(map(str, paths))
        self._stdin = stdin
        self._progress = progress

    @property
    def info(self) -> SourceInfo:
        """Kind ``file`` and the first path, with the number of the others."""
        names = ["standard input" if path == STANDARD_INPUT else path for path in self._paths]
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return SourceInfo("file", f"{names[0]}{more}" if names else "no file")

    def read(self, window: Window | None) -> Iterator[LogEntry | Notice]:
        """The entries of ``window``, or all of them.

        They are taken by ``timestamp``, and by ``receiveTimestamp`` where they have none; in a window of receive times
        the other way round.

        A record that cannot be read is counted in a notice and the rest goes on. A file that ends early, or cannot be
        read while others can, makes the read incomplete. Files are closed when the iterator is.

        Raises:
            SourceError: No file could be read.
        """
        for item in _Read(window, self._stdin, self._progress).run(find_targets(self._paths)):
            if not isinstance(item, Sheet):
                yield item

    def skim(self, window: Window | None) -> Iterator[LogEntry | Notice | Sheet]:
        """The same, with sheets of those entries for which a few fields are enough until one is worth a closer look."""
        skims = window is None or not window.received
        return _Read(window, self._stdin, self._progress, skims=skims).run(find_targets(self._paths))


class _Read:
    """One run over the files, with its counts."""

    def __init__(
        self, window: Window | None, stdin: BinaryIO | None, progress: Progress | None, *, skims: bool = False
    ) -> None:
        self._window = window
        self._skims = skims
        self._stdin = stdin
        self._progress = progress
        self._entries = 0
        self._kept = 0
        self._told = 0
        self._untold = 0
        self._bytes = 0
        self._size: int | None = None

    def run(self, found: Iterator[Target | SourceError]) -> Iterator[LogEntry | Notice | Sheet]:
        targets: list[Target] = []
        failures: list[SourceError] = []
        shards = 0
        for target in found:
            if isinstance(target, SourceError):
                failures.append(target)
            elif self._window is not None and target.path is not None and outside(target.path, stamped(self._window)):
                shards += 1
            else:
                targets.append(target)
        sizes = [target.size for target in targets]
        self._size = None if None in sizes else sum(size for size in sizes if size is not None)
        readable = shards
        for target in targets:
            try:
                yield from self._file(target)
                readable += 1
            except SourceError as error:
                failures.append(error)
        if failures and not readable:
            more = f" (and {len(failures) - 1} more that cannot be read)" if len(failures) > 1 else ""
            raise SourceError(f"{failures[0].message}{more}", hint=failures[0].hint) from failures[0]
        yield from self._closing_notices(failures, shards)

    def _closing_notices(self, failures: Sequence[SourceError], shards: int) -> Iterator[Notice]:
        for failure in failures[:_TOLD]:
            yield Notice(failure.message, incomplete=True)
        if len(failures) > _TOLD:
            yield Notice(f"{len(failures) - _TOLD} more files cannot be read", incomplete=True)
        if self._untold:
            yield Notice(f"{self._untold} more records cannot be read", skipped=self._untold)
        if shards:
            yield Notice(f"{shards} shards were left out: by their names they lie outside the window")
        if not self._entries:
            yield Notice("there are no entries in the input")
        elif self._kept < self._entries:
            yield Notice(f"{self._entries - self._kept} entries were left out: they lie outside the window")

    def _file(self, target: Target) -> Iterator[LogEntry | Notice | Sheet]:
        """One file's entries; notices wait for the first, so that a file without any is one error and not many."""
        before, told = self._entries, (self._told, self._untold)
        held: list[Notice] = []
        failure: OSError | Unreadable | None = None
        try:
            with self._open(target) as raw:
                for item in self._items(target, raw):
                    if self._entries == before and isinstance(item, Notice):
                        held.append(item)
                        continue
                    if held:
                        yield from held
                        held.clear()
                    yield item
        except (OSError, Unreadable) as error:
            failure = error
        if failure is None or self._entries > before:
            yield from held
        if failure is None:
            return
        reason = failure.reason if isinstance(failure, Unreadable) else (failure.strerror or str(failure)).lower()
        if self._entries == before:
            self._told, self._untold = told
            hint = failure.hint if isinstance(failure, Unreadable) else ""
            raise SourceError(f"cannot read {target.name}: {reason}", hint=hint) from failure
        yield Notice(f"{target.name}: {reason}; what came before was read", incomplete=True)

    def _open(self, target: Target) -> AbstractContextManager[BinaryIO]:
        if target.path is not None:
            return Path(target.path).open("rb")
        stdin = self._stdin if self._stdin is not None else sys.stdin.buffer
        if stdin.isatty():
            raise Unreadable("it is a terminal", hint="pipe an export into it, or give a file")
        return nullcontext(stdin)

    def _items(self, target: Target, raw: BinaryIO) -> Iterator[LogEntry | Notice | Sheet]:
        stream = Stream(raw)
        before, records = self._entries, 0
        reason, sample = "", b""
        for item in split(stream.chunks()):
            if isinstance(item, Damage):
                reason = reason or f"it {item.reason}"
                yield from self._lost(target, item)
                continue
            yield from self._decoded(target, item)
            self._report(stream.consumed)
            records += len(item.spans)
            sample = sample or item.data[:_SAMPLE]
            if self._entries == before and records >= _PROOF:
                break
        if self._entries == before and (records or reason):
            reason = reason or f"it holds no log entries; it looks like {kind_of_text(sample)}"
            raise Unreadable(reason, hint="export with: gcloud logging read --format=json")
        self._bytes += stream.consumed

    def _decoded(self, target: Target, block: Block) -> Iterator[LogEntry | Notice | Sheet]:
        lines = Lines(block)
        if not self._skims:
            yield from self._wholly(target, block, lines, block.spans)
            return
        for start, end, sheet in runs(block, self._window):
            if sheet is None:
                yield from self._wholly(target, block, lines, block.spans[start:end])
                continue
            self._entries += end - start
            self._kept += len(sheet.records)
            yield sheet

    def _wholly(
        self, target: Target, block: Block, lines: Lines, spans: Sequence[tuple[int, int]]
    ) -> Iterator[LogEntry | Notice]:
        data = block.data
        for start, end in spans:
            for item in decode(data[start:end]):
                if isinstance(item, str):
                    cut = block.open_end and end == len(data) and not data.endswith(b"}")
                    reason = "ends in the middle of a record" if cut else item
                    yield from self._lost(target, Damage(lines.at(start), reason, incomplete=cut))
                    continue
                self._entries += 1
                inside = self._holds(item)
                if inside:
                    self._kept += 1
                    yield item
                elif inside is None:
                    self._kept += 1  # it is counted as skipped, not as outside
                    yield from self._lost(target, Damage(lines.at(start), "has no timestamp"))

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

    def _lost(self, target: Target, damage: Damage) -> Iterator[Notice]:
        if self._told < _TOLD or damage.incomplete:
            self._told += 1
            text = f"{target.name}:{damage.line}: {damage.reason}"
            yield Notice(text, skipped=damage.skipped, incomplete=damage.incomplete)
        else:
            self._untold += damage.skipped

    def _report(self, consumed: int) -> None:
        if self._progress is not None:
            share = min(1.0, (self._bytes + consumed) / self._size) if self._size else None
            self._progress(self._entries, share)
