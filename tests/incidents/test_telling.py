from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analyzer.errors import TemplateError
from analyzer.incidents import build_incidents, cluster
from analyzer.model import Match, Revision, Severity
from analyzer.rule import Category, Correlation, CorrelationType, Level, Role
from analyzer.settings import ReportSettings
from tests.incidents.builders import SECOND, START, event, match, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.outcome import Incident

import msgspec

DONE = rule("migrations_completed", Category.MIGRATION, Role.MILESTONE, title="Migrations completed")
HEALTHY = rule("startup_completed", Category.STARTUP, Role.ALL_CLEAR)
STARTED = rule("container_started", Category.STARTUP, Role.MILESTONE)
BYPASS = rule("bypass", Category.VALIDATION, Role.STATE, impact="Nobody would notice.")
MISSING = rule(
    "tables_missing",
    Category.SCHEMA,
    level=Level.CRITICAL,
    headline="Missing tables: {{ tables | plain }}",
    problem="There is no {{ tables | names }}.",
    impact="Users of {{ service }} cannot log in.",
    next_steps=["Compare models with {{ revision }}", "Look at {{ nowhere }}"],
)
GOLDEN = rule("golden_path_failed", Category.VALIDATION, problem="The golden path failed.")
EXIT = rule("container_exit", Category.CRASH, Role.CONSEQUENCE)
UNAVAILABLE = rule("request_503", Category.HTTP, Role.CONSEQUENCE)


def only(matches: Sequence[Match], revisions: Sequence[Revision] = (), **report: object) -> Incident:
    settings = msgspec.convert(report, ReportSettings)
    (incident,) = build_incidents(sorted(matches, key=lambda m: m.time), (), revisions, settings)
    return incident


def revision(name: str, at: float, last: float = 1000, replaced: float | None = None) -> Revision:
    made = None if replaced is None else START + round(replaced * SECOND)
    return Revision("api", name, START + round(at * SECOND), START + round(last * SECOND), f"first-{name}", made)


def test_the_words_come_from_the_rule_and_the_entry() -> None:
    incident = only([match(MISSING, tables=("orders",)), match(GOLDEN, at=1)])
    assert incident.title == "Missing tables: orders"
    assert incident.problem == "There is no `orders`. The golden path failed."
    assert incident.impact == "Users of api cannot log in."
    assert incident.next_steps == ("Compare models with api-00001-aaa",)


def test_what_a_template_needs_and_no_entry_gave_is_left_out() -> None:
    incident = only([match(MISSING)])
    assert incident.title == "Tables missing"
    assert incident.problem == ""


def test_a_template_that_cannot_be_filled_is_an_error_that_names_the_rule() -> None:
    bad = msgspec.structs.replace(MISSING, problem="{{ tables + 1 }}")
    with pytest.raises(TemplateError, match="tables_missing"):
        only([match(bad, tables=("orders",))])


def test_a_rules_template_cannot_reach_pythons_inside() -> None:
    bad = msgspec.structs.replace(MISSING, problem="{{ ''.__class__.__mro__[1].__subclasses__() }}")
    with pytest.raises(TemplateError, match="tables_missing"):
        only([match(bad, tables=("orders",))])


def test_configured_impact_comes_first_and_states_may_add_theirs() -> None:
    incident = only([match(BYPASS, at=-1), match(MISSING, tables=("orders",))], impact={"schema": "We lose orders."})
    assert incident.impact == "We lose orders. Users of api cannot log in. Nobody would notice."


def test_a_correlation_names_the_incident_and_belies_its_milestone() -> None:
    naming = msgspec.structs.replace(
        rule("inconsistency", Category.SCHEMA, level=Level.CRITICAL, headline="Migration inconsistency"),
        condition=None,
        correlation=Correlation(CorrelationType.TEMPORAL_ORDERED, ("migrations_completed", "tables_missing")),
    )
    done, missing = match(DONE, at=0), match(MISSING, at=3, tables=("orders",))
    together = Match(rule=naming, event=missing.event, fields={"tables": ("orders",)}, parts=(done, missing))
    incident = only([done, missing, together])
    assert (incident.title, incident.subject) == ("Migration inconsistency", "Missing tables: orders")
    assert incident.cause is missing
    assert incident.contradicts == (done,)
    texts = [item.text for item in incident.timeline]
    assert texts == ["Migrations completed", "Missing tables: orders, despite migrations completed"]
    assert [item.contradicted for item in incident.timeline] == [True, False]
    assert incident.counts["inconsistency"][1] == 1


