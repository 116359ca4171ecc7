from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.incidents import build_incidents
from analyzer.rule import Category, Level, Role
from analyzer.settings import ReportSettings
from tests.incidents.builders import SECOND, START, event, match, rule

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from analyzer.model import Event, Match
    from analyzer.outcome import Incident

IMPORT = rule("module_missing", Category.DEPENDENCY, level=Level.CRITICAL)
BOOT = rule("worker_failed_to_boot", Category.STARTUP, Role.CONSEQUENCE)
EXIT = rule("container_exit", Category.CRASH, Role.CONSEQUENCE)
UNAVAILABLE = rule("request_503", Category.HTTP, Role.CONSEQUENCE, level=Level.MEDIUM)
REFUSED = rule("connection_refused", Category.CONNECTIVITY, level=Level.HIGH)
MIGRATION = rule("migration_failed", Category.MIGRATION, level=Level.CRITICAL)
MISSING = rule("tables_missing", Category.SCHEMA, level=Level.CRITICAL)
EXTRA = rule("extra_tables", Category.SCHEMA, level=Level.MEDIUM)
GOLDEN = rule("golden_path_failed", Category.VALIDATION)
PASSWORD = rule("wrong_password", Category.AUTH)


def incidents_of(matches: Sequence[Match], unknown: Sequence[Event] = ()) -> tuple[Incident, ...]:
    ordered = sorted(matches, key=lambda one: one.time)
    return build_incidents(ordered, unknown, (), ReportSettings())


def crash(at: float, instance: str, revision: str = "api-00001-aaa") -> list[Match]:
    return [
        match(IMPORT, at=at, instance=instance, revision=revision, module="app.auth"),
        match(BOOT, at=at + 0.2, instance=instance, revision=revision),
        match(EXIT, at=at + 0.4, instance=instance, revision=revision),
    ]


def test_a_crash_loop_of_two_interleaved_instances_is_one_incident_with_exact_counts() -> None:
    matches = [m for n in range(25) for m in crash(n * 9, "i1") + crash(n * 9 + 0.1, "i2")]
    matches += [match(UNAVAILABLE, at=n * 7 + 1, instance=f"front{n % 3}") for n in range(30)]
    (incident,) = incidents_of(matches)
    assert incident.cause.rule is IMPORT
    assert incident.counts["module_missing"][1] == 50
    assert incident.counts["request_503"][1] == 30
    assert incident.count == 50 * 3 + 30
    assert incident.starts == 50
    assert incident.first == START
    assert set(incident.core_ids).isdisjoint(incident.consequence_ids)


def test_of_the_insert_ids_of_a_fault_the_first_hundred_are_kept_and_all_are_counted() -> None:
    matches = [match(IMPORT, at=n * 0.5, module="app.auth") for n in range(150)]
    (incident,) = incidents_of(matches)
    assert incident.counts["module_missing"][1] == 150
    assert incident.core_ids == tuple(insert_id for one in matches[:100] for insert_id in one.insert_ids)


def test_the_first_error_of_the_chain_is_the_cause_and_not_the_loudest() -> None:
    (incident,) = incidents_of(
        [match(REFUSED, at=0, host="db"), match(MIGRATION, at=1), match(GOLDEN, at=2), match(EXIT, at=3)]
    )
    assert incident.cause.rule is REFUSED
    assert incident.level is Level.CRITICAL
    assert incident.category is Category.CONNECTIVITY


def test_a_warning_before_the_failure_does_not_become_its_cause() -> None:
    (incident,) = incidents_of([match(EXTRA, at=0), match(MISSING, at=0.5, tables=("orders",))])
    assert incident.cause.rule is MISSING


def test_one_fault_on_four_revisions_is_one_incident_with_one_fingerprint() -> None:
    names = [f"api-0000{n}-{tail}" for n, tail in enumerate(["aaa", "bbb", "ccc", "ddd"], 1)]
    matches = [m for n, name in enumerate(names) for m in crash(n * 900, f"i{n}", name)]
    (incident,) = incidents_of(matches)
    assert incident.revisions == tuple(names)
    (alone,) = incidents_of(crash(5000, "other", "api-00009-zzz"))
    assert alone.fingerprint == incident.fingerprint


def test_independent_faults_in_the_same_minute_stay_apart() -> None:
    incidents = incidents_of(
        [
            match(REFUSED, at=0, service="api", host="redis"),
            match(REFUSED, at=0.5, service="api", host="postgres"),
            match(PASSWORD, at=1, service="api", user="app"),
            match(MISSING, at=2, service="billing", instance="b1"),
        ]
    )
    assert len(incidents) == 4


def test_the_same_rule_with_different_names_on_a_schema_in_one_start_is_one_incident() -> None:
    matches = [match(MISSING, at=0.1 * n, tables=(f"table_{word}",)) for n, word in enumerate(["a", "b", "c"])]
    (incident,) = incidents_of(matches)
    assert incident.entities["tables"] == ("table_a", "table_b", "table_c")


