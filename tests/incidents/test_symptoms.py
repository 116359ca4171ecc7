from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.incidents import build_incidents
from analyzer.model import Match, Request
from analyzer.rule import Category, Role
from analyzer.settings import ReportSettings
from tests.incidents.builders import event, match, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.model import Event
    from analyzer.outcome import Incident

BOOT = rule("worker_failed", Category.CRASH, Role.CONSEQUENCE, caused_by=["startup"])
STARTED = rule("start_failed", Category.STARTUP, caused_by=["configuration"])
HUNG = rule("worker_hung", Category.CRASH)
FAILING = msgspec.structs.replace(rule("requests_failing", Category.HTTP, Role.CONSEQUENCE), condition=None)
ROOT = "planner.Sealed: no bed 7"
TRACE = f"Traceback (most recent call last):\n  File\n{ROOT}"


def only(matches: Sequence[Match], unknown: Sequence[Event] = ()) -> Incident:
    ordered = sorted(matches, key=lambda one: one.time)
    (incident,) = build_incidents(ordered, unknown, (), ReportSettings())
    return incident


def request(at: float, trace: str = "") -> Match:
    made = event("GET /plans 500", at=at, trace=trace)
    asked = msgspec.structs.replace(made.first, request=Request("GET", "/plans", 500))
    return Match(rule=FAILING, event=msgspec.structs.replace(made, entries=(asked,)), fields={"failed": "9"})


def test_an_exception_that_an_effect_prints_and_no_rule_knows_is_the_cause() -> None:
    incident = only([match(BOOT, event(f"worker failed\n{TRACE}", root=ROOT)), match(BOOT, at=1)])
    assert incident.cause.rule.name == "unclassified_error"
    assert incident.title == "Unclassified error: planner.Sealed: no bed _"
    assert incident.count == 2


def test_a_failed_start_is_explained_by_the_unknown_traceback_before_it_with_exact_counts() -> None:
    unknown = [event(TRACE, at=n * 30, root=ROOT) for n in range(6)]
    incident = only([match(STARTED, at=n * 30 + 1) for n in range(6)], unknown)
    assert incident.title == "Unclassified error: planner.Sealed: no bed _"
    assert incident.counts["unclassified_error"][1] == 6
    assert incident.count == 12
    assert incident.period == 30_000_000_000


def test_an_exception_without_words_of_its_own_is_named_by_what_was_logged_with_it() -> None:
    bare = event(
        "2025-09-11 06:00:00.000 | ERROR    | shop.db:open:61 - no answer in 8 s\nTraceback\nTimeoutError",
        root="TimeoutError",
    )
    assert only([match(STARTED, at=1)], [bare]).title == "Unclassified error: no answer in _ s"


def test_a_process_that_hung_is_explained_by_a_traceback_shortly_before_and_by_no_mere_error_line() -> None:
    assert only([match(HUNG, at=5)], [event(TRACE, at=0, root=ROOT)]).cause.rule.name == "unclassified_error"
    assert only([match(HUNG, at=5)], [event("odd: 4", at=0)]).cause.rule is HUNG
    assert only([match(HUNG, at=50)], [event(TRACE, at=0, root=ROOT)]).cause.rule is HUNG


def test_an_error_of_another_instance_or_after_the_symptom_explains_nothing() -> None:
    assert only([match(BOOT, at=5)], [event("odd", at=0, instance="i2")]).cause.rule is BOOT
    assert only([match(BOOT, at=5)], [event("shutting down", at=6)]).cause.rule is BOOT
    assert only([match(BOOT, at=5)], [event(TRACE, at=6, root=ROOT)]).cause.rule.name == "unclassified_error"


def test_failed_requests_are_explained_by_an_unknown_error_of_their_trace_or_in_step_with_them() -> None:
    requests = [request(n * 10, trace=f"t{n}") for n in range(6)]
    of_trace = event("bad plan", at=20, instance="i9", trace="t2")
    assert only(requests, [of_trace]).cause.rule.name == "unclassified_error"
    in_step = [event(f"bad plan {n}", at=n * 10 - 1) for n in range(5)]
    assert only(requests, in_step).counts["unclassified_error"][1] == 5
    assert only(requests, [event("once", at=3)]).cause.rule is FAILING


def test_symptoms_of_one_unknown_error_on_two_instances_are_one_incident() -> None:
    unknown = [event(TRACE, at=n * 400, instance=f"i{n}", root=ROOT) for n in range(2)]
    incident = only([match(BOOT, at=n * 400 + 1, instance=f"i{n}") for n in range(2)], unknown)
    assert incident.count == 4
    assert incident.instances == ("i0", "i1")


def test_an_error_that_other_instances_live_with_is_blamed_last() -> None:
    benign = [event("exporter not set up", at=n * 9, instance=f"i{n}") for n in range(1, 5)]
    odd = event("beds do not fit", at=38, instance="i4")
    assert only([match(BOOT, at=40, instance="i4")], [*benign, odd]).cause.event is odd
    alone = only([match(BOOT, at=40, instance="i4")], benign)
    assert alone.title == "Unclassified error: exporter not set up"


def test_an_exception_is_blamed_before_a_line() -> None:
    line, raised = event("odd: 4", at=0), event(TRACE, at=3, root=ROOT)
    assert only([match(STARTED, at=5)], [line, raised]).cause.event is raised
