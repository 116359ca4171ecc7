"""Entries from files, folders, patterns and standard input, whatever gcloud, a sink or jq wrote them as.

Three layers: ``streams`` gives bytes, ``formats.split`` cuts them into blocks of raw records with their places, and
``decoding`` makes entries of those, or ``glances`` sheets of a few of their fields. ``reading`` runs them over files,
``parts`` says how a read is shared.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

from analyzer.errors import SourceError
from analyzer.model import SourceInfo
from analyzer.sheets import Sheet
from analyzer.sources._query import stamped
from analyzer.sources.parts import PART, Part, Piece, Plan, Tally, parts_of
from analyzer.sources.paths import STANDARD_INPUT, find_targets, outside
from analyzer.sources.reading import Reading, skimming
from analyzer.sources.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from analyzer.model import LogEntry, Notice, Window
    from analyzer.sources.paths import Target

__all__ = ["Files", "Progress"]

Progress = Callable[[int, float | None], None]
"""Told after every block how many entries were read, and which share of the bytes (None where it cannot be known)."""


class Files:
    """A source over files.

    Args:
        paths: Files, folders, patterns, or ``-`` for standard input.
        scope: Which entries are wanted.
        stdin: What ``-`` reads; None for the process's own.
        progress: Called after every block.
    """

    def __init__(
        self,
        paths: Sequence[str | Path],
        scope: Scope | None = None,
        *,
        stdin: BinaryIO | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._paths = tuple(map(str, paths))
        self._scope = scope or Scope()
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
        plan = self._plan(window, in_parts=False)
        reading = Reading(window, self._scope, stdin=self._stdin, progress=lambda tally: self.advance(plan, [tally]))
        for part in plan.parts:
            for item in reading.items(part.pieces):
                if not isinstance(item, Sheet):
                    yield item
        yield from plan.closing([reading.tally])

    def plan(self, window: Window | None) -> Plan:
        """How to read the same in parts."""
        return self._plan(window, in_parts=True)

    def skim(self, part: Part) -> Reading:
        """A reading of one part, with sheets of those entries of which a few fields are enough at first."""
        return skimming(part, stdin=self._stdin)

    def advance(self, plan: Plan, tallies: Sequence[Tally]) -> None:
        """Tell how far a read has come."""
        if self._progress is not None:
            consumed = sum(tally.consumed for tally in tallies)
            share = min(1.0, consumed / plan.size) if plan.size else None
            self._progress(sum(tally.entries for tally in tallies), share)

    def _plan(self, window: Window | None, *, in_parts: bool) -> Plan:
        targets: list[Target] = []
        failures: list[SourceError] = []
        shards = 0
        for target in find_targets(self._paths):
            if isinstance(target, SourceError):
                failures.append(target)
            elif window is not None and target.path is not None and outside(target.path, stamped(window)):
                shards += 1
            else:
                targets.append(target)
        sizes = [target.size for target in targets]
        size = None if None in sizes else sum(size for size in sizes if size is not None)
        whole = Part(tuple(map(Piece, targets)), window, self._scope)
        parts = parts_of(targets, window, self._scope, size=PART) if in_parts else (whole,)
        return Plan(parts, size, shards, tuple(failures))
