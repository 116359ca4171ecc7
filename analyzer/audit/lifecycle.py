"""What a pass's findings do to the incidents that are known: new, ongoing, back after they were resolved, resolved.

The same fingerprint is the same incident over passes, revisions and instances. What a pass finds without its cause,
which an earlier pass has told, is a part of that incident.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.audit.cases import (
    Case,
    Moment,
    Occurrence,
    Status,
    add_occurrence,
    explained_by,
    file_name_for,
    load_cases,
    note,
    open_cases,
    save_case,
    save_faults,
    short_id,
)
from analyzer.audit.merge import first_document, merged_document
from analyzer.audit.windows import CONTEXT
from analyzer.publish import Kind
from analyzer.report.names import file_names
from analyzer.rule import Role
from analyzer.times import format_duration, format_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from analyzer.audit.found import Fresh
    from analyzer.report.document import ReportedIncident

__all__ = ["Change", "Changes"]


class Change(msgspec.Struct, frozen=True):
    """What happened to one incident.

    Attributes:
        case: The incident as it is now.
        kind: What there is to tell; None for nothing.
        summary: What changed, one line.
    """

    case: Case
    kind: Kind | None
    summary: str


class Changes:
    """The changes of one pass, which may take several steps.

    Args:
        run_id: Of the pass.
        zone: IANA name of the zone that file names have their day in.
        now: The time of the pass, nanoseconds.
    """

    def __init__(self, run_id: str, zone: str, now: int) -> None:
        self._run_id = run_id
        self._zone = zone
        self._now = now
        self.new: set[str] = set()
        self.regressed: set[str] = set()
        self.ongoing: set[str] = set()
        self.resolved: set[str] = set()

    def absorb(self, connection: Connection, found: Sequence[tuple[Fresh, ReportedIncident]]) -> list[Change]:
        """Add what was found to what is known.

        Args:
            connection: Within the step's transaction.
            found: The new part of each incident, and the incident as reports show it.
        """
        names = {fresh.incident.fingerprint for fresh, _ in found}
        changes: dict[str, Change] = {}
        for fresh, reported in found:
            case = load_cases(connection, [reported.fingerprint]).get(reported.fingerprint)
            if case is None or case.status is Status.RESOLVED:
                case = self._host(connection, fresh, reported) or case
            change = self._opened(connection, fresh, reported) if case is None else self._added(case, fresh, reported)
            self._keep(connection, change, fresh)
            before = changes.get(change.case.fingerprint)
            kind = before.kind if before is not None and before.kind is not None else change.kind
            changes[change.case.fingerprint] = msgspec.structs.replace(change, kind=kind)
            for explained in self._explained(connection, change.case, fresh, names):
                changes[explained.case.fingerprint] = explained
        return list(changes.values())

    def resolve_quiet(self, connection: Connection, until: int, quiet: int) -> list[Change]:
        """Resolve what has been quiet.

        Args:
            connection: Within a transaction.
            until: Up to when everything that was received has been read and counted, nanoseconds.
            quiet: How long an incident must have been quiet, nanoseconds.
        """
        touched = self.new | self.regressed | self.ongoing
        return [
            self._resolve(connection, case, until, f"nothing more for {format_duration(quiet)}")
            for case in open_cases(connection, until - quiet)
            if case.fingerprint not in touched
        ]

    def _opened(self, connection: Connection, fresh: Fresh, reported: ReportedIncident) -> Change:
        document = first_document(reported, fresh, short_id(connection, reported.fingerprint))
        wanted = file_names([document], self._zone)[document.fingerprint]
        case = Case(
            fingerprint=document.fingerprint,
            short_id=document.id,
            status=Status.NEW,
            muted=False,
            count=fresh.count,
            first_seen=fresh.first,
            last_seen=fresh.last,
            heard=fresh.heard,
            resolved_at=None,
            file_name=file_name_for(connection, document.fingerprint, wanted),
            document=document,
        )
        self.new.add(case.fingerprint)
        summary = f"{fresh.count:,} since {document.first_seen}"
        self._note(connection, case, "new", summary)
        return Change(case, Kind.NEW, summary)

    def _added(self, case: Case, fresh: Fresh, reported: ReportedIncident) -> Change:
        status, kind = self._next(case, fresh)
        document = merged_document(case.document, reported, fresh)
        grown = msgspec.structs.replace(
            case,
            status=status,
            count=case.count + fresh.count,
            first_seen=min(case.first_seen, fresh.first),
            last_seen=max(case.last_seen, fresh.last),
            heard=max(case.heard, fresh.heard),
            resolved_at=case.resolved_at if status is Status.RESOLVED else None,
            document=document,
        )
        summary = f"{fresh.count:,} more from {format_timestamp(fresh.first)} to {format_timestamp(fresh.last)}"
        return Change(grown, kind, f"{summary}, {grown.count:,} in all")

    def _next(self, case: Case, fresh: Fresh) -> tuple[Status, Kind | None]:
        """The status after more of an incident was found, and what there is to tell."""
        if case.status is Status.RESOLVED:
            # What happened before it was resolved and came late is counted, and is no return.
            if case.resolved_at is not None and fresh.last < case.resolved_at:
                return Status.RESOLVED, None
            self.regressed.add(case.fingerprint)
            return Status.REGRESSED, Kind.REGRESSED
        if case.fingerprint in self.new | self.regressed:
            return case.status, Kind.ONGOING
        self.ongoing.add(case.fingerprint)
        return Status.ONGOING, Kind.ONGOING

    def _keep(self, connection: Connection, change: Change, fresh: Fresh) -> None:
        case = change.case
        save_case(connection, case)
        save_faults(connection, case.fingerprint, fresh.incident.faults)
        added = Occurrence(self._run_id, self._now, fresh.count, fresh.first, fresh.last)
        add_occurrence(connection, case.fingerprint, added)
        if change.kind is Kind.REGRESSED:
            self._note(connection, case, "regressed", change.summary)

    def _host(self, connection: Connection, fresh: Fresh, reported: ReportedIncident) -> Case | None:
        """The open incident that a finding is a part of: a consequence that came without its cause.

        A failure, which may well have another cause this time, counts as a part only while the incident goes on.
        """
        failing = fresh.incident.cause.rule.role is Role.FAILURE
        for case in explained_by(connection, reported.fingerprint):
            if not failing or fresh.first - case.last_seen <= CONTEXT:
                return case
        return None

    def _explained(self, connection: Connection, case: Case, fresh: Fresh, names: Iterable[str]) -> list[Change]:
        """Incidents that turn out to be consequences of another one: they came into the log before their cause."""
        parts = set(fresh.incident.faults) - {case.fingerprint} - set(names)
        return [
            self._resolve(connection, orphan, orphan.heard, f"explained by {case.short_id}")
            for orphan in load_cases(connection, parts).values()
            if orphan.status is not Status.RESOLVED and _is_consequence(orphan)
        ]

    def _resolve(self, connection: Connection, case: Case, at: int, why: str) -> Change:
        resolved = msgspec.structs.replace(case, status=Status.RESOLVED, resolved_at=max(at, case.last_seen))
        save_case(connection, resolved)
        self.resolved.add(case.fingerprint)
        self._note(connection, resolved, "resolved", why)
        return Change(resolved, Kind.RESOLVED, f"resolved: {why}")

    def _note(self, connection: Connection, case: Case, what: str, why: str) -> None:
        note(connection, case.fingerprint, Moment(self._now, what, self._run_id, why))


def _is_consequence(case: Case) -> bool:
    return any(rule.name == case.document.cause.rule and rule.role == "consequence" for rule in case.document.rules)
