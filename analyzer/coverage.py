"""What was read: counts of every entry, whether a rule knows it or not, and the revisions that were seen."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from analyzer.batch import Deploy
from analyzer.model import Coverage, Entry, Known, Notice, Revision
from analyzer.seen import Seen
from analyzer.traffic import BUCKET, Place, Traffic

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from analyzer.batch import Batch, Kind
    from analyzer.columns import Integers
    from analyzer.copies import Copies
    from analyzer.traffic import Failing

__all__ = ["DEPLOY_METHODS", "Ledger", "deploy_of"]

_MOST_NOTES = 50
_MOST_LOST = 20
"""Records that are told singly when they cannot be read."""

DEPLOY_METHODS = ("ReplaceService", "CreateService", "UpdateService", "ReplaceConfiguration")
"""Ends of the names of the audited methods that make a revision."""

_BUCKETS: Final = 1 << 31
"""More than there are buckets of requests in the times that are believed, before 1970 and after."""

_MOST_KINDS: Final = 10_000
"""Kinds that are looked up at once; of more, the rest is found by what they are counted under."""


class _Counted(NamedTuple):
    """What entries are counted under but for their time."""

    service: str
    severity: str
    place: Place | None
    way: Failing | None


class _Span:
    """When a revision was seen: times of its first and last entry, nanoseconds, and the insertId of the first."""

    __slots__ = ("first", "insert_id", "last")

    def __init__(self, first: int, insert_id: str) -> None:
        self.first = self.last = first
        self.insert_id = insert_id

    def see(self, first: int, last: int, insert_id: str) -> None:
        if first < self.first:
            self.first, self.insert_id = first, insert_id
        self.last = max(self.last, last)


class Ledger:
    """Counts entries as they pass; exact, once it is closed.

    What an earlier pass has counted shows revisions and traffic, and is not counted again. Of entries that come in
    batches, copies of earlier ones are found out when it is closed, in memory that hardly grows.

    Attributes:
        traffic: How the requests fared.
    """

    def __init__(self) -> None:
        self._seen = Seen()
        self._told = Seen()
        self._copies: Copies | None = None
        self._kinds: dict[Kind, int] = {}
        self._counted: dict[_Counted, int] = {}
        self._severities: defaultdict[str, int] = defaultdict(int)
        self._services: defaultdict[str, int] = defaultdict(int)
        self._first: int | None = None
        self._last: int | None = None
        self._begin: int | None = None
        self._end = 0
        self._late = 0
        self._duplicates = 0
        self._skipped = 0
        self._lost = 0
        self._untold = 0
        self._complete = True
        self._notes: dict[str, None] = {}
        self._revisions: dict[tuple[str, str], _Span] = {}
        self._deploys: dict[Deploy, None] = {}
        self.traffic = Traffic()

    def distinct(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The entries that have not come before, each counted as it passes."""
        for entry in entries:
            if self._seen.add(hash(entry.key)):
                self._count(entry)
                yield entry
            else:
                self._duplicates += 1

    @property
    def newest_first(self) -> bool:
        """Whether the entries came against the order of time."""
        return self._begin is not None and self._begin > self._end

    def skip(self, note: str) -> None:
        """Count a record that is no LogEntry."""
        self.notice(Notice(text=note, skipped=1))

    def notice(self, notice: Notice) -> None:
        """Keep what a source says."""
        self._skipped += notice.skipped
        self._duplicates += notice.duplicates
        self._complete = self._complete and not notice.incomplete
        if notice.text in self._notes:
            return
        singly = notice.text and (notice.incomplete or not notice.skipped or self._lost < _MOST_LOST)
        if singly and len(self._notes) < _MOST_NOTES:
            self._lost += bool(notice.skipped)
            self._notes[notice.text] = None
        elif notice.skipped:
            self._untold += notice.skipped

    def coverage(self) -> Coverage:
        """What was read so far."""
        return Coverage(
            entries=sum(self._severities.values()),
            first=self._first,
            last=self._last,
            complete=self._complete,
            duplicates=self._duplicates,
            skipped=self._skipped,
            severities={name: number for name, number in sorted(self._severities.items()) if number},
            services={name: number for name, number in sorted(self._services.items()) if name and number},
            late=self._late,
            notes=(*self._notes, *self._more()),
        )

    def _more(self) -> Iterator[str]:
        """What is said of records that were lost and not told singly."""
        if self._untold:
            yield f"{self._untold} more record{'s' * (self._untold > 1)} cannot be read"

    def revisions(self) -> tuple[Revision, ...]:
        """The revisions seen, in order of time, each with the audit entry that made it where there is one."""
        seen = {
            (service, name): Revision(service, name, span.first, span.last, span.insert_id)
            for (service, name), span in self._revisions.items()
        }
        for service, time, name, insert_id in self._deploys:
            revision = seen.get((service, name)) if name else _next_revision(seen.values(), service, time)
            if revision is None:
                revision = Revision(service, name, time, time, insert_id)
            seen[(service, revision.name or str(time))] = msgspec.structs.replace(revision, replaced=time)
        return tuple(sorted(seen.values(), key=lambda revision: (revision.first, revision.name)))

    def close(self) -> None:
        """Say that no entry is going to come any more: copies are found out, and which entries came is forgotten."""
        if self._copies is not None:
            for codes, numbers in self._copies.counted():
                self._duplicates += int(numbers.sum())
                times = (codes % _BUCKETS - _BUCKETS // 2) * BUCKET
                self._number(codes // _BUCKETS, -numbers, times, times)
        self._seen, self._told, self._copies = Seen(), Seen(), None

    def is_first(self, key: int) -> bool:
        """Whether an entry of a batch, given by its key, is told of for the first time."""
        return self._told.add(key)

    def add(self, batch: Batch) -> None:
        """Count the entries of a batch, copies of those of earlier batches too until this is closed."""
        import numpy as np  # noqa: PLC0415 - small runs do without it

        from analyzer.copies import Copies  # noqa: PLC0415

        for notice in batch.notices:
            self.notice(notice)
        self._duplicates += batch.duplicates
        numbers = np.bincount(batch.grouped, minlength=len(batch.groups.kind))
        kinds = np.array([self._kind(kind) for kind in batch.groups.kinds], np.int64)[batch.groups.kind]
        buckets = batch.groups.first // BUCKET
        self._number(kinds, numbers, batch.groups.first, batch.groups.last)
        if self._copies is None:
            self._copies = Copies()
        self._copies.add(batch.keys, (kinds * _BUCKETS + buckets + _BUCKETS // 2)[batch.grouped])
        for service, revision, first, last, insert_id in batch.revisions:
            self._see(service, revision, (first, last), insert_id)
        self._deploys.update(dict.fromkeys(batch.deploys))
        if batch.begin is not None and batch.end is not None:
            self._begin = batch.begin if self._begin is None else self._begin
            self._end = batch.end
        if batch.first is not None and batch.last is not None:
            self._widen(batch.first, batch.last, batch.late)

    def _kind(self, kind: Kind) -> int:
        """The number of a kind."""
        number = self._kinds.get(kind)
        if number is None:
            place = None if kind.route is None else self.traffic.place(kind.service, kind.route)
            counted = _Counted(kind.service, kind.severity, place, kind.failing)
            number = self._counted.setdefault(counted, len(self._counted))
            if len(self._kinds) < _MOST_KINDS:
                self._kinds[kind] = number
        return number

    def _number(self, kinds: Integers, numbers: Integers, first: Integers, last: Integers) -> None:
        """Count entries of some kinds, or take back those that were counted twice.

        Args:
            kinds: Of each group, the number of its kind.
            numbers: How many entries it has; less than none to take them back.
            first: Effective time of its first entry, nanoseconds.
            last: Of the last.
        """
        import numpy as np  # noqa: PLC0415 - small runs do without it

        counted = list(self._counted)
        some, inverse = np.unique(kinds, return_inverse=True)
        sums = np.bincount(inverse, numbers, len(some)).astype(np.int64)
        for kind, number in zip(some.tolist(), sums.tolist(), strict=True):
            self._severities[counted[kind].severity] += number
            self._services[counted[kind].service] += number
        places = np.array([-1 if one.place is None else one.place.number for one in counted], np.int64)[kinds]
        routed = places >= 0
        self.traffic.count_many(places[routed], first[routed] // BUCKET, numbers[routed])
        failing = np.array([one.way is not None for one in counted], bool)[kinds]
        for row in np.flatnonzero(failing).tolist():
            _, _, place, way = counted[kinds[row]]
            if place is not None and way is not None:
                self.traffic.fail(place, (int(first[row]), int(last[row])), way, int(numbers[row]))

    def _widen(self, first: int, last: int, late: int) -> None:
        self._first = first if self._first is None or first < self._first else self._first
        self._last = last if self._last is None or last > self._last else self._last
        self._late = max(self._late, late)

    def _see(self, service: str, revision: str, times: tuple[int, int], insert_id: str) -> None:
        span = self._revisions.setdefault((service, revision), _Span(times[0], insert_id))
        span.see(*times, insert_id)

    def _count(self, entry: Entry) -> None:
        """Count an entry that has not come before."""
        self._begin = entry.timestamp if self._begin is None else self._begin
        self._end = entry.timestamp
        if entry.known is Known.NEW:
            self._severities[entry.severity.name] += 1
            self._services[entry.service] += 1
            received = entry.timestamp if entry.received is None else entry.received
            self._widen(entry.timestamp, entry.timestamp, received - entry.timestamp)
        if (deploy := deploy_of(entry)) is not None:
            self._deploys[deploy] = None
        elif entry.revision and not isinstance(entry.raw.get("protoPayload"), dict):
            self._see(entry.service, entry.revision, (entry.time, entry.time), entry.insert_id)
        if entry.request is not None:
            self.traffic.add(entry)


def deploy_of(entry: Entry) -> Deploy | None:
    """What an entry tells of a deploy; None where it is no audited call that deploys."""
    proto = entry.raw.get("protoPayload")
    if isinstance(proto, dict) and str(proto.get("methodName", "")).endswith(DEPLOY_METHODS):
        return Deploy(entry.service, entry.time, entry.revision, entry.insert_id)
    return None


def _next_revision(revisions: Iterable[Revision], service: str, time: int) -> Revision | None:
    """The revision whose first entry came soonest after an audit entry that does not name it."""
    later = [revision for revision in revisions if revision.service == service and revision.first >= time]
    return min(later, key=lambda revision: revision.first, default=None)
