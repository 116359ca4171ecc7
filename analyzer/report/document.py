"""The report as data: the JSON schema ``loganalyze.report/1``, field by field.

Every text that came from a log, a rule or a user is :data:`~analyzer.redact.Redacted`; a plain ``str`` here is a word
of ours (a rule's name, a role, a timestamp). Times are RFC 3339 in UTC with as many digits as they need. Within version
1 fields may be added and none is taken away or changes its meaning.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from analyzer.redact import Redacted
from analyzer.rule import Level

__all__ = [
    "SCHEMA",
    "LevelWord",
    "ReportDocument",
    "ReportedCause",
    "ReportedCoverage",
    "ReportedDeploy",
    "ReportedEntries",
    "ReportedIncident",
    "ReportedLinks",
    "ReportedMoment",
    "ReportedPriority",
    "ReportedQuote",
    "ReportedRule",
    "ReportedSource",
    "ReportedUnclassified",
    "ReportedWhy",
    "ReportedWindow",
    "RoleWord",
]

SCHEMA = "loganalyze.report/1"
"""Name and version of the schema."""

LevelWord = Literal["informational", "low", "medium", "high", "critical"]
RoleWord = Literal["failure", "consequence", "milestone", "state", "all-clear"]
CategoryWord = Literal[
    "schema",
    "migration",
    "validation",
    "configuration",
    "startup",
    "connectivity",
    "auth",
    "lock",
    "dependency",
    "crash",
    "http",
    "other",
]
SeverityWord = Literal["DEFAULT", "DEBUG", "INFO", "NOTICE", "WARNING", "ERROR", "CRITICAL", "ALERT", "EMERGENCY"]


class ReportedWindow(msgspec.Struct, frozen=True):
    """The window that was asked for, or for whole files the time they cover; the end is not included."""

    start: str
    end: str


class ReportedSource(msgspec.Struct, frozen=True):
    """Where the entries came from, and the Logging query that reproduces the read (empty for files)."""

    kind: str
    name: Redacted
    filter: Redacted
    project: Redacted


class ReportedCoverage(msgspec.Struct, frozen=True):
    """What was read. ``late`` is the largest lag of receiveTimestamp behind timestamp, in seconds."""

    entries: int
    first: str | None
    last: str | None
    complete: bool
    duplicates: int
    skipped: int
    severities: dict[str, int]
    services: dict[Redacted, int]
    late: float
    notes: list[Redacted]


class ReportedPriority(msgspec.Struct, frozen=True):
    """How soon someone should look, and why."""

    level: Literal["P0", "P1", "P2", "P3"]
    reason: Redacted


class ReportedCause(msgspec.Struct, frozen=True):
    """The match that explains the others, with its whole message."""

    rule: str
    title: Redacted
    message: Redacted
    root: Redacted
    insert_id: Redacted
    timestamp: str
    service: Redacted
    revision: Redacted


class ReportedRule(msgspec.Struct, frozen=True):
    """One rule's part in an incident; the count is exact."""

    name: str
    title: Redacted
    role: RoleWord
    count: int
    first_seen: str
    last_seen: str


class ReportedEntries(msgspec.Struct, frozen=True):
    """The insertIds that an incident rests on."""

    core: list[Redacted]
    consequences: list[Redacted]
    context: list[Redacted]


class ReportedMoment(msgspec.Struct, frozen=True):
    """One line of the timeline: equal happenings of one phase, folded."""

    timestamp: str
    last: str
    phase: Redacted
    role: RoleWord
    rule: str
    text: Redacted
    quote: Redacted
    count: int
    contradicted: bool
    insert_ids: list[Redacted]


class ReportedDeploy(msgspec.Struct, frozen=True):
    """The deploy an incident is judged against.

    ``failed_before`` is null where the window is too short to tell; ``delay`` is seconds from the deploy to the first
    failure, null where the failure was there before.
    """

    revision: Redacted
    timestamp: str
    failed_before: bool | None
    delay: float | None
    insert_id: Redacted


class ReportedWhy(msgspec.Struct, frozen=True):
    """One of the Five Whys that the evidence answers."""

    text: Redacted
    quote: Redacted
    insert_id: Redacted


class ReportedQuote(msgspec.Struct, frozen=True, kw_only=True):
    """One event, quoted.

    ``timestamp`` is the entry's own, ``time`` when it happened (a request happens when it ends). ``severity`` is the
    effective one. ``contradicted`` marks an all-clear or a milestone that the incident belies.
    """

    rule: str
    role: RoleWord
    category: CategoryWord
    level: LevelWord
    text: Redacted
    root: Redacted
    timestamp: str
    time: str
    severity: SeverityWord
    given_severity: SeverityWord
    service: Redacted
    revision: Redacted
    instance: Redacted
    log: Redacted
    insert_id: Redacted
    contradicted: bool = False


class ReportedLinks(msgspec.Struct, frozen=True):
    """Logs Explorer queries: the evidence itself, and the read that found it; empty where the project is not known."""

    evidence: Redacted
    read: Redacted


class ReportedIncident(msgspec.Struct, frozen=True, kw_only=True):
    """One incident. ``period`` is seconds between repeats of the cause where they are regular, else null."""

    id: str
    fingerprint: str
    status: str
    title: Redacted
    subject: Redacted
    category: CategoryWord
    severity: LevelWord
    priority: ReportedPriority
    first_seen: str
    last_seen: str
    count: int
    starts: int
    period: float | None
    services: list[Redacted]
    revisions: list[Redacted]
    instances: list[Redacted]
    cause: ReportedCause
    rules: list[ReportedRule]
    entities: dict[str, list[Redacted]]
    entries: ReportedEntries
    timeline: list[ReportedMoment]
    contradicts: list[Redacted]
    deploy: ReportedDeploy | None
    problem: Redacted
    impact: Redacted
    next_steps: list[Redacted]
    whys: list[ReportedWhy]
    quotes: list[ReportedQuote]
    links: ReportedLinks

    @property
    def level(self) -> Level:
        """The severity as a :class:`~analyzer.rule.Level`, which can be compared."""
        return Level[self.severity.upper()]


class ReportedUnclassified(msgspec.Struct, frozen=True):
    """Errors that no rule knows and that say the same."""

    id: str
    template: Redacted
    severity: SeverityWord
    count: int
    first_seen: str
    last_seen: str
    services: list[Redacted]
    insert_ids: list[Redacted]
    example: Redacted


class ReportDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report."""

    schema: Literal["loganalyze.report/1"]
    generated_at: str
    version: str
    environment: Redacted
    window: ReportedWindow | None
    source: ReportedSource
    coverage: ReportedCoverage
    incidents: list[ReportedIncident]
    unclassified: list[ReportedUnclassified]
