"""The nouns, in the order of the flow: Window, Entry, Event, Match, and what was read (Coverage). Next: ``outcome.py``.

Times are integer nanoseconds since the epoch, UTC, everywhere. All nouns are frozen; stages pass them on and never
change them. Text in them is as the log had it: redaction happens once, where the report is built.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from analyzer.rule import Rule

__all__ = [
    "Coverage",
    "Entry",
    "Event",
    "Fields",
    "Known",
    "LogEntry",
    "Match",
    "Notice",
    "Request",
    "Revision",
    "Severity",
    "SourceInfo",
    "Window",
]

LogEntry = Mapping[str, Any]
"""A LogEntry as the API's JSON has it: https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry."""

Fields = Mapping[str, str | tuple[str, ...]]
"""Values a rule extracted; a printed list or set is a tuple."""


class Severity(enum.IntEnum):
    """LogSeverity of Cloud Logging, with its numbers."""

    DEFAULT = 0
    DEBUG = 100
    INFO = 200
    NOTICE = 300
    WARNING = 400
    ERROR = 500
    CRITICAL = 600
    ALERT = 700
    EMERGENCY = 800


class Known(enum.IntEnum):
    """What earlier passes of an audit made of an entry; whoever reads once knows only new ones."""

    NEW = 0
    SEEN = 1
    """It was read before, and counted as read."""
    TOLD = 2
    """It was read before, and an incident has counted it."""


class Window(msgspec.Struct, frozen=True):
    """A stretch of time, start included, end not, in nanoseconds.

    Attributes:
        received: It is meant by when entries were received, not by when they were stamped.
    """

    start: int
    end: int
    received: bool = False

    def __contains__(self, time: int) -> bool:
        """Whether ``time`` (nanoseconds) lies inside."""
        return self.start <= time < self.end


class Notice(msgspec.Struct, frozen=True):
    """What a source says between its entries: a line it skipped, a limit that cut it, a failure that ended it.

    Attributes:
        text: One line for people, without log text in it.
        skipped: How many records could not be read.
        incomplete: The read ended before its end, so the report covers less than was asked for.
        duplicates: How many entries came again and were left out.
    """

    text: str
    skipped: int = 0
    incomplete: bool = False
    duplicates: int = 0


class SourceInfo(msgspec.Struct, frozen=True):
    """Where entries came from.

    Attributes:
        kind: ``file``, ``cloud-logging``, ``bigquery``, ``sample`` or ``memory``.
        name: The path, project or resource.
        filter: The query that reproduces the read, Cloud Logging's or SQL; empty for files.
        project: The project whose console shows the entries; empty when it is not known.
    """

    kind: str
    name: str
    filter: str = ""
    project: str = ""

    @property
    def place(self) -> str:
        """Where the entries are kept, as far as one place has all of them: the project, or the view; else empty."""
        return self.name if self.kind == "bigquery" else self.project


