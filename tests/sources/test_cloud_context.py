"""Which stretches of time are read around findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import UsageError
from analyzer.model import Window
from analyzer.sources._context import Findings, entry_time
from analyzer.sources._query import LONGEST, Scope, any_of, within
from analyzer.times import SECOND
from tests.sources.cloud import HOUR, START, entry

if TYPE_CHECKING:
    from analyzer.model import LogEntry

SCOPE = Scope(project="acme")


def asked(findings: Findings, scope: Scope = SCOPE) -> list[str]:
    return [clause for _, clause in findings.queries(scope)]


def around(*stretches: tuple[int, int], service: str = "backend") -> str:
    name = any_of("resource.labels.service_name", [service])
    windows = (Window(START + start, START + end) for start, end in stretches)
    return " OR ".join(f"({name} AND {within(window)})" for window in windows)


def test_nothing_found_asks_for_nothing() -> None:
    assert asked(Findings(HOUR, SECOND)) == []


def test_stretches_that_touch_are_one_whatever_the_order() -> None:
    findings = Findings(HOUR, 2)
    for at in (20, 10, 13, 40, 38):
        findings.add(entry(0, at=at))
    assert findings.count == 5
    assert asked(findings) == [around((8, 16), (18, 23), (36, 43))]


def test_services_are_kept_apart() -> None:
    findings = Findings(HOUR, 2)
    findings.add(entry(0, at=10))
    findings.add(entry(1, at=11, service="auth"))
    assert asked(findings) == [around((8, 13)) + " OR " + around((9, 14), service="auth")]


def test_a_finding_outside_the_window_has_no_context_in_it() -> None:
    findings = Findings(Window(START, START + 10), 2)
    findings.add(entry(0, at=500))
    assert asked(findings) == []


@pytest.mark.parametrize("lacking", ["timestamp", "resource"])
def test_an_entry_that_lacks_a_time_or_a_resource_has_no_context(lacking: str) -> None:
    record = {key: value for key, value in entry(1).items() if key not in {lacking, "receiveTimestamp"}}
    findings = Findings(HOUR, SECOND)
    findings.add(record)
    assert asked(findings) == []


def test_an_entry_without_timestamp_counts_by_its_arrival() -> None:
    record = {**entry(1), "timestamp": "yesterday"}
    assert entry_time(record) == START + SECOND + 123_456_789
    assert entry_time({}) is None


def test_a_latency_that_is_no_duration_does_no_harm() -> None:
    findings = Findings(HOUR, 2)
    findings.add({**entry(0, at=10), "httpRequest": {"latency": "soon"}})
    assert asked(findings) == [around((8, 13))]


def test_a_scope_without_room_for_one_stretch_is_said() -> None:
    findings = Findings(HOUR, 2)
    findings.add(entry(1))
    with pytest.raises(UsageError, match="the filter alone has"):
        asked(findings, Scope(project="acme", filter="x" * (LONGEST - 150)))


@given(st.lists(st.tuples(st.integers(0, 3_000), st.sampled_from(["a", "b"])), max_size=300), st.integers(1, 20))
def test_the_stretches_cover_each_findings_context_and_no_more(found: list[tuple[int, str]], context: int) -> None:
    findings = Findings(HOUR, context * SECOND)
    wanted: set[tuple[int, str]] = set()
    for second, service in found:
        findings.add(entry(second, service=service))
        wanted |= {(s, service) for s in range(max(0, second - context), second + context + 1) if s < 3_600}
    queries = [query.text for query, _ in findings.queries(SCOPE)]
    assert all(len(text) <= LONGEST for text in queries)
    covered: list[tuple[int, str]] = []
    for stretch, service in _stretches([clause for _, clause in findings.queries(SCOPE)]):
        covered += [(s, service) for s in range(3_600) if START + s * SECOND in stretch]
    assert sorted(covered) == sorted(wanted)


def _stretches(clauses: list[str]) -> list[tuple[Window, str]]:
    found: list[tuple[Window, str]] = []
    for clause in " OR ".join(clauses).split(" OR "):
        if clause:
            _, service, _, start, _, end, _ = clause.split('"')
            found.append((Window(_time(start), _time(end)), service))
    return found


def _time(text: str) -> int:
    record: LogEntry = {"timestamp": text}
    time: Any = entry_time(record)
    return int(time)
