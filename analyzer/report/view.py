"""A report as templates want it: lines, blocks and headings in order, still plain redacted text.

What is selected and said here is the same for Markdown, HTML and the terminal; how it looks is the template's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.report.coverage import coverage_lines, verdict_lines
from analyzer.report.document import (
    ReportDocument,
    ReportedIncident,
    ReportedMoment,
    ReportedRule,
    ReportedUnclassified,
)
from analyzer.report.symptoms import Block, symptom_blocks
from analyzer.report.wording import Stamp, count_of, deploy_sentence, heading_time, is_utc, lower_first, stamp
from analyzer.times import format_duration, local_date, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analyzer.settings import ReportSettings

__all__ = ["Bullet", "Contradiction", "DebugLog", "Phase", "Row", "Summary", "debug_log_view", "summary_view"]

_FAILING = ("failure", "consequence")
_WHYS = 5
_ROWS = 40
_LONG_CAUSE = 12


class Bullet(msgspec.Struct, frozen=True):
    """One line of the timeline; ``when`` is its first and, where it differs, last time."""

    text: str
    quote: str
    role: str
    when: str
    count: int
    insert_id: str
    contradicted: bool


class Phase(msgspec.Struct, frozen=True):
    """A heading of the timeline and its lines."""

    name: str
    time: str
    bullets: list[Bullet]


class Row(msgspec.Struct, frozen=True):
    """One quoted entry in the evidence table."""

    stamp: Stamp
    role: str
    rule: str
    insert_id: str
    text: str


class Contradiction(msgspec.Struct, frozen=True):
    """A line that says all is well and the failure that belies it."""

    sentence: str
    lines: str


class DebugLog(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the debug log of one incident says, in the order it says it."""

    incident: ReportedIncident
    title: str
    date: str
    environment: str
    process: str
    zone: str
    symptoms_time: str
    blocks: list[Block]
    first: Stamp
    last: Stamp
    period: str
    cause_time: Stamp
    rules: list[ReportedRule]
    contradictions: list[Contradiction]
    deploy: str
    rows: list[Row]
    not_shown: int
    whole: str
    phases: list[Phase]
    blanks: int
    coverage: list[str]
    unclassified: list[ReportedUnclassified]
    next_steps: list[str]


