"""Bytes of a file or of standard input, unpacked where they are gzip, in chunks and in flat memory."""

from __future__ import annotations

import functools
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO

from analyzer.deflate import isal

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["CHUNK", "GZIP_MAGIC", "Span", "Stream", "Unreadable"]

CHUNK = 512 * 1024
"""Bytes read at a time, and about the size of the blocks that are split and scanned."""

GZIP_MAGIC = b"\x1f\x8b"
"""What a gzip file begins with."""

_SMALL_STEP = 64
_GZIP_FORMAT = 31  # zlib's wbits for a gzip header and trailer: https://www.zlib.net/manual.html


class Unreadable(Exception):  # noqa: N818 - it may end a read that was otherwise good
    """The bytes cannot be read on.

    Args:
        reason: What is wrong, to stand behind the file's name.
        hint: What to do about it.
    """

    def __init__(self, reason: str, *, hint: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint


class Span:
    """The bytes between two places of a file, as a file of their own.

    Args:
        raw: A file that can be sought in.
        start: The first place.
        end: The last place; None for the file's end.

    Raises:
        OSError: The file cannot be read.
    """

    def __init__(self, raw: BinaryIO, start: int, end: int | None) -> None:
        self._raw = raw
        self._start = start
        self._left = None if end is None else end - start
        self._lines_before: int | None = None
        raw.seek(start)

    def read(self, size: int) -> bytes:
        """At most ``size`` bytes; none at the end."""
        data = self._raw.read(size if self._left is None else min(size, self._left))
        if self._left is not None:
            self._left -= len(data)
        return data

    def lines_before(self) -> int:
        """How many lines stand before the first; the file is read for it, once."""
        if self._lines_before is None:
            self._lines_before = self._counted()
        return self._lines_before

    def _counted(self) -> int:
        place, count, left = self._raw.tell(), 0, self._start
        self._raw.seek(0)
        while left and (data := self._raw.read(min(CHUNK, left))):
            count += data.count(b"\n")
            left -= len(data)
        self._raw.seek(place)
        return count


class Stream:
    """The unpacked bytes behind ``raw``.

    Args:
        raw: A binary file, open for reading; it is not closed here.
        chunk: Bytes read at a time.

    Attributes:
        consumed: Bytes read from ``raw`` so far, packed as they are.
    """

    def __init__(self, raw: BinaryIO | Span, *, chunk: int = CHUNK) -> None:
        self._raw = raw
        self._again = None if isinstance(raw, Span) or not raw.seekable() else functools.partial(raw.seek, raw.tell())
        self._chunk = chunk
        self.consumed = 0

    def chunks(self) -> Iterator[bytes]:
        """The bytes, none of the chunks empty.

        Raises:
            Unreadable: The gzip data is corrupt or ends early; what came before it has been yielded.
            OSError: The file cannot be read.
        """
        data = self._take()
        while 0 < len(data) < len(GZIP_MAGIC) and (more := self._take()):
            data += more
        if data.startswith(GZIP_MAGIC):
            yield from self._packed(data)
            return
        while data:
            yield data
            data = self._take()

    def _take(self) -> bytes:
        data = self._raw.read(self._chunk)
        self.consumed += len(data)
        return data

    def _packed(self, data: bytes) -> Iterator[bytes]:
        """What is packed, by ISA-L where that is installed, which takes half the time, or by zlib.

        ISA-L keeps back what comes before damage, so that zlib begins anew with damaged data and goes on from there.
        """
        given = 0
        library = isal()
        if library is not None and self._again is not None:
            try:
                for out in self._unpacked(data, library):
                    given += len(out)
                    yield out
            except (Unreadable, library.error):
                self._again()
                self.consumed = 0
                data = self._take()
            else:
                return
        for out in self._unpacked(data, zlib):
            if given < len(out):
                yield out[given:]
            given = max(0, given - len(out))

    def _unpacked(self, data: bytes, library: Any) -> Iterator[bytes]:
        member = library.decompressobj(_GZIP_FORMAT)
        while True:
            before = member.copy() if library is zlib else None
            try:
                # Bounded, so that a small file that unpacks to gigabytes stays small in memory.
                out = member.decompress(data, self._chunk)
            except zlib.error as error:
                if before is not None:
                    yield from _until_corrupt(before, data)
                raise Unreadable("its gzip data is corrupt") from error
            if out:
                yield out
            if member.eof:
                data = self._after(member.unused_data)
                if not data:
                    return
                member = library.decompressobj(_GZIP_FORMAT)
                continue
            data = member.unconsumed_tail or self._take()
            if not data:
                raise Unreadable("its gzip data ends early: the file was cut off")

    def _after(self, data: bytes) -> bytes:
        """What follows a gzip member: another one, or the zeros that tapes and sparse copies leave."""
        data = data.lstrip(b"\0")
        while len(data) < len(GZIP_MAGIC) and (more := self._take()):
            data = (data + more).lstrip(b"\0")
        if data and not data.startswith(GZIP_MAGIC):
            raise Unreadable("its gzip data is followed by something else")
        return data


def _until_corrupt(member: zlib._Decompress, data: bytes) -> Iterator[bytes]:
    """What comes out of corrupt data before zlib refuses it: an error takes the whole call's output with it."""
    for start in range(0, len(data), _SMALL_STEP):
        try:
            out = member.decompress(data[start : start + _SMALL_STEP])
        except zlib.error:
            return
        if out:
            yield out
