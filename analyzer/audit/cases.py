"""Incidents as the state keeps them: one row for ever, their history, what each pass added, what they consist of."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any

import msgspec
import sqlalchemy as sa

from analyzer.audit import tables
from analyzer.report.document import ReportedIncident
from analyzer.safe import json_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection, RowMapping

__all__ = [
    "Case",
    "Moment",
    "Occurrence",
    "Status",
    "add_occurrence",
    "explained_by",
    "file_name_for",
    "history_of",
    "load_cases",
    "note",
    "occurrences_of",
    "open_cases",
    "open_count",
    "save_case",
    "save_faults",
    "short_id",
    "storable",
]

_SHORT = 8
_MOST = 500


class Status(enum.StrEnum):
    """Where an incident stands."""

    NEW = "new"
    ONGOING = "ongoing"
    REGRESSED = "regressed"
    RESOLVED = "resolved"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One incident over all passes.

    Attributes:
        fingerprint: Its identity.
        short_id: What people type.
        status: Where it stands.
        muted: Nothing is published about it.
        count: Failures and consequences over all passes, exact.
        first_seen: When the first one happened, nanoseconds.
        last_seen: When the latest one happened.
        heard: When the latest one was received.
        resolved_at: Since when it is resolved; None while it is not.
        file_name: Of its debug log, for ever the same.
        document: As reports show it, everything of all passes in it.
    """

    fingerprint: str
    short_id: str
    status: Status
    muted: bool
    count: int
    first_seen: int
    last_seen: int
    heard: int
    resolved_at: int | None
    file_name: str
    document: ReportedIncident

    @property
    def shown(self) -> ReportedIncident:
        """The document with the status of now."""
        return msgspec.structs.replace(self.document, status="muted" if self.muted else self.status.value)


class Moment(msgspec.Struct, frozen=True):
    """One line of a case's history; ``run_id`` is empty for a person's."""

    at: int
    what: str
    run_id: str
    note: str


class Occurrence(msgspec.Struct, frozen=True):
    """What one pass added to a case."""

    run_id: str
    at: int
    count: int
    first_seen: int
    last_seen: int


def load_cases(connection: Connection, fingerprints: Iterable[str] | None = None) -> dict[str, Case]:
    """Cases by fingerprint: those asked for, or all, the latest seen first."""
    table = tables.incidents
    query = sa.select(table).order_by(table.c.last_seen.desc(), table.c.fingerprint)
    if fingerprints is None:
        return {row["fingerprint"]: _case(row) for row in connection.execute(query).mappings()}
    wanted = sorted(set(fingerprints))
    found: dict[str, Case] = {}
    for start in range(0, len(wanted), _MOST):
        some = query.where(table.c.fingerprint.in_(wanted[start : start + _MOST]))
        found.update((row["fingerprint"], _case(row)) for row in connection.execute(some).mappings())
    return found


def open_cases(connection: Connection, heard_before: int) -> list[Case]:
    """Cases that are not resolved and of which nothing was received since ``heard_before`` (nanoseconds)."""
    table = tables.incidents
    quiet = sa.select(table).where(table.c.status != Status.RESOLVED.value, table.c.heard < heard_before)
    return [_case(row) for row in connection.execute(quiet).mappings()]


def open_count(connection: Connection) -> int:
    """How many cases are not resolved."""
    table = tables.incidents
    unresolved = sa.select(sa.func.count()).select_from(table).where(table.c.status != Status.RESOLVED.value)
    return int(connection.execute(unresolved).scalar_one())


def save_case(connection: Connection, case: Case) -> None:
    """Keep a case."""
    values: dict[str, Any] = {
        "short_id": case.short_id,
        "status": case.status.value,
        "muted": case.muted,
        "count": case.count,
        "first_seen": case.first_seen,
        "last_seen": case.last_seen,
        "heard": case.heard,
        "resolved_at": case.resolved_at,
        "file_name": case.file_name,
        "document": storable(case.document),
    }
    table = tables.incidents
    update = sa.update(table).where(table.c.fingerprint == case.fingerprint).values(values)
    if connection.execute(update).rowcount == 0:
        connection.execute(sa.insert(table).values(fingerprint=case.fingerprint, **values))


