"""A record that may still go on: what it has printed so far, and whether a line is its next one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analyzer.events.modes import Mode, next_mode
from analyzer.lines import Kind, kind_of, stated_level
from analyzer.model import Severity
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.events.pieces import Piece

__all__ = ["GAP", "Group"]

GAP = SECOND
"""What is printed later than this after the last line belongs to another record, nanoseconds."""

_LINES = 400
_BYTES = 256 * 1024
_SPAN = 10 * SECOND
_WRITTEN_AT_ONCE = 20_000_000
_SOON = 200_000_000
_TELLING = 12
"""Letters that two lines must share to be one message printed twice."""

_NO, _MAY, _MUST, _FITS = 0, 1, 2, 3
_FRAMES = frozenset({Kind.FRAME})
_TAILS = frozenset({Kind.TAIL, Kind.BRIDGE})


_NAMED = re.compile(r"[A-Za-z_][\w.]*(?:: |:?$)")
_INVALID = re.compile(r"(\d{1,3}) validation errors? for ")
_FIELD = re.compile(r"[\w.\[\]()\-|, '`<>=/*]{1,200}$")
_GO_CALL = re.compile(r"[\w./*()\-·\[\]{},$@%~+&]+\(.*\)$|created by |exit status|\[signal |rax |goroutine ")
_STATEMENT = re.compile(r"\b(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|FROM|WHERE|VALUES|JOIN|CREATE|ALTER) ")
_CLAUSE = re.compile(
    r"(?:FROM|WHERE|VALUES|SET|(?:LEFT |RIGHT |INNER |OUTER |CROSS )*JOIN|GROUP BY|ORDER BY|LIMIT|UNION|RETURNING"
    r"|HAVING|ON CONFLICT|SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP) "
)
_FRAME_PLACE = re.compile(r"[\s|]+File \"")
_PLACE = re.compile(r":\d+$")
_CLOSER = re.compile(r"[\}\])]+[;,]?(?:\s*\{)?$")
_OPENERS = (":", "{", "[", "(", ",")
_BRACKETED = ("[SQL:", "[parameters:", "[generated in ")


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
        self._mode = Mode.PLAIN
        self._bracket = False
        self._fields = 0
        self._last = ""
        self._lines = self._size = 0
        self._read(first)

    @property
    def failing(self) -> bool:
        """It is an error or holds an exception, so what continues a traceback is more likely its own."""
        return self._failed or self._exception

    def add(self, piece: Piece) -> None:
        """Appends a piece that was accepted."""
        self._pieces.append(piece)
        self._time = max(self._time, piece.time)
        self._read(piece)

    @property
    def logged(self) -> bool:
        """It began with a level or time of its own, so another thread may have printed it between a traceback's."""
        return self._pieces[0].kind is Kind.RECORD

    def accepts(self, piece: Piece, latest: Group, ahead: Callable[[frozenset[Kind]], bool]) -> int:
        """How surely ``piece`` is a part of this record: 0 not at all, 1 perhaps, 2 surely, 3 nothing fits better.

        Args:
            piece: Not earlier than what is there.
            latest: The record that got the line before.
            ahead: Tells whether a line of one of these kinds comes soon after the piece.
        """
        gap = piece.time - self._time
        if gap > GAP or piece.time - self._begun > _SPAN:
            return _NO
        if self._lines + piece.text.count("\n") >= _LINES or self._size + len(piece.text) > _BYTES:
            return _NO
        if piece.own and not self._takes_own(piece):
            return _NO
        if piece.kind is Kind.BLANK:
            return _MUST if self.failing and gap <= _WRITTEN_AT_ONCE else _MAY
        if self._bracket and piece.kind not in (Kind.HEAD, Kind.BRIDGE):
            return _MUST
        return self._asks(piece, gap, latest, ahead)

    def _asks(self, piece: Piece, gap: int, latest: Group, ahead: Callable[[frozenset[Kind]], bool]) -> int:
        match piece.kind:
            case Kind.HEAD:
                answer = self._takes_head(piece, gap)
            case Kind.BRIDGE:
                answer = self._takes_bridge(piece)
            case Kind.FRAME:
                answer = self._takes_frame(piece)
            case Kind.INDENT:
                answer = self._takes_indent(gap, latest)
            case Kind.TAIL:
                answer = self._takes_tail(piece, gap)
            case Kind.EXCEPTION:
                answer = self._takes_exception(piece, gap, ahead)
            case Kind.TEXT:
                answer = self._takes_text(piece, gap, ahead)
            case _:
                answer = _NO
        return answer

    def _takes_own(self, piece: Piece) -> bool:
        if piece.kind in (Kind.FRAME, Kind.BRIDGE, Kind.HEAD):
            return True
        return self._mode in (Mode.PYTHON, Mode.BRIDGED, Mode.SOURCE) and piece.kind in (Kind.INDENT, Kind.EXCEPTION)

    def _takes_head(self, piece: Piece, gap: int) -> int:
        if self._mode is Mode.BRIDGED:
            return _MUST
        if piece.first.startswith("goroutine "):
            return _MUST if self._mode is Mode.GO else (_MAY if self._failed and gap <= _SOON else _NO)
        if self._exception or gap > _SOON:
            return _NO
        if "Traceback" in piece.first:
            stated = stated_level(self._pieces[0].first)
            logged = stated is not None and stated.certain and stated.severity >= Severity.WARNING
            blamed = self._failed and gap <= _WRITTEN_AT_ONCE
            return _MAY if logged or blamed or self._last.endswith(":") else _NO
        panic = piece.first.startswith("panic: ") and self._last.endswith(piece.first[len("panic: ") :])
        return _MAY if panic else _NO

    def _takes_bridge(self, piece: Piece) -> int:
        if self._exception or self._mode is not Mode.PLAIN:
            return _MUST
        return _MAY if self._failed or piece.first[0] in " \t" else _NO

    def _takes_frame(self, piece: Piece) -> int:
        if piece.first[0] not in " \t|":
            return _MUST if self._exception or self._failed else _NO
        if piece.first.lstrip(" |").startswith("File "):
            return self._fits(after_place=False) if self._mode in (Mode.PYTHON, Mode.BRIDGED) else _MAY
        return _MUST if self._mode in (Mode.STACK, Mode.GO, Mode.RUST, Mode.SOURCE) else _MAY

    def _fits(self, *, after_place: bool) -> int:
        """Of two tracebacks printed in step, a place goes to the one that ends in none, its source to the other."""
        return _FITS if (_FRAME_PLACE.match(self._last) is not None) is after_place else _MUST

    def _takes_indent(self, gap: int, latest: Group) -> int:
        if self._mode is Mode.PYTHON:
            return self._fits(after_place=True)
        if self._mode is Mode.SOURCE or (latest is self and self._last.endswith(_OPENERS)):
            return _MUST
        # What is printed after a traceback has indented lines of its own, unless another thread logged it.
        between = latest is self or latest.logged
        return _MUST if self._exception and between and gap <= _WRITTEN_AT_ONCE else _MAY

    def _takes_tail(self, piece: Piece, gap: int) -> int:
        if _CLOSER.match(piece.first):
            inside = self._last[:1] in (" ", "\t") or self._last.endswith(_OPENERS)
            return _MAY if inside else _NO
        if self._exception or self._failed:
            return _MUST
        return _MAY if self._mode is not Mode.PLAIN or gap <= _WRITTEN_AT_ONCE else _NO

    def _takes_exception(self, piece: Piece, gap: int, ahead: Callable[[frozenset[Kind]], bool]) -> int:
        if self._mode is Mode.PYTHON:
            return self._fits(after_place=False)
        if self._mode in (Mode.SOURCE, Mode.BRIDGED):
            return _MUST
        if self._mode is Mode.STACK and self._last.endswith(" aborted!"):
            return _MUST
        if self._last.endswith(":") and gap <= _SOON:
            return _MAY
        waits = self._failed and not self._exception and gap <= _SOON
        return _MAY if waits and ahead(_FRAMES) else self._takes_rest(piece, gap)

    def _takes_text(self, piece: Piece, gap: int, ahead: Callable[[frozenset[Kind]], bool]) -> int:
        first, last, mode = piece.first, self._last, self._mode
        waited_for = (
            (mode is Mode.PYTHON and _NAMED.match(first))
            or (mode is Mode.SOURCE and _PLACE.search(last))
            or (mode in (Mode.GO, Mode.RUST) and (_GO_CALL.match(first) or last.endswith(":")))
            or (self._fields > 0 and _FIELD.match(first))
            or (mode in (Mode.STACK, Mode.GO) and ahead(_FRAMES))
            or (mode is Mode.RAISED and gap <= _WRITTEN_AT_ONCE and ahead(_TAILS))
        )
        return _MUST if waited_for else self._takes_rest(piece, gap)

    def _takes_rest(self, piece: Piece, gap: int) -> int:
        """A value or statement that line feeds broke, a printed set under its heading, a message printed twice."""
        first, last = piece.first, self._last
        if last.count('"') % 2 and first.count('"') % 2:
            return _MUST
        if last.endswith(":") and first[0] in "{[(":
            return _MUST
        if gap <= _WRITTEN_AT_ONCE and (_CLAUSE.match(first) and (_STATEMENT.search(last) or last.endswith("Engine]"))):
            return _MAY
        said = first.partition(": ")[2]
        return _MAY if len(said) >= _TELLING and last.endswith(said) and gap <= _SOON else _NO

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
        elif kind in (Kind.HEAD, Kind.BRIDGE, Kind.EXCEPTION, Kind.FRAME) or self._mode is Mode.PYTHON:
            self._mode = next_mode(self._mode, line, kind)
            self._exception = self._exception or self._mode is not Mode.PLAIN
        elif kind is Kind.TEXT and self._fields > 0:
            self._fields -= 1
        if (found := _INVALID.search(line)) is not None:
            self._fields = int(found[1])