class IndexRow(msgspec.Struct, frozen=True):
    """One incident in a summary."""

    incident: ReportedIncident
    file: str
    first: Stamp
    last: Stamp


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What stands above several debug logs, or instead of any."""

    date: str
    environment: str
    process: str
    verdict: list[str]
    coverage: list[str]
    rows: list[IndexRow]
    unclassified: list[ReportedUnclassified]


def debug_log_view(
    document: ReportDocument, incident: ReportedIncident, settings: ReportSettings, *, alone: bool
) -> DebugLog:
    """The debug log of one incident.

    Args:
        document: The report it belongs to.
        incident: One of its incidents.
        settings: Zone, environment, process and next steps.
        alone: It is the only one, so the unclassified errors stand in it too.
    """
    zone = settings.timezone
    failing = [quote for quote in incident.quotes if quote.role in _FAILING]
    rows = _rows(incident, zone)
    long_cause = incident.cause.message.count("\n") >= _LONG_CAUSE or len(incident.cause.message) > 1_000  # noqa: PLR2004
    return DebugLog(
        incident=incident,
        title=incident.title,
        date=local_date(parse_timestamp(incident.first_seen), zone),
        environment=document.environment.title(),
        process=settings.process.replace("{environment}", document.environment),
        zone="" if is_utc(zone) else zone,
        symptoms_time=heading_time([quote.time for quote in failing] or [incident.first_seen]),
        blocks=symptom_blocks(incident),
        first=stamp(incident.first_seen, zone),
        last=stamp(incident.last_seen, zone),
        period="" if incident.period is None else format_duration(round(incident.period * 1e9)),
        cause_time=stamp(incident.cause.timestamp, zone),
        rules=incident.rules,
        contradictions=_contradictions(incident),
        deploy=deploy_sentence(incident, zone),
        rows=rows,
        not_shown=max(0, incident.count - sum(row.role in _FAILING for row in rows)),
        whole=incident.cause.message if long_cause else "",
        phases=_phases(incident.timeline, zone),
        blanks=max(0, _WHYS - len(incident.whys)),
        coverage=coverage_lines(document, zone),
        unclassified=document.unclassified if alone else [],
        next_steps=_steps(settings.next_steps, incident.next_steps),
    )


def _rows(incident: ReportedIncident, zone: str) -> list[Row]:
    """The first quotes, each event once whatever number of rules know it: as what the first of them takes it for."""
    events: dict[tuple[str, str, str], Row] = {}
    for quote in incident.quotes:
        text = quote.root or _first_line(quote.text)
        row = Row(stamp(quote.timestamp, zone), quote.role, quote.rule, quote.insert_id, text)
        events.setdefault((quote.timestamp, quote.insert_id, quote.text), row)
    return list(events.values())[:_ROWS]


def summary_view(document: ReportDocument, settings: ReportSettings, names: Mapping[str, str]) -> Summary:
    """What stands above several debug logs.

    Args:
        document: The report.
        settings: Zone and process.
        names: Fingerprint to the debug log's file.
    """
    zone = settings.timezone
    return Summary(
        date=local_date(parse_timestamp(document.generated_at), zone),
        environment=document.environment.title(),
        process=settings.process.replace("{environment}", document.environment),
        verdict=verdict_lines(document),
        coverage=coverage_lines(document, zone),
        rows=[
            IndexRow(i, names[i.fingerprint], stamp(i.first_seen, zone), stamp(i.last_seen, zone))
            for i in document.incidents
        ],
        unclassified=document.unclassified,
    )


def _first_line(text: str) -> str:
    return next((line for line in text.splitlines() if line.strip()), "")


def _contradictions(incident: ReportedIncident) -> list[Contradiction]:
    belied = [quote for quote in incident.quotes if quote.contradicted]
    titles = {moment.rule: moment.text for moment in incident.timeline}
    found = []
    for quote in belied:
        claim = titles.get(quote.rule) or quote.rule.replace("_", " ")
        sentence = f"{incident.cause.title} despite {lower_first(claim)}"
        width = max(len(quote.timestamp), len(incident.cause.timestamp))
        said = f"{quote.timestamp:<{width}}  {_first_line(quote.text)}"
        found.append(Contradiction(sentence, f"{said}\n{incident.cause.timestamp:<{width}}  {_told(incident)}"))
    return found


def _told(incident: ReportedIncident) -> str:
    return incident.cause.root or _first_line(incident.cause.message)


def _phases(timeline: Sequence[ReportedMoment], zone: str) -> list[Phase]:
    phases: dict[str, list[ReportedMoment]] = {}
    for moment in timeline:
        phases.setdefault(moment.phase, []).append(moment)
    return [
        Phase(name, heading_time([time for m in moments for time in (m.timestamp, m.last)]), _bullets(moments, zone))
        for name, moments in phases.items()
    ]


def _bullets(moments: Sequence[ReportedMoment], zone: str) -> list[Bullet]:
    bullets = []
    for moment in moments:
        when = stamp(moment.timestamp, zone).short
        if moment.last != moment.timestamp:
            when = f"{count_of(moment.count, 'time')}, from {when} to {stamp(moment.last, zone).short}"
        quote = "" if moment.quote == moment.text else moment.quote
        insert_id = moment.insert_ids[0] if moment.insert_ids else ""
        bullets.append(Bullet(moment.text, quote, moment.role, when, moment.count, insert_id, moment.contradicted))
    return bullets


def _steps(standing: Sequence[str], own: Sequence[str]) -> list[str]:
    return [step for item in standing for step in (own if item == "..." else [item])]