def file_name_for(connection: Connection, fingerprint: str, wanted: str) -> str:
    """The name of a new case's debug log: the one wanted, with the fingerprint in it where another case has it."""
    table = tables.incidents
    taken = connection.execute(sa.select(table.c.fingerprint).where(table.c.file_name == wanted)).first()
    return wanted if taken is None else f"{wanted.removesuffix('.md')}_{fingerprint}.md"


def storable(noun: msgspec.Struct) -> str:
    """A struct as JSON that every database takes: no lone surrogate, which is no text, and no character 0."""
    try:
        encoded = msgspec.json.encode(noun)
    except UnicodeEncodeError:
        encoded = msgspec.json.encode(_without_surrogates(msgspec.to_builtins(noun)))
    return str(json_text(encoded.decode()))


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return value


def short_id(connection: Connection, fingerprint: str) -> str:
    """The fingerprint's first digits, as many as no other case's id has."""
    table = tables.incidents
    for length in range(_SHORT, len(fingerprint)):
        if not connection.execute(
            sa.select(table.c.fingerprint).where(table.c.short_id == fingerprint[:length])
        ).first():
            return fingerprint[:length]
    return fingerprint


def save_faults(connection: Connection, fingerprint: str, found: Mapping[str, str]) -> None:
    """Keep what a case consists of: fingerprint of a fault to its rule."""
    table = tables.faults
    known = set(connection.execute(sa.select(table.c.fault).where(table.c.fingerprint == fingerprint)).scalars())
    rows = [
        {"fault": fault, "fingerprint": fingerprint, "rule": rule}
        for fault, rule in found.items()
        if fault not in known
    ]
    if rows:
        connection.execute(sa.insert(table), rows)


def explained_by(connection: Connection, fault: str) -> list[Case]:
    """The cases, not resolved, that a fault is a part of and not the cause, the latest heard of first."""
    table, part = tables.incidents, tables.faults
    query = (
        sa.select(table)
        .join(part, part.c.fingerprint == table.c.fingerprint)
        .where(part.c.fault == fault, table.c.fingerprint != fault, table.c.status != Status.RESOLVED.value)
        .order_by(table.c.heard.desc(), table.c.fingerprint)
    )
    return [_case(row) for row in connection.execute(query).mappings()]


def add_occurrence(connection: Connection, fingerprint: str, found: Occurrence) -> None:
    """Keep what a pass added to a case; a pass of several steps adds to one row."""
    table = tables.occurrences
    place = (table.c.fingerprint == fingerprint) & (table.c.run_id == found.run_id)
    known = connection.execute(sa.select(table).where(place)).mappings().first()
    if known is None:
        values = msgspec.structs.asdict(found)
        connection.execute(sa.insert(table).values(fingerprint=fingerprint, **values))
        return
    connection.execute(
        sa.update(table)
        .where(place)
        .values(
            count=known["count"] + found.count,
            first_seen=min(known["first_seen"], found.first_seen),
            last_seen=max(known["last_seen"], found.last_seen),
        )
    )


def note(connection: Connection, fingerprint: str, moment: Moment) -> None:
    """Add a line to a case's history."""
    values = msgspec.structs.asdict(moment)
    connection.execute(sa.insert(tables.history).values(fingerprint=fingerprint, **values))


def history_of(connection: Connection, fingerprint: str) -> list[Moment]:
    """A case's history, in order."""
    table = tables.history
    rows = connection.execute(sa.select(table).where(table.c.fingerprint == fingerprint).order_by(table.c.id))
    return [Moment(row.at, row.what, row.run_id, row.note) for row in rows]


def occurrences_of(connection: Connection, fingerprint: str) -> list[Occurrence]:
    """What each pass added to a case, in order; passes of long ago are dropped, their counts stay in the case's."""
    table = tables.occurrences
    columns = [table.c[name] for name in Occurrence.__struct_fields__]
    query = sa.select(*columns).where(table.c.fingerprint == fingerprint).order_by(table.c.at, table.c.run_id)
    return [Occurrence(*row) for row in connection.execute(query)]


def _case(row: RowMapping) -> Case:
    values = {name: row[name] for name in Case.__struct_fields__}
    return Case(
        **{
            **values,
            "status": Status(values["status"]),
            "document": msgspec.json.decode(values["document"], type=ReportedIncident),
        }
    )
