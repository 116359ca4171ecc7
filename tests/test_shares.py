"""What stands in several parts of a read is told of as if it stood in one."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from analyzer.coverage import Ledger
from analyzer.finds import Finds, Found, Trait, lean, reads_raw, sealed, unpacked
from analyzer.matching import Matcher
from analyzer.pipeline import classify, classify_source
from analyzer.rule import CorrelationType, Operator
from analyzer.ruleset.load import load_rules
from analyzer.sources.files import Files
from tests.matching.build import SECOND, contains, correlation, event, rule
from tests.skim.reading import line
from tests.sources.files import ndjson

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from analyzer.classified import Classified
    from analyzer.model import Coverage
    from analyzer.rule import Rule

PACK = Matcher(load_rules([]).rules)
TRACE = (
    "Traceback (most recent call last):",
    '  File "/srv/app.py", line 3, in run',
    "    book(order)",
    '  File "/srv/book.py", line 9, in book',
    "    raise KeyError(order)",
    "KeyError: 'x'",
)
FAILED = {"requestMethod": "GET", "requestUrl": "/me", "status": 503, "latency": "0.1s"}
AUDITED = {"methodName": "Services.ReplaceService", "status": {"code": 7, "message": "denied"}}


@pytest.fixture(autouse=True)
def _everything_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.pipeline._LARGE", 0)


def calm(count: int, *, start: int = 0) -> list[dict[str, Any]]:
    return [line(number) for number in range(start, start + count)]


def trace(start: int) -> list[dict[str, Any]]:
    """A traceback that was printed within some milliseconds, one entry a line."""
    return [line(start + index, text, at=start / 10 + index / 1000) for index, text in enumerate(TRACE)]


def write(path: Path, entries: Sequence[dict[str, Any]]) -> Path:
    path.write_bytes(ndjson(entries))
    return path


def told(
    paths: Sequence[Path], size: int, matcher: Matcher = PACK, jobs: int = 1
) -> tuple[Coverage, list[Any], list[Any], list[Any]]:
    """What a read in parts of a size comes to."""
    ledger = Ledger()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analyzer.sources.files.PART", size)
        classified = classify_source(Files(paths), None, matcher, ledger, jobs=jobs)
    return ledger.coverage(), *comparable(classified)


def plainly(paths: Sequence[Path], matcher: Matcher = PACK) -> tuple[Coverage, list[Any], list[Any], list[Any]]:
    """What the same comes to when all is decoded and read as one."""
    ledger = Ledger()
    classified = classify(Files(paths).read(None), matcher, ledger)
    return ledger.coverage(), *comparable(classified)


def comparable(classified: Classified) -> tuple[list[Any], list[Any], list[Any]]:
    return (
        [(match.rule.name, lean(match.event), dict(match.fields)) for match in classified.matches],
        [*map(lean, classified.unknown)],
        [*map(lean, classified.refused)],
    )


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("size", range(2_200, 4_400, 110))
def test_a_traceback_across_a_seam_is_one_event(tmp_path: Path, size: int, newest_first: bool) -> None:
    entries = [*calm(8), *trace(8), *calm(8, start=20)]
    path = write(tmp_path / "a.json", entries[::-1] if newest_first else entries)
    _, matches, unknown, _ = found = told([path], size)
    assert found == plainly([path])
    (one,) = [*unknown, *(event for _, event, _ in matches)]
    assert one.message == "\n".join(TRACE)


def test_a_traceback_over_many_parts_is_one_event(tmp_path: Path) -> None:
    path = write(tmp_path / "a.json", [*calm(2), *trace(8), *calm(2, start=20)])
    _, _, unknown, _ = told([path], 100)
    assert [event.message for event in unknown] == ["\n".join(TRACE)]


def test_a_traceback_over_two_files_is_one_event(tmp_path: Path) -> None:
    entries = [*calm(8), *trace(8), *calm(8, start=20)]
    paths = [write(tmp_path / "a.json", entries[:11]), write(tmp_path / "b.json", entries[11:])]
    found = told(paths, 10**6)
    assert found == told(paths, 100) == plainly(paths)
    assert [event.message for event in found[2]] == ["\n".join(TRACE)]


def test_what_stands_beside_a_find_in_another_part_belongs_to_it(tmp_path: Path) -> None:
    texts = ["asked the ledger for [", 'ERROR: relation "orders" does not exist', "LINE 1: select 1", "        ^"]
    shared = [line(10 + index, text, at=1 + index / 1000) for index, text in enumerate(texts)]
    path = write(tmp_path / "a.json", [*calm(9), *shared, *calm(9, start=20)])
    whole = plainly([path])
    assert whole[1]
    for size in range(2_200, 4_400, 90):
        assert told([path], size) == whole


@pytest.mark.parametrize("size", [300, 1_000, 10**6])
def test_a_copy_counts_nothing_twice_wherever_its_parts_end(tmp_path: Path, size: int) -> None:
    entries = [*calm(10), line(10, "✗ Missing critical user tables: ['orders']"), *trace(12), *calm(10, start=20)]
    one = write(tmp_path / "a.json", entries)
    # Of other places, so that its parts end elsewhere than those of the first.
    copy = write(tmp_path / "b.json", [line(900, "a line more"), *entries])
    coverage, matches, unknown, refused = told([one, copy], size)
    assert (coverage.entries, coverage.duplicates) == (len(entries) + 1, len(entries))
    assert [name for name, _, _ in matches] == ["critical_tables_missing"]
    assert [event.message for event in unknown] == ["\n".join(TRACE)]
    assert (coverage, matches, unknown, refused) == plainly([one, copy])


def test_an_entry_that_comes_again_in_another_part_is_one(tmp_path: Path) -> None:
    lost = line(3, "✗ Missing critical user tables: ['orders']")
    path = write(tmp_path / "a.json", [lost, *calm(30, start=4), lost, *calm(30, start=40), lost])
    coverage, matches, _, _ = told([path], 1_000)
    assert (coverage.entries, coverage.duplicates, len(matches)) == (61, 2, 1)


def test_processes_tell_what_one_tells(tmp_path: Path) -> None:
    entries = [*calm(20), *trace(20), *(line(30 + index, httpRequest=FAILED) for index in range(5)), *calm(9, start=40)]
    paths = [write(tmp_path / "a.json", entries), write(tmp_path / "b.json", [*entries, *calm(9, start=60)])]
    assert told(paths, 2_000, jobs=2) == told(paths, 2_000) == plainly(paths)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("payload", [{"httpRequest": FAILED}, {"severity": "ERROR", "protoPayload": AUDITED}])
def test_what_stands_alone_at_one_moment_is_told_in_the_order_of_insert_ids(
    tmp_path: Path, payload: dict[str, Any], newest_first: bool
) -> None:
    entries = [*calm(3), *(line(number, at=4, **payload) for number in (21, 23, 20, 22)), *calm(3, start=50)]
    path = write(tmp_path / "a.json", entries[::-1] if newest_first else entries)
    whole = plainly([path])
    assert [event.first.insert_id for _, event, _ in whole[1]] == ["i20", "i21", "i22", "i23"]
    for size in range(300, 2_400, 150):
        assert told([path], size) == whole


def by(group: str, **given: Any) -> Rule:
    bounds = ((Operator.GTE, 2.0),)
    return correlation(CorrelationType.EVENT_COUNT, "lost", span=60 * SECOND, group_by=group, bounds=bounds, **given)


@pytest.mark.parametrize("field", ["labels.x", "json.x", "proto.methodName", "resource.zone"])
def test_correlations_by_fields_of_records_need_the_records(field: str) -> None:
    assert reads_raw([by(field)])
    assert reads_raw([by("who", aliases={"who": {"lost": field}})])
    assert reads_raw([rule("lost", contains("lost")), by("service", field=field)])


def test_other_correlations_need_no_records() -> None:
    assert not reads_raw([rule("lost", contains("lost")), by("service")])


@pytest.mark.parametrize("jobs", [1, 2])
def test_a_correlation_by_a_field_of_the_record_finds_it_in_parts(tmp_path: Path, jobs: int) -> None:
    entries = calm(40)
    # Numbers of JSON know no bounds, unlike those of the form in which finds travel.
    for number, order in ((3, 10**30), (9, 7), (30, 10**30)):
        payload = {"jsonPayload": {"message": "lost it", "order": order}}
        entries[number] = {key: value for key, value in entries[number].items() if key != "textPayload"} | payload
    path = write(tmp_path / "a.json", entries)
    matcher = Matcher([rule("lost", contains("lost")), by("json.order")])
    found = told([path], 2_000, matcher, jobs)
    assert found == plainly([path], matcher)
    assert [name for name, _, _ in found[1]].count("correlated") == 1


def test_finds_arrive_as_they_were_sent() -> None:
    records: list[dict[str, Any]] = [
        {},
        {"textPayload": "x", "jsonPayload": {"n": 1.5, "none": None, "list": ["a", {"b": True}], "Ü": "🍵"}},
        {"jsonPayload": {"large": 2**64, "small": -(2**63) - 1}},
    ]
    for raw in records:
        one = event("ERROR: x", time=5, raw=raw)
        found = Found(one, ((3, {"table": "users", "tables": ("a", "b")}), (4, {})), (7, -(2**62)))
        sent = sealed(found, Trait.MATCHED.value)
        (arrived,) = pickle.loads(pickle.dumps(Finds([sent]))).items  # noqa: S301 - its own
        assert arrived == sent
        assert (arrived.moment, arrived.keys, arrived.hits, arrived.traits) == (found.moment, found.keys, 2, 1)
        came = unpacked(arrived.data) if isinstance(arrived.data, bytes) else arrived.data
        assert came == msgspec.structs.replace(found, keys=())
        assert came.event.entries[0].raw == raw
        assert type(came.event.severity) is type(one.severity)
        assert came.event.entries[0].known is one.entries[0].known
