from __future__ import annotations

import errno
import io
import tempfile
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import analyzer.spool
from analyzer.spool import Spool

if TYPE_CHECKING:
    from pathlib import Path

PIECES = st.lists(st.binary(max_size=40), max_size=20)


class Full:
    """A disk that takes so many bytes and then no more, half of a piece if need be."""

    def __init__(self, room: int) -> None:
        self._file = io.BytesIO()
        self._room = room

    def seek(self, place: int) -> int:
        return self._file.seek(place)

    def read(self, size: int) -> bytes:
        return self._file.read(size)

    def write(self, data: memoryview) -> int:
        if not self._room:
            raise OSError(errno.ENOSPC, "No space left on device")
        taken = min(self._room, len(data), 7)
        self._room -= taken
        return self._file.write(data[:taken])

    def close(self) -> None:
        self._file.close()


def filled(pieces: list[bytes]) -> Spool:
    spool = Spool()
    assert [spool.add(piece) for piece in pieces] == list(range(len(pieces)))
    return spool


@settings(deadline=None)
@given(PIECES, st.sampled_from([0, 10, 100, 10_000]), st.integers(0, 45), st.none() | st.integers(0, 45))
def test_pieces_come_back_as_they_were_and_so_does_some_of_one(
    pieces: list[bytes], room: int, start: int, stop: int | None
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyzer.spool, "_ROOM", room)
        spool = filled(pieces)
        for number, piece in enumerate(pieces):
            assert spool.piece(number) == piece
            assert spool.piece(number, start, stop) == piece[start:stop]


@settings(deadline=None)
@given(PIECES, st.integers(0, 300))
def test_where_a_disk_is_full_pieces_stay_in_memory(pieces: list[bytes], room: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyzer.spool, "_ROOM", 30)
        patch.setattr(tempfile, "TemporaryFile", lambda **_: Full(room))
        spool = filled(pieces)
        assert [spool.piece(number) for number in range(len(pieces))] == pieces


def test_where_no_file_can_be_opened_pieces_stay_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: Any) -> None:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(analyzer.spool, "_ROOM", 2)
    monkeypatch.setattr(tempfile, "TemporaryFile", refused)
    spool = filled([b"one", b"two", b"three"])
    assert [spool.piece(number) for number in range(3)] == [b"one", b"two", b"three"]


def test_nothing_is_left_in_the_folder_for_temporary_files(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(analyzer.spool, "_ROOM", 2)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    spool = filled([b"a secret of the log"])
    assert spool.piece(0, 2, 8) == b"secret"
    assert list(tmp_path.iterdir()) == []
