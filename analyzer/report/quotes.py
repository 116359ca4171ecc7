"""Which events a report quotes, and how much of each."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, cast

from analyzer.redact import Redacted
from analyzer.report.document import LevelWord, ReportedQuote, SeverityWord
from analyzer.rule import Role
from analyzer.template import mask
from analyzer.times import format_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from analyzer.model import Match
    from analyzer.outcome import Incident

__all__ = ["quotes_of"]

_OF_ONE_RULE = 3
_STATES = 20
_LONGEST = 20_000


def quotes_of(incident: Incident, redact: Callable[[str], Redacted]) -> list[ReportedQuote]:
    """The events that show an incident: of each rule the first few that differ, the states, and what it belies.

    Args:
        incident: The incident.
        redact: Replaces secrets.

    Returns:
        In order of time; each text redacted, and cut after 20,000 characters.
    """
    belied = {id(match.event) for match in incident.contradicts}
    states = (match for match in incident.context if match.rule.role is Role.STATE)
    chosen = [
        *_distinct((incident.cause, *incident.failures), _OF_ONE_RULE),
        *_distinct(incident.consequences, _OF_ONE_RULE),
        *_distinct(states, _STATES),
        *_distinct(incident.contradicts, _OF_ONE_RULE),
    ]
    unique = {(match.rule.name, id(match.event)): match for match in chosen}
    ordered = sorted(unique.values(), key=lambda match: match.time)
    return [_quote(match, redact, contradicted=id(match.event) in belied) for match in ordered]


def _distinct(matches: Iterable[Match], limit: int) -> list[Match]:
    """The first matches of each rule that say different things; numbers, ids and addresses make no difference."""
    chosen: list[Match] = []
    seen: dict[str, set[tuple[str, str]]] = {}
    for match in matches:
        texts = seen.setdefault(match.rule.name, set())
        if len(texts) < limit and (said := _masked(match.event.message, match.event.root)) not in texts:
            texts.add(said)
            chosen.append(match)
    return chosen


@functools.lru_cache(maxsize=1024)
def _masked(message: str, root: str) -> tuple[str, str]:
    """What an event says without what varies; what stood around one incident often stood around others."""
    return mask(message), mask(root)


def _quote(match: Match, redact: Callable[[str], Redacted], *, contradicted: bool) -> ReportedQuote:
    entry = match.event.first
    return ReportedQuote(
        rule=match.rule.name,
        role=match.rule.role.value,
        category=match.rule.category.value,
        level=cast("LevelWord", match.rule.level.word),
        text=Redacted(redact(match.event.message)[:_LONGEST]),
        root=redact(match.event.root),
        timestamp=format_timestamp(entry.timestamp),
        time=format_timestamp(match.time),
        severity=cast("SeverityWord", match.event.severity.name),
        given_severity=cast("SeverityWord", entry.given_severity.name),
        service=redact(entry.service),
        revision=redact(entry.revision),
        instance=redact(entry.instance),
        log=redact(entry.log),
        insert_id=redact(entry.insert_id),
        contradicted=contradicted,
    )
