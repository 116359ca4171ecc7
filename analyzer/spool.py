"""Bytes that a read puts aside until it has come to its end: more of them than there is room for in memory."""

from __future__ import annotations

import tempfile
import weakref
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from io import FileIO

__all__ = ["Spool"]

_ROOM: Final = 1 << 20
"""So many bytes are kept in memory before they go to a file."""


class Spool:
    """Pieces of bytes by their number.

    Those that came last are in memory, the others in a temporary file without a name, which goes with the process and
    which nobody else can open. Where there is no file, or no room for more in it, they all stay in memory.
    """

    def __init__(self) -> None:
        self._recent: dict[int, bytes] = {}
        self._places: dict[int, tuple[int, int]] = {}
        self._size = 0
        self._file: FileIO | None = None
        self._end = 0
        self._full = False

    def add(self, piece: bytes) -> int:
        """Put a piece aside; its number."""
        number = len(self._recent) + len(self._places)
        self._recent[number] = piece
        self._size += len(piece)
        if self._size > _ROOM and not self._full:
            self._put_away()
        return number

    def piece(self, number: int, start: int = 0, stop: int | None = None) -> bytes:
        """A piece, or those of its bytes from ``start`` to ``stop``."""
        if number in self._recent:
            return self._recent[number][start:stop]
        place, size = self._places[number]
        begin, end, _ = slice(start, stop).indices(size)
        file = self._opened()
        file.seek(place + begin)
        return file.read(max(end - begin, 0))

    def _put_away(self) -> None:
        try:
            file = self._opened()
            for number, piece in list(self._recent.items()):
                _write(file, self._end, piece)
                self._places[number] = (self._end, len(piece))
                self._end += len(piece)
                del self._recent[number]
        except OSError:
            self._full = True
        self._size = 0

    def _opened(self) -> FileIO:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="loganalyze-", buffering=0)  # noqa: SIM115 - it lasts
            weakref.finalize(self, self._file.close)
        return self._file


def _write(file: FileIO, at: int, piece: bytes) -> None:
    file.seek(at)
    left = memoryview(piece)
    while left:
        left = left[file.write(left) :]
