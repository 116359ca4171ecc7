"""What was read: counts of every entry, whether a rule knows it or not, and the revisions that were seen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from analyzer.model import Coverage, Entry, Known, Notice, Revision
from analyzer.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Ledger"]

_MOST_NOTES = 50
_DEPLOY_METHODS = ("ReplaceService", "CreateService", "UpdateService", "ReplaceConfiguration")


class _Span:
    __slots__ = ("first", "insert_id", "last")

    def __init__(self, first: int, last: int, insert_id: str) -> None:
        self.first = first
        self.last = last
        self.insert_id = insert_id


class Ledger:
    """Counts entries as they pass; exact, in memory that grows by one integer an entry.

    What an earlier pass has counted shows revisions and traffic, and is not counted again.

    Attributes:
        traffic: How the requests fared.
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._severities: Counter[str] = Counter()
        self._services: Counter[str] = Counter()
        self._first: int | None = None
        self._last: int | None = None
        self._late = 0
        self._duplicates = 0
        self._skipped = 0
        self._complete = True
        self._notes: dict[str, None] = {}
        self._revisions: dict[tuple[str, str], _Span] = {}
        self._replaced: dict[str, list[tuple[int, str, str]]] = {}
        self.traffic = Traffic()

    def distinct(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The entries that have not come before, each counted as it passes."""
        for entry in entries:
            if self._enter(entry):
                yield entry

    def skip(self, note: str) -> None:
        """Count a record that is no LogEntry."""
        self.notice(Notice(text=note, skipped=1))

    def notice(self, notice: Notice) -> None:
        """Keep what a source says."""
        self._skipped += notice.skipped
        self._complete = self._complete and not notice.incomplete
        if notice.text and len(self._notes) < _MOST_NOTES:
            self._notes[notice.text] = None

    def coverage(self) -> Coverage:
        """What was read so far."""
        return Coverage(
            entries=sum(self._severities.values()),
            first=self._first,
            last=self._last,
            complete=self._complete,
            duplicates=self._duplicates,
            skipped=self._skipped,
            severities=dict(sorted(self._severities.items())),
            services=dict(sorted(self._services.items())),
            late=self._late,
            notes=tuple(self._notes),
        )

    def revisions(self) -> tuple[Revision, ...]:
        """The revisions seen, in order of time, each with the audit entry that made it where there is one."""
        seen = {
            (service, name): Revision(service, name, span.first, span.last, span.insert_id)
            for (service, name), span in self._revisions.items()
        }
        for service, replacements in self._replaced.items():
            for time, name, insert_id in replacements:
                revision = seen.get((service, name)) if name else _next_revision(seen.values(), service, time)
                if revision is None:
                    revision = Revision(service, name, time, time, insert_id)
                seen[(service, revision.name or str(time))] = msgspec.structs.replace(revision, replaced=time)
        return tuple(sorted(seen.values(), key=lambda revision: (revision.first, revision.name)))

    def _enter(self, entry: Entry) -> bool:
        key = hash(entry.key)
        if key in self._seen:
            self._duplicates += 1
            return False
        self._seen.add(key)
        if entry.known is Known.NEW:
            self._count(entry)
        self._note_revision(entry)
        if entry.request is not None:
            self.traffic.add(entry)
        return True

    def _count(self, entry: Entry) -> None:
        self._severities[entry.severity.name] += 1
        if entry.service:
            self._services[entry.service] += 1
        stamp = entry.timestamp
        self._first = stamp if self._first is None or stamp < self._first else self._first
        self._last = stamp if self._last is None or stamp > self._last else self._last
        if entry.received is not None and entry.received - stamp > self._late:
            self._late = entry.received - stamp

    def _note_revision(self, entry: Entry) -> None:
        proto = entry.raw.get("protoPayload")
        if isinstance(proto, dict):
            method = str(proto.get("methodName", ""))
            if method.endswith(_DEPLOY_METHODS):
                self._replaced.setdefault(entry.service, []).append((entry.time, entry.revision, entry.insert_id))
            return
        if not entry.revision:
            return
        key = (entry.service, entry.revision)
        span = self._revisions.get(key)
        if span is None:
            self._revisions[key] = _Span(entry.time, entry.time, entry.insert_id)
        elif entry.time < span.first:
            span.first, span.insert_id = entry.time, entry.insert_id
        elif entry.time > span.last:
            span.last = entry.time


def _next_revision(revisions: Iterable[Revision], service: str, time: int) -> Revision | None:
    """The revision whose first entry came soonest after an audit entry that does not name it."""
    later = [revision for revision in revisions if revision.service == service and revision.first >= time]
    return min(later, key=lambda revision: revision.first, default=None)
