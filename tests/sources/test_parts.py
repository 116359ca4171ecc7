"""A read in parts gives each record once, and says of it what a read of the whole says."""

from __future__ import annotations

import gzip
import io
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzer.errors import SourceError
from analyzer.model import LogEntry, Notice, Window
from analyzer.sources.files import Files
from analyzer.sources.parts import Part, Piece, Plan, Tally, parts_of
from analyzer.sources.paths import Target
from analyzer.sources.reading import Reading
from analyzer.sources.streams import Span
from analyzer.times import SECOND
from tests.sources.files import MIDNIGHT, ids, made, ndjson, parted, texts

if TYPE_CHECKING:
    from collections.abc import Sequence

FIRST = ndjson([made(0)])
"""What makes a file one of lines."""


def target(path: Path) -> Target:
    return Target(str(path), path.name, path.stat().st_size)


def written(path: Path, data: bytes) -> Target:
    path.write_bytes(data)
    return target(path)


def read(parts: Sequence[Part]) -> tuple[list[LogEntry], list[Notice], list[Tally]]:
    """What each part comes to, each read by itself."""
    items: list[LogEntry | Notice] = []
    tallies = []
    for part in parts:
        reading = Reading(part.window)
        items += (item for item in reading.items(part.pieces) if isinstance(item, dict | Notice))
        tallies.append(reading.tally)
    return *parted(items), tallies


