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
from analyzer.sources.formats import Layout, layout_of
from analyzer.sources.paths import Target
from analyzer.sources.scope import Scope
from analyzer.sources.streams import CHUNK

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

    from analyzer.sources.blocks import Seam

__all__ = ["PART", "Part", "Piece", "Plan", "Tally", "parts_of"]

PART: Final = 64 * 1024 * 1024
"""About as many bytes a part has at most: what a part has found out about its entries, the next finds out anew."""

_LEAST: Final = 8 * 1024 * 1024
_SHARES: Final = 4
"""As many parts as a read has at least, unless they would be smaller: so many processes can share it evenly."""

_ALL: Final = Scope()
_TOLD: Final = 20  # files of which is told singly that they cannot be read
_PACKED: Final = 10
"""How much larger a packed file is when it is unpacked, about."""


class Piece(msgspec.Struct, frozen=True):
    """A file, or the records between two seams of it.

    Attributes:
        target: The file.
        start: Where the first record begins, or the file.
        end: Where the record after the last one begins; None for the file's end.
        layout: How the records of a file that is cut stand in it; None where the file's beginning is to tell.
    """

    target: Target
    start: int = 0
    end: int | None = None
    layout: Layout | None = None


class Part(msgspec.Struct, frozen=True):
    """Pieces that are read one after another, and which entries are taken.

    Attributes:
        pieces: The pieces.
        window: The time that they are of; None for all.
        scope: What is wanted of these.
    """

    pieces: tuple[Piece, ...]
    window: Window | None
    scope: Scope = _ALL


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


def parts_of(targets: Sequence[Target], window: Window | None, scope: Scope = _ALL, *, size: int) -> tuple[Part, ...]:
    """Files as parts of about one size: small files together, larger ones cut at seams where there are any.

    Args:
        targets: The files.
        window: The time whose entries are taken; None for all.
        scope: What is wanted of these.
        size: About as many bytes a part has at most.
    """
    size = min(size, max(_LEAST, -(-sum(_mass(target, 0) for target in targets) // _SHARES)))
    parts: list[tuple[Piece, ...]] = []
    small: list[Piece] = []
    weight = 0
    for target in targets:
        pieces = [Piece(target)] if (target.size or 0) <= size else _pieces(target, size)
        mass = _mass(target, size)
        if small and weight + mass > size:
            parts.append(tuple(small))
            small, weight = [], 0
        if len(pieces) > 1:
            parts += ((piece,) for piece in pieces)
        else:
            small += pieces
            weight += mass
    return tuple(Part(pieces, window, scope) for pieces in [*parts, tuple(small)] if pieces)


def _mass(target: Target, unknown: int) -> int:
    """About how many bytes a file has when it is unpacked."""
    return (target.size or unknown) * (_PACKED if target.name.endswith(".gz") else 1)


def _pieces(target: Target, size: int) -> list[Piece]:
    try:
        with Path(target.path or "").open("rb") as file:
            layout = layout_of(file)
            seams = [] if layout.seam is None else [*_seams(file, layout.seam, target.size or 0, size)]
    except OSError:
        seams = []
    if not seams:
        return [Piece(target)]
    return [Piece(target, *edges, layout) for edges in zip([0, *seams], [*seams, None], strict=True)]


def _seams(file: BinaryIO, seam: Seam, length: int, size: int) -> Iterator[int]:
    """Where records begin that cut a file into as few pieces as need be, each of about the same size."""
    count = -(-length // size)
    place = 0
    for number in range(1, count):
        wanted = length * number // count
        if wanted > place:
            place = _seam(file, seam, wanted)
            if place >= length:
                return
            yield place


def _seam(file: BinaryIO, seam: Seam, wanted: int) -> int:
    """Where the first record begins that does not begin before a place; the file's end where there is none."""
    text = seam.before + seam.after
    file.seek(max(0, wanted - len(seam.before)))
    data = b""
    while more := file.read(CHUNK):
        data = data[len(data) - len(text) + 1 :] + more
        found = data.find(text)
        if found >= 0:
            return file.tell() - len(data) + found + len(seam.before)
    return file.tell()