def test_a_consequence_follows_its_cause_into_another_service_only_where_a_rule_says_so() -> None:
    spanning = rule("upstream_down", Category.HTTP, Role.CONSEQUENCE, caused_by=["module_missing"], spans_services=True)
    joined = incidents_of([*crash(0, "i1"), match(spanning, at=30, service="front", instance="f1")])
    assert [incident.cause.rule for incident in joined] == [IMPORT]
    apart = incidents_of([*crash(0, "i1"), match(UNAVAILABLE, at=30, service="front", instance="f1")])
    assert len(apart) == 2


def test_a_consequence_logged_just_before_its_cause_still_belongs_to_it() -> None:
    (incident,) = incidents_of([match(EXIT, at=0), match(IMPORT, at=0.3, module="x")])
    assert incident.cause.rule is IMPORT


def test_consequences_without_any_failure_are_an_incident_of_their_own() -> None:
    (incident,) = incidents_of([match(EXIT, at=0), match(UNAVAILABLE, at=5)])
    assert incident.cause.rule is EXIT


def test_an_unknown_error_before_a_crash_is_its_cause() -> None:
    unknown = event("something odd: 17", at=0)
    (incident,) = incidents_of([match(BOOT, at=0.5), match(EXIT, at=1)], [unknown])
    assert incident.cause.event is unknown
    assert incident.cause.rule.name == "unclassified_error"
    again = incidents_of([match(BOOT, at=90.5), match(EXIT, at=91)], [event("something odd: 99", at=90)])
    assert again[0].fingerprint == incident.fingerprint


def test_what_a_rule_names_as_its_cause_explains_it_even_minutes_later() -> None:
    late = rule("golden_late", Category.VALIDATION, caused_by=["tables_missing"])
    (incident,) = incidents_of([match(MISSING, at=0), match(late, at=400, instance="i9")])
    assert incident.cause.rule is MISSING


def test_failures_of_different_requests_are_not_joined_by_nearness() -> None:
    one, other = rule("undefined_column", Category.SCHEMA), rule("bad_payload", Category.VALIDATION)
    incidents = incidents_of(
        [match(one, at=0, trace="t1", column="a"), match(other, at=0.5, trace="t2")],
    )
    assert len(incidents) == 2


def test_two_rules_on_one_event_count_it_once_and_the_root_is_the_cause() -> None:
    told = event("alembic: password authentication failed")
    (incident,) = incidents_of([match(MIGRATION, told), match(PASSWORD, told, user="app")])
    assert incident.count == 1
    assert incident.cause.rule is PASSWORD


def test_names_that_come_from_users_do_not_make_a_thousand_incidents() -> None:
    duplicate = rule("unique_violation", Category.SCHEMA)
    matches = [match(duplicate, at=n * 20, key=f"value {'x' * (n % 300 + 1)}", trace=f"t{n}") for n in range(300)]
    assert len(incidents_of(matches)) <= 51


@pytest.mark.parametrize("copies", [1, 3000])
def test_samples_are_capped_and_counts_are_exact(copies: int) -> None:
    (incident,) = incidents_of([match(IMPORT, at=n * 0.01, module="x") for n in range(copies)])
    assert incident.count == copies
    assert len(incident.failures) <= ReportSettings().samples
    assert incident.last == START + round((copies - 1) * 0.01 * SECOND)


@given(st.randoms(use_true_random=False))
def test_every_failing_entry_is_in_exactly_one_incident(rng: random.Random) -> None:
    rules = [IMPORT, BOOT, EXIT, UNAVAILABLE, REFUSED, MIGRATION, MISSING, EXTRA, GOLDEN, PASSWORD]
    matches = [
        match(
            rng.choice(rules),
            at=rng.uniform(0, 2000),
            service=rng.choice(["api", "worker"]),
            instance=rng.choice(["i1", "i2"]),
            name=rng.choice(["a", "b"]),
        )
        for _ in range(rng.randint(1, 40))
    ]
    incidents = incidents_of(matches)
    ids = [i for incident in incidents for i in (*incident.core_ids, *incident.consequence_ids)]
    assert sorted(ids) == sorted(i for m in matches for i in m.insert_ids)
    assert sum(incident.count for incident in incidents) == len(matches)
    assert len({incident.fingerprint for incident in incidents}) == len(incidents)


def test_failures_that_name_one_table_belong_together_across_instances_and_requests() -> None:
    undefined = rule("undefined_table", Category.SCHEMA)
    joined = incidents_of(
        [
            match(MISSING, at=0, tables=("orders", "carts")),
            match(undefined, at=12, instance="i2", trace="t1", table="public.orders"),
            match(undefined, at=90, instance="i3", trace="t2", table="public.orders"),
        ]
    )
    assert [incident.cause.rule for incident in joined] == [MISSING]
    apart = incidents_of(
        [match(MISSING, at=0, tables=("orders",)), match(undefined, at=12, instance="i2", table="users")]
    )
    assert len(apart) == 2
