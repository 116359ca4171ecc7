"""The report as pandas frames, for people in notebooks."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import msgspec

from analyzer.redact import Redacted
from analyzer.times import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    import pandas as pd

    from analyzer.model import Match
    from analyzer.outcome import Incident
    from analyzer.redact import Redactor
    from analyzer.report.document import ReportedIncident

__all__ = ["MatchRow", "match_rows", "matches_frame", "timeline_frame"]


class MatchRow(msgspec.Struct, frozen=True):
    """One row of ``matches_frame``; the time is nanoseconds, UTC."""

    timestamp: int
    incident: str
    rule: str
    category: str
    role: str
    level: str
    severity: str
    service: Redacted
    revision: Redacted
    instance: Redacted
    log: Redacted
    message: Redacted
    fields: dict[str, list[Redacted]]
    insert_ids: list[Redacted]


def match_rows(matches: Iterable[Match], incidents: Sequence[Incident], redactor: Redactor) -> tuple[MatchRow, ...]:
    """The rows of ``matches_frame``, redacted.

    Args:
        matches: All matches of the run that the incidents were made of, in order.
        incidents: Whose fingerprint stands beside the matches that belong to them.
        redactor: Replaces secrets.
    """
    # An incident's failures are samples; its happenings are all. What else an event of one matched belongs to it too.
    failing = {place: incident.fingerprint for incident in incidents for place in incident.happenings}
    around = {match.event.key: incident.fingerprint for incident in incidents for match in incident.context}
    rows = []
    for _, group in itertools.groupby(enumerate(matches), key=lambda found: id(found[1].event)):
        found = list(group)
        owner = next((failing[place] for place, _ in found if place in failing), "")
        owner = owner or around.get(found[0][1].event.key, "")
        rows += [_row(match, owner, redactor.within(match.event.texts)) for _, match in found]
    return tuple(rows)


def _row(match: Match, incident: str, redact: Callable[[str], Redacted]) -> MatchRow:
    entry = match.event.first
    return MatchRow(
        timestamp=match.time,
        incident=incident,
        rule=match.rule.name,
        category=match.rule.category.value,
        role=match.rule.role.value,
        level=match.rule.level.word,
        severity=match.event.severity.name,
        service=redact(entry.service),
        revision=redact(entry.revision),
        instance=redact(entry.instance),
        log=redact(entry.log),
        message=redact(match.event.message),
        fields={
            name: [redact(item) for item in ((value,) if isinstance(value, str) else value)]
            for name, value in match.fields.items()
        },
        insert_ids=[redact(insert_id) for insert_id in match.insert_ids],
    )


_MATCHES = {
    "timestamp": "time",
    "incident": "string",
    "rule": "category",
    "category": "category",
    "role": "category",
    "level": "category",
    "severity": "category",
    "service": "category",
    "revision": "string",
    "instance": "string",
    "log": "string",
    "message": "string",
    "fields": "object",
    "insert_ids": "object",
}
_TIMELINE = {
    "timestamp": "time",
    "last": "time",
    "phase": "string",
    "role": "category",
    "rule": "category",
    "text": "string",
    "quote": "string",
    "count": "int64",
    "contradicted": "bool",
    "insert_ids": "object",
}


def matches_frame(rows: Sequence[MatchRow]) -> pd.DataFrame:
    """One row a match; ``timestamp`` is ``datetime64[ns, UTC]``, ``fields`` a dict, ``insert_ids`` a list."""
    return _frame({name: (kind, [getattr(row, name) for row in rows]) for name, kind in _MATCHES.items()})


def timeline_frame(incidents: Sequence[ReportedIncident]) -> pd.DataFrame:
    """One row a line of an incident's timeline; ``timestamp`` and ``last`` are ``datetime64[ns, UTC]``."""
    lines = [(incident, moment) for incident in incidents for moment in incident.timeline]
    return _frame(
        {
            "incident": ("string", [incident.fingerprint for incident, _ in lines]),
            "title": ("string", [incident.title for incident, _ in lines]),
            **{name: (kind, [getattr(moment, name) for _, moment in lines]) for name, kind in _TIMELINE.items()},
        }
    )


def _frame(columns: Mapping[str, tuple[str, list[Any]]]) -> pd.DataFrame:
    """A frame of columns whose types do not depend on whether there is anything in them."""
    import pandas as pd  # noqa: PLC0415 (half a second that most runs need not spend)

    def column(kind: str, values: list[Any]) -> pd.Series:
        if kind == "time":
            times = [parse_timestamp(value) if isinstance(value, str) else value for value in values]
            return pd.to_datetime(pd.Series(times, dtype="int64"), utc=True).astype("datetime64[ns, UTC]")
        if kind == "category":
            return pd.Series(values, dtype="string").astype("category")
        return pd.Series(values, dtype=kind)

    return pd.DataFrame({name: column(kind, values) for name, (kind, values) in columns.items()})
