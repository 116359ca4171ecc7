"""One incident out of what was known of it and what a pass has found: exact counts, the story, and what is new.

The title, the cause and the words stay those of the first pass, so that what was published stays recognisable; the
timeline goes on below them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import msgspec

from analyzer.redact import Redacted
from analyzer.report.document import ReportedEntries, ReportedIncident, ReportedMoment, ReportedQuote, ReportedRule
from analyzer.times import format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analyzer.audit.found import Fresh

__all__ = ["first_document", "merged_document"]

_MOST_IDS = 1000
_MOST_NAMES = 100
_FIRST_QUOTES, _LAST_QUOTES = 40, 20
_MOST_MOMENTS = 40
_SINCE = Redacted("Since Then")
_FEW = 5

_T = TypeVar("_T")


def first_document(reported: ReportedIncident, fresh: Fresh, short_id: str) -> ReportedIncident:
    """A new incident as its first pass reports it, with the counts of what is new."""
    return msgspec.structs.replace(
        reported,
        id=short_id,
        count=fresh.count,
        starts=fresh.starts,
        first_seen=format_timestamp(fresh.first),
        last_seen=format_timestamp(fresh.last),
        rules=_rules([], reported.rules, fresh),
    )


def merged_document(known: ReportedIncident, reported: ReportedIncident, fresh: Fresh) -> ReportedIncident:
    """A known incident with what a pass adds to it.

    Args:
        known: As the state has it.
        reported: As the pass reports it, with what it read again for context.
        fresh: What of that is new.
    """
    graver = reported if reported.level > known.level else known
    first, last = format_timestamp(fresh.first), format_timestamp(fresh.last)
    return msgspec.structs.replace(
        known,
        severity=graver.severity,
        priority=min(known.priority, reported.priority, key=lambda priority: priority.level),
        first_seen=_earliest(known.first_seen, first),
        last_seen=_latest(known.last_seen, last),
        count=known.count + fresh.count,
        starts=known.starts + fresh.starts,
        period=reported.period or known.period,
        services=_union(known.services, reported.services, _MOST_NAMES),
        revisions=_union(known.revisions, reported.revisions, _MOST_NAMES),
        instances=_union(known.instances, reported.instances, _MOST_NAMES),
        rules=_rules(known.rules, reported.rules, fresh),
        entities={
            name: _union(known.entities.get(name, []), reported.entities.get(name, []), _MOST_NAMES)
            for name in sorted({*known.entities, *reported.entities})
        },
        entries=ReportedEntries(
            _union(known.entries.core, reported.entries.core, _MOST_IDS),
            _union(known.entries.consequences, reported.entries.consequences, _MOST_IDS),
            _union(known.entries.context, reported.entries.context, _MOST_IDS),
        ),
        timeline=_timeline(known, reported, fresh),
        contradicts=_union(known.contradicts, reported.contradicts, _MOST_NAMES),
        deploy=known.deploy or reported.deploy,
        problem=known.problem or reported.problem,
        impact=known.impact or reported.impact,
        next_steps=known.next_steps or reported.next_steps,
        whys=known.whys or reported.whys,
        quotes=_quotes(known.quotes, reported.quotes),
        links=reported.links,
    )


def _rules(known: Sequence[ReportedRule], reported: Sequence[ReportedRule], fresh: Fresh) -> list[ReportedRule]:
    """The rules with exact counts; a correlation, which names the incident and counts nothing, stays as it was seen."""
    merged = {rule.name: rule for rule in known}
    for rule in reported:
        new = fresh.rules.get(rule.name)
        old = merged.get(rule.name)
        if new is None:
            counted = rule.count if old is None and rule.name not in fresh.incident.faults.values() else 0
            if old is None and counted:
                merged[rule.name] = rule
            continue
        count, first, last = new[0], format_timestamp(new[1]), format_timestamp(new[2])
        if old is not None:
            count += old.count
            first, last = _earliest(old.first_seen, first), _latest(old.last_seen, last)
        merged[rule.name] = msgspec.structs.replace(rule, count=count, first_seen=first, last_seen=last)
    return sorted(merged.values(), key=lambda rule: (parse_timestamp(rule.first_seen), rule.name))


def _timeline(known: ReportedIncident, reported: ReportedIncident, fresh: Fresh) -> list[ReportedMoment]:
    """The known lines, what has not been in them yet, and one line for what this pass adds; lines of long ago fold."""
    told = {(moment.rule, moment.text) for moment in known.timeline}
    rules = {rule.name for rule in known.rules}
    start = parse_timestamp(known.last_seen)
    further = [
        moment
        for moment in reported.timeline
        if (moment.rule, moment.text) not in told
        and moment.rule not in rules
        and parse_timestamp(moment.timestamp) > start
    ]
    story = [moment for moment in known.timeline if moment.phase != _SINCE]
    since = [moment for moment in known.timeline if moment.phase == _SINCE]
    since.append(
        ReportedMoment(
            timestamp=format_timestamp(fresh.first),
            last=format_timestamp(fresh.last),
            phase=_SINCE,
            role="failure",
            rule=known.cause.rule,
            text=Redacted("The same again, with its consequences"),
            quote=Redacted(""),
            count=fresh.count,
            contradicted=False,
            insert_ids=[*reported.entries.core, *reported.entries.consequences][-_FEW:],
        )
    )
    while len(since) > _MOST_MOMENTS:
        since[:2] = [_folded(since[0], since[1])]
    return [*story, *further[:_MOST_MOMENTS], *since] if len(story) < _MOST_IDS else [*story, *since]


def _folded(one: ReportedMoment, other: ReportedMoment) -> ReportedMoment:
    return msgspec.structs.replace(
        one,
        timestamp=_earliest(one.timestamp, other.timestamp),
        last=_latest(one.last, other.last),
        count=one.count + other.count,
    )


def _quotes(known: Sequence[ReportedQuote], reported: Sequence[ReportedQuote]) -> list[ReportedQuote]:
    told = {(quote.log, quote.insert_id, quote.timestamp) for quote in known}
    new = [quote for quote in reported if (quote.log, quote.insert_id, quote.timestamp) not in told]
    quotes = sorted([*known, *new], key=lambda quote: parse_timestamp(quote.time))
    if len(quotes) <= _FIRST_QUOTES + _LAST_QUOTES:
        return quotes
    return [*quotes[:_FIRST_QUOTES], *quotes[-_LAST_QUOTES:]]


def _union(known: Iterable[_T], new: Iterable[_T], most: int) -> list[_T]:
    return list(dict.fromkeys([*known, *new]))[:most]


def _earliest(one: str, other: str) -> str:
    return min(one, other, key=parse_timestamp)


def _latest(one: str, other: str) -> str:
    return max(one, other, key=parse_timestamp)
