"""The fast way and the plain way through files agree, whatever is in them."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.coverage import Ledger
from analyzer.errors import SourceError
from analyzer.finds import lean
from analyzer.matching import Matcher
from analyzer.model import Window
from analyzer.pipeline import classify, classify_source
from analyzer.ruleset.load import load_rules
from analyzer.sources.decoding import decode
from analyzer.sources.files import Files
from analyzer.times import SECOND, parse_timestamp
from tests.matching.build import both, compare, contains, either, negated, rule
from tests.matching.strategies import conditions
from tests.skim.lines import exports, lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.model import LogEntry
    from analyzer.rule import Condition, Rule
    from analyzer.sources import Source

SOME_RULES = (
    rule("tables", compare("message", "re", r"(?i)missing critical tables?\b")),
    rule("codes", either(contains("42P01"), contains("p1001"), contains("42501"))),
    rule("admin", contains("/admin 503")),
    rule("slow", both(compare("http.status", "gte", 200), compare("http.path", "startswith", "/healthz"))),
    rule("coded", compare("json.code", "equals", "info")),
    rule("dotted", compare("json.http.status", "exists", True)),
    rule("edge", contains("impossible to add")),
    rule("deploy", compare("proto.methodName", "endswith", "ReplaceService")),
    rule("calm", both(contains("rows"), negated(contains("-12")))),
)
WIDE = Matcher([rule("instance", compare("labels.instanceId", "exists", True)), rule("calm", contains("calm"))])
"""Rules that a few fields do not tell of."""

PACK = Matcher(load_rules([]).rules)
OWN = Matcher(SOME_RULES)
WINDOW = Window(parse_timestamp("2025-09-10T00:33:02Z"), parse_timestamp("2025-09-10T00:33:07Z"))


def told(source: Source, matcher: Matcher, *, fast: bool, window: Window | None = None) -> Any:
    """All that a read leads to, to compare."""
    ledger = Ledger()
    try:
        if fast:
            found = classify_source(source, window, matcher, ledger)
        else:
            found = classify(source.read(window), matcher, ledger)
    except SourceError as error:
        return error.message
    return (
        ledger.coverage(),
        [(match.rule.name, lean(match.event), match.fields) for match in found.matches],
        [*map(lean, found.unknown)],
        [*map(lean, found.refused)],
        ledger.revisions(),
        sorted(ledger.traffic.stretches()),
    )


def piped(data: bytes) -> Files:
    """Data as it comes through a pipe."""
    return Files(["-"], stdin=io.BytesIO(data))


_USUAL = re.compile(rb"(?:2025-09-10T00:33:[0-5]\d(?:\.\d{1,9})?)?")


def stamp(line: bytes) -> bytes:
    """The timestamp of a line, or when it was received, to sort by; empty where there is neither."""
    found = re.search(rb'"timestamp": ?"([^"]+)"', line) or re.search(rb'"receiveTimestamp": ?"([^"]*)"', line)
    return b"" if found is None else found[1].upper().rstrip(b"Z")


def in_order(data: bytes, *, descending: bool) -> bytes:
    """The lines with a usual timestamp, in the order of these or against it; those without one come first.

    Of others the time is not what they are sorted by; they are told of where the order does not count.
    """

    lines = (line for line in data.splitlines(keepends=True) if b'"timestamp":{' not in line)
    usual = [line for line in lines if _USUAL.fullmatch(stamp(line))]
    ordered = sorted(usual, key=stamp, reverse=descending)
    return b"".join(ordered)


def numbered(some: list[bytes]) -> list[bytes]:
    """The lines with insertIds of their own: of copies that say different things, either may be told of."""
    named = re.compile(rb'"(insert_?[iI]d)": ?"[^"]*"')
    return [named.sub(rb'"\1":"%d"' % number, line) for number, line in enumerate(some)]


def agree(data: bytes, matcher: Matcher, window: Window | None = None) -> None:
    fast = told(piped(data), matcher, fast=True, window=window)
    assert fast == told(piped(data), matcher, fast=False, window=window)


def agree_in_parts(data: bytes, matcher: Matcher, size: int) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "export.json"
        path.write_bytes(data)
        patch.setattr("analyzer.pipeline._LARGE", 0)
        patch.setattr("analyzer.sources.files.PART", size)
        fast = told(Files([path]), matcher, fast=True)
        assert fast == told(Files([path]), matcher, fast=False)


@settings(max_examples=200, deadline=None)
@given(exports, st.booleans(), st.sampled_from([PACK, OWN, WIDE]), st.sampled_from([None, WINDOW]))
def test_any_export_is_told_of_alike(data: bytes, descending: bool, matcher: Matcher, window: Window | None) -> None:
    agree(in_order(data, descending=descending), matcher, window)


@settings(max_examples=100, deadline=None)
@given(exports, st.sampled_from([PACK, OWN, WIDE]))
def test_out_of_order_all_is_counted_alike(data: bytes, matcher: Matcher) -> None:
    fast, plain = told(piped(data), matcher, fast=True), told(piped(data), matcher, fast=False)
    if isinstance(fast, str) or isinstance(plain, str):
        assert fast == plain
    else:
        assert (fast[0], *fast[3:]) == (plain[0], *plain[3:])


@settings(max_examples=100, deadline=None)
@given(exports, st.lists(conditions, max_size=3))
def test_any_rules_are_told_of_alike(data: bytes, some: list[Condition]) -> None:
    rules: list[Rule] = [rule(f"r{index}", condition) for index, condition in enumerate(some)]
    agree(in_order(data, descending=False), Matcher(rules))


def test_entries_that_say_nothing_are_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    line = (
        b'{"insertId":"%d","timestamp":"2025-09-10T00:33:05.%09dZ","severity":"INFO","jsonPayload":{"message":"t %d"},'
        b'"resource":{"type":"cloud_run_revision","labels":{"service_name":"api","revision_name":"api-1"}}}\n'
    )
    data = b"".join(line % (number, number, number) for number in range(500))
    decoded: list[bytes] = []

    def noting(record: bytes) -> Iterator[LogEntry | str]:
        decoded.append(record)
        return decode(record)

    monkeypatch.setattr("analyzer.sources.reading.decode", noting)
    monkeypatch.setattr("analyzer.sources.glances.decode", noting)
    ledger = Ledger()
    classify_source(Files(["-"], stdin=io.BytesIO(data)), None, PACK, ledger)
    # Where other parts might begin, what stands at the edges has to be at hand.
    assert len(decoded) <= 12
    assert ledger.coverage().entries == 500
    assert ledger.coverage().severities == {"INFO": 500}
    assert ledger.revisions()[0].last == parse_timestamp("2025-09-10T00:33:05Z") + 499


def test_neighbours_of_a_find_are_kept_as_they_are_when_all_is_decoded() -> None:
    base = parse_timestamp("2025-09-10T00:33:05Z")
    texts = [f"calm line {number}" for number in range(20)]
    texts[10] = "Missing critical tables: users"
    resource = b'{"type":"cloud_run_revision","labels":{"service_name":"api","revision_name":"api-1"}}'
    data = b"".join(
        b'{"insertId":"%d","timestamp":"2025-09-10T00:33:05.%09dZ","textPayload":"%s","resource":%s}\n'
        % (number, number, text.encode(), resource)
        for number, text in enumerate(texts)
    )
    agree(data, PACK)
    agree(data, OWN, Window(base + 8, base + SECOND))


@settings(max_examples=50, deadline=None)
@given(
    st.lists(lines, min_size=2, max_size=40), st.integers(1, 3_000), st.booleans(), st.sampled_from([PACK, OWN, WIDE])
)
def test_parts_are_told_of_as_the_whole(some: list[bytes], size: int, descending: bool, matcher: Matcher) -> None:
    lone = numbered(some)
    # A part is in the order of the whole: at its beginning stands what is first in that order.
    second = b"59" if descending else b"00"
    first = b'{"insertId":"x","textPayload":"x","timestamp":"2025-09-10T00:33:%bZ"}\n' % second
    data = first + in_order(b"\n".join(lone) + b"\n", descending=descending)
    agree_in_parts(data, matcher, size)


def test_parts_of_a_split_record_are_one_event_however_far_apart_they_stand() -> None:
    line = b'{"insertId":"%d","timestamp":"2025-09-10T00:33:%02dZ","textPayload":"%s"%s}\n'
    split = b',"split":{"uid":"u","index":%d,"totalSplits":2}'
    told_of = {20: (b"ERROR: Missing critical ", split % 0), 40: (b"tables", split % 1)}
    data = b"".join(line % (second, second, *told_of.get(second, (b"calm", b""))) for second in range(60))
    agree_in_parts(data, OWN, len(data) // 2)
