"""However the same objects are laid out and cut into chunks, they read back the same."""

from __future__ import annotations

import gzip
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.sources.arrays import ArraySplitter
from analyzer.sources.blocks import Block, Damage, Lines
from analyzer.sources.decoding import decode
from analyzer.sources.formats import split
from analyzer.sources.lines import LineSplitter
from analyzer.sources.streams import Stream
from analyzer.sources.values import ValueSplitter
from tests.sources.files import made

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Objects = list[dict[str, Any]]

TEXTS = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(
    [
        "}",
        "{",
        '"',
        "\\",
        '\\"',
        "},\n  {",
        "\n  }",
        "[",
        "]",
        '{"entries": [',
        "\u2028",
        "✗ 'a' \\u2717",
        ",",
        '},{"insertId":',
    ],
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(
    st.fixed_dictionaries({"insertId": TEXTS}, optional={"jsonPayload": st.dictionaries(TEXTS, VALUES, max_size=4)}),
    min_size=1,
    max_size=6,
)
INDENTS = st.sampled_from([None, 0, 1, 2, 4, "\t"])
ASCII = st.booleans()
SIZES = st.integers(1, 40) | st.sampled_from([4096, 100_000])


def chunked(data: bytes, size: int) -> Iterator[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


def read_back(chunks: Iterator[bytes]) -> Objects:
    found: Objects = []
    for item in split(chunks):
        assert isinstance(item, Block), item
        for start, end in item.spans:
            for entry in decode(item.data[start:end]):
                assert isinstance(entry, dict), entry
                found.append(entry)
    return found


def as_array(objects: Objects, indent: Any, *, ascii_only: bool) -> str:
    return json.dumps(objects, indent=indent, ensure_ascii=ascii_only)


def as_compact_array(objects: Objects, _: Any, *, ascii_only: bool) -> str:
    return json.dumps(objects, separators=(",", ":"), ensure_ascii=ascii_only)


def as_array_of_lines(objects: Objects, _: Any, *, ascii_only: bool) -> str:
    return "[" + ",\n".join(json.dumps(item, ensure_ascii=ascii_only) for item in objects) + "]\n"


def as_lines(objects: Objects, _: Any, *, ascii_only: bool) -> str:
    return "\n".join(json.dumps(item, ensure_ascii=ascii_only) for item in objects)


def as_windows_lines(objects: Objects, _: Any, *, ascii_only: bool) -> str:
    return "\r\n\r\n".join(json.dumps(item, ensure_ascii=ascii_only) for item in objects) + "\r\n"


def one_after_another(objects: Objects, indent: Any, *, ascii_only: bool) -> str:
    return "".join(json.dumps(item, indent=indent, ensure_ascii=ascii_only) for item in objects)


def one_below_another(objects: Objects, indent: Any, *, ascii_only: bool) -> str:
    return "\n".join(json.dumps(item, indent=indent, ensure_ascii=ascii_only) for item in objects) + "\n"


def as_responses(objects: Objects, indent: Any, *, ascii_only: bool) -> str:
    pages = [{"entries": objects[:2], "nextPageToken": "EAA4"}, {"nextPageToken": "EAA5", "entries": objects[2:]}]
    return "\n".join(json.dumps(page, indent=indent, ensure_ascii=ascii_only) for page in pages)


def as_two_arrays(objects: Objects, indent: Any, *, ascii_only: bool) -> str:
    halves = [json.dumps(half, indent=indent, ensure_ascii=ascii_only) for half in (objects[:1], objects[1:])]
    return "\n".join(halves) + "\n"


LAYOUTS: list[Callable[..., str]] = [
    as_array,
    as_compact_array,
    as_array_of_lines,
    as_lines,
    as_windows_lines,
    one_after_another,
    one_below_another,
    as_responses,
    as_two_arrays,
]


@pytest.mark.parametrize("layout", LAYOUTS)
@given(objects=OBJECTS, indent=INDENTS, ascii_only=ASCII, size=SIZES)
def test_objects_read_back_the_same(
    layout: Callable[..., str],
    objects: Objects,
    indent: Any,
    ascii_only: bool,
    size: int,
) -> None:
    data = layout(objects, indent, ascii_only=ascii_only).encode()
    assert read_back(chunked(data, size)) == objects


@given(objects=OBJECTS, indent=INDENTS, size=SIZES, members=st.integers(1, 3), chunk=st.integers(1, 300))
def test_gzip_reads_back_the_same(objects: Objects, indent: Any, size: int, members: int, chunk: int) -> None:
    data = json.dumps(objects, indent=indent).encode()
    step = len(data) // members + 1
    packed = b"".join(gzip.compress(part, mtime=0) for part in chunked(data, step))
    stream = Stream(io.BytesIO(packed), chunk=chunk)
    assert read_back(stream.chunks()) == objects
    assert stream.consumed == len(packed)


_SIGNS = st.sampled_from(["[", "]", "{", "}", '"', ",", ":", "\\", " ", "\n", "\t", "ea1", "\n  {\n    ", "\n  },\n"])


@given(st.binary(max_size=400) | st.lists(_SIGNS, max_size=200).map("".join).map(str.encode), SIZES)
def test_any_bytes_end_without_a_crash_and_the_same_for_every_chunk_size(data: bytes, size: int) -> None:
    def places(splitter: LineSplitter | ArraySplitter | ValueSplitter, step: int) -> list[tuple[int, bytes]]:
        found = []
        for chunk in [*chunked(data, step), b""]:
            for item in splitter.feed(chunk, final=not chunk):
                if isinstance(item, Block):
                    lines = Lines(item)
                    found += [(lines.at(start), item.data[start:end]) for start, end in item.spans]
                else:
                    found.append((item.line, item.reason.encode()))
        return found

    assert places(LineSplitter(), size) == places(LineSplitter(), 1_000)
    assert places(ValueSplitter(), size) == places(ValueSplitter(), 1_000)
    assert places(ArraySplitter(), size) == places(ArraySplitter(), 1_000)


@given(objects=OBJECTS, indent=INDENTS, size=SIZES)
def test_a_block_knows_the_line_of_each_record(objects: Objects, indent: Any, size: int) -> None:
    data = json.dumps(objects, indent=indent).encode()
    lines: Sequence[bytes] = data.split(b"\n")
    for item in split(chunked(data, size)):
        assert isinstance(item, Block)
        place = Lines(item)
        for start, end in item.spans:
            first = item.data[start:end].split(b"\n")[0]
            assert first in lines[place.at(start) - 1]


def feed_all(splitter: ValueSplitter | LineSplitter, data: bytes, size: int) -> tuple[list[bytes], list[Damage]]:
    records: list[bytes] = []
    damages: list[Damage] = []
    for chunk in [*chunked(data, size), b""]:
        for item in splitter.feed(chunk, final=not chunk):
            if isinstance(item, Block):
                records += [item.data[start:end] for start, end in item.spans]
            else:
                damages.append(item)
    return records, damages


def test_an_object_without_an_end_ends_the_read_once_it_is_too_large() -> None:
    data = b'[{"insertId": "e0"}, {"textPayload": "' + b"x" * 10_000
    records, damages = feed_all(ValueSplitter(largest=2_000), data, 100)
    assert records == [b'{"insertId": "e0"}']
    assert [(damage.skipped, damage.incomplete) for damage in damages] == [(1, True)]
    assert "has no end" in damages[0].reason


def test_objects_after_one_without_an_end_are_found_by_their_first_key() -> None:
    good = [json.dumps(made(number)).encode() for number in range(40)]
    data = b"[" + b", ".join([b'{"insertId": "bad", "labels": {"a": "b"}', *good]) + b"]"
    records, damages = feed_all(ValueSplitter(largest=2_000), data, 100)
    assert records[1:] == good
    assert damages == []


def test_finding_the_way_again_is_given_up_after_a_hundred_times() -> None:
    data = b"[" + b",".join([b'{"insertId": {'] * 400) + b"]"
    records, damages = feed_all(ValueSplitter(largest=500), data, 100)
    assert 100 <= len(records) < 110
    assert damages[-1].incomplete


def test_a_line_that_is_too_long_is_dropped_alone() -> None:
    data = b"{}\n" + b"x" * 5_000 + b"\n{}\n" + b"y" * 5_000
    records, damages = feed_all(LineSplitter(largest=1 << 10), data, 100)
    assert records == [b"{}", b"{}"]
    assert [damage.line for damage in damages] == [2, 4]


def test_a_large_gap_keeps_the_indentation_of_the_next_object() -> None:
    data = b'[\n  {\n    "insertId": "a"\n  },\n' + b" " * 20_000 + b'\n  {\n    "insertId": "b"\n  }\n]'
    assert [item["insertId"] for item in read_back(chunked(data, 1_000))] == ["a", "b"]
