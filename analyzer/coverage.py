"""What was read: counts of every entry, whether a rule knows it or not, and the revisions that were seen."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import msgspec

from analyzer.model import Coverage, Entry, Known, Notice, Revision
from analyzer.seen import Seen
from analyzer.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

__all__ = ["Ledger", "Span"]

_MOST_NOTES = 50
_DEPLOY_METHODS = ("ReplaceService", "CreateService", "UpdateService", "ReplaceConfiguration")


class Span:
    """When a revision was seen.

    Attributes:
        first: Time of its first entry, nanoseconds.
        last: Time of its last entry.
        insert_id: Of its first entry.
    """

    __slots__ = ("first", "insert_id", "last")

    def __init__(self, first: int, last: int, insert_id: str) -> None:
        self.first = first
        self.last = last
        self.insert_id = insert_id

    def see(self, time: int, insert_id: str) -> None:
        """Count an entry of the revision."""
        if time < self.first:
            self.first, self.insert_id = time, insert_id
        elif time > self.last:
            self.last = time


class Ledger:
    """Counts entries as they pass; exact, in memory that grows by a hash an entry.

    What an earlier pass has counted shows revisions and traffic, and is not counted again.

    Attributes:
        traffic: How the requests fared.
    """

    def __init__(self) -> None:
        self._seen = Seen()
        self._severities: Counter[str] = Counter()
        self._services: Counter[str] = Counter()
        self._first: int | None = None
        self._last: int | None = None
        self._late = 0
        self._duplicates = 0
        self._skipped = 0
        self._complete = True
        self._notes: dict[str, None] = {}
        self._revisions: dict[tuple[str, str], Span] = {}
        self._replaced: dict[str, list[tuple[int, str, str]]] = {}
        self.traffic = Traffic()

    def distinct(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The entries that have not come before, each counted as it passes."""
        for entry in entries:
            if self.fresh([hash(entry.key)])[0]:
                self.count(entry)
                yield entry

    def skip(self, note: str) -> None:
        """Count a record that is no LogEntry."""
        self.notice(Notice(text=note, skipped=1))

    def notice(self, notice: Notice) -> None:
        """Keep what a source says."""
        self._skipped += notice.skipped
        self._duplicates += notice.duplicates
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

    def fresh(self, keys: Sequence[int]) -> Sequence[bool]:
        """Which of some entries, given by the hashes of their keys, have not come before; the others are counted."""
        new = self._seen.add_all(keys)
        self._duplicates += len(keys) - sum(new)
        return new

    def count(self, entry: Entry) -> None:
        """Count an entry that has not come before."""
        if entry.known is Known.NEW:
            self._count(entry)
        self._note_revision(entry)
        if entry.request is not None:
            self.traffic.add(entry)

    def count_all(self, severities: Mapping[str, int], services: Mapping[str, int], span: tuple[int, int, int]) -> None:
        """Count many entries at once.

        Args:
            severities: Effective severity to count.
            services: Service to count; an empty one is not counted.
            span: Earliest and latest timestamp, and the largest lag of a receiveTimestamp; all nanoseconds.
        """
        self._severities.update(severities)
        self._services.update({name: number for name, number in services.items() if name})
        first, last, late = span
        self._first = first if self._first is None or first < self._first else self._first
        self._last = last if self._last is None or last > self._last else self._last
        self._late = max(self._late, late)

    def span(self, revision: tuple[str, str], time: int, insert_id: str) -> Span:
        """When the revision of a service was seen, with one entry more."""
        span = self._revisions.get(revision)
        if span is None:
            span = self._revisions[revision] = Span(time, time, insert_id)
        else:
            span.see(time, insert_id)
        return span

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
        self.span(key, entry.time, entry.insert_id)


def _next_revision(revisions: Iterable[Revision], service: str, time: int) -> Revision | None:
    """The revision whose first entry came soonest after an audit entry that does not name it."""
    later = [revision for revision in revisions if revision.service == service and revision.first >= time]
    return min(later, key=lambda revision: revision.first, default=None)
