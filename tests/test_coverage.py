from __future__ import annotations

import tracemalloc
from typing import Any, NamedTuple

import msgspec
import numpy as np
import pytest

from analyzer.batch import Batch, Deploy, Groups, Kind, Seen
from analyzer.coverage import Ledger, deploy_of
from analyzer.model import Entry, Known, Notice
from analyzer.traffic import Failing
from tests.incidents.builders import SECOND, START, event


def line(at: float, **changes: object) -> Entry:
    return msgspec.structs.replace(event("x", at=at).first, **changes)


class Group(NamedTuple):
    kind: Kind
    first: int
    last: int


def batch(grouped: dict[int, int], *groups: Group, **changes: Any) -> Batch:
    """A batch of entries by their keys, each with the index of its group."""
    keys = sorted(grouped)
    kinds = list(dict.fromkeys(group.kind for group in groups))
    empty = Batch(
        keys=np.array(keys, np.uint64),
        grouped=np.array([grouped[key] for key in keys], np.int64),
        groups=Groups(
            kinds,
            np.array([kinds.index(group.kind) for group in groups], np.int64),
            np.array([group.first for group in groups], np.int64),
            np.array([group.last for group in groups], np.int64),
        ),
        revisions=(),
        deploys=(),
        first=START,
        last=START + SECOND,
        begin=START,
        end=START + SECOND,
        late=0,
        duplicates=0,
        notices=(),
        selected=(),
    )
    return empty._replace(**changes)


def group(service: str, severity: str, route: str | None = None, failing: Failing | None = None, at: int = 0) -> Group:
    return Group(Kind(service, severity, route, failing), START + at * SECOND, START + at * SECOND + 1)


def test_each_entry_is_counted_once_whatever_comes_twice() -> None:
    ledger = Ledger()
    first, second = line(1), line(2, received=START + 9 * SECOND)
    assert list(ledger.distinct([first, second, first, second])) == [first, second]
    coverage = ledger.coverage()
    assert (coverage.entries, coverage.duplicates) == (2, 2)
    assert (coverage.first, coverage.last) == (START + SECOND, START + 2 * SECOND)
    assert coverage.late == 7 * SECOND
    assert coverage.severities == {"ERROR": 2}
    assert coverage.services == {"api": 2}


def test_a_closed_ledger_still_tells_what_was_read() -> None:
    ledger = Ledger()
    twice = line(2)
    list(ledger.distinct([line(1), twice, twice]))
    before = ledger.coverage()
    ledger.close()
    assert ledger.coverage() == before
    assert (before.entries, before.duplicates) == (2, 1)


def test_a_ledger_holds_little_of_the_entries_of_batches() -> None:
    ledger = Ledger()
    many = batch(dict.fromkeys(range(200_000), 0), group("api", "INFO"))
    ledger.add(batch({1: 0}, group("api", "INFO")))
    tracemalloc.start()
    try:
        ledger.add(many)
        held = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
    assert held < len(many.keys)
    ledger.close()
    assert (ledger.coverage().entries, ledger.coverage().duplicates) == (200_000, 1)


def test_entries_that_differ_in_log_time_or_project_are_no_duplicates() -> None:
    one = line(1)
    others = [
        msgspec.structs.replace(one, log="other"),
        msgspec.structs.replace(one, timestamp=one.timestamp + 1),
        msgspec.structs.replace(one, project="other"),
    ]
    assert len(list(Ledger().distinct([one, *others]))) == 4


def test_an_incomplete_notice_makes_the_coverage_incomplete_for_good() -> None:
    ledger = Ledger()
    ledger.notice(Notice(text="cut", incomplete=True))
    ledger.notice(Notice(text="skipped a line", skipped=3))
    ledger.skip("no LogEntry")
    coverage = ledger.coverage()
    assert (coverage.complete, coverage.skipped) == (False, 4)
    assert coverage.notes == ("cut", "skipped a line", "no LogEntry")


def test_duplicates_that_a_source_left_out_are_counted_with_those_that_came() -> None:
    ledger = Ledger()
    one = line(1)
    assert list(ledger.distinct([one, one])) == [one]
    ledger.notice(Notice(text="2 entries came twice and were counted once", duplicates=2))
    assert (ledger.coverage().entries, ledger.coverage().duplicates) == (1, 3)


def test_an_empty_read_has_no_first_and_no_last() -> None:
    coverage = Ledger().coverage()
    assert (coverage.entries, coverage.first, coverage.last, coverage.complete) == (0, None, None, True)


def test_revisions_know_their_first_and_last_entry_and_who_made_them() -> None:
    ledger = Ledger()
    audit = {"protoPayload": {"methodName": "google.cloud.run.v1.Services.ReplaceService"}}
    entries = [
        line(50, revision="api-2", insert_id="b"),
        line(10, revision="api-1", insert_id="a"),
        line(90, revision="api-1"),
        line(40, revision="", raw=audit, insert_id="audit"),
        line(60, revision="api-2"),
    ]
    list(ledger.distinct(entries))
    first, second = ledger.revisions()
    assert (first.name, first.first, first.last, first.replaced) == (
        "api-1",
        START + 10 * SECOND,
        START + 90 * SECOND,
        None,
    )
    assert (second.name, second.insert_id, second.replaced) == ("api-2", "b", START + 40 * SECOND)


