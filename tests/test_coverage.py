from __future__ import annotations

import msgspec

from analyzer.coverage import Ledger
from analyzer.model import Entry, Notice
from tests.incidents.builders import SECOND, START, event


def line(at: float, **changes: object) -> Entry:
    return msgspec.structs.replace(event("x", at=at).first, **changes)


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
