from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.model import Window
from analyzer.sheets import NOTHING, Glance
from analyzer.sources.blocks import Block
from analyzer.sources.decoding import decode
from analyzer.sources.glances import runs
from analyzer.sources.lines import LineSpans
from analyzer.times import SECOND, parse_timestamp
from tests.skim.lines import exports
from tests.sources.files import MIDNIGHT, made, ndjson

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.sheets import Sheet

Runs = list[tuple[int, int, "Sheet | None"]]

EXPORTS = exports.map(lambda data: data or b"\n")
"""With something in them; a filter would have to write out the whole strategy where it drops one."""
WINDOW = Window(parse_timestamp("2025-09-10T00:33:02Z"), parse_timestamp("2025-09-10T00:33:07Z"))


def block_of(data: bytes, *, lines: bool = True) -> Block:
    """Lines as a block; with ``lines`` false it does not say that each record is a line."""
    spans = LineSpans(data)
    return Block(data, spans if lines else [*spans], 1)


def runs_of(data: bytes, window: Window | None = None, *, lines: bool = True) -> Runs:
    return list(runs(block_of(data, lines=lines), window))


def told(found: Runs) -> list[Any]:
    """What runs say, to compare."""

    def shown(sheet: Sheet) -> Any:
        return (sheet.glances, sheet.stamps.tolist(), [sheet.records.whole(row) for row in range(len(sheet))])

    return [(start, end, None if sheet is None else shown(sheet)) for start, end, sheet in found]


def kinds(records: Sequence[bytes]) -> list[tuple[int, int, bool]]:
    """Where runs begin and end, and whether they are sheets."""
    return [(start, end, sheet is not None) for start, end, sheet in runs_of(b"\n".join(records))]


def is_at(value: Any, glanced: Any) -> bool:
    """Whether a glance shows a value of the record."""
    if isinstance(glanced, msgspec.Raw):
        return bool(value == (None if glanced is NOTHING else msgspec.json.decode(glanced)))
    if isinstance(glanced, msgspec.Struct):
        return isinstance(value, dict) and all(
            is_at(value.get(name), getattr(glanced, name)) for name in glanced.__struct_fields__
        )
    return bool(value == glanced)


@settings(max_examples=100, deadline=None)
@given(EXPORTS)
def test_a_sheet_shows_of_each_record_what_stands_in_it(data: bytes) -> None:
    spans = LineSpans(data)
    place = 0
    for start, end, sheet in runs_of(data):
        assert start == place
        assert end == start + (1 if sheet is None else len(sheet))
        place = end
        for row in range(0 if sheet is None else len(sheet)):
            assert sheet is not None
            raw = sheet.records.whole(row)
            assert raw == next(decode(data[slice(*spans[start + row])]))
            assert isinstance(raw, dict)
            assert sheet.stamps[row] == parse_timestamp(raw["timestamp"])
            glance = sheet.glances[row]
            assert all(is_at(raw.get(name), getattr(glance, name)) for name in glance.__struct_fields__)
    assert place == len(spans)


@settings(max_examples=100, deadline=None)
@given(EXPORTS, st.sampled_from([None, WINDOW]))
def test_records_are_read_together_as_one_by_one(data: bytes, window: Window | None) -> None:
    assert told(runs_of(data, window)) == told(runs_of(data, window, lines=False))


@settings(max_examples=100, deadline=None)
@given(EXPORTS)
def test_a_window_leaves_out_what_was_stamped_outside_of_it(data: bytes) -> None:
    for (start, end, sheet), (first, last, some) in zip(runs_of(data), runs_of(data, WINDOW), strict=True):
        assert (start, end) == (first, last)
        assert (sheet is None) == (some is None)
        if sheet is not None and some is not None:
            inside = [row for row, stamp in enumerate(sheet.stamps.tolist()) if stamp in WINDOW]
            assert some.glances == [sheet.glances[row] for row in inside]
            assert [some.records.whole(row) for row in range(len(some))] == [sheet.records.whole(row) for row in inside]


GOOD, OTHER = (msgspec.json.encode(made(number)) for number in (1, 2))


@pytest.mark.parametrize(
    "doubtful",
    [
        b'{"insertId": "cut", "textPayload": "x"',
        b"null",
        b"[]",
        b"text",
        b'"text"',
        b"{}",
        b'{"other": 1}',
        GOOD + GOOD,
        GOOD + b" " + GOOD,
        b"[" + GOOD + b"]",
        msgspec.json.encode(made(3, timestamp=None)),
        msgspec.json.encode(made(3, timestamp={"seconds": 1_757_464_385})),
        msgspec.json.encode(made(3, timestamp="yesterday")),
        msgspec.json.encode(made(3, textPayload=None)),
        msgspec.json.encode(made(3, httpRequest="odd")),
        msgspec.json.encode(made(3, textPayload=None, protoPayload={})),
        b'{"insert_id": "3", "text_payload": "x", "timestamp": "2025-09-10T00:33:05Z"}',
        GOOD.replace(b"line", b"\xff"),
        GOOD.replace(b"line", b"\\ud800"),
        GOOD.replace(b"line", b"\\x"),
        GOOD[:-1] + b',"x":' + b"[" * 100 + b"]" * 100 + b"}",
        GOOD[:-1] + b',"jsonPayload":{"n":NaN}}',
        GOOD + b",",
    ],
)
def test_what_is_doubtful_stands_alone_and_is_left_to_the_plain_way(doubtful: bytes) -> None:
    assert kinds([doubtful]) == [(0, 1, False)]
    assert kinds([GOOD, OTHER, doubtful, GOOD]) == [(0, 2, True), (2, 3, False), (3, 4, True)]
    assert kinds([doubtful, doubtful, GOOD]) == [(0, 1, False), (1, 2, False), (2, 3, True)]


