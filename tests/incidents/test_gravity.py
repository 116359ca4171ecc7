from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analyzer.incidents import build_incidents
from analyzer.model import Severity
from analyzer.rule import Category, Level, Role
from analyzer.settings import ReportSettings
from tests.incidents.builders import event, match, rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.model import Match

REFUSED = rule("connection_refused", Category.CONNECTIVITY)
CONNECTED = rule("connected", Category.CONNECTIVITY, Role.ALL_CLEAR, level=Level.INFORMATIONAL)
PROBE = rule("probe_failed", Category.STARTUP, Role.CONSEQUENCE, caused_by=["startup"])
READY = rule("ready", Category.STARTUP, Role.ALL_CLEAR, level=Level.INFORMATIONAL)
UNAVAILABLE = rule("request_503", Category.HTTP, Role.CONSEQUENCE, level=Level.MEDIUM)


def level(matches: Sequence[Match]) -> Level:
    ordered = sorted(matches, key=lambda one: one.time)
    (incident,) = build_incidents(ordered, (), (), ReportSettings())
    return incident.level


def said(severity: Severity, times: int) -> list[Match]:
    return [match(REFUSED, event("no cache", at=n, severity=severity), host="cache") for n in range(times)]


@pytest.mark.parametrize(
    ("severity", "times", "expected"),
    [
        (Severity.WARNING, 1, Level.LOW),
        (Severity.WARNING, 9, Level.LOW),
        (Severity.WARNING, 10, Level.MEDIUM),
        (Severity.INFO, 2, Level.LOW),
        (Severity.INFO, 3, Level.MEDIUM),
        (Severity.DEFAULT, 1, Level.HIGH),
        (Severity.ERROR, 1, Level.HIGH),
    ],
)
def test_a_failure_weighs_what_its_program_made_of_it(severity: Severity, times: int, expected: Level) -> None:
    assert level(said(severity, times)) is expected


def test_a_probe_that_failed_before_the_instance_came_up_is_low() -> None:
    assert level([match(PROBE, at=0), match(READY, at=5)]) is Level.LOW
    assert level([match(PROBE, at=0), match(READY, at=5, instance="i2")]) is Level.HIGH
    assert level([match(PROBE, at=0), match(READY, at=-5)]) is Level.HIGH


def test_a_connection_that_a_retry_brought_about_is_low_and_one_that_stayed_away_is_not() -> None:
    retried = [match(REFUSED, at=0, host="db"), match(CONNECTED, at=3)]
    assert level(retried) is Level.LOW
    assert level([*retried, match(UNAVAILABLE, at=2)]) is Level.LOW
    assert level([*retried, *(match(UNAVAILABLE, at=2 + n) for n in range(5))]) is Level.HIGH
    assert level([*retried, match(REFUSED, at=10, host="db")]) is Level.HIGH


@pytest.mark.parametrize(
    ("times", "expected"),
    [([0, 1, 2, 3], Level.LOW), ([0, 1, 2, 3, 4], Level.MEDIUM), ([0, 200, 400, 600, 800], Level.LOW)],
)
def test_a_handful_of_failed_requests_is_low(times: list[int], expected: Level) -> None:
    assert level([match(UNAVAILABLE, at=time) for time in times]) is expected


def test_what_something_followed_from_keeps_its_level() -> None:
    exit_code = rule("container_exit", Category.CRASH, Role.CONSEQUENCE)
    assert level([*said(Severity.WARNING, 1), match(exit_code, at=1)]) is Level.HIGH
