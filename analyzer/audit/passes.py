"""One pass: read what is new, classify it with what stands around it, record it, publish it.

Reading and classifying change nothing. What they amount to is recorded in one transaction: seen keys, cursor,
incidents, and what is to be published. Publishing comes after it, out of the outbox.
"""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from analyzer.audit import memory, outbox
from analyzer.audit.cases import open_count, storable
from analyzer.audit.deliver import Delivered, deliver, describe
from analyzer.audit.lifecycle import Changes
from analyzer.audit.parts import Parts, Stopped
from analyzer.audit.publications import publication_of
from analyzer.audit.reading import Read, read_window
from analyzer.audit.summary import PassIncidents, PassSummary, PassWindow
from analyzer.audit.windows import Cursor, advance, next_window, retreat
from analyzer.errors import SourceError
from analyzer.times import SECOND, format_duration, format_timestamp

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from analyzer.audit.lifecycle import Change
    from analyzer.rule import Level

__all__ = ["PassResult", "run_pass"]

_MOST_NOTES = 20


class PassResult(NamedTuple):
    """How a pass ended.

    Attributes:
        summary: For people and machines.
        read_failed: Nothing, or not everything, could be read.
        publish_failed: Something could not be published.
        stopped: It was asked to end before its end.
        worst: The gravest incident that is new, ongoing or back; None where there is none.
        silent: No entry has ever been read with this state.
    """

    summary: PassSummary
    read_failed: bool
    publish_failed: bool
    stopped: bool
    worst: Level | None
    silent: bool


def run_pass(parts: Parts) -> PassResult:
    """One pass, from where the last one ended to now.

    Raises:
        StateError: The state cannot be read or written; nothing of the step that failed was recorded.
        HeldError: Another audit took the state over.
        TemplateError: A template cannot be rendered.
        UsageError: The source refuses the filter.
    """
    return _Pass(parts).run()


