"""A run against each server, asked only for what the rules need and for all."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from analyzer.matching import Matcher
from analyzer.model import Window
from analyzer.pipeline import finding, report_on
from analyzer.ruleset.load import load_rules
from analyzer.ruleset.pushdown import push_down
from analyzer.ruleset.pushdown_sql import push_down_sql
from analyzer.settings import Settings
from analyzer.sources.bigquery import BigQuery
from analyzer.sources.cloud_logging import CloudLogging, pushdown_room
from analyzer.sources.sample import Sample
from analyzer.times import SECOND, parse_timestamp
from tests.bigquery import TABLE
from tests.emulator import Emulator
from tests.emulator.query import compile_filter
from tests.emulator.records import Records

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analyzer.report import Report
    from analyzer.rule import Rule
    from tests.bigquery import Server

END = parse_timestamp("2025-09-10T02:00:00Z")
WINDOW = Window(END - 3600 * SECOND, END)
MOST_PASSING = 0.4
"""Share of the sample's entries that the query lets pass at most, before what stands around findings is fetched."""


@pytest.fixture(scope="module")
def rules() -> Sequence[Rule]:
    return load_rules([]).rules


@pytest.fixture(scope="module")
def entries() -> list[Mapping[str, Any]]:
    return [entry for entry in Sample(END).read(None) if isinstance(entry, dict)]


def test_the_query_lets_fewer_than_half_of_the_sample_pass(
    rules: Sequence[Rule], entries: Sequence[Mapping[str, Any]]
) -> None:
    records = Records(lambda: 0.0)
    records.add(entries)
    passes = compile_filter(push_down(rules, pushdown_room(project="acme-staging")).text)
    passed = sum(passes(record) for record in records.after(None, descending=False))
    assert 0 < passed <= MOST_PASSING * len(entries)


def reported(rules: Sequence[Rule], project: str, pushdown: str) -> Report:
    matcher = Matcher(rules)
    source = CloudLogging(
        project=project,
        pushdown=pushdown,
        context=30 * SECOND,
        interesting=lambda record: finding(record, matcher),
    )
    return report_on(source, rules, window=WINDOW, settings=Settings(), now=END)


def test_what_is_reported_is_the_same_as_of_a_read_of_everything(
    rules: Sequence[Rule], entries: Sequence[Mapping[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    project = str(entries[0]["logName"]).split("/")[1]
    with Emulator(entries) as emulator:
        monkeypatch.setenv("LOGGING_EMULATOR_HOST", emulator.host)
        narrow = reported(rules, project, push_down(rules, pushdown_room(project=project)).text)
        whole = reported(rules, project, "")
    assert narrow.coverage.entries < whole.coverage.entries
    assert whole.incidents
    assert told(narrow) == told(whole)


def asked_of_bigquery(rules: Sequence[Rule], pushdown: str) -> Report:
    matcher = Matcher(rules)
    source = BigQuery(table=TABLE, pushdown=pushdown, interesting=lambda record: finding(record, matcher))
    return report_on(source, rules, window=WINDOW, settings=Settings(), now=END)


def test_bigquery_reports_the_same_as_cloud_logging_to_the_microsecond(
    rules: Sequence[Rule], entries: Sequence[Mapping[str, Any]], monkeypatch: pytest.MonkeyPatch, bigquery: Server
) -> None:
    rounded = [to_microseconds(entry) for entry in entries]
    bigquery.fill(rounded)
    narrow, whole = asked_of_bigquery(rules, push_down_sql(rules).text), asked_of_bigquery(rules, "")
    with Emulator(rounded) as emulator:
        monkeypatch.setenv("LOGGING_EMULATOR_HOST", emulator.host)
        logging = reported(rules, str(entries[0]["logName"]).split("/")[1], "")
    assert narrow.coverage.entries < whole.coverage.entries == logging.coverage.entries
    assert whole.coverage.severities == logging.coverage.severities
    assert told(narrow) == told(whole) == told(logging)


def to_microseconds(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry as BigQuery would have it: its times without what is finer."""
    times = {name: re.sub(r"(\.\d{6})\d+", r"\1", entry[name]) for name in ("timestamp", "receiveTimestamp")}
    return {**entry, **times}


def told(report: Report) -> list[dict[str, Any]]:
    """Incidents and unclassified errors, without links, and without the salt of hidden names."""
    document = json.loads(re.sub(r"\[(\w+):[0-9a-f]{6}\]", r"[\1]", report.to_json()))
    return [{**incident, "links": None} for incident in document["incidents"]] + list(document["unclassified"])
