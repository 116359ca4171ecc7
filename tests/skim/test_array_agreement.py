"""An array as gcloud prints it, in parts, is told of as in the plain way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.sources.decoding import decode
from tests.skim.lines import lines
from tests.skim.test_agreement import OWN, PACK, agree_in_parts, in_order, numbered

if TYPE_CHECKING:
    import pytest

    from analyzer.matching import Matcher

_FIRST = b'{"insertId":"x","textPayload":"x","timestamp":"2025-09-10T00:33:00Z"}\n'


def indented(data: bytes) -> bytes:
    """Lines as the records of an array; each stands as it is, but that its first field has a line of its own."""
    records = [line.strip() for line in data.splitlines() if line.strip()]
    opened = [b"  {\n    %b\n  }" % record.removeprefix(b"{").removesuffix(b"}").lstrip() for record in records]
    return b"[\n" + b",\n".join(opened) + b"\n]\n"


@settings(max_examples=100, deadline=None)
@given(st.lists(lines, min_size=2, max_size=40), st.integers(1, 3_000), st.sampled_from([PACK, OWN]))
def test_parts_of_an_array_are_told_of_as_the_whole(some: list[bytes], size: int, matcher: Matcher) -> None:
    lone = numbered(some)
    agree_in_parts(indented(_FIRST + in_order(b"\n".join(lone) + b"\n", descending=False)), matcher, size)


def test_most_records_of_an_array_are_not_decoded_wholly(monkeypatch: pytest.MonkeyPatch) -> None:
    line = (
        b'{"insertId":"%d","timestamp":"2025-09-10T00:33:05.%09dZ","severity":"INFO","jsonPayload":{"message":"t %d"},'
        b'"resource":{"type":"cloud_run_revision","labels":{"service_name":"api","revision_name":"api-1"}}}\n'
    )
    decoded: list[bytes] = []

    def noting(record: bytes) -> object:
        decoded.append(record)
        return decode(record)

    monkeypatch.setattr("analyzer.sources.reading.decode", noting)
    data = indented(b"".join(line % (number, number, number) for number in range(500)))
    agree_in_parts(data, PACK, len(data) // 3)
    assert len(decoded) <= 502  # the plain way's own
