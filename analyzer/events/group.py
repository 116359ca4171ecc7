"""A record that may still go on: what it has printed so far, and whether a line is its next one."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING

from analyzer.lines import Kind, kind_of
from analyzer.model import Severity
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.events.pieces import Piece

__all__ = ["Group"]

_LINES = 400
_BYTES = 256 * 1024
_GAP = SECOND
_SPAN = 10 * SECOND
_WRITTEN_AT_ONCE = 20_000_000
_SOON = 200_000_000

_NO, _MAY, _MUST = 0, 1, 2


class _Mode(enum.Enum):
    """What the record is in the middle of."""

    PLAIN = enum.auto()
    PYTHON = enum.auto()
    """Frames of a Python traceback; its exception is still to come."""
    RAISED = enum.auto()
    """A Python exception was named; its text, tails or a chained traceback may follow."""
    BRIDGED = enum.auto()
    """Another exception of the chain must follow."""
    SOURCE = enum.auto()
    """Node's place, source line and caret; the exception must follow."""
    STACK = enum.auto()
    """An exception that is named before its frames: Java, Node, Ruby, .NET, PHP."""
    GO = enum.auto()
    RUST = enum.auto()


_NAMED = re.compile(r"[A-Za-z_][\w.]*(?:: |:?$)")
_INVALID = re.compile(r"(\d{1,3}) validation errors? for ")
_FIELD = re.compile(r"[\w.\[\]()\-|, '`<>=/*]{1,200}$")
_GO_CALL = re.compile(r"[\w./*()\-·\[\]{},$@%~+&]+\(.*\)$|created by |exit status|\[signal |rax |goroutine ")
_CLOSER = re.compile(r"[\}\])]+[;,]?(?:\s*\{)?$")
_OPENERS = (":", "{", "[", "(", ",")
_BRACKETED = ("[SQL: ", "[parameters: ", "[generated in ")