class _Pass:
    """A pass while it runs, with what it counts."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._now = parts.clock()
        self._begun = time.monotonic()
        self._calls = getattr(parts.source, "calls", 0)
        self._run_id = secrets.token_hex(8)
        self._publishers = parts.publishers()
        self._changes = Changes(self._run_id, parts.settings.report.timezone, self._now)
        self._reads: list[tuple[int, int]] = []
        self._counts = dict.fromkeys(("entries", "again", "skipped", "late", "unclassified"), 0)
        self._notes: dict[str, None] = {}
        self._errors: list[str] = []
        self._complete = True
        self._behind = 0
        self._worst: Level | None = None

    def run(self) -> PassResult:
        """Read, record, publish."""
        delivered, stopped, would = Delivered(), False, []
        try:
            try:
                self._read_all()
            except SourceError as error:
                self._complete = False
                self._errors.append(str(error))
            if self._parts.lease is not None:
                delivered = deliver(
                    self._parts.store, self._parts.lease, self._publishers, self._parts.clock, self._parts.step
                )
            else:
                would = describe(self._parts.store, self._publishers)
        except Stopped:
            stopped = True
            self._complete = self._complete and self._behind == 0 and bool(self._reads)
            self._errors.append("it was asked to end before its end; the next pass goes on from here")
        read_failed = not self._complete
        with self._parts.store.begin() as connection:
            self._confirm(connection)
            summary = self._summary(connection, delivered, would)
            self._keep_run(connection, summary)
            cursor = memory.load_cursor(connection)
        silent = cursor is None or not cursor.proof
        return PassResult(summary, read_failed, bool(delivered.errors), stopped, self._worst, silent)

    def _read_all(self) -> None:
        """Steps up to now; after a long pause they are several, each recorded by itself."""
        told = False
        while True:
            self._parts.step("before a window")
            with self._parts.store.begin() as connection:
                cursor = memory.load_cursor(connection) or self._first()
                window = next_window(cursor, self._now)
                seen = {} if window is None else memory.load_seen(connection, window.start)
                key = memory.redaction_key(connection)
            if window is None:
                self._notes[f"the clock stands before {format_timestamp(cursor.floor)}, which has been read"] = None
                return
            self._behind = self._now - window.end
            if self._behind and not told:
                told = True
                pause = format_duration(self._now - cursor.reached)
                self._notes[f"catching up {pause} in steps of at most {format_duration(cursor.step)}"] = None
            read = read_window(self._parts, window, seen, key, self._now)
            self._parts.step("after the read")
            self._record(cursor, read)
            if not read.coverage.complete:
                self._behind = self._now - cursor.reached
                self._complete = False
                self._errors.append("the read was cut short; the next pass reads the window again")
                return
            if window.end >= self._now:
                return

    def _first(self) -> Cursor:
        since = self._parts.since
        return Cursor(since, since, 0, self._parts.settings.audit.step)

    def _record(self, cursor: Cursor, read: Read) -> None:
        """Everything that a window changes, in one transaction."""
        audit = self._parts.settings.audit
        recall, complete = read.recall, read.coverage.complete
        after = retreat(cursor, read.window)
        if complete:
            after = advance(
                cursor,
                read.window,
                recall.latest,
                silent=not recall.fresh,
                now=self._now,
                overlap=audit.overlap,
                step=audit.step,
            )
        documents = {incident.fingerprint: incident for incident in read.report.incidents}
        found = [(fresh, documents[fresh.incident.fingerprint]) for fresh in read.fresh]
        self._count(read)
        with self._parts.store.begin() as connection:
            self._confirm(connection)
            memory.claim_place(connection, self._parts.source.info.place)
            changes = self._changes.absorb(connection, found)
            self._parts.step("incidents")
            if complete and read.window.end >= self._now:
                changes += self._changes.resolve_quiet(connection, after.floor, audit.resolve_after)
            self._put(connection, changes, read)
            self._parts.step("outbox")
            memory.save_seen(connection, recall.fresh, {key for fresh in read.fresh for key in fresh.keys})
            memory.forget(connection, after.floor, self._now)
            outbox.prune(connection, self._now)
            memory.save_cursor(connection, after)
            self._keep_run(connection, self._summary(connection, Delivered(), []))
            self._parts.step("before the commit")
        self._parts.step("after the commit")

    def _put(self, connection: Connection, changes: list[Change], read: Read) -> None:
        for change in changes:
            if change.kind is None or change.case.muted:
                continue
            publication = publication_of(change, read.report, self._run_id)
            for publisher in self._publishers:
                outbox.put(connection, publisher.name, publication)

    def _count(self, read: Read) -> None:
        coverage = read.coverage
        self._reads.append((read.window.start, read.window.end))
        self._counts["entries"] += coverage.entries
        self._counts["again"] += read.recall.again
        self._counts["skipped"] += coverage.skipped
        self._counts["unclassified"] += sum(cluster.count for cluster in read.report.unclassified)
        self._counts["late"] = max(self._counts["late"], coverage.late)
        self._notes.update(dict.fromkeys(read.report.coverage.notes))
        levels = [fresh.incident.level for fresh in read.fresh]
        self._worst = max([*levels, *([] if self._worst is None else [self._worst])], default=None)

    def _confirm(self, connection: Connection) -> None:
        if self._parts.lease is not None:
            self._parts.lease.confirm(connection)

    def _keep_run(self, connection: Connection, summary: PassSummary) -> None:
        if self._reads:
            span = (self._reads[0][0], self._reads[-1][1])
            memory.add_run(connection, self._run_id, self._now, span, storable(summary))

    def _summary(self, connection: Connection, delivered: Delivered, would: list[str]) -> PassSummary:
        changes = self._changes
        incidents = PassIncidents(
            new=len(changes.new),
            ongoing=len(changes.ongoing),
            regressed=len(changes.regressed),
            resolved=len(changes.resolved),
            open=open_count(connection),
        )
        errors = [*self._errors, *delivered.errors]
        window = None
        if self._reads:
            window = PassWindow(format_timestamp(self._reads[0][0]), format_timestamp(self._reads[-1][1]))
        return PassSummary(
            severity="WARNING" if errors else "INFO",
            message=_sentence(self._counts["entries"], incidents, complete=self._complete),
            run_id=self._run_id,
            started=format_timestamp(self._now),
            duration=round(time.monotonic() - self._begun, 3),
            window=window,
            steps=len(self._reads),
            behind=round(max(self._behind, 0) / SECOND, 3),
            complete=self._complete,
            entries=self._counts["entries"],
            again=self._counts["again"],
            skipped=self._counts["skipped"],
            late=round(self._counts["late"] / SECOND, 3),
            calls=getattr(self._parts.source, "calls", 0) - self._calls,
            incidents=incidents,
            unclassified=self._counts["unclassified"],
            published=delivered.done,
            pending=outbox.pending_count(connection),
            errors=errors,
            notes=list(self._notes)[:_MOST_NOTES],
            dry_run=self._parts.dry_run,
            would=would,
        )


def _sentence(entries: int, incidents: PassIncidents, *, complete: bool) -> str:
    found = [
        f"{number} {word}" for word, number in msgspec.structs.asdict(incidents).items() if number and word != "open"
    ]
    told = ", ".join(found) or "nothing new"
    return f"{entries:,} new entries, incidents: {told}{'' if complete else '; the pass is incomplete'}"
