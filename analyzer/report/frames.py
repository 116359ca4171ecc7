"""The report as pandas frames, for people in notebooks."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import msgspec

from analyzer.redact import Redacted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    import pandas as pd

    from analyzer.model import Incident, Match
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


_WORDS = ("rule", "category", "role", "level", "severity", "service")
_TEXTS = ("incident", "revision", "instance", "log", "message")


def matches_frame(rows: Sequence[MatchRow]) -> pd.DataFrame:
    """One row a match; ``timestamp`` is ``datetime64[ns, UTC]``, ``fields`` a dict, ``insert_ids`` a list."""
    import pandas as pd  # noqa: PLC0415 (half a second that most runs need not spend)

    columns = list(MatchRow.__struct_fields__)
    frame = pd.DataFrame({name: [getattr(row, name) for row in rows] for name in columns}, columns=columns)
    frame["timestamp"] = _times(frame["timestamp"])
    return frame.astype(dict.fromkeys(_WORDS, "category") | dict.fromkeys(_TEXTS, "string"))


def timeline_frame(incidents: Sequence[ReportedIncident]) -> pd.DataFrame:
    """One row a line of an incident's timeline; ``timestamp`` and ``last`` are ``datetime64[ns, UTC]``."""
    import pandas as pd  # noqa: PLC0415 (half a second that most runs need not spend)

    columns = ["timestamp", "last", "phase", "role", "rule", "text", "quote", "count", "contradicted", "insert_ids"]
    data = {
        "incident": [incident.fingerprint for incident in incidents for _ in incident.timeline],
        "title": [incident.title for incident in incidents for _ in incident.timeline],
    }
    for name in columns:
        data[name] = [getattr(moment, name) for incident in incidents for moment in incident.timeline]
    frame = pd.DataFrame(data, columns=["incident", "title", *columns])
    for name in ("timestamp", "last"):
        frame[name] = _times(frame[name])
    texts = ("incident", "title", "phase", "text", "quote")
    return frame.astype(
        dict.fromkeys(texts, "string")
        | {"role": "category", "rule": "category", "count": "int64", "contradicted": "bool"}
    )


def _times(column: pd.Series) -> pd.Series:
    import pandas as pd  # noqa: PLC0415 (half a second that most runs need not spend)

    return pd.to_datetime(column, utc=True, format="ISO8601" if column.dtype != "int64" else None).astype(
        "datetime64[ns, UTC]"
    )
