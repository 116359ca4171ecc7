"""However a read is cut into batches, the same is counted and the same is selected as in the plain way."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.matching import Matcher
from analyzer.model import Notice
from analyzer.ruleset.load import load_rules
from analyzer.skim import Skimmer
from analyzer.skim.batches import Batcher
from analyzer.traffic import Failing
from tests.matching.build import compare, contains, either, rule
from tests.skim.lines import exports
from tests.skim.reading import Told, entries_of, line, nominating, plain, records, sheet_of, skimmed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.batch import Batch

PACK = Matcher(load_rules([]).rules)
OWN = Matcher(
    [rule("tables", contains("critical tables")), rule("codes", either(contains("p1001"), contains("42501")))]
)
SIZES = st.sampled_from([1, 2, 3, 7, 8_000])
CUTS = st.lists(st.integers(1, 30), max_size=8)


def cut(data: bytes, matcher: Matcher, *, size: int = 8_000, together: int = 500, cuts: Sequence[int] = ()) -> Told:
    """What the lines come to in batches of a size, some of the records coming singly."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analyzer.skim._BATCH", size)
        patch.setattr("analyzer.skim._TOGETHER", together)
        return skimmed(records(data, cuts), matcher)


def export(lines: Sequence[dict[str, Any]]) -> bytes:
    return b"\n".join(map(msgspec.json.encode, lines))


def batches(lines: Sequence[dict[str, Any]], matcher: Matcher = OWN, *, cuts: Sequence[int] = ()) -> list[Batch]:
    """One batch for all lines, or one for those up to each cut."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analyzer.skim._BATCH", 1 if cuts else 8_000)
        found = list(Skimmer(matcher, nominating(matcher)).batches(records(export(lines), cuts)))
    return [batch for batch in found if len(batch.keys)]


def ids(batch: Batch) -> list[str]:
    return [one.entry.insert_id for one in batch.selected]


def without_false_copies(data: bytes) -> bytes:
    """The lines without those whose entry has the log, the time and the insertId of another one, but says other things.

    Which of two such entries is counted, and when a revision was seen, depends on which of them is met first.
    """
    first: dict[Any, bytes] = {}
    return b"\n".join(
        record
        for record in data.split(b"\n")
        if all(first.setdefault(one.key, record) == record for one in entries_of(record) if not isinstance(one, str))
    )


@settings(max_examples=80, deadline=None)
@given(exports, st.sampled_from([PACK, OWN]), SIZES, SIZES, CUTS)
def test_any_export_is_counted_alike_however_it_is_cut(
    data: bytes, matcher: Matcher, size: int, together: int, cuts: list[int]
) -> None:
    data = without_false_copies(data)
    found = cut(data, matcher, size=size, together=together, cuts=cuts)
    expected = plain(data, matcher)
    assert _without_notes(found) == _without_notes(expected)
    whole = cut(data, matcher)
    assert whole.selected == expected.selected
    nominated = nominating(matcher)
    assert [one for one in found.selected if nominated(one)] == [one for one in expected.selected if nominated(one)]


def _without_notes(told: Told) -> Any:
    return (msgspec.structs.replace(told.coverage, notes=()), told.revisions, told.traffic)


@st.composite
def lines_in_order(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Records of a few instances in order of time, of which none comes twice."""
    at = 0.0
    found: list[dict[str, Any]] = []
    for number in range(draw(st.integers(1, 30))):
        at += draw(st.sampled_from([0, 0, 0.001, 0.1, 0.4, 1, 1.000000001]))
        fields: dict[str, Any] = {"labels": {"instanceId": draw(st.sampled_from(["i1", "i1", "i2"]))}}
        kind = draw(st.sampled_from(["calm", "calm", "calm", "calm", "grave", "part", "request", "structured"]))
        if kind == "request":
            status, latency = draw(st.sampled_from([200, 503])), draw(st.sampled_from(["0.5s", "30s", None]))
            url = draw(st.sampled_from(["/a", "/b/1", "/b/2"]))
            fields["httpRequest"] = {"requestMethod": "GET", "requestUrl": url, "status": status, "latency": latency}
        elif kind == "structured":
            fields |= {"textPayload": None, "jsonPayload": {"message": f"calm {number}", "rows": [number]}}
        text = {"grave": "ERROR: Missing critical tables", "part": '  File "x.py", line 1, in f'}.get(kind, "")
        found.append(line(number, text, at=at, **fields))
    return found