class Request(msgspec.Struct, frozen=True):
    """The httpRequest of an entry; latency in nanoseconds, 0 when it is not given."""

    method: str
    path: str
    status: int
    latency: int = 0
    user_agent: str = ""
    remote_ip: str = ""


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One LogEntry, decoded.

    Attributes:
        timestamp: When it was stamped, nanoseconds; the received time where it has none.
        time: When it happened: ``timestamp``, or for a request its end (timestamp + latency). Order by this.
        received: ``receiveTimestamp`` in nanoseconds, None when it is absent.
        severity: Effective severity: from the text where the given one is absent or plainly wrong.
        given_severity: The severity the entry carried; DEFAULT when it carried none.
        message: The text a person would read, never empty for an entry that says anything.
        service: Cloud Run service or job, GKE container, App Engine module; empty when it is not known.
        revision: Cloud Run revision, GKE pod template or version; empty when it is not known.
        instance: Whose lines belong together: ``labels.instanceId``, or the pod and container; empty when unknown.
        project: Project id out of the log's name.
        log: The log's short name, decoded: ``run.googleapis.com/stderr``.
        insert_id: Unique only together with the log's name and the timestamp.
        logger: The logger's name where the record or its text gives one.
        raw: The LogEntry itself, unchanged.
        known: What an earlier pass of the audit made of it.
    """

    timestamp: int
    time: int
    received: int | None
    severity: Severity
    given_severity: Severity
    message: str
    service: str
    revision: str
    instance: str
    project: str
    log: str
    insert_id: str
    trace: str = ""
    logger: str = ""
    request: Request | None = None
    raw: LogEntry
    known: Known = Known.NEW

    @property
    def key(self) -> tuple[str, str, int, str]:
        """What two copies of one entry share: project, log, timestamp, insertId."""
        return (self.project, self.log, self.timestamp, self.insert_id)


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One happening: an entry, or the entries of one split record, traceback or broken line, in order.

    Attributes:
        entries: At least one; all of one instance and log.
        message: The joined text.
        severity: The gravest effective severity among the entries and in the joined text.
        root: The line that names the root exception of a traceback; empty when there is none.
    """

    entries: tuple[Entry, ...]
    message: str
    severity: Severity
    root: str = ""

    @property
    def first(self) -> Entry:
        """The entry that began it; service, revision, instance and log are this one's."""
        return self.entries[0]

    @property
    def time(self) -> int:
        """When it happened (effective time of its first entry, nanoseconds)."""
        return self.entries[0].time

    @property
    def insert_ids(self) -> tuple[str, ...]:
        """The insertIds of all its entries, in order."""
        return tuple(entry.insert_id for entry in self.entries)

    @property
    def key(self) -> tuple[object, ...]:
        """What tells it from other events, and is the same however often it is made of its entries."""
        first = self.entries[0]
        return first.key if first.insert_id else (*first.key, self.message)

    @property
    def texts(self) -> Iterator[str]:
        """The texts of a log that it was made of, whole: what is secret in them shows there."""
        yield self.message
        for entry in self.entries:
            yield from (entry.service, entry.revision, entry.instance, entry.insert_id)

    @property
    def told(self) -> bool:
        """An incident of an earlier pass has counted it, or a part of it."""
        return any(entry.known is Known.TOLD for entry in self.entries)


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """An event and a rule that holds on it; for a correlation, the event that completed it and the parts.

    Attributes:
        rule: The rule.
        event: The event; for a correlation the one that completed it.
        fields: What the rule extracted (a correlation has what its parts extracted).
        parts: The matches a correlation is made of, in order of time; empty otherwise.
    """

    rule: Rule
    event: Event
    fields: Fields
    parts: tuple[Match, ...] = ()

    @property
    def time(self) -> int:
        """When it happened, nanoseconds."""
        return self.event.time

    @property
    def insert_ids(self) -> tuple[str, ...]:
        """The insertIds of all entries that it rests on."""
        if not self.parts:
            return self.event.insert_ids
        return tuple(dict.fromkeys(i for part in self.parts for i in part.insert_ids))


class Revision(msgspec.Struct, frozen=True):
    """One revision of one service as the entries show it; a deploy is a revision that came after another.

    Attributes:
        service: The service.
        name: The revision's name; empty when only an audit entry tells of the deploy.
        first: Time of its first entry, nanoseconds.
        last: Time of its last entry, nanoseconds.
        insert_id: Its first entry.
        replaced: Time of the audit entry (ReplaceService) that made it; None when none was seen.
    """

    service: str
    name: str
    first: int
    last: int
    insert_id: str
    replaced: int | None = None


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What was read.

    Attributes:
        entries: Distinct entries read.
        first: Earliest timestamp among them in nanoseconds; None when there are none.
        last: Latest timestamp.
        complete: The read went to its end.
        duplicates: Entries that came more than once and were counted once.
        skipped: Records that could not be read.
        severities: Effective severity to count.
        services: Service to count.
        late: Largest lag of receiveTimestamp behind timestamp, in nanoseconds.
        notes: Lines for people: what was cut, skipped or fetched how.
    """

    entries: int
    first: int | None
    last: int | None
    complete: bool
    duplicates: int
    skipped: int
    severities: Mapping[str, int]
    services: Mapping[str, int]
    late: int = 0
    notes: tuple[str, ...] = ()
