"""Short ways to make matches for the tests of grouping."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from analyzer.model import Entry, Event, Match, Severity
from analyzer.rule import Category, Comparison, Level, Operator, Role, Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

SECOND = 1_000_000_000
START = 1_757_464_431 * SECOND
"""2025-09-10T00:33:51Z."""

_numbers = itertools.count(1)


def rule(
    name: str,
    category: Category = Category.SCHEMA,
    role: Role = Role.FAILURE,
    *,
    level: Level = Level.HIGH,
    caused_by: Sequence[str] = (),
    contradicts: Sequence[str] = (),
    spans_services: bool = False,
    title: str = "",
    headline: str = "",
    problem: str = "",
    impact: str = "",
    next_steps: Sequence[str] = (),
    phase: str = "",
) -> Rule:
    return Rule(
        name=name,
        id=name,
        condition=Comparison("message", Operator.CONTAINS, name),
        title=title or name.replace("_", " ").capitalize(),
        level=level,
        category=category,
        role=role,
        caused_by=tuple(caused_by),
        contradicts=tuple(contradicts),
        spans_services=spans_services,
        headline=headline,
        problem=problem,
        impact=impact,
        next_steps=tuple(next_steps),
        phase=phase,
    )


def event(
    message: str = "it happened",
    *,
    at: float = 0,
    service: str = "api",
    instance: str = "i1",
    revision: str = "api-00001-aaa",
    severity: Severity = Severity.ERROR,
    trace: str = "",
    root: str = "",
) -> Event:
    time = START + round(at * SECOND)
    entry = Entry(
        timestamp=time,
        time=time,
        received=None,
        severity=severity,
        given_severity=Severity.DEFAULT,
        message=message,
        service=service,
        revision=revision,
        instance=instance,
        project="acme",
        log="run.googleapis.com/stderr",
        insert_id=f"id{next(_numbers)}",
        trace=trace,
        raw={"textPayload": message},
    )
    return Event(entries=(entry,), message=message, severity=severity, root=root)


def match(
    of: Rule,
    on: Event | None = None,
    *,
    at: float = 0,
    service: str = "api",
    instance: str = "i1",
    revision: str = "api-00001-aaa",
    message: str = "it happened",
    trace: str = "",
    **fields: str | tuple[str, ...],
) -> Match:
    happened = on or event(message, at=at, service=service, instance=instance, revision=revision, trace=trace)
    return Match(rule=of, event=happened, fields=fields)