@settings(max_examples=80, deadline=None)
@given(lines_in_order(), st.sampled_from([1, 2, 3, 7]), st.sampled_from([1, 2, 500]), CUTS, st.booleans())
def test_the_same_entries_are_selected_however_a_read_is_cut(
    some: list[dict[str, Any]], size: int, together: int, cuts: list[int], backwards: bool
) -> None:
    data = export(some[::-1] if backwards else some)
    expected = plain(data, OWN)
    assert cut(data, OWN) == expected
    assert cut(data, OWN, size=size, together=together, cuts=cuts) == expected


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["INFO", "ERROR"])), min_size=1, max_size=40), CUTS)
def test_copies_are_counted_exactly_within_batches_and_across_them(
    numbers: list[tuple[int, str]], cuts: list[int]
) -> None:
    data = export([line(number, severity=severity) for number, severity in numbers])
    first = dict(numbers[::-1])
    for size in (1, 2, 3, 7, 8_000):
        coverage = cut(data, OWN, size=size, cuts=cuts).coverage
        assert coverage.entries == len(first)
        assert coverage.duplicates == len(numbers) - len(first)
        assert coverage.severities == {
            name: list(first.values()).count(name) for name in ("ERROR", "INFO") if name in first.values()
        }
        assert coverage.services == {"api": len(first)}


def test_neighbours_are_found_across_the_edges_of_batches() -> None:
    lines = [line(number, at=number / 100) for number in range(30)]
    lines[15]["textPayload"] = "ERROR: odd"
    near = [f"i{number}" for number in range(9, 22)]
    (whole,) = batches(lines)
    assert ids(whole) == near
    for cuts in ([15], [16], [12, 14, 18], [*range(1, 30)]):
        assert sorted(sum(map(ids, batches(lines, cuts=cuts)), []), key=lambda name: int(name[1:])) == near  # noqa: RUF017


@pytest.mark.parametrize("latency", ["0.1s", "60s"])
def test_a_request_that_took_long_does_not_part_what_stands_around_it(latency: str) -> None:
    http = {"requestMethod": "GET", "requestUrl": "/slow", "status": 200, "latency": latency}
    lines = [line(0), line(1), line(2, httpRequest=http), line(3, "ERROR: odd"), line(4)]
    (whole,) = batches(lines)
    assert ids(whole) == ["i0", "i1", "i3", "i4"]
    assert sorted(sum(map(ids, batches(lines, cuts=[3])), [])) == ["i0", "i1", "i3", "i4"]  # noqa: RUF017


def test_what_waits_for_neighbours_is_let_go_when_it_lies_long_behind() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analyzer.skim._BATCH", 1)
        skimmer = Skimmer(OWN, nominating(OWN))
        lines = [line(number, at=number, labels={"instanceId": f"i{number}"}) for number in range(60)]
        for _ in skimmer.batches(records(export(lines), range(60))):
            assert len(skimmer._batcher._waiting) <= 12


