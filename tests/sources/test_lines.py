from __future__ import annotations

from itertools import pairwise

from hypothesis import example, given
from hypothesis import strategies as st

from analyzer.sources.blocks import Block, Damage
from analyzer.sources.lines import LineSpans, LineSplitter

DATA = st.lists(st.sampled_from([b"\n", b" ", b"\t", b"\r", b"{}", b"a", b"\x1f", "é".encode(), b"\0"])).map(b"".join)


@given(DATA)
@example(b"")
@example(b"\n\n")
@example(b"a")
@example(b" \n\ta\n \r\n")
def test_spans_are_the_lines_that_are_not_blank(data: bytes) -> None:
    spans = LineSpans(data)
    lines = [data[start:end] for start, end in spans]
    assert lines == [line for line in data.split(b"\n") if line.strip()]
    assert len(spans) == len(lines)
    assert [spans[index] for index in range(-len(spans), len(spans))] == [*spans, *spans]
    assert spans[1:3] == [*spans][1:3]
    assert all(start == 0 or data[start - 1] == ord("\n") for start, _ in spans)
    assert all(end == len(data) or data[end] == ord("\n") for _, end in spans)


@given(DATA, st.lists(st.integers(0, 40), max_size=6), st.booleans())
def test_blocks_hold_all_bytes_in_whole_lines_however_they_are_cut(data: bytes, cuts: list[int], last: bool) -> None:
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    chunks = [data[start:end] for start, end in pairwise(edges)]
    splitter = LineSplitter()
    blocks = []
    for index, chunk in enumerate([*chunks, b""] if last or not chunks else chunks):
        final = index == len(chunks) - (not last and bool(chunks))
        blocks += list(splitter.feed(chunk, final=final))
    line = 1
    for number, block in enumerate(blocks):
        assert isinstance(block, Block)
        assert isinstance(block.spans, LineSpans)
        assert block.line == line
        assert block.data
        whole = block.data.endswith(b"\n")
        assert block.open_end is not whole
        assert whole or number == len(blocks) - 1
        line += block.data.count(b"\n")
    assert b"".join(block.data for block in blocks if isinstance(block, Block)) == data


def test_a_line_that_is_too_long_is_dropped_and_the_next_one_keeps_its_number() -> None:
    splitter = LineSplitter(largest=10)
    found = [*splitter.feed(b"{}\n" + b"x" * 9, final=False), *splitter.feed(b"y" * 9, final=False)]
    found += [*splitter.feed(b"z" * 99, final=False), *splitter.feed(b"z\n{}\n", final=False)]
    found += [*splitter.feed(b"", final=True)]
    assert [item.line for item in found] == [1, 2, 3]
    assert [item.data if isinstance(item, Block) else None for item in found] == [b"{}\n", None, b"{}\n"]
    assert isinstance(found[1], Damage)
