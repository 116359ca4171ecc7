"""What ties a happening to a cause, and what does not, however near it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.incidents import build_incidents
from analyzer.rule import Category, Level, Role
from analyzer.settings import ReportSettings
from tests.incidents.builders import event, match, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.model import Event, Match
    from analyzer.outcome import Incident

REFUSED = rule("connection_refused", Category.CONNECTIVITY)
TIMED_OUT = rule("connection_timed_out", Category.CONNECTIVITY)
LOGIN = rule("login_failed", Category.AUTH)
IMPORT = rule("import_failed", Category.STARTUP)
CHECK = rule("check_failed", Category.VALIDATION, caused_by=["schema"])
START = rule("start_failed", Category.STARTUP, caused_by=["connectivity", "schema"])
TABLE = rule("undefined_table", Category.SCHEMA, caused_by=["migration"])
COLUMN = rule("undefined_column", Category.SCHEMA, caused_by=["migration"])
EXIT = rule("container_exit", Category.CRASH, Role.CONSEQUENCE, caused_by=["startup", "connectivity"])
UNAVAILABLE = rule("request_503", Category.HTTP, Role.CONSEQUENCE, caused_by=["crash", "startup"], spans_services=True)


def incidents_of(matches: Sequence[Match], unknown: Sequence[Event] = ()) -> tuple[Incident, ...]:
    return build_incidents(sorted(matches, key=lambda one: one.time), unknown, (), ReportSettings())


def causes(matches: Sequence[Match]) -> list[str]:
    return [incident.cause.rule.name for incident in incidents_of(matches)]


def test_a_database_role_that_is_refused_is_one_fault_for_all_services_that_use_it() -> None:
    matches = [match(LOGIN, at=n * 20, service=s, role="app") for n in range(5) for s in ("api", "auth")]
    (incident,) = incidents_of(matches)
    assert incident.services == ("api", "auth")
    assert incident.count == 10
    (alone,) = incidents_of([match(LOGIN, at=900, service="auth", role="app")])
    assert alone.fingerprint == incident.fingerprint


def test_a_host_that_is_refused_and_then_silent_is_one_cause_across_services() -> None:
    (incident,) = incidents_of(
        [
            match(REFUSED, at=0, service="api", host="db.internal"),
            match(TIMED_OUT, at=90, service="worker", instance="w", host="db.internal"),
        ]
    )
    assert incident.services == ("api", "worker")


def test_localhost_is_another_place_in_every_container() -> None:
    matches = [match(REFUSED, at=n, service=f"s{n}", instance=f"i{n}", host="127.0.0.1") for n in range(2)]
    assert len(incidents_of(matches)) == 2


def test_ports_tell_back_ends_of_one_address_apart() -> None:
    assert len(incidents_of([match(REFUSED, at=n * 7, host="10.0.0.7", port=str(6379 + n)) for n in range(2)])) == 2


def test_the_same_rule_with_fewer_names_is_the_same_fault_while_it_lasts() -> None:
    matches = [match(REFUSED, at=0, host="cache"), match(REFUSED, at=120), match(REFUSED, at=240, host="cache")]
    (incident,) = incidents_of(matches)
    assert incident.count == 3


def test_a_missing_module_is_not_explained_by_a_cache_that_was_away_before_it() -> None:
    matches = [match(REFUSED, at=0, host="cache"), match(IMPORT, at=1, module="x"), match(EXIT, at=2)]
    incidents = incidents_of(matches)
    assert sorted(incident.cause.rule.name for incident in incidents) == ["connection_refused", "import_failed"]


def test_what_a_start_that_has_failed_says_of_its_checks_is_its_effect() -> None:
    assert causes([match(IMPORT, at=0, module="x"), match(CHECK, at=0.2), match(EXIT, at=1)]) == ["import_failed"]


def test_a_check_that_failed_before_a_module_was_missing_is_a_fault_of_its_own() -> None:
    matches = [match(CHECK, at=0), match(IMPORT, at=0.2, module="x"), match(EXIT, at=0.4)]
    assert sorted(causes(matches)) == ["check_failed", "import_failed"]


def test_a_failure_whose_rule_names_its_causes_is_not_tied_to_any_other() -> None:
    assert len(incidents_of([match(REFUSED, at=0, host="search"), match(TABLE, at=0.5, table="orders")])) == 2


def test_tables_and_columns_that_are_missing_at_once_have_one_unseen_cause() -> None:
    (incident,) = incidents_of([match(TABLE, at=0, table="a"), match(COLUMN, at=20, instance="i2", column="b")])
    assert incident.count == 2
    assert len(incidents_of([match(TABLE, at=0, table="a"), match(COLUMN, at=200, column="b")])) == 2


def test_a_failure_that_a_category_explains_must_be_near_and_not_of_another_request() -> None:
    assert causes([match(REFUSED, at=0), match(START, at=50, instance="i2")]) == ["connection_refused"]
    assert len(incidents_of([match(REFUSED, at=0), match(START, at=200, instance="i2")])) == 2
    assert len(incidents_of([match(REFUSED, at=0, trace="t1"), match(START, at=1, trace="t2")])) == 2


def test_failed_requests_go_to_the_cause_of_their_own_service_before_another() -> None:
    matches = [
        match(IMPORT, at=0, service="api", module="x"),
        match(IMPORT, at=2, service="auth", instance="a", module="y"),
        match(UNAVAILABLE, at=4, service="api", instance=""),
        match(UNAVAILABLE, at=5, service="auth", instance=""),
    ]
    assert [(i.services, i.count) for i in incidents_of(matches)] == [(("api",), 2), (("auth",), 2)]


def test_failed_requests_before_the_crash_of_another_service_are_adopted_by_it() -> None:
    matches = [match(UNAVAILABLE, at=0, service="web", instance=""), match(IMPORT, at=1, service="api", module="x")]
    (incident,) = incidents_of(matches)
    assert incident.services == ("api", "web")


def test_effects_that_name_other_causes_are_not_adopted_by_whatever_failed_nearby() -> None:
    picky = rule("picky", Category.HTTP, Role.CONSEQUENCE, caused_by=["lock"], level=Level.HIGH)
    late = [match(TABLE, at=0, table="a"), match(TABLE, at=400, table="a"), match(picky, at=200, instance="other")]
    assert len(incidents_of(late)) == 2


def test_what_the_program_took_for_a_warning_is_not_the_cause_of_an_error() -> None:
    warned = match(REFUSED, event("retrying", at=0, severity=event().severity.WARNING), host="cache")
    assert causes([warned, match(START, at=2), match(EXIT, at=3)]) == ["start_failed"]


def test_what_is_said_beside_a_fault_that_tells_more_does_not_gather_others() -> None:
    told = event("database refused the connection", at=0)
    gone = rule("database_refused", Category.CONNECTIVITY, caused_by=["nothing"])
    named = rule("startup_dump", Category.CONNECTIVITY, caused_by=["database_refused"])
    beside = [match(gone, told, host="db"), match(REFUSED, told), match(named, told)]
    assert len(incidents_of([*beside, match(REFUSED, at=60, host="cache")])) == 2


def test_requests_that_fail_on_an_instance_that_lives_are_no_effect_of_one_that_crashed() -> None:
    failing = rule("failing", Category.HTTP, Role.CONSEQUENCE)
    crashed = [match(IMPORT, at=0, instance="new", module="x"), match(EXIT, at=1, instance="new")]
    assert len(incidents_of([*crashed, match(failing, at=2, instance="old")])) == 2
    assert len(incidents_of([*crashed, match(failing, at=2, instance="new")])) == 1
    assert len(incidents_of([*crashed, match(failing, at=2, instance="")])) == 1
