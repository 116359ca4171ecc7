"""A read in parts that know nothing of one another, so that several processes can share it.

How a read is cut depends on the files alone, so what comes out does not depend on who reads which part.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from analyzer.errors import SourceError
from analyzer.model import Notice, Window
from analyzer.sources.formats import holds_lines
from analyzer.sources.paths import Target

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

__all__ = ["PART", "Part", "Piece", "Plan", "Tally", "parts_of"]

PART: Final = 32 * 1024 * 1024
"""About as many bytes a part has."""

_TOLD: Final = 20  # files of which is told singly that they cannot be read
_PACKED: Final = 10
"""How much larger a packed file is when it is unpacked, about."""


class Piece(msgspec.Struct, frozen=True):
    """A file, or those lines of it that begin between two places.

    Attributes:
        target: The file.
        start: Where the first may begin.
        end: Where none begins any more; None for the file's end.
    """

    target: Target
    start: int = 0
    end: int | None = None


class Part(msgspec.Struct, frozen=True):
    """Pieces that are read one after another, and the window of which entries are taken."""

    pieces: tuple[Piece, ...]
    window: Window | None


class Tally(msgspec.Struct):
    """What a read came to.

    Attributes:
        entries: How many were read.
        kept: How many of them lie inside the window.
        readable: How many files could be read.
        consumed: Bytes of the files that were read, packed as they are.
        failures: Of files that could not be read, the reason and a hint.
    """

    entries: int = 0
    kept: int = 0
    readable: int = 0
    consumed: int = 0
    failures: list[tuple[str, str]] = msgspec.field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """The parts of a read, and what was found out before any of them is read.

    Attributes:
        parts: The parts, in order.
        size: Bytes of all files; None where that cannot be known before the end.
        shards: How many shards were left out, since by their names they lie outside the window.
        failures: Files that cannot be read.
    """

    parts: tuple[Part, ...]
    size: int | None
    shards: int
    failures: tuple[SourceError, ...]

    @property
    def shared(self) -> bool:
        """Whether other processes can read the parts: standard input is this one's."""
        return all(piece.target.path is not None for part in self.parts for piece in part.pieces)

    def closing(self, tallies: Iterable[Tally]) -> Iterator[Notice]:
        """What is to be said when all parts were read.

        Raises:
            SourceError: No file could be read.
        """
        some = list(tallies)
        # A file that vanishes fails once for each of its pieces.
        told = dict.fromkeys(failure for one in some for failure in one.failures)
        failures = [*self.failures, *(SourceError(text, hint=hint) for text, hint in told)]
        if failures and not self.shards and not any(one.readable for one in some):
            more = f" (and {len(failures) - 1} more that cannot be read)" if len(failures) > 1 else ""
            raise SourceError(f"{failures[0].message}{more}", hint=failures[0].hint) from failures[0]
        for failure in failures[:_TOLD]:
            yield Notice(failure.message, incomplete=True)
        if len(failures) > _TOLD:
            yield Notice(f"{len(failures) - _TOLD} more files cannot be read", incomplete=True)
        if self.shards:
            yield Notice(f"{self.shards} shards were left out: by their names they lie outside the window")
        entries, kept = sum(one.entries for one in some), sum(one.kept for one in some)
        if not entries:
            yield Notice("there are no entries in the input")
        elif kept < entries:
            yield Notice(f"{entries - kept} entries were left out: they lie outside the window")


def parts_of(targets: Sequence[Target], window: Window | None, *, size: int) -> tuple[Part, ...]:
    """Files as parts of about one size: small files together, files of lines cut where they are larger."""
    parts: list[tuple[Piece, ...]] = []
    small: list[Piece] = []
    weight = 0
    for target in targets:
        pieces = [Piece(target)] if (target.size or 0) <= size else list(_pieces(target, size))
        mass = (target.size or size) * (_PACKED if target.name.endswith(".gz") else 1)
        if small and weight + mass > size:
            parts.append(tuple(small))
            small, weight = [], 0
        if len(pieces) > 1:
            parts += ((piece,) for piece in pieces)
        else:
            small += pieces
            weight += mass
    return tuple(Part(pieces, window) for pieces in [*parts, tuple(small)] if pieces)


def _pieces(target: Target, size: int) -> Iterator[Piece]:
    edges = range(size, target.size or 0, size) if _is_lines(target) else ()
    for start, end in zip((0, *edges), (*edges, None), strict=True):
        yield Piece(target, start, end)


def _is_lines(target: Target) -> bool:
    """Whether each record of a file is a line of it."""
    try:
        with Path(target.path or "").open("rb") as file:
            return holds_lines(file)
    except OSError:
        return False
