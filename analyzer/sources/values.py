r"""Records that are not one a line: JSON arrays (pretty-printed or compact), objects one after another, REST responses.

An array is never held whole. Objects are found by their braces; in pretty-printed text by the line that closes them,
which is faster and finds its way again after a damaged record. JSON allows no raw line feed in a string (RFC 8259,
section 7), so a line ``  }`` at the object's own indentation cannot be text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from analyzer.sources.blocks import LARGEST, Block, Damage

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ValueSplitter"]

_GAP = re.compile(rb"(?:[\s,]|\xef\xbb\xbf)*+")
_BRACE = re.compile(rb'(?:[^"{}]++|"(?:[^"\\\n]++|\\.)*+["\n])*+[{}]', re.DOTALL)
_PRETTY = re.compile(rb"\{[ \t]*\r?\n([ \t]+)\S")
_INDENT = re.compile(rb"[ \t]*")
_RESPONSE = re.compile(rb'\{\s*(?:"nextPageToken"\s*:\s*"[^"]*"\s*,\s*)?"entries"\s*:\s*\[')
_PAGE_TOKEN = re.compile(rb'"nextPageToken"\s*:\s*"[^"]*"')
_STRING = re.compile(rb'"(?:[^"\\\n]++|\\.)*+["\n]', re.DOTALL)
_SCALAR = re.compile(rb'[^\s,\[\]{}"]++')
_FIRST_KEY = re.compile(rb'\{\s*"([^"\\]{1,100})"\s*:')
_SEAM = re.compile(rb'\s*,\s*\{\s*"[^"\\]{1,100}"\s*:')
_SKIPPER: msgspec.json.Decoder[msgspec.Raw] = msgspec.json.Decoder(msgspec.Raw)
_LOOKAHEAD = 4096
_RECOVERIES = 100
_RECOVERY_REACH = 1024 * 1024


class ValueSplitter:
    """Cuts bytes into JSON objects, whatever arrays stand around them.

    Args:
        largest: Bytes a record may have.
        line: The 1-based line of the file that begins with the first byte.
        arrays: How many arrays are open there.
    """

    def __init__(self, *, largest: int = LARGEST, line: int = 1, arrays: int = 0) -> None:
        self._reach = largest
        self._rest = b""
        self._begin = self._line = line
        self._arrays = arrays
        self._resume = (0, 0)
        self._seam = b""
        self._recoveries = 0
        self._lost = False

    def feed(self, chunk: bytes, *, final: bool) -> Iterator[Block | Damage]:
        """The whole objects up to the end of ``chunk``; ``final`` says that nothing follows it."""
        if self._lost:
            return
        data = self._rest + chunk
        spans: list[tuple[int, int]] = []
        place = 0
        while (after := self._step(data, place, spans, final=final)) >= 0:
            place = after
        if spans:
            yield Block(data, spans, self._line)
        self._line += data.count(b"\n", 0, place)
        self._rest = data[place:]
        yield from self._complain(final=final)

    def _complain(self, *, final: bool) -> Iterator[Damage]:
        left = self._rest.strip(b" \t\r\n,")
        if left and (final or len(left) > self._reach or self._recoveries > _RECOVERIES):
            line = self._line + self._rest.count(b"\n", 0, self._rest.find(left))
            reason = "ends in the middle of a record" if final else "has no end that could be found from here"
            yield Damage(line, reason, incomplete=True)
            self._lost = True
            self._rest = b""
        elif final and self._arrays:
            yield Damage(self._line, "ends before its array does", skipped=0, incomplete=True)

    def _step(self, data: bytes, place: int, spans: list[tuple[int, int]], *, final: bool) -> int:
        """Goes past one thing; the place after it, or -1 where more bytes are needed."""
        gap = _GAP.match(data, place)
        start = gap.end() if gap is not None else place
        sign = data[start : start + 1]
        if not sign:
            # What is left of a gap is kept: the indentation of the next object may stand in it.
            return start - _LOOKAHEAD if start - place > _LOOKAHEAD else -1
        if sign in (b"[", b"]", b"}"):
            self._arrays = max(0, self._arrays + {b"[": 1, b"]": -1, b"}": 0}[sign])
            return start + 1
        if not self._arrays and sign in (b"{", b'"'):
            if not final and len(data) - start < _LOOKAHEAD:
                return -1
            frame = _RESPONSE.match(data, start)
            if frame is not None:
                self._arrays = 1
            else:
                frame = _PAGE_TOKEN.match(data, start)
            if frame is not None:
                return frame.end()
        end = self._object_end(data, start, final=final) if sign == b"{" else self._junk_end(data, start, final=final)
        if end > start:
            spans.append((start, end))
            self._resume = (0, 0)
        return end

    def _object_end(self, data: bytes, start: int, *, final: bool) -> int:
        indent = _own_indent(data, start, known=self._line == self._begin)
        end = _closing_line(data, start, indent) if indent is not None else self._closing_brace(data, start)
        if end > 0:
            return end
        if (final or len(data) - start > self._reach) and self._recoveries <= _RECOVERIES:
            return self._next_alike(data, start)
        return -1

    def _closing_brace(self, data: bytes, start: int) -> int:
        # Records of one export are joined alike. Where the bytes up to the next such seam are JSON, they are the
        # object: no JSON object is the beginning of another one. Checking that is faster than counting braces.
        if self._seam and not self._resume[1]:
            end = data.find(self._seam, start) + 1
            if end and _is_json(data[start:end]):
                return end
        end = self._counted_brace(data, start)
        seam = _SEAM.match(data, end) if end > 0 else None
        if seam is not None:
            self._seam = b"}" + seam[0]
        return end

    def _counted_brace(self, data: bytes, start: int) -> int:
        # Goes on where the last feed stopped, so that a large record is scanned once.
        offset, depth = self._resume
        at = start + offset
        while (brace := _BRACE.match(data, at)) is not None:
            at = brace.end()
            depth += 1 if data[at - 1] == ord("{") else -1
            if not depth:
                return at
        self._resume = (at - start, depth)
        return -1

    def _next_alike(self, data: bytes, start: int) -> int:
        """Gives up a record that does not end, where the next one begins with the same key; -1 where none does."""
        head = _FIRST_KEY.match(data, start)
        if head is None:
            return -1
        alike = re.compile(rb",\s*(?=\{\s*\"" + re.escape(head[1]) + rb"\"\s*:)").search(data, start + 1)
        if alike is None:
            return -1
        # Each one costs a scan of what was swallowed: they must stay few, and short.
        self._recoveries += 1
        self._reach = min(self._reach, _RECOVERY_REACH)
        return alike.start()

    def _junk_end(self, data: bytes, start: int, *, final: bool) -> int:
        if self._arrays:
            scalar = _STRING.match(data, start) or _SCALAR.match(data, start)
            end = scalar.end() if scalar is not None else len(data)
        else:
            end = data.find(b"\n", start)
            end = len(data) if end < 0 else end
        return end if end < len(data) or final else -1


def _is_json(data: bytes) -> bool:
    try:
        _SKIPPER.decode(data)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True


def _own_indent(data: bytes, start: int, *, known: bool) -> bytes | None:
    """The indentation of the line on which the object begins, None where the object is not pretty-printed."""
    inner = _PRETTY.match(data, start)
    line = data.rfind(b"\n", 0, start) + 1
    if inner is None or not (line or known):
        return None
    found = _INDENT.match(data, line, start)
    indent = found[0] if found is not None else b""
    return indent if inner[1].startswith(indent) and len(inner[1]) > len(indent) else None


def _closing_line(data: bytes, start: int, indent: bytes) -> int:
    """The end of the line that closes the object at ``start``, or of the line before one that opens the next."""
    close = b"\n" + indent + b"}"
    end = data.find(close, start)
    if end < 0:
        return -1
    end += len(close)
    opened = data.find(b"\n" + indent + b"{", start, end)
    return opened if opened > 0 else end