def test_an_all_clear_for_the_whole_service_is_belied_by_a_failure_and_a_recovery_is_not() -> None:
    before, after, late = match(HEALTHY, at=-5), match(HEALTHY, at=4), match(HEALTHY, at=50)
    incident = only([before, match(MISSING, at=0), late])
    assert incident.contradicts == (before,)
    assert only([match(MISSING, at=0), after]).contradicts == (after,)
    assert only([match(MISSING, at=0), late]).contradicts == ()


def test_a_milestone_is_belied_only_where_a_rule_says_so() -> None:
    assert only([match(DONE, at=-3), match(MISSING)]).contradicts == ()
    naming = msgspec.structs.replace(MISSING, contradicts=("migrations_completed",))
    assert len(only([match(DONE, at=-3), match(naming)]).contradicts) == 1


def test_the_deploy_before_the_first_failure_is_the_one_that_counts() -> None:
    revisions = [revision("api-1", -500, -1), revision("api-2", -20)]
    deploy = only([match(MISSING, revision="api-2")], revisions).deploy
    assert deploy is not None
    assert (deploy.revision, deploy.failed_before, deploy.delay) == ("api-2", False, 20 * SECOND)


def test_a_fault_older_than_the_deploy_was_there_before_it() -> None:
    revisions = [revision("api-1", -500, 10), revision("api-2", 20)]
    deploy = only([match(MISSING, revision="api-1"), match(MISSING, at=30, revision="api-2")], revisions).deploy
    assert deploy is not None
    assert (deploy.revision, deploy.failed_before, deploy.delay) == ("api-2", True, None)


def test_a_window_that_begins_with_the_deploy_is_too_short_to_tell() -> None:
    deploy = only([match(MISSING, revision="api-2")], [revision("api-2", -2, replaced=-3)]).deploy
    assert deploy is not None
    assert deploy.failed_before is None


def test_without_a_deploy_nothing_is_said_of_one() -> None:
    assert only([match(MISSING)], [revision("api-1", -500)]).deploy is None


def test_container_starts_are_counted_once_however_many_lines_tell_of_them() -> None:
    lines = [match(STARTED, at=n * 10 + extra, instance="i1") for n in range(3) for extra in (0, 0.1, 0.2)]
    assert only([*lines, match(MISSING, at=25)]).starts == 3


def test_the_five_whys_go_from_the_last_effect_to_the_cause() -> None:
    incident = only(
        [
            match(MISSING, at=0, tables=("orders",), message="no table orders"),
            match(GOLDEN, at=1),
            match(EXIT, at=2),
            match(UNAVAILABLE, at=3),
        ]
    )
    assert [why.text for why in incident.whys] == [
        "Request 503",
        "Container exit",
        "Golden path failed",
        "Missing tables: orders",
    ]
    assert incident.whys[-1].quote == "no table orders"
    assert all(why.insert_id for why in incident.whys)


def test_the_period_of_a_crash_loop_is_the_usual_time_between_its_causes() -> None:
    assert only([match(MISSING, at=n * 9) for n in range(6)]).period == 9 * SECOND
    assert only([match(MISSING)]).period == 0


def test_unknown_errors_that_say_the_same_are_one_cluster_with_exact_counts() -> None:
    events = [event(f"worker {n} lost its lease", at=n, service="w") for n in range(40)]
    events.append(event("worker 3 found its lease", at=50))
    clusters = cluster(events)
    assert [(one.count, one.template) for one in clusters] == [
        (40, "worker <*> lost its lease"),
        (1, "worker <*> found its lease"),
    ]
    assert clusters[0].first == START
    assert clusters[0].last == START + 39 * SECOND
    assert len(clusters[0].insert_ids) == 20
    assert clusters[0].services == ("w",)
    again = cluster([event("worker 77 lost its lease", at=9000, service="other")])
    assert again[0].id == clusters[0].id


def test_graver_clusters_come_first() -> None:
    clusters = cluster([*(event(f"a {n}") for n in range(9)), event("b", severity=Severity.CRITICAL)])
    assert [one.severity for one in clusters] == [Severity.CRITICAL, Severity.ERROR]


def test_a_traceback_is_known_by_its_root_and_its_first_line() -> None:
    one = event("Traceback (most recent call last):\n  x\nKeyError: 'a'", root="KeyError: 'a'")
    other = event("Traceback (most recent call last):\n  y\nKeyError: 'b'", root="KeyError: 'b'")
    assert len(cluster([one, other])) == 2