class Group:
    """One record in the making.

    Args:
        pieces: A list with its first piece; what joins is appended.
    """

    __slots__ = (
        "_begun",
        "_bracket",
        "_exception",
        "_failed",
        "_fields",
        "_last",
        "_lines",
        "_mode",
        "_pieces",
        "_size",
        "_time",
    )

    def __init__(self, pieces: list[Piece]) -> None:
        first = pieces[0]
        self._pieces = pieces
        self._begun = self._time = first.time
        self._failed = first.severity >= Severity.ERROR
        self._exception = False
        self._mode = _Mode.PLAIN
        self._bracket = False
        self._fields = 0
        self._last = ""
        self._lines = self._size = 0
        self._read(first)

    def add(self, piece: Piece) -> None:
        """Appends a piece that was accepted."""
        self._pieces.append(piece)
        self._time = max(self._time, piece.time)
        self._read(piece)

    def accepts(self, piece: Piece, frame_follows: Callable[[], bool]) -> int:
        """How surely ``piece`` is a part of this record: 0 not at all, 1 perhaps, 2 it waits for such a line.

        Args:
            piece: Not earlier than what is there.
            frame_follows: Tells whether a frame comes soon after the piece.
        """
        gap = piece.time - self._time
        if gap > _GAP or piece.time - self._begun > _SPAN:
            return _NO
        if self._lines + piece.text.count("\n") >= _LINES or self._size + len(piece.text) > _BYTES:
            return _NO
        if piece.own and not self._takes_own(piece):
            return _NO
        if piece.kind is Kind.BLANK:
            return _MAY
        if self._bracket and piece.kind not in (Kind.HEAD, Kind.BRIDGE):
            return _MUST
        return self._asks(piece, gap, frame_follows)

    def _asks(self, piece: Piece, gap: int, frame_follows: Callable[[], bool]) -> int:
        match piece.kind:
            case Kind.HEAD:
                answer = self._takes_head(piece, gap)
            case Kind.BRIDGE:
                answer = self._takes_bridge(piece)
            case Kind.FRAME:
                answer = self._takes_frame(piece)
            case Kind.INDENT:
                answer = self._takes_indent(gap)
            case Kind.TAIL:
                answer = self._takes_tail(piece, gap)
            case Kind.EXCEPTION:
                answer = self._takes_exception(piece, gap, frame_follows)
            case Kind.TEXT:
                answer = self._takes_text(piece, gap, frame_follows)
            case _:
                answer = _NO
        return answer

    def _takes_own(self, piece: Piece) -> bool:
        if piece.kind in (Kind.FRAME, Kind.BRIDGE, Kind.HEAD):
            return True
        return self._mode in (_Mode.PYTHON, _Mode.BRIDGED, _Mode.SOURCE) and piece.kind in (Kind.INDENT, Kind.EXCEPTION)

    def _takes_head(self, piece: Piece, gap: int) -> int:
        if self._mode is _Mode.BRIDGED:
            return _MUST
        if piece.first.startswith("goroutine "):
            return _MUST if self._mode is _Mode.GO else (_MAY if self._failed and gap <= _SOON else _NO)
        if self._exception or gap > _SOON:
            return _NO
        if "Traceback" in piece.first:
            grave = self._pieces[0].severity >= Severity.WARNING
            return _MAY if grave or self._last.endswith(":") else _NO
        panic = piece.first.startswith("panic: ") and self._last.endswith(piece.first[len("panic: ") :])
        return _MAY if panic else _NO

    def _takes_bridge(self, piece: Piece) -> int:
        if self._exception or self._mode is not _Mode.PLAIN:
            return _MUST
        return _MAY if self._failed or piece.first[0] in " \t" else _NO

    def _takes_frame(self, piece: Piece) -> int:
        if piece.first[0] not in " \t|":
            return _MUST if self._exception or self._failed else _NO
        if piece.first.lstrip(" |").startswith("File "):
            return _MUST if self._mode in (_Mode.PYTHON, _Mode.BRIDGED) else _MAY
        return _MUST if self._mode in (_Mode.STACK, _Mode.GO, _Mode.RUST, _Mode.SOURCE) else _MAY

    def _takes_indent(self, gap: int) -> int:
        if self._mode in (_Mode.PYTHON, _Mode.SOURCE) or self._last.endswith(_OPENERS):
            return _MUST
        return _MUST if self._exception and gap <= _WRITTEN_AT_ONCE else _MAY

    def _takes_tail(self, piece: Piece, gap: int) -> int:
        if _CLOSER.match(piece.first):
            inside = self._last[:1] in (" ", "\t") or self._last.endswith(_OPENERS)
            return _MAY if inside else _NO
        if self._exception or self._failed:
            return _MUST
        return _MAY if self._mode is not _Mode.PLAIN or gap <= _WRITTEN_AT_ONCE else _NO

    def _takes_exception(self, piece: Piece, gap: int, frame_follows: Callable[[], bool]) -> int:
        if self._mode in (_Mode.PYTHON, _Mode.SOURCE, _Mode.BRIDGED):
            return _MUST
        if self._mode is _Mode.STACK and self._last.endswith((" aborted!", "Caused by:")):
            return _MUST
        waits = self._failed and not self._exception and gap <= _SOON
        return _MAY if waits and frame_follows() else self._takes_rest(piece, gap)

    def _takes_text(self, piece: Piece, gap: int, frame_follows: Callable[[], bool]) -> int:
        first = piece.first
        if self._mode is _Mode.PYTHON and _NAMED.match(first):
            return _MUST
        if self._mode in (_Mode.GO, _Mode.RUST) and (_GO_CALL.match(first) or self._last.endswith(":")):
            return _MUST
        if self._fields > 0 and _FIELD.match(first):
            return _MUST
        if self._mode in (_Mode.STACK, _Mode.GO) and frame_follows():
            return _MUST
        return self._takes_rest(piece, gap)

    def _takes_rest(self, piece: Piece, gap: int) -> int:
        """A value that a line feed broke, a printed set under its heading, a message that is printed twice."""
        first, last = piece.first, self._last
        if last.count('"') % 2 and first.count('"') % 2:
            return _MUST
        if last.endswith(":") and first[0] in "{[(":
            return _MUST
        said = first.removeprefix("FAILED: ")
        return _MAY if said != first and last.endswith(said) and gap <= _SOON else _NO

    def _read(self, piece: Piece) -> None:
        self._size += len(piece.text)
        if "\n" not in piece.text:
            self._lines += 1
            self._line(piece.first, piece.kind)
            return
        for line in piece.text.split("\n"):
            self._lines += 1
            self._line(line, kind_of(line))

    def _line(self, line: str, kind: Kind) -> None:
        if kind is Kind.BLANK:
            return
        self._last = line.rstrip()
        if self._bracket:
            self._bracket = not self._last.endswith("]")
            return
        if kind is Kind.TAIL and line.startswith(_BRACKETED):
            self._bracket = not self._last.endswith("]")
        elif kind in (Kind.HEAD, Kind.BRIDGE, Kind.EXCEPTION, Kind.FRAME) or self._mode is _Mode.PYTHON:
            self._mode = self._next(line, kind)
            self._exception = self._exception or self._mode is not _Mode.PLAIN
        elif kind is Kind.TEXT and self._fields > 0:
            self._fields -= 1
        if (found := _INVALID.search(line)) is not None:
            self._fields = int(found[1])

    def _next(self, line: str, kind: Kind) -> _Mode:
        mode = self._mode
        if kind is Kind.HEAD:
            return _head_mode(line)
        if kind is Kind.BRIDGE:
            python = mode in (_Mode.RAISED, _Mode.PYTHON) or "above exception" in line
            return _Mode.BRIDGED if python or line.rstrip().endswith("Caused by:") else _Mode.STACK
        if kind is Kind.FRAME:
            if line.lstrip(" |").startswith("File "):
                return _Mode.PYTHON
            return mode if mode in (_Mode.GO, _Mode.RUST, _Mode.PYTHON) else _Mode.STACK
        if kind is Kind.EXCEPTION:
            return _Mode.RAISED if mode in (_Mode.PYTHON, _Mode.RAISED) else _Mode.STACK
        return _Mode.RAISED if kind is Kind.TEXT else mode


def _head_mode(line: str) -> _Mode:
    if "Traceback (most recent" in line:
        return _Mode.PYTHON
    if line.startswith(("panic: ", "fatal error: ", "goroutine ")):
        return _Mode.GO
    if line.startswith("thread '"):
        return _Mode.RUST
    return _Mode.SOURCE if line.rstrip()[-1:].isdigit() else _Mode.STACK