def test_a_batch_says_what_its_entries_amount_to() -> None:
    http = {"requestMethod": "GET", "requestUrl": "/users/7", "status": 503, "latency": "0.5s"}
    lines = [
        line(30, receiveTimestamp="2025-09-10T00:33:05Z"),
        line(10, "Missing critical tables"),
        line(10, "a copy"),
        line(20, httpRequest=http),
        line(21, httpRequest=http),
        line(120, httpRequest=http),
        line(22, httpRequest={**http, "status": 200}),
        line(23, httpRequest={**http, "status": 200, "userAgent": "Googlebot/2.1"}),
    ]
    (batch,) = batches(lines)
    assert batch.keys.tolist() == sorted(set(batch.keys.tolist()))
    assert (len(batch.keys), batch.duplicates) == (7, 1)
    start = 1_757_464_380 * 10**9
    assert (batch.first, batch.last, batch.late) == (start + 10**9, start + 12 * 10**9, 2 * 10**9)
    groups = batch.groups
    numbers = np.bincount(batch.grouped, minlength=len(groups.kind)).tolist()
    kinds = [groups.kinds[kind] for kind in groups.kind.tolist()]
    counted = sorted(
        (kind.severity, kind.route or "", kind.failing or "", number)
        for kind, number in zip(kinds, numbers, strict=True)
    )
    assert counted == [
        ("DEFAULT", "", "", 2),
        ("ERROR", "/users/{id}", Failing.SERVER, 1),
        ("ERROR", "/users/{id}", Failing.SERVER, 2),
        ("INFO", "", "", 1),
        ("INFO", "/users/{id}", "", 1),
    ]
    times = zip(kinds, (groups.first - start).tolist(), (groups.last - start).tolist(), strict=True)
    failed = sorted((first, last) for kind, first, last in times if kind.failing)
    assert failed == [(2_500_000_000, 2_600_000_000), (12_500_000_000, 12_500_000_000)]
    ((service, revision, first, last, insert_id),) = batch.revisions
    assert (service, revision, insert_id) == ("api", "api-1", "i10")
    assert (first - start, last - start) == (10**9, 12_500_000_000)


def test_nothing_read_is_one_batch_without_entries() -> None:
    (batch,) = Skimmer(OWN, nominating(OWN)).batches([])
    assert (len(batch.keys), batch.first, batch.last, batch.late, batch.duplicates) == (0, None, None, 0, 0)
    assert [
        *batch.groups.kinds,
        *batch.groups.kind,
        *batch.revisions,
        *batch.deploys,
        *batch.notices,
        *batch.selected,
    ] == []


def test_what_a_source_says_comes_with_the_batch_that_it_was_said_in() -> None:
    said = [Notice("a"), Notice("b", skipped=2), Notice("c", incomplete=True)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analyzer.skim._BATCH", 1)
        first, last = Skimmer(OWN, nominating(OWN)).batches([said[0], sheet_of(line(1)), *said[1:]])
    assert [*first.notices] == said[:1]
    assert [*last.notices] == said[1:]


NOTICES = st.lists(
    st.builds(Notice, st.sampled_from(["", "", "a"]), st.integers(0, 3), st.booleans(), st.integers(0, 3)), max_size=8
)


@given(NOTICES)
def test_nothing_of_what_a_source_says_is_lost(said: list[Notice]) -> None:
    batcher = Batcher()
    for notice in said:
        batcher.notice(notice)
    kept = batcher.batch([], []).notices
    assert [notice.text for notice in kept if notice.text] == [notice.text for notice in said if notice.text]
    assert sum(notice.skipped for notice in kept) == sum(notice.skipped for notice in said)
    assert sum(notice.duplicates for notice in kept) == sum(notice.duplicates for notice in said)
    assert any(notice.incomplete for notice in kept) == any(notice.incomplete for notice in said)


def test_many_places_and_verdicts_are_forgotten_between_batches_and_nothing_changes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines = [line(number, labels={"instanceId": f"i{number % 9}"}) for number in range(60)]
    for number, one in enumerate(lines):
        if number % 3:
            one["httpRequest"] = {"requestMethod": "GET", "requestUrl": f"/v{number}.js", "status": 200}
            del one["textPayload"]
    lines[30]["textPayload"] = "ERROR: odd"
    data = export(lines)
    expected = plain(data, OWN)
    monkeypatch.setattr("analyzer.skim.pages._MOST", 2)
    for size in (1, 3, 8_000):
        assert cut(data, OWN, size=size, cuts=range(0, 60, 4)) == expected


@pytest.mark.parametrize("path", ["/api/v2", "/v3/x"])
def test_a_rule_for_a_path_with_digits_is_looked_for_in_every_path(path: str) -> None:
    matcher = Matcher([rule("path", compare("http.path", "startswith", path))])
    http = {"requestMethod": "GET", "status": 200}
    lines = [
        line(number, httpRequest={**http, "requestUrl": url}) for number, url in enumerate(["/api/v1/y", f"{path}/y"])
    ]
    data = export(lines)
    assert cut(data, matcher).selected == plain(data, matcher).selected