def test_an_audit_entry_whose_revision_never_logs_is_still_a_deploy() -> None:
    ledger = Ledger()
    audit = {"protoPayload": {"methodName": "google.cloud.run.v1.Services.ReplaceService"}}
    list(ledger.distinct([line(40, revision="", raw=audit, insert_id="audit")]))
    (revision,) = ledger.revisions()
    assert (revision.name, revision.insert_id, revision.replaced) == ("", "audit", START + 40 * SECOND)


def test_the_entries_of_batches_are_counted_by_their_groups_and_copies_of_earlier_ones_are_not() -> None:
    ledger = Ledger()
    calm, grave, unnamed = group("api", "INFO"), group("api", "ERROR"), group("", "INFO")
    ledger.add(batch({5: 0, 7: 1, 2**64 - 1: 0}, calm, grave, duplicates=2))
    ledger.add(batch({5: 1, 6: 1, 2**64 - 1: 0, 3: 0}, grave, unnamed))
    ledger.close()
    coverage = ledger.coverage()
    assert (coverage.entries, coverage.duplicates) == (5, 4)
    assert coverage.severities == {"ERROR": 2, "INFO": 3}
    assert coverage.services == {"api": 4}


def test_batches_widen_the_time_that_was_read() -> None:
    ledger = Ledger()
    ledger.add(batch({}, first=None, last=None))
    assert ledger.coverage().first is None
    ledger.add(batch({1: 0}, group("api", "INFO"), first=START, last=START + 5, late=3))
    ledger.add(batch({2: 0}, group("api", "INFO"), first=START - 2, last=START + 1, late=7))
    ledger.add(batch({3: 0}, group("api", "INFO"), first=START + 1, last=START + 2, late=1))
    coverage = ledger.coverage()
    assert (coverage.first, coverage.last, coverage.late) == (START - 2, START + 5, 7)


def test_what_a_source_says_in_a_batch_is_kept() -> None:
    ledger = Ledger()
    ledger.add(batch({}, notices=[Notice("a", skipped=2), Notice("b", incomplete=True)]))
    coverage = ledger.coverage()
    assert (coverage.notes, coverage.skipped, coverage.complete) == (("a", "b"), 2, False)


def test_the_requests_of_batches_are_counted_by_route_and_copies_are_not() -> None:
    ledger = Ledger()
    fine, failed = group("api", "INFO", "/a", at=2), group("api", "ERROR", "/a", Failing.SERVER, 4)
    ledger.add(batch({1: 0, 2: 1, 3: 1}, fine, failed))
    ledger.add(batch({2: 0, 3: 0}, group("api", "ERROR", "/a", Failing.SERVER, 8)))
    ledger.add(batch({4: 0, 3: 1}, group("api", "ERROR", "/a", Failing.SERVER, 14), group("api", "INFO")))
    ledger.close()
    (stretch,) = ledger.traffic.stretches()
    assert (stretch.service, stretch.route, stretch.way) == ("api", "/a", Failing.SERVER)
    assert (stretch.failed, stretch.total) == (3, 4)
    assert (stretch.first, stretch.last) == (START + 4 * SECOND, START + 14 * SECOND + 1)


def test_revisions_of_batches_are_known_from_their_first_entry_to_their_last() -> None:
    ledger = Ledger()
    ledger.add(
        batch({}, revisions=[Seen("api", "r1", START + 5, START + 9, "b"), Seen("web", "r1", START, START, "w")])
    )
    ledger.add(batch({}, revisions=[Seen("api", "r1", START + 2, START + 7, "a")]))
    ledger.add(batch({}, revisions=[Seen("api", "r1", START + 2, START + 8, "later")]))
    web, api = ledger.revisions()
    assert (web.service, web.first, web.last, web.insert_id) == ("web", START, START, "w")
    assert (api.service, api.first, api.last, api.insert_id) == ("api", START + 2, START + 9, "a")


def test_a_deploy_that_several_batches_tell_of_is_one() -> None:
    ledger = Ledger()
    deploy = Deploy("api", START + 1, "r2", "audit")
    ledger.add(batch({}, deploys=[deploy]))
    ledger.add(batch({}, deploys=[deploy], revisions=[Seen("api", "r2", START + 3, START + 4, "first")]))
    (revision,) = ledger.revisions()
    assert (revision.name, revision.insert_id, revision.replaced) == ("r2", "first", START + 1)


@pytest.mark.parametrize(
    ("proto", "deploys"),
    [
        ({"methodName": "google.cloud.run.v1.Services.ReplaceService"}, True),
        ({"methodName": "google.cloud.run.v2.Services.UpdateService"}, True),
        ({"methodName": "google.cloud.run.v1.Services.DeleteService"}, False),
        ({"methodName": 3}, False),
        ({}, False),
        ("ReplaceService", False),
        (None, False),
    ],
)
def test_only_an_audited_call_that_deploys_tells_of_a_deploy(proto: object, deploys: bool) -> None:
    entry = line(3, raw={"protoPayload": proto}, revision="r2", insert_id="audit")
    expected = Deploy("api", START + 3 * SECOND, "r2", "audit") if deploys else None
    assert deploy_of(entry) == expected


def test_what_an_earlier_pass_has_counted_shows_revisions_and_is_not_counted_again() -> None:
    ledger = Ledger()
    list(ledger.distinct([line(1, known=Known.SEEN), line(2)]))
    assert ledger.coverage().entries == 1
    assert ledger.coverage().first == START + 2 * SECOND
    assert ledger.revisions()[0].first == START + SECOND


def test_an_entry_of_several_batches_is_told_of_once() -> None:
    ledger = Ledger()
    assert [ledger.is_first(key) for key in (1, 2**64 - 1, 1, -1, 2)] == [True, True, False, False, True]
