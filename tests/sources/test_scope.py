"""Which entries are wanted, by service and log, in whatever way they are read."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.coverage import Ledger
from analyzer.pipeline import classify_source
from analyzer.sources.files import Files
from analyzer.sources.memory import Memory
from analyzer.sources.scope import Scope, Scoped
from tests.skim.lines import exports
from tests.skim.test_agreement import OWN, in_order, told

if TYPE_CHECKING:
    from analyzer.model import LogEntry

RUN = {"type": "cloud_run_revision", "labels": {"service_name": "api", "revision_name": "api-1"}}
POD = {"type": "k8s_container", "labels": {"container_name": "web", "pod_name": "web-1"}}
STDERR = "projects/p/logs/run.googleapis.com%2Fstderr"


@pytest.mark.parametrize(
    ("scope", "record", "wanted"),
    [
        (Scope(), {}, True),
        (Scope(("api",)), {"resource": RUN}, True),
        (Scope(("web", "api")), {"resource": POD}, True),
        (Scope(("web",)), {"resource": RUN}, False),
        (Scope(("api",)), {}, False),
        (Scope(("api",)), {"resource": ["odd"]}, False),
        (Scope(log_names=("run.googleapis.com/stderr",)), {"logName": STDERR}, True),
        (Scope(log_names=("run.googleapis.com%2Fstderr",)), {"logName": STDERR}, True),
        (Scope(log_names=(STDERR,)), {"logName": STDERR}, True),
        (Scope(log_names=("stderr",)), {"logName": STDERR}, False),
        (Scope(log_names=("stderr",)), {"logName": 4}, False),
        (Scope(("api",), ("run.googleapis.com/stderr",)), {"resource": RUN}, False),
        (Scope(("api",), ("run.googleapis.com/stderr",)), {"resource": RUN, "logName": STDERR}, True),
    ],
)
def test_an_entry_is_wanted_for_its_service_and_its_log(scope: Scope, record: LogEntry, wanted: bool) -> None:
    assert scope.holds(record) is wanted
    assert scope.is_all is (scope == Scope())


def test_no_more_entries_come_than_the_limit_says() -> None:
    records: list[dict[str, Any]] = [{"insertId": str(number), "resource": RUN} for number in range(5)]
    *entries, notice = Scoped(Memory([{"resource": POD}, *records]), Scope(("api",)), limit=3).read(None)
    assert entries == records[:3]
    assert notice.incomplete  # type: ignore[union-attr]
    assert list(Scoped(Memory(records), Scope(), limit=5).read(None)) == records


STDERR_OF_API = Scope(("api",), ("run.googleapis.com/stderr",))
SCOPES = st.sampled_from([Scope(("api",)), Scope(("c", "nightly")), Scope(log_names=("app",)), STDERR_OF_API])


@settings(max_examples=100, deadline=None)
@given(exports, SCOPES)
def test_a_few_fields_tell_what_is_wanted_as_whole_entries_do(data: bytes, scope: Scope) -> None:
    data = in_order(data, descending=False)
    fast = told(Files(["-"], scope, stdin=io.BytesIO(data)), OWN, fast=True)
    assert fast == told(Files(["-"], scope, stdin=io.BytesIO(data)), OWN, fast=False)
    assert fast == told(Scoped(Files(["-"], stdin=io.BytesIO(data)), scope), OWN, fast=False)


def test_many_resources_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.sources.reading._MOST", 2)
    line = (
        '{"insertId":"%d","timestamp":"2025-09-10T00:33:05Z","logName":"l","textPayload":"x",'
        '"resource":{"type":"cloud_run_revision","labels":{"service_name":"s%d"}}}\n'
    )
    data = "".join(line % (number, number % 10) for number in range(100)).encode()
    ledger = Ledger()
    classify_source(Files(["-"], Scope(("s3", "s4")), stdin=io.BytesIO(data)), None, OWN, ledger)
    assert ledger.coverage().services == {"s3": 10, "s4": 10}
