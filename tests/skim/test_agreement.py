"""The fast way and the plain way through files agree, whatever is in them."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.coverage import Ledger
from analyzer.errors import SourceError
from analyzer.matching import Matcher
from analyzer.model import Window
from analyzer.pipeline import classify
from analyzer.ruleset.load import load_rules
from analyzer.sheets import Sheet
from analyzer.sources.files import Files
from analyzer.times import SECOND, parse_timestamp
from tests.matching.build import both, compare, contains, either, negated, rule
from tests.matching.strategies import conditions
from tests.skim.lines import exports

if TYPE_CHECKING:
    import pytest

    from analyzer.rule import Condition, Rule

SOME_RULES = (
    rule("tables", compare("message", "re", r"(?i)missing critical tables?\b")),
    rule("codes", either(contains("42P01"), contains("p1001"), contains("42501"))),
    rule("admin", contains("/admin 503")),
    rule("slow", both(compare("http.status", "gte", 200), compare("http.path", "startswith", "/healthz"))),
    rule("coded", compare("json.code", "equals", "info")),
    rule("dotted", compare("json.http.status", "exists", True)),
    rule("deploy", compare("proto.methodName", "endswith", "ReplaceService")),
    rule("calm", both(contains("rows"), negated(contains("-12")))),
)
PACK = Matcher(load_rules([]).rules)
OWN = Matcher(SOME_RULES)
WINDOW = Window(parse_timestamp("2025-09-10T00:33:02Z"), parse_timestamp("2025-09-10T00:33:07Z"))


def told(data: bytes, matcher: Matcher, *, fast: bool, window: Window | None = None) -> Any:
    """All that a read leads to, to compare."""
    source = Files(["-"], stdin=io.BytesIO(data))
    ledger = Ledger()
    try:
        found = classify(source.skim(window) if fast else source.read(window), matcher, ledger)
    except SourceError as error:
        return error.message
    return (
        ledger.coverage(),
        [(match.rule.name, match.event, match.fields) for match in found.matches],
        found.unknown,
        found.refused,
        ledger.revisions(),
        sorted(ledger.traffic.stretches()),
    )


def agree(data: bytes, matcher: Matcher, window: Window | None = None) -> None:
    assert told(data, matcher, fast=True, window=window) == told(data, matcher, fast=False, window=window)


@settings(max_examples=400, deadline=None)
@given(exports, st.sampled_from([PACK, OWN]), st.sampled_from([None, WINDOW]))
def test_any_export_is_told_of_alike(data: bytes, matcher: Matcher, window: Window | None) -> None:
    agree(data, matcher, window)


@settings(max_examples=100, deadline=None)
@given(exports, st.lists(conditions, max_size=3))
def test_any_rules_are_told_of_alike(data: bytes, some: list[Condition]) -> None:
    rules: list[Rule] = [rule(f"r{index}", condition) for index, condition in enumerate(some)]
    agree(data, Matcher(rules))


def test_entries_that_say_nothing_come_in_sheets_and_are_not_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    line = (
        b'{"insertId":"%d","timestamp":"2025-09-10T00:33:05.%09dZ","severity":"INFO","jsonPayload":{"message":"t %d"},'
        b'"resource":{"type":"cloud_run_revision","labels":{"service_name":"api","revision_name":"api-1"}}}\n'
    )
    data = b"".join(line % (number, number, number) for number in range(500))
    records = list(Files(["-"], stdin=io.BytesIO(data)).skim(None))
    sheets = [record for record in records if isinstance(record, Sheet)]
    assert sum(len(sheet.glances) for sheet in sheets) == 500
    for sheet in sheets:
        monkeypatch.setattr(sheet, "whole", None)
    ledger = Ledger()
    classify(records, PACK, ledger)
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


def test_sheets_are_unfolded_where_each_entry_is_recalled() -> None:
    line = b'{"insertId":"%d","timestamp":"2025-09-10T00:33:05Z","textPayload":"Missing critical table"}\n'
    data = b"".join(line % number for number in range(5))
    ledger = Ledger()
    found = classify(Files(["-"], stdin=io.BytesIO(data)).skim(None), OWN, ledger, recall=lambda entry: entry)
    assert ledger.coverage().entries == 5
    assert len(found.matches) == 5
