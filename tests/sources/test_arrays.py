"""An array as gcloud prints it reads the same in parts, and whatever is wrong with it is told of as it ever was."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzer.model import Notice
from analyzer.sources.arrays import ArraySplitter
from analyzer.sources.blocks import Block, Damage, Lines
from analyzer.sources.formats import Layout, layout_of, split
from analyzer.sources.parts import Part, Piece, parts_of
from analyzer.sources.paths import Target
from analyzer.sources.reading import Reading
from analyzer.sources.values import ValueSplitter
from tests.sources.files import ids, made, ndjson, parted, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.model import LogEntry
    from analyzer.sources.parts import Tally

Told = tuple[list["LogEntry"], list["Notice"], list["Tally"]]


def printed(entries: Sequence[LogEntry]) -> bytes:
    """Entries as gcloud prints them."""
    return json.dumps(entries, indent=2).encode() + b"\n"


def target(path: Path) -> Target:
    return Target(str(path), path.name, path.stat().st_size)


def cut(path: Path, data: bytes, size: int) -> tuple[Part, ...]:
    path.write_bytes(data)
    return parts_of([target(path)], None, size=size)


def read(parts: Sequence[Part]) -> Told:
    """What each part comes to, each read by itself."""
    items: list[LogEntry | Notice] = []
    tallies = []
    for part in parts:
        reading = Reading(part.window)
        items += (item for item in reading.items(part.pieces) if isinstance(item, dict | Notice))
        tallies.append(reading.tally)
    return *parted(items), tallies


def raw(splitter: ArraySplitter | ValueSplitter, data: bytes) -> list[tuple[int, bytes] | Damage]:
    """Records with their lines, and damages."""
    found: list[tuple[int, bytes] | Damage] = []
    for final in (False, True):
        for item in splitter.feed(b"" if final else data, final=final):
            if isinstance(item, Block):
                lines = Lines(item)
                found += [(lines.at(start), item.data[start:end]) for start, end in item.spans]
            else:
                found.append(item)
    return found


def test_an_array_of_gcloud_is_cut_between_records(tmp_path: Path) -> None:
    data = printed([made(number, labels={"a": {"b": "c"}}) for number in range(100)])
    parts = cut(tmp_path / "a.json", data, 2_000)
    assert len(parts) > 5
    assert {piece.layout for part in parts for piece in part.pieces} == {Layout.ARRAY}
    assert all(data[part.pieces[0].start :].startswith(b'  {\n    "') for part in parts[1:])
    entries, notices, tallies = read(parts)
    assert (ids(entries), notices) == ([f"e{number}" for number in range(100)], [])
    assert sum(tally.consumed for tally in tallies) == len(data)


_ODD = [
    b"",
    b"]\n",
    b"[\n",
    b"\n",
    b"\r\n",
    b"text\n",
    b'"text"\n',
    b"  }\n",
    b"  },\n",
    b"  {\n",
    b"  },\n  {\n    ",
    b"  {},\n",
    b"{\n",
    b"}\n",
    b'{"insertId": "lone"}\n',
    b'{"insertId": {\n',
    b'{"entries": [\n',
    b'  {"insertId": "compact"},\n',
    b"    {\n      ",
    b"\t{\n",
    b"\xff\n",
    printed([made(7), made(8)]),
    json.dumps([made(9), made(10)], indent="\t").encode(),
    json.dumps([made(11), made(12)], indent=4).replace("\n", "\r\n").encode(),
    json.dumps([made(13), made(14)]).encode(),
    ndjson([made(15), made(16)]),
    ndjson([made(17)])[:30],
]
_WHOLE = printed([made(number, labels={"a": {"b": ["c", {}]}}) for number in range(1, 9)]).splitlines(keepends=True)
_SECOND = _WHOLE.index(b"  },\n") + 1
_CHANGES = st.lists(
    st.tuples(st.integers(_SECOND, len(_WHOLE)), st.integers(0, 6), st.sampled_from(_ODD)), min_size=1, max_size=4
)


def changed(changes: Sequence[tuple[int, int, bytes]]) -> bytes:
    """An array of which some lines, none of the first record, have been replaced by others."""
    lines = list(_WHOLE)
    for line, lost, odd in sorted(changes, reverse=True):
        lines[line : line + lost] = [odd]
    return b"".join(lines)


@settings(max_examples=300, deadline=None)
@given(_CHANGES, st.integers(1, 1_500), st.integers(0, 40))
@example([], 10, 0)
def test_parts_hold_what_the_array_holds_with_the_same_places(
    changes: list[tuple[int, int, bytes]], size: int, lost: int
) -> None:
    data = changed(changes)
    data = data[: len(data) - lost]
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("analyzer.sources.reading._TOLD", 1_000)
        path = Path(folder) / "export.json"
        entries, notices, tallies = read(cut(path, data, size))
        whole, said, (tally,) = read([Part((Piece(target(path)),), None)])
    assert entries == whole
    assert notices == said
    assert sum(one.entries for one in tallies) == tally.entries
    assert sum(one.consumed for one in tallies) == tally.consumed == len(data)
    assert sum(one.readable for one in tallies) == 1


HALF = len(_WHOLE) // 2
DAMAGED = {
    "whole": b"".join(_WHOLE),
    "cut off": b"".join(_WHOLE)[:-200],
    "cut off between records": b"".join(_WHOLE).rpartition(b"  {\n")[0],
    "cut off, and another array after it": b"".join(_WHOLE)[:-300] + b"".join(_WHOLE),
    "text before it": b"WARNING: gcloud is old\n\n" + b"".join(_WHOLE),
    "text after it": b"".join(_WHOLE) + b"Listed 8 items.\n",
    "lines after it": b"".join(_WHOLE) + ndjson(map(made, range(20, 30))),
    "compact after it": b"".join(_WHOLE) + json.dumps([made(9), made(10)]).encode(),
    "deeper after it": b"".join(_WHOLE) + json.dumps([made(9), made(10)], indent=4).encode(),
    "tabs after it": b"".join(_WHOLE) + json.dumps([made(9), made(10)], indent="\t").encode(),
    "other line ends from the middle": b"".join(_WHOLE[:HALF]) + b"".join(_WHOLE[HALF:]).replace(b"\n", b"\r\n"),
    "a line lost": b"".join(_WHOLE[:HALF] + _WHOLE[HALF + 1 :]),
    "a closing line lost": b"".join(_WHOLE).replace(b"  },\n  {\n", b"  {\n", 3),
    "an opening line lost": b"".join(_WHOLE).replace(b"  },\n  {\n", b"  },\n", 3),
    "a comma lost": b"".join(_WHOLE).replace(b"  },\n  {\n", b"  }\n  {\n", 3),
    "a blank line between": b"".join(_WHOLE).replace(b"  },\n  {\n", b"  },\n\n  {\n", 3),
    "broken inside": b"".join(_WHOLE).replace(b'"textPayload":', b"oh no", 3),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_what_is_wrong_with_an_array_is_told_as_of_any_json(what: str) -> None:
    assert raw(ArraySplitter(), DAMAGED[what]) == raw(ValueSplitter(), DAMAGED[what])


def test_a_compact_record_without_an_end_costs_no_more_than_what_comes_before_the_next_seam() -> None:
    lines = list(_WHOLE)
    lines[lines.index(b"  },\n", HALF) :][:1] = [b"  },\n", b'  {"insertId": {"a": 1,\n', b"  },\n"]
    found = raw(ArraySplitter(), b"".join(lines))
    damage = [item for item in found if isinstance(item, Damage)]
    assert len(found) - len(damage) >= 8
    assert not any(item.incomplete for item in damage)


def test_what_has_no_seam_is_read_on_and_not_kept() -> None:
    data = printed([made(1)]) + ndjson(map(made, range(30_000)))
    splitter = ArraySplitter()
    count = 0
    for start in range(0, len(data), 50_000):
        for item in splitter.feed(data[start : start + 50_000], final=False):
            assert isinstance(item, Block)
            count += len(item.spans)
        assert len(splitter._rest) <= 1024 * 1024
    assert count > 29_000


@pytest.mark.parametrize("size", [1, 100, 70_000, 10_000_000])
def test_records_after_a_long_stretch_without_a_seam_are_found_with_their_lines(size: int) -> None:
    data = printed([made(1), made(2)]) + ndjson(map(made, range(9_000))) + b"".join(_WHOLE)
    size = max(size, len(data) // 2_000)
    found = [
        (lines.at(start), item.data[start:end])
        for item in split(data[start : start + size] for start in range(0, len(data), size))
        if isinstance(item, Block)
        for lines in [Lines(item)]
        for start, end in item.spans
    ]
    assert found == raw(ValueSplitter(), data)
    assert len(found) == 2 + 9_000 + 8


def test_lines_of_later_pieces_are_those_of_the_file(tmp_path: Path) -> None:
    lines = printed([made(number) for number in range(300)]).splitlines(keepends=True)
    broken = (901, 1501)
    for line in broken:
        lines.insert(line - 1, b"broken\n")
    _, notices, _ = read(cut(tmp_path / "a.json", b"".join(lines), 4_000))
    starts = [max(number for number in range(line) if lines[number] == b"  {\n") + 1 for line in broken]
    assert [notice.text.split(": ")[0] for notice in notices] == [f"a.json:{start}" for start in starts]


def test_an_array_that_ends_early_is_incomplete_in_its_last_piece_only(tmp_path: Path) -> None:
    data = printed([made(number) for number in range(50)])
    for lost, said in ((3, "ends before its array does"), (60, "ends in the middle of a record")):
        entries, notices, _ = read(cut(tmp_path / "a.json", data[:-lost], 2_000))
        assert len(entries) >= 49
        assert texts(notices).endswith(said)
        assert [notice.incomplete for notice in notices] == [True]


@pytest.mark.parametrize(
    ("data", "layout"),
    [
        (printed([made(1)]), Layout.ARRAY),
        (b"\xef\xbb\xbf" + printed([made(1)]), Layout.ARRAY),
        (b"WARNING: old\n" + printed([made(1)]), Layout.ARRAY),
        (printed([made(1)]).replace(b"\n", b"\r\n"), Layout.VALUES),
        (json.dumps([made(1)], indent=4).encode(), Layout.VALUES),
        (json.dumps([made(1)]).encode(), Layout.VALUES),
        (b"[]\n", Layout.VALUES),
        (ndjson([made(1)]), Layout.LINES),
        (json.dumps(made(1), indent=2).encode(), Layout.VALUES),
        (b"\x1f\x8b packed", Layout.VALUES),
        (b"", Layout.VALUES),
    ],
)
def test_the_layout_is_told_from_the_beginning(tmp_path: Path, data: bytes, layout: Layout) -> None:
    path = tmp_path / "export"
    path.write_bytes(data)
    with path.open("rb") as file:
        assert layout_of(file) is layout
