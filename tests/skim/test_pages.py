"""Pages say of each entry what is to be said of it when it is decoded wholly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.coverage import deploy_of
from analyzer.matching import Matcher
from analyzer.model import Entry, Notice
from analyzer.ruleset.load import load_rules
from analyzer.sheets import Sheet
from analyzer.skim.pages import Columns, Page, Pages
from analyzer.skim.places import Place
from analyzer.skim.verdicts import Verdict
from analyzer.traffic import failing, is_probe, route_of
from tests.matching.build import both, compare, contains, either, rule
from tests.skim.lines import exports
from tests.skim.reading import entry_of, line, nominating, records, sheet_of

if TYPE_CHECKING:
    from collections.abc import Sequence

PACK = Matcher(load_rules([]).rules)
OWN = Matcher(
    [
        rule("tables", compare("message", "re", r"(?i)missing critical tables?\b")),
        rule("codes", either(contains("42P01"), contains("p1001"), contains("42501"))),
        rule("slow", both(compare("http.status", "gte", 200), compare("http.path", "startswith", "/healthz"))),
        rule("coded", compare("json.code", "equals", "info")),
    ]
)


class Making:
    """Pages of records, with what was said of records that are no entries."""

    def __init__(self, matcher: Matcher) -> None:
        self.notices: list[Notice] = []
        self.nominated = nominating(matcher)
        self.pages = Pages(matcher.scanner.needs, self.nominated, self.notices.append)

    def of(self, item: Any) -> Page:
        if isinstance(item, Sheet):
            return self.pages.of_sheet(item)
        entry = None if isinstance(item, Notice) else self.pages.decoded(item)
        return self.pages.of_entries([] if entry is None else [entry])


def described(making: Making, page: Page, row: int) -> dict[str, Any]:
    """What the columns of a page say of an entry."""
    columns = page.columns
    return {
        "id": page.ids[row],
        "place": making.pages.places.found[columns.places[row]],
        "verdict": making.pages.verdicts.found[columns.verdicts[row]],
        "stamp": columns.stamps[row],
        "time": columns.times[row],
        "lag": columns.lags[row],
        "asked": bool(columns.asked[row]),
        "nominated": bool(columns.nominated[row]),
    }


def expected(making: Making, entry: Entry) -> dict[str, Any]:
    """What is to be said of it."""
    counts = entry.request is not None and not is_probe(entry.request)
    audited = isinstance(entry.raw.get("protoPayload"), dict)
    return {
        "id": entry.insert_id,
        "place": Place(entry.service, "" if audited else entry.revision, entry.instance, entry.project, entry.log),
        "verdict": (
            Verdict(entry.severity.name, route_of(entry.request), failing(entry.request))
            if entry.request is not None and counts
            else Verdict(entry.severity.name)
        ),
        "stamp": entry.timestamp,
        "time": entry.time,
        "lag": 0 if entry.received is None else entry.received - entry.timestamp,
        "asked": entry.request is not None,
        "nominated": making.nominated(entry),
    }


@settings(max_examples=100, deadline=None)
@given(exports, st.sampled_from([PACK, OWN]))
def test_every_entry_of_a_page_is_told_of_as_when_decoded_wholly(data: bytes, matcher: Matcher) -> None:
    making, single = Making(matcher), Making(matcher)
    lost = 0
    for item in records(data):
        told = [entry_of(raw) for raw in raw_of(item)]
        page, entries = making.of(item), [one for one in told if isinstance(one, Entry)]
        assert len(page) == len(entries)
        assert [described(making, page, row) for row in range(len(page))] == [expected(making, one) for one in entries]
        assert [page.entry(row) for row in range(len(page))] == entries
        assert page.deploys == {
            row: deploy for row, one in enumerate(entries) if (deploy := deploy_of(one)) is not None
        }
        alone = [single.pages.of_entries([one]).columns.keys[0] for one in entries]
        assert page.columns.keys.tolist() == alone
        lost += sum(isinstance(one, str) for one in told)
    assert sum(notice.skipped for notice in making.notices) == lost


def raw_of(item: Any) -> Sequence[Any]:
    """The records of an item, each decoded wholly."""
    if isinstance(item, Notice):
        return []
    return [item.records.whole(row) for row in range(len(item))] if isinstance(item, Sheet) else [item]


@settings(max_examples=100, deadline=None)
@given(exports, st.integers(0, 12))
def test_a_key_is_the_same_in_whatever_page_and_run_an_entry_comes(data: bytes, cut: int) -> None:
    def keys_of(cuts: Sequence[int]) -> list[int]:
        making = Making(OWN)
        return [key for item in records(data, cuts) for key in making.of(item).columns.keys.tolist()]

    assert keys_of([cut]) == keys_of([])


def test_entries_that_differ_in_log_time_project_or_id_have_other_keys() -> None:
    one = line(1)
    others = [
        {**one, "logName": "projects/p/logs/other"},
        {**one, "logName": "projects/q/logs/run.googleapis.com%2Fstderr"},
        {**one, "timestamp": "2025-09-10T00:33:00.1000001Z"},
        {**one, "insertId": "other"},
    ]
    alike = [{**one, "textPayload": "other"}, {**one, "resource": {"type": "global"}}, {**one, "severity": "ERROR"}]
    keys = Making(OWN).of(sheet_of(one, *others, *alike)).columns.keys.tolist()
    assert len(set(keys[:5])) == 5
    assert keys[5:] == [keys[0]] * 3


def test_a_lag_is_as_long_as_both_times_say_and_none_where_one_cannot_be_read() -> None:
    received = ["2025-09-10T00:33:02Z", "odd", 7, None, "2025-09-10T00:33:00.000000001Z"]
    page = Making(OWN).of(sheet_of(*(line(0, receiveTimestamp=text) for text in received)))
    assert page.columns.lags.tolist() == [2_000_000_000, 0, 0, 0, 1]


def test_this_programs_own_lines_are_left_out_and_what_is_none_is_told() -> None:
    making = Making(OWN)
    promoted = {"logging.googleapis.com/labels": {"loganalyze": "1"}, "message": "x"}
    own = [line(2, labels={"loganalyze": "1"}), {**line(3), "textPayload": None, "jsonPayload": promoted}]
    page = making.of(sheet_of(line(1), *own, line(4, "Missing critical tables"), line(5)))
    assert page.ids == ["i1", "i4", "i5"]
    assert page.columns.nominated.tolist() == [False, True, False]
    assert [page.entry(row).insert_id for row in range(3)] == ["i1", "i4", "i5"]
    assert making.notices == []
    assert len(making.of({"insertId": "no time", "textPayload": "x"})) == 0
    assert [notice.skipped for notice in making.notices] == [1]
    assert making.pages.decoded("not a JSON object") is None
    assert [notice.skipped for notice in making.notices] == [1, 1]


def test_what_the_rules_look_for_with_digits_is_looked_for_in_every_line_and_path() -> None:
    http = [
        line(number, httpRequest={"requestMethod": "GET", "requestUrl": f"/{text}", "status": 200})
        for number, text in enumerate(["p1000", "p1001", "p1002"])
    ]
    texts = [line(number, f"code {42_500 + number}") for number in range(3)]
    page = Making(Matcher([rule("codes", either(contains("p1001"), contains("42501")))])).of(sheet_of(*http, *texts))
    assert page.columns.nominated.tolist() == [False, True, False] * 2


def test_a_part_of_a_split_entry_is_worth_a_closer_look() -> None:
    page = Making(OWN).of(sheet_of(line(0), line(1, split={"uid": "u", "index": 0, "totalSplits": 2})))
    assert page.columns.nominated.tolist() == [False, True]


@pytest.mark.parametrize("latency", ["0.5s", "3s", "500ms", "700000s", "1e3s", "", 3, None, {"seconds": 2}])
def test_a_request_ends_when_its_latency_says_or_where_it_began(latency: Any) -> None:
    http = {"requestMethod": "GET", "requestUrl": "/a", "status": 200}
    making = Making(OWN)
    page = making.of(sheet_of(line(0, httpRequest=http), line(1, httpRequest={**http, "latency": latency})))
    assert [described(making, page, row) for row in range(2)] == [expected(making, page.entry(row)) for row in range(2)]


def test_a_page_forgets_places_and_verdicts_when_there_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.skim.pages._MOST", 3)
    making = Making(OWN)
    labels = [{"instanceId": f"i{number}"} for number in range(5)]
    page = making.of(sheet_of(*(line(number, labels=one) for number, one in enumerate(labels[:3]))))
    making.pages.forget()
    assert len(making.pages.places.found) == 3
    more = making.of(sheet_of(*(line(number, labels=one) for number, one in enumerate(labels))))
    assert more.columns.keys.tolist()[:3] == page.columns.keys.tolist()
    places, verdicts = making.pages.places.found, making.pages.verdicts.found
    assert [places[index].instance for index in more.columns.places] == ["i0", "i1", "i2", "i3", "i4"]
    making.pages.forget()
    assert len(places) == 5
    assert len(making.pages.places.found) == len(making.pages.verdicts.found) == 0
    assert [verdicts[index] for index in more.columns.verdicts] == [Verdict("DEFAULT")] * 5
    again = making.of(sheet_of(line(4, labels=labels[4])))
    assert again.columns.keys[0] == more.columns.keys[4]
    assert again.columns.places.tolist() == [0]
    assert more.entry(4) == again.entry(0)
    for number in range(5):
        url = {"requestMethod": "GET", "requestUrl": f"/v{number}.js", "status": 200}
        making.of(sheet_of(line(number, labels=labels[0], httpRequest=url)))
    making.pages.forget()
    assert len(making.pages.verdicts.found) == 0


def test_columns_of_no_pages_are_empty() -> None:
    columns = Columns.joined([])
    assert [len(column) for column in columns] == [0] * len(columns)
    assert len(Making(OWN).pages.of_entries([])) == 0


@pytest.mark.parametrize("year", ["0001", "9999"])
@pytest.mark.parametrize("field", ["timestamp", "receiveTimestamp"])
def test_a_time_that_64_bits_cannot_hold_does_not_end_the_read(year: str, field: str) -> None:
    making = Making(OWN)
    far = {**line(1, receiveTimestamp="2025-09-10T00:33:02Z"), field: f"{year}-01-01T00:00:00Z"}
    data = b"\n".join(map(msgspec.json.encode, [line(0), far, line(2)]))
    found = [len(making.of(item)) for item in records(data)]
    assert sum(found) + sum(notice.skipped for notice in making.notices) == 3