@given(st.lists(st.sampled_from([b"\n", b"\r\n", b"a", b"bc", b" ", b"\xff" * 9])).map(b"".join), st.integers(1, 40))
@example(b"\n", 1)
@example(b"no line feed", 3)
@example(b"x" * 100 + b"\ny\n", 5)
def test_pieces_are_whole_lines_and_all_of_them(data: bytes, size: int) -> None:
    text = FIRST + data
    with tempfile.TemporaryDirectory() as folder:
        parts = parts_of([written(Path(folder) / "a", text)], None, size=size)
    pieces = [piece for part in parts for piece in part.pieces]
    assert pieces[0].start == 0
    assert pieces[-1].end is None
    assert [piece.end for piece in pieces[:-1]] == [piece.start for piece in pieces[1:]]
    assert all(text[piece.start - 1 : piece.start] == b"\n" for piece in pieces[1:])
    assert len({piece.start for piece in pieces}) == len(pieces) <= -(-len(text) // size)


def test_pieces_are_of_about_the_same_size(tmp_path: Path) -> None:
    one = written(tmp_path / "a.json", ndjson(map(made, range(1_000))))
    assert one.size is not None
    starts = [part.pieces[0].start for part in parts_of([one], None, size=one.size - 1_000)]
    assert len(starts) == 2
    assert starts[1] == pytest.approx(one.size / 2, rel=0.01)


@given(st.binary(max_size=200), st.integers(1, 200), st.integers(0, 200))
def test_a_span_is_what_stands_between_two_places(data: bytes, start: int, length: int) -> None:
    span = Span(io.BytesIO(data), start, start + length)
    assert b"".join(iter(lambda: span.read(7), b"")) == data[start : start + length]


@given(st.binary(max_size=200), st.integers(1, 200))
def test_a_piece_knows_how_many_lines_stand_before_it_and_goes_on_where_it_was(data: bytes, start: int) -> None:
    span = Span(io.BytesIO(data), start, None)
    begin = span.read(3)
    assert span.lines_before() == data[:start].count(b"\n")
    assert begin + span.read(500) == data[start:]
    assert span.lines_before() == span.lines_before()


_LINES = st.one_of(
    st.integers(1, 99).map(lambda number: ndjson([made(number)])[:-1]),
    st.sampled_from([b"", b"  ", b"\t", b"nonsense", b'{"insertId"', b"\xff\xfe"]),
    st.integers(300, 3_000).map(lambda size: ndjson([made(7, textPayload="x" * size)])[:-1]),
)


@settings(max_examples=60)
@given(
    st.lists(_LINES, max_size=12), st.sampled_from([b"\n", b"\r\n"]), st.sampled_from([b"", b"\n"]), st.integers(1, 900)
)
def test_parts_hold_what_the_file_holds_with_the_same_places(
    lines: list[bytes], feed: bytes, end: bytes, size: int
) -> None:
    data = feed.join([FIRST[:-1], *lines]) + end
    with tempfile.TemporaryDirectory() as folder:
        one = written(Path(folder) / "export.json", data)
        entries, notices, tallies = read(parts_of([one], None, size=size))
        whole, said, (tally,) = read([Part((Piece(one),), None)])
    assert entries == whole
    assert [notice.text for notice in notices] == [notice.text for notice in said]
    assert sum(one.entries for one in tallies) == tally.entries
    assert sum(one.consumed for one in tallies) == tally.consumed == len(data)
    assert sum(one.readable for one in tallies) == 1


def test_a_very_long_line_over_many_pieces_is_one_record(tmp_path: Path) -> None:
    data = FIRST + ndjson([made(1, textPayload="y" * 600_000), made(2)])
    parts = parts_of([written(tmp_path / "a.json", data)], None, size=50_000)
    assert len(parts) == 2
    entries, notices, _ = read(parts)
    assert (ids(entries), notices) == (["e0", "e1", "e2"], [])


def test_lines_of_later_pieces_are_those_of_the_file(tmp_path: Path) -> None:
    lines = ndjson(map(made, range(300))).splitlines(keepends=True)
    lines[150] = b"broken\n"
    lines[290] = b"broken\n"
    _, notices, _ = read(parts_of([written(tmp_path / "a.json", b"".join(lines))], None, size=4_000))
    assert [notice.text.split(": ")[0] for notice in notices] == ["a.json:151", "a.json:291"]


def test_a_file_that_ends_in_the_middle_of_a_record_is_incomplete_in_its_last_piece(tmp_path: Path) -> None:
    data = ndjson(map(made, range(50)))[:-9]
    entries, notices, _ = read(parts_of([written(tmp_path / "a.json", data)], None, size=2_000))
    assert len(entries) == 49
    assert [(notice.text, notice.incomplete) for notice in notices] == [
        ("a.json:50: ends in the middle of a record", True)
    ]


def test_a_file_that_shrinks_gives_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    parts = parts_of([written(path, ndjson(map(made, range(50))))], None, size=1_000)
    path.write_bytes(ndjson(map(made, range(3))))
    entries, notices, tallies = read(parts)
    assert (ids(entries), notices) == (["e0", "e1", "e2"], [])
    assert not any(tally.failures for tally in tallies)


def test_a_file_that_grows_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    parts = parts_of([written(path, ndjson(map(made, range(20))))], None, size=1_000)
    path.write_bytes(ndjson(map(made, range(25))))
    assert ids(read(parts)[0]) == [f"e{number}" for number in range(25)]


def test_a_file_that_vanishes_is_one_failure_however_many_pieces_it_has(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    parts = parts_of([written(path, ndjson(map(made, range(50))))], None, size=1_000)
    path.unlink()
    _, _, tallies = read(parts)
    with pytest.raises(SourceError) as told:
        list(Plan(parts, None, 0, ()).closing(tallies))
    assert told.value.message == "cannot read a.json: no such file or directory"


def test_a_file_that_vanishes_in_the_middle_makes_the_read_incomplete(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    parts = parts_of([written(path, ndjson(map(made, range(50))))], None, size=1_000)
    _, _, some = read(parts[:2])
    path.unlink()
    _, _, more = read(parts[2:])
    (notice,) = Plan(parts, None, 0, ()).closing([*some, *more])
    assert notice == Notice("cannot read a.json: no such file or directory", incomplete=True)


def test_small_files_are_read_together_and_large_ones_are_cut_in_their_order(tmp_path: Path) -> None:
    names = {"a": 2, "b": 2, "c": 60, "d": 2, "e": 6, "f": 6}
    targets = [written(tmp_path / name, ndjson(map(made, range(lines)))) for name, lines in names.items()]
    shape = [[piece.target.name for piece in part.pieces] for part in parts_of(targets, None, size=1_500)]
    cut = sum(names == ["c"] for names in shape)
    assert cut > 2
    assert [name for names in shape for name in dict.fromkeys(names)] == ["a", "b", *["c"] * cut, "d", "e", "f"]
    assert shape[0] == ["a", "b"]
    whole = parts_of(targets, None, size=10**9)
    assert [[piece.target.name for piece in part.pieces] for part in whole] == [list(names)]


@pytest.mark.parametrize("name", ["compact.json", "lines.json.gz"])
def test_other_arrays_than_those_of_gcloud_and_packed_files_are_never_cut(tmp_path: Path, name: str) -> None:
    entries = [made(number, textPayload=f"{number * 7919:x}" * 5) for number in range(200)]
    data = json.dumps(entries, indent=1).encode() if name == "compact.json" else gzip.compress(ndjson(entries))
    one = written(tmp_path / name, data)
    (part,) = parts_of([one], None, size=500)
    assert part.pieces == (Piece(one),)
    assert len(read([part])[0]) == 200


def test_packed_files_weigh_what_is_in_them(tmp_path: Path) -> None:
    packed = [written(tmp_path / f"{number}.json.gz", bytes(100)) for number in range(4)]
    assert [len(part.pieces) for part in parts_of(packed, None, size=2_000)] == [2, 2]


def test_a_file_that_cannot_be_opened_is_one_piece(tmp_path: Path) -> None:
    gone = Target(str(tmp_path / "gone.json"), "gone.json", 10_000)
    assert parts_of([gone], None, size=100) == (Part((Piece(gone),), None),)


def test_no_files_are_no_parts() -> None:
    assert parts_of([], None, size=100) == ()


def test_standard_input_is_never_shared(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(FIRST)
    assert Files([path]).plan(None).shared
    plan = Files([path, "-"]).plan(None)
    assert not plan.shared
    assert plan.size is None


def test_a_window_goes_to_each_part_and_leaves_shards_out_by_name(tmp_path: Path) -> None:
    for day in ("01", "10"):
        folder = tmp_path / "logs" / "2025" / ("01" if day == "01" else "09") / day
        folder.mkdir(parents=True)
        (folder / "00:00:00_00:59:59_S0.json").write_bytes(ndjson(map(made, range(10))))
    window = Window(MIDNIGHT + 3 * SECOND, MIDNIGHT + 5 * SECOND)
    plan = Files([tmp_path]).plan(window)
    assert plan.shards == 1
    assert {part.window for part in plan.parts} == {window}
    entries, _, tallies = read(plan.parts)
    assert ids(entries) == ["e3", "e4"]
    said = texts(list(plan.closing(tallies)))
    assert "1 shards were left out: by their names they lie outside the window" in said
    assert "8 entries were left out: they lie outside the window" in said


def plan(failures: int = 0, shards: int = 0) -> Plan:
    return Plan((), None, shards, tuple(SourceError(f"bad {number}", hint="mend it") for number in range(failures)))


def test_when_nothing_can_be_read_the_first_reason_is_the_error() -> None:
    with pytest.raises(SourceError) as told:
        list(plan(2).closing([Tally(failures=[("worse", "")])]))
    assert told.value.message == "bad 0 (and 2 more that cannot be read)"
    assert told.value.hint == "mend it"


def test_failures_beside_what_can_be_read_make_it_incomplete_and_are_told_singly_while_few() -> None:
    notices = list(plan(23).closing([Tally(entries=1, kept=1, readable=1)]))
    assert all(notice.incomplete for notice in notices)
    assert [notice.text for notice in notices] == [*(f"bad {n}" for n in range(20)), "3 more files cannot be read"]


def test_shards_left_out_are_no_failure() -> None:
    assert texts(list(plan(1, shards=2).closing([]))).splitlines()[0] == "bad 0"


def test_what_was_empty_and_what_lies_outside_is_said() -> None:
    assert texts(list(plan().closing([Tally(readable=1)]))) == "there are no entries in the input"
    outside = plan().closing([Tally(entries=3, kept=1, readable=1), Tally(entries=2, kept=2)])
    assert texts(list(outside)) == "2 entries were left out: they lie outside the window"
    assert list(plan().closing([Tally(entries=3, kept=3, readable=1)])) == []


def test_a_read_of_medium_size_can_be_shared_by_four(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = written(tmp_path / "a.json", ndjson(map(made, range(1_000))))
    assert len(parts_of([one], None, size=10**9)) == 1
    monkeypatch.setattr("analyzer.sources.parts._LEAST", 1_000)
    assert len(parts_of([one], None, size=10**9)) == 4
    packed = [written(tmp_path / f"{number}.json.gz", bytes(1_000)) for number in range(20)]
    assert len(parts_of(packed, None, size=10**9)) == 4