@pytest.mark.parametrize(
    "spelled",
    [
        GOOD + b"\r",
        GOOD + b" ",
        b"  " + GOOD,
        GOOD[:-1] + b" }",
        GOOD[:-1] + b',"x":' + b"[" * 98 + b"]" * 98 + b"}",
        GOOD[:-1] + b',"labels":{"{":"}"}}',
        msgspec.json.encode(made(3, timestamp="2025-09-10T02:33:05.5+02:00")),
        msgspec.json.encode(made(3, textPayload=None, httpRequest={})),
        msgspec.json.encode(made(3, textPayload=None, jsonPayload=[1])),
        msgspec.json.encode(made(3, textPayload=None, resource={})),
    ],
)
def test_odd_spellings_of_a_plain_record_come_in_sheets(spelled: bytes) -> None:
    assert kinds([GOOD, spelled, b"", OTHER]) == [(0, 3, True)]
    assert kinds([spelled]) == [(0, 1, True)]


@pytest.mark.parametrize("data", [b"\n", b"\n\n", b" \r\n"])
def test_blank_lines_have_no_runs(data: bytes) -> None:
    assert runs_of(data) == runs_of(data, lines=False) == []


@pytest.mark.parametrize("end", [b"", b"\n", b"\n\n", b"\r\n"])
def test_the_last_line_may_have_a_line_feed_or_none(end: bytes) -> None:
    data = GOOD + b"\n" + OTHER + end
    ((start, stop, sheet),) = runs_of(data)
    assert sheet is not None
    assert (start, stop) == (0, 2)
    assert [sheet.records.whole(row) for row in range(2)] == [made(1), made(2)]
    assert [glance.insertId for glance in sheet.glances] == ["e1", "e2"]


def test_an_object_over_several_lines_is_not_taken_for_some() -> None:
    data = b'{"insertId": "e1", "labels": {}\n, "textPayload": "x",\n"timestamp": "2025-09-10T00:00:01Z"}'
    ((start, end, sheet),) = runs(Block(data, [(0, len(data))], 1), None)
    assert (start, end) == (0, 1)
    assert sheet is not None
    assert sheet.glances[0] == Glance(
        insertId="e1", labels=msgspec.Raw(b"{}"), textPayload="x", timestamp="2025-09-10T00:00:01Z"
    )


def test_as_many_objects_as_lines_are_not_taken_for_one_on_each() -> None:
    first = GOOD[:-1] + b',"labels":'
    assert kinds([first, b"{}}" + OTHER]) == [(0, 1, False), (1, 2, False)]


def test_a_window_may_leave_a_sheet_empty() -> None:
    data = ndjson(made(number) for number in range(3))
    ((start, end, sheet),) = runs_of(data, Window(MIDNIGHT + 9 * SECOND, MIDNIGHT + 10 * SECOND))
    assert (start, end) == (0, 3)
    assert sheet is not None
    assert len(sheet) == 0
    ((_, _, some),) = runs_of(data, Window(MIDNIGHT + SECOND, MIDNIGHT + 2 * SECOND))
    assert some is not None
    assert [glance.insertId for glance in some.glances] == ["e1"]


def runs_apart(records: Sequence[bytes], gap: bytes) -> list[tuple[int, int, bool]]:
    """The kinds of records in a block with something between them."""
    ends = list(itertools.accumulate(len(record) + len(gap) for record in records))
    spans = [(end - len(gap) - len(record), end - len(gap)) for record, end in zip(records, ends, strict=True)]
    data = gap.join(records) + gap
    return [(start, end, sheet is not None) for start, end, sheet in runs(Block(data, spans, 1), None)]


@pytest.mark.parametrize("gap", [b"", b",", b",\n  ", b"\n]\n[\n", b" " * 100])
def test_whatever_stands_between_records_they_are_read_alike(gap: bytes) -> None:
    indented = json.dumps(made(3), indent=2).encode()
    assert runs_apart([GOOD, indented, OTHER], gap) == [(0, 3, True)]
    assert runs_apart([GOOD, b'{"insertId": {', OTHER], gap) == [(0, 1, True), (1, 2, False), (2, 3, True)]
    assert runs_apart([], gap) == []


@pytest.mark.parametrize("gap", [b"", b",", b",,", b"\n"])
def test_as_many_objects_as_records_are_not_taken_for_one_in_each(gap: bytes) -> None:
    split = [GOOD[:-1] + b',"labels":[{}', b"{}]}", OTHER + b"," + OTHER]
    assert not any(is_sheet for _, _, is_sheet in runs_apart(split, gap))
    quoted = [GOOD[:-1] + b',"trace":"}', b'{"}', OTHER + OTHER]
    assert not any(is_sheet for _, _, is_sheet in runs_apart(quoted, gap))
