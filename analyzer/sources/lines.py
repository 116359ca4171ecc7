"""One record a line: NDJSON, as sinks write it to Cloud Storage and ``jq -c`` writes it to files."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final, overload

from analyzer.sources.blocks import LARGEST, Block, Damage, Seam

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["LINE_SEAM", "LineSpans", "LineSplitter"]

LINE_SEAM: Final = Seam(b"\n", b"")
"""The end of a line."""

_SPACE: Final = 0x20


class LineSplitter:
    """Cuts bytes into lines; blank ones are left out, one longer than ``largest`` bytes is dropped alone."""

    def __init__(self, *, largest: int = LARGEST) -> None:
        self._largest = largest
        self._rest = b""
        self._line = 1
        self._dropping = False

    def feed(self, chunk: bytes, *, final: bool) -> Iterator[Block | Damage]:
        """The whole lines up to the end of ``chunk``; ``final`` says that nothing follows it."""
        if self._dropping:
            end = chunk.find(b"\n")
            if end < 0:
                return
            chunk = chunk[end + 1 :]
            self._line += 1
            self._dropping = False
        cut = len(chunk) if final else chunk.rfind(b"\n") + 1
        if cut or final:
            data = b"".join((self._rest, memoryview(chunk)[:cut]))
            self._rest = chunk[cut:]
            if data:
                yield Block(data, LineSpans(data), self._line, open_end=final and not data.endswith(b"\n"))
                self._line += data.count(b"\n")
        else:
            self._rest += chunk
        if len(self._rest) > self._largest:
            yield Damage(self._line, f"longer than {self._largest >> 20} MiB")
            self._rest = b""
            self._dropping = True


class LineSpans(Sequence[tuple[int, int]]):
    """Start and end of each line of a block that is not blank; found when they are first asked for."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    @functools.cached_property
    def _spans(self) -> list[tuple[int, int]]:
        data = self._data
        spans = []
        start, size = 0, len(data)
        while start < size:
            end = data.find(b"\n", start)
            if end < 0:
                end = size
            # A blank line begins with a space, a tab, a carriage return or nothing: few lines need the second look.
            if end > start and (data[start] > _SPACE or data[start:end].strip()):
                spans.append((start, end))
            start = end + 1
        return spans

    def __len__(self) -> int:
        """How many lines."""
        return len(self._spans)

    @overload
    def __getitem__(self, index: int) -> tuple[int, int]: ...
    @overload
    def __getitem__(self, index: slice) -> list[tuple[int, int]]: ...
    def __getitem__(self, index: int | slice) -> tuple[int, int] | list[tuple[int, int]]:
        """One of them, or some."""
        return self._spans[index]
