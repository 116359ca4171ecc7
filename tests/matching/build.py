"""Events, rules and matches for the tests of matching, made without the stages before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analyzer.model import Entry, Event, Match, Request, Severity
from analyzer.rule import (
    And,
    Category,
    Comparison,
    Correlation,
    CorrelationType,
    Extract,
    Level,
    Named,
    Not,
    Operator,
    Or,
    Role,
    Rule,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analyzer.rule import Condition

SECOND = 1_000_000_000


def event(
    message: str = "",
    *,
    time: int = 0,
    severity: Severity = Severity.DEFAULT,
    service: str = "backend",
    instance: str = "",
    logger: str = "",
    request: Request | None = None,
    raw: Mapping[str, Any] | None = None,
    insert_id: str = "i",
) -> Event:
    entry = Entry(
        timestamp=time,
        time=time,
        received=None,
        severity=severity,
        given_severity=severity,
        message=message,
        service=service,
        revision="backend-00001-abc",
        instance=instance,
        project="p",
        log="run.googleapis.com/stderr",
        insert_id=insert_id,
        logger=logger,
        request=request,
        raw=raw if raw is not None else {"textPayload": message},
    )
    return Event(entries=(entry,), message=message, severity=severity)


def compare(field: str, operator: str, value: str | float | bool | None, *, cased: bool = False) -> Comparison:
    return Comparison(field, Operator(operator), value, cased)


def contains(text: str) -> Comparison:
    return compare("message", "contains", text)


def both(*items: Condition) -> And:
    return And(items)


def either(*items: Condition) -> Or:
    return Or(items)


def negated(item: Condition) -> Not:
    return Not(item)


def named(name: str, item: Condition) -> Named:
    return Named(name, item)


def rule(
    name: str,
    condition: Condition | None = None,
    *,
    correlation: Correlation | None = None,
    extract: tuple[Extract, ...] = (),
) -> Rule:
    return Rule(
        name=name,
        id=name,
        title=name,
        level=Level.HIGH,
        category=Category.OTHER,
        role=Role.FAILURE,
        condition=condition,
        correlation=correlation,
        extract=extract,
        path=f"{name}.yml",
        line=1,
    )


def correlation(
    kind: CorrelationType,
    rules: str,
    *,
    span: int,
    group_by: str = "",
    field: str = "",
    bounds: tuple[tuple[Operator, float], ...] = (),
    aliases: Mapping[str, Mapping[str, str]] | None = None,
    generate: bool = True,
) -> Rule:
    return rule(
        "correlated",
        correlation=Correlation(
            type=kind,
            rules=tuple(rules.split()),
            group_by=tuple(group_by.split()),
            timespan=span,
            field=field,
            bounds=bounds,
            aliases=aliases or {},
            generate=generate,
        ),
    )


def found(name: str, time: int, *, fields: Mapping[str, str | tuple[str, ...]] | None = None, **of: Any) -> Match:
    """A match of the rule ``name`` on an event of its own."""
    return Match(rule=rule(name, contains(name)), event=event(name, time=time, **of), fields=fields or {})
