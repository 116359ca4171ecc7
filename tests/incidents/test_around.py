"""What stood around an incident, however often it was said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from analyzer.incidents import build_incidents
from analyzer.redact import Redactor
from analyzer.rule import Category, Level, Role
from analyzer.settings import ReportSettings
from tests.incidents.builders import SECOND, START, event, match, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.model import Match
    from analyzer.outcome import Incident

HEALTHY = rule("healthy", Category.STARTUP, Role.ALL_CLEAR)
STARTED = rule("started", Category.STARTUP, Role.MILESTONE)
MODE = rule("mode", Category.VALIDATION, Role.STATE, impact="It runs in {{ mode }}.")
MISSING = rule("missing", Category.SCHEMA, level=Level.CRITICAL, headline="No {{ what | plain }}")
SECRET = "hunter2-and-then-some"


def only(matches: Sequence[Match]) -> Incident:
    ordered = sorted(matches, key=lambda one: one.time)
    (incident,) = build_incidents(ordered, (), (), ReportSettings(), redactor=Redactor(b"a key for tests"))
    return incident


@pytest.mark.parametrize("failed_at", [0.5, 30.5, 299.5], ids=["early", "amid", "late"])
def test_milestones_said_often_are_one_line_with_exact_counts_beside_the_claim_that_is_belied(failed_at: float) -> None:
    said = [match(HEALTHY, at=n) for n in range(300)]
    incident = only([*said, match(MISSING, at=failed_at)])
    lines = [item for item in incident.timeline if item.rule == "healthy"]
    (claim,) = (item for item in lines if item.contradicted)
    (others,) = (item for item in lines if not item.contradicted)
    assert incident.contradicts == (said[int(failed_at)],)
    assert (claim.time, claim.last, claim.count) == (said[int(failed_at)].time,) * 2 + (1,)
    rest = [one for one in said if one is not incident.contradicts[0] and one.time <= START + (failed_at + 60) * SECOND]
    assert (others.time, others.last, others.count) == (rest[0].time, rest[-1].time, len(rest))
    assert others.insert_ids == tuple(one.insert_ids[0] for one in rest[:20])
    assert len(incident.context) == min(200, len(rest) + 1)


def test_container_starts_are_counted_beyond_the_samples() -> None:
    assert only([*(match(STARTED, at=n * 3) for n in range(280)), match(MISSING, at=850)]).starts == 280


def test_every_state_is_told_once_and_the_last_word_of_a_name_counts() -> None:
    states = [match(MODE, at=n, mode=("slow", "safe")[n % 2]) for n in range(250)]
    named = msgspec.structs.replace(MISSING, headline="In {{ mode }}")
    incident = only([*states, match(named, at=249.5)])
    assert incident.impact == "It runs in slow. It runs in safe."
    assert incident.title == "In safe"


def test_states_that_hold_user_data_are_not_told_apart_for_ever() -> None:
    incident = only([*(match(MODE, at=n / 10, mode=f"m{n}") for n in range(200)), match(MISSING, at=21)])
    assert incident.impact.count("It runs in") == 51


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (f"{'x' * 110} password={SECRET} and more", "no table"),
        (f"{'x' * 115}/{SECRET}/and/more", f"no table for postgresql://app:{SECRET}@db.internal/shop"),
    ],
    ids=["it shows in the value", "it shows in the event"],
)
def test_a_secret_in_a_value_is_replaced_before_a_template_cuts_it(value: str, message: str) -> None:
    incident = only([match(MISSING, event(message), what=value)])
    assert incident.title.startswith("No xxx")
    assert "password:" in incident.title or "password_" in incident.title
    assert SECRET[:8] not in incident.title
    assert SECRET[:8] not in incident.timeline[0].text
