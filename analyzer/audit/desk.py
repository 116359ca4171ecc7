"""What people do with incidents between passes: look them up, resolve, mute and unmute them."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import msgspec

from analyzer.audit import memory, outbox
from analyzer.audit.cases import (
    Case,
    Moment,
    Occurrence,
    Status,
    history_of,
    load_cases,
    note,
    occurrences_of,
    save_case,
)
from analyzer.audit.index import bare_report
from analyzer.audit.lifecycle import Change
from analyzer.audit.outbox import Delivery
from analyzer.audit.publications import publication_of
from analyzer.errors import UsageError
from analyzer.publish import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from analyzer.settings import ReportSettings

__all__ = ["Record", "find", "mute", "record_of", "resolve", "unmute"]

_LONGEST_NOTE = 500


class Record(msgspec.Struct, frozen=True):
    """Everything that is known of an incident.

    Attributes:
        case: The incident over all passes.
        history: How its status changed.
        occurrences: What each pass added.
        deliveries: Where it was published.
    """

    case: Case
    history: list[Moment]
    occurrences: list[Occurrence]
    deliveries: list[Delivery]


def find(connection: Connection, ids: Sequence[str]) -> list[Case]:
    """The incidents that ids, fingerprints or beginnings of them name.

    Raises:
        UsageError: One names none, or several.
    """
    cases = load_cases(connection)
    found = []
    for wanted in ids:
        key = wanted.strip().lower()
        hits = [case for case in cases.values() if key and (case.short_id == key or case.fingerprint.startswith(key))]
        exact = [case for case in hits if key in {case.short_id, case.fingerprint}]
        hits = exact or hits
        if not hits:
            raise UsageError(f"there is no incident {wanted!r}", hint="loganalyze incidents list shows their ids")
        if len(hits) > 1:
            several = ", ".join(case.fingerprint for case in hits[:5])
            raise UsageError(f"{wanted!r} may be any of {several}", hint="write more of it")
        found.append(hits[0])
    return found


def record_of(connection: Connection, case: Case) -> Record:
    """Everything that is known of an incident."""
    name = case.fingerprint
    return Record(
        case, history_of(connection, name), occurrences_of(connection, name), outbox.deliveries_of(connection, name)
    )


def resolve(connection: Connection, case: Case, why: str, now: int, settings: ReportSettings) -> Case:
    """Resolve an incident by hand; whoever was told of it is told in the next pass.

    Args:
        connection: Within a transaction.
        case: The incident; one that is resolved stays as it is.
        why: A person's words, kept in the history.
        now: Nanoseconds since the epoch.
        settings: How the debug log is written.
    """
    if case.status is Status.RESOLVED:
        return case
    cursor = memory.load_cursor(connection)
    reached = now if cursor is None else min(now, cursor.reached)
    changed = msgspec.structs.replace(case, status=Status.RESOLVED, resolved_at=max(reached, case.last_seen))
    save_case(connection, changed)
    note(connection, case.fingerprint, Moment(now, "resolved", "", _words(why) or "by hand"))
    if not changed.muted:
        change = Change(changed, Kind.RESOLVED, "resolved by hand")
        told = publication_of(change, bare_report([changed], settings, now), secrets.token_hex(8))
        for publisher in outbox.told_publishers(connection, case.fingerprint):
            outbox.put(connection, publisher, told)
    return changed


def mute(connection: Connection, case: Case, why: str, now: int) -> Case:
    """Count an incident on, and publish nothing about it any more."""
    outbox.withdraw(connection, case.fingerprint)
    return _muted(connection, case, why, now, muted=True)


def unmute(connection: Connection, case: Case, why: str, now: int) -> Case:
    """Publish about an incident again, from its next change on."""
    return _muted(connection, case, why, now, muted=False)


def _muted(connection: Connection, case: Case, why: str, now: int, *, muted: bool) -> Case:
    if case.muted is muted:
        return case
    changed = msgspec.structs.replace(case, muted=muted)
    save_case(connection, changed)
    note(connection, case.fingerprint, Moment(now, "muted" if muted else "unmuted", "", _words(why) or "by hand"))
    return changed


def _words(why: str) -> str:
    text = " ".join(why.replace("\0", "").split())[:_LONGEST_NOTE]
    return text.encode(errors="backslashreplace").decode()
