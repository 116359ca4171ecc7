"""gzip comes out the same whoever unpacks it, damaged or whole."""

from __future__ import annotations

import gzip
import io
import random
import sys
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzer.sources.streams import Stream, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXT = random.Random(5).randbytes(3_000).hex().encode() * 2


class Pipe(io.BytesIO):
    """Bytes that cannot be read again."""

    def seekable(self) -> bool:
        return False


def unpacked(stream: Stream) -> tuple[bytes, str, int]:
    """What comes out, why it ends there, and how much has been read."""
    found = b""
    try:
        for chunk in stream.chunks():
            assert chunk
            found += chunk
    except Unreadable as error:
        return found, error.reason, stream.consumed
    return found, "", stream.consumed


@settings(deadline=None)
@given(
    st.lists(st.integers(0, len(TEXT)), min_size=1, max_size=3),
    st.sampled_from(["", "cut", "flip", "tail", "zeros"]),
    st.integers(0, 10**6),
    st.integers(1, 5_000),
)
@example([6_000], "cut", 9, 100_000)
@example([6_000], "flip", 20, 100_000)
@example([6_000, 6_000], "flip", 5_000, 100_000)
def test_a_file_is_unpacked_as_a_pipe_is(sizes: list[int], damage: str, place: int, chunk: int) -> None:
    packed = bytearray(b"".join(gzip.compress(TEXT[:size], mtime=0) for size in sizes))
    place = 10 + place % (len(packed) - 10)  # behind the header: of the bits that are kept free there zlib alone minds
    if damage == "cut":
        del packed[place:]
    elif damage == "flip":
        packed[place] ^= 0x20
    else:
        packed += {"tail": b"tail", "zeros": b"\0" * 600}.get(damage, b"")
    of_file, *ending = unpacked(Stream(io.BytesIO(packed), chunk=chunk))
    of_pipe, *same = unpacked(Stream(Pipe(packed), chunk=chunk))
    assert ending == same
    if damage == "flip":
        # How near to the damage what comes out ends is not the same.
        assert of_file.startswith(of_pipe)
    else:
        assert of_file == of_pipe
    if not damage:
        assert (of_file, *ending) == (b"".join(TEXT[:size] for size in sizes), "", len(packed))


def test_damage_far_into_a_file_leaves_what_came_before_it(monkeypatch: pytest.MonkeyPatch) -> None:
    text = random.Random(6).randbytes(400_000)
    packed = bytearray(gzip.compress(text))
    packed[300_000] ^= 0xFF
    found, reason, _ = unpacked(Stream(io.BytesIO(packed), chunk=20_000))
    assert text.startswith(found[:290_000])
    assert len(found) > 290_000
    assert reason == "its gzip data is corrupt"
    monkeypatch.setattr("analyzer.sources.streams.isal", lambda: None)
    assert unpacked(Stream(io.BytesIO(packed), chunk=20_000))[:2] == (found, reason)


def test_what_unpacks_to_very_much_comes_in_chunks() -> None:
    packed = gzip.compress(bytes(20_000_000))
    for raw in (io.BytesIO(packed), Pipe(packed)):
        sizes = [len(chunk) for chunk in Stream(raw, chunk=100_000).chunks()]
        assert max(sizes) <= 100_000
        assert sum(sizes) == 20_000_000


def test_a_file_is_unpacked_from_where_it_stands() -> None:
    raw = io.BytesIO(b"head" + gzip.compress(TEXT)[:-1])
    raw.seek(4)
    assert unpacked(Stream(raw))[0] == TEXT


def test_without_isa_l_zlib_unpacks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "isal", None)
    assert unpacked(Stream(io.BytesIO(gzip.compress(TEXT))))[0] == TEXT


def test_isa_l_unpacks_whole_files_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("isal")

    class Refusing:
        @staticmethod
        def decompressobj(_: int) -> Iterator[bytes]:
            raise AssertionError

    monkeypatch.setattr("analyzer.sources.streams.zlib", Refusing)
    assert unpacked(Stream(io.BytesIO(gzip.compress(TEXT))))[0] == TEXT
    with pytest.raises(AssertionError):
        unpacked(Stream(Pipe(gzip.compress(TEXT))))
