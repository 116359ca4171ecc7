"""What is to be published, kept from the transaction that records it until its delivery is recorded.

A row is frozen by the first attempt to deliver it: whatever the attempt came to, the publisher recognises the same key
and the same words. Until then, what a later pass has to say of the incident is written into it.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import msgspec
import sqlalchemy as sa

from analyzer.audit import tables
from analyzer.audit.cases import storable
from analyzer.publish import Kind, Publication, Receipt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

__all__ = [
    "Delivery",
    "deliveries_of",
    "failed",
    "pending",
    "pending_count",
    "prune",
    "put",
    "record",
    "start",
    "told_publishers",
    "withdraw",
]

_KEPT = 90 * 86_400 * 1_000_000_000
_LONGEST_ERROR = 500


class Delivery(msgspec.Struct, frozen=True):
    """One row of the outbox, as people see it."""

    publisher: str
    attempts: int
    delivered_at: int | None
    reference: str
    action: str
    error: str


def put(connection: Connection, publisher: str, publication: Publication) -> None:
    """Keep a publication for a publisher.

    One that waits untried takes it in where the two make one message: an incident that is new or came back and goes on
    is still told as new or back, and of two that say it goes on, the later one says all.

    Args:
        connection: Within the pass's transaction.
        publisher: Its name.
        publication: Its ``key`` is made here.
    """
    box = tables.outbox
    last = (box.c.fingerprint == publication.fingerprint) & (box.c.publisher == publisher)
    query = sa.select(box).where(last, box.c.delivered_at.is_(None)).order_by(box.c.id.desc())
    waiting = connection.execute(query).first()
    if waiting is not None and waiting.attempts == 0:
        before = msgspec.json.decode(waiting.publication, type=Publication)
        kind = _joined(before.kind, publication.kind)
        if kind is not None:
            told = storable(msgspec.structs.replace(publication, key=waiting.key, kind=kind))
            connection.execute(sa.update(box).where(box.c.id == waiting.id).values(publication=told))
            return
    key = _key(publication, publisher)
    connection.execute(
        sa.insert(box).values(
            fingerprint=publication.fingerprint,
            publisher=publisher,
            key=key,
            publication=storable(msgspec.structs.replace(publication, key=key)),
            attempts=0,
            error="",
            reference="",
            action="",
        )
    )


def pending(connection: Connection, publisher: str) -> list[Publication]:
    """What waits for a publisher, in order, each with what the incident's last delivery referred to."""
    box = tables.outbox
    mine = box.c.publisher == publisher
    rows = connection.execute(sa.select(box).where(mine, box.c.delivered_at.is_(None)).order_by(box.c.id)).all()
    found = []
    for row in rows:
        delivered = sa.select(box.c.reference).where(mine, box.c.fingerprint == row.fingerprint, box.c.reference != "")
        reference = connection.execute(delivered.order_by(box.c.id.desc()).limit(1)).scalar()
        publication = msgspec.json.decode(row.publication, type=Publication)
        found.append(msgspec.structs.replace(publication, outbox_id=row.id, reference=reference or ""))
    return found


def pending_count(connection: Connection) -> int:
    """How many publications wait, for whatever publisher."""
    waiting = sa.select(sa.func.count()).select_from(tables.outbox).where(tables.outbox.c.delivered_at.is_(None))
    return int(connection.execute(waiting).scalar_one())


def start(connection: Connection, outbox_id: int) -> None:
    """An attempt begins: from now on the row stays as it is."""
    box = tables.outbox
    connection.execute(sa.update(box).where(box.c.id == outbox_id).values(attempts=box.c.attempts + 1))


def record(connection: Connection, outbox_id: int, receipt: Receipt, now: int) -> None:
    """A delivery is done; its words are not needed any more."""
    box = tables.outbox
    done = {"delivered_at": now, "reference": receipt.reference, "action": receipt.action.value}
    connection.execute(sa.update(box).where(box.c.id == outbox_id).values(**done, publication="", error=""))


def failed(connection: Connection, outbox_id: int, why: str) -> None:
    """An attempt failed; the row waits for the next pass."""
    box = tables.outbox
    words = why.replace("\0", "")[:_LONGEST_ERROR].encode(errors="backslashreplace").decode()
    connection.execute(sa.update(box).where(box.c.id == outbox_id).values(error=words))


def withdraw(connection: Connection, fingerprint: str) -> None:
    """Drop what waits untried for an incident of which nothing is to be published any more."""
    box = tables.outbox
    waiting = (box.c.fingerprint == fingerprint) & box.c.delivered_at.is_(None) & (box.c.attempts == 0)
    connection.execute(sa.delete(box).where(waiting))


def told_publishers(connection: Connection, fingerprint: str) -> Sequence[str]:
    """Who has been told of an incident, or is to be."""
    box = tables.outbox
    query = sa.select(box.c.publisher).where(box.c.fingerprint == fingerprint).distinct().order_by(box.c.publisher)
    return connection.execute(query).scalars().all()


def deliveries_of(connection: Connection, fingerprint: str) -> list[Delivery]:
    """What was published about an incident and what waits, in order."""
    box = tables.outbox
    columns = [box.c[name] for name in Delivery.__struct_fields__]
    rows = connection.execute(sa.select(*columns).where(box.c.fingerprint == fingerprint).order_by(box.c.id))
    return [Delivery(*row) for row in rows]


def prune(connection: Connection, now: int) -> None:
    """Drop deliveries of long ago, but the last of each incident to each publisher, which says where it was told."""
    box = tables.outbox
    last = sa.select(sa.func.max(box.c.id)).where(box.c.reference != "").group_by(box.c.fingerprint, box.c.publisher)
    connection.execute(sa.delete(box).where(box.c.delivered_at < now - _KEPT, box.c.id.not_in(last)))


def _joined(waiting: Kind, later: Kind) -> Kind | None:
    if later is Kind.ONGOING and waiting is not Kind.RESOLVED:
        return waiting
    return later if waiting is Kind.ONGOING else None


def _key(publication: Publication, publisher: str) -> str:
    text = f"{publication.fingerprint}\0{publication.run_id}\0{publication.kind}\0{publisher}"
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
