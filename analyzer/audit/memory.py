"""What the audit remembers of its reading: cursor, seen keys, runs, and what the state belongs to."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import sqlalchemy as sa

from analyzer.audit import tables
from analyzer.audit.windows import Cursor
from analyzer.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

__all__ = [
    "add_run",
    "claim_place",
    "forget",
    "load_cursor",
    "load_seen",
    "redaction_key",
    "save_cursor",
    "save_seen",
]

KEPT = 90 * 86_400 * 1_000_000_000
"""How long runs and occurrences are kept, nanoseconds."""


def load_cursor(connection: Connection) -> Cursor | None:
    """The cursor; None before the first pass."""
    row = connection.execute(sa.select(tables.cursor)).first()
    return None if row is None else Cursor(row.floor, row.reached, row.proof, row.step)


def save_cursor(connection: Connection, cursor: Cursor) -> None:
    """Keep the cursor."""
    values = {"floor": cursor.floor, "reached": cursor.reached, "proof": cursor.proof, "step": cursor.step}
    if connection.execute(sa.update(tables.cursor).values(values)).rowcount == 0:
        connection.execute(sa.insert(tables.cursor).values(id=1, **values))


def load_seen(connection: Connection, floor: int) -> dict[int, bool]:
    """The keys of entries received at or after ``floor``, and whether an incident has counted them."""
    seen = tables.seen
    rows = connection.execute(sa.select(seen.c.key, seen.c.told).where(seen.c.received >= floor))
    return {row.key: row.told for row in rows}


def save_seen(connection: Connection, fresh: Mapping[int, int], told: Iterable[int]) -> None:
    """Keep keys.

    Args:
        connection: Within the pass's transaction.
        fresh: New keys with their receive times.
        told: Keys, new ones or not, that an incident has counted now.
    """
    counted = set(told)
    rows = [{"key": key, "received": time, "told": key in counted} for key, time in fresh.items()]
    if rows:
        connection.execute(sa.insert(tables.seen), rows)
    older = [{"known": key} for key in counted if key not in fresh]
    if older:
        update = sa.update(tables.seen).where(tables.seen.c.key == sa.bindparam("known")).values(told=True)
        connection.execute(update, older)


def forget(connection: Connection, floor: int, now: int) -> None:
    """Drop the keys of what was received before ``floor``, and what was kept of passes long ago."""
    connection.execute(sa.delete(tables.seen).where(tables.seen.c.received < floor))
    connection.execute(sa.delete(tables.runs).where(tables.runs.c.started < now - KEPT))
    connection.execute(sa.delete(tables.occurrences).where(tables.occurrences.c.at < now - KEPT))


def add_run(connection: Connection, run_id: str, started: int, window: tuple[int, int], summary: str) -> None:
    """Keep a pass's summary; a later one of the same pass takes its place."""
    connection.execute(sa.delete(tables.runs).where(tables.runs.c.run_id == run_id))
    row = {
        "run_id": run_id,
        "started": started,
        "window_start": window[0],
        "window_end": window[1],
        "summary": summary,
    }
    connection.execute(sa.insert(tables.runs).values(row))


def redaction_key(connection: Connection) -> bytes:
    """The key of the surrogates, made with the state: a secret has one surrogate in every pass."""
    found = _recalled(connection, "key")
    if found is None:
        found = secrets.token_hex(32)
        connection.execute(sa.insert(tables.meta).values(name="key", value=found))
    return bytes.fromhex(found)


def claim_place(connection: Connection, place: str) -> None:
    """Make the state that of the entries of a project, or of a view; nothing where that is not known.

    Raises:
        StateError: It is another's, whose cursor would leave entries of this one out.
    """
    if not place:
        return
    found = _recalled(connection, "project")
    if found is None:
        connection.execute(sa.insert(tables.meta).values(name="project", value=place))
    elif found != place:
        raise StateError(
            f"the state is of {found}, and this audit reads {place}",
            hint="give each project, and each view, a state of its own, with --state",
        )


def _recalled(connection: Connection, name: str) -> str | None:
    found = connection.execute(sa.select(tables.meta.c.value).where(tables.meta.c.name == name)).scalar()
    return None if found is None else str(found)
