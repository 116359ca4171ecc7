"""The tables of the state, as the newest migration leaves them. Times are nanoseconds since the epoch, UTC.

All text in them is redacted. ``migrations/`` holds one file a step from one version to the next; a test compares where
they lead with what stands here.
"""

from __future__ import annotations

import sqlalchemy as sa

__all__ = [
    "BIG",
    "cursor",
    "faults",
    "history",
    "incidents",
    "lease",
    "meta",
    "metadata",
    "occurrences",
    "outbox",
    "runs",
    "seen",
]

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""64 bits everywhere: SQLite's INTEGER, which as a primary key is the row itself."""

metadata = sa.MetaData()

meta = sa.Table(
    "meta",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)
"""``key``: of the redactor's surrogates, hex. ``project``: whose entries these are, a project's or a view's."""

cursor = sa.Table(
    "cursor",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("floor", BIG, nullable=False),
    sa.Column("reached", BIG, nullable=False),
    sa.Column("proof", BIG, nullable=False),
    sa.Column("step", BIG, nullable=False),
)
"""One row, see :class:`analyzer.audit.windows.Cursor`."""

lease = sa.Table(
    "lease",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("beat", BIG, nullable=False),
    sa.Column("expires", BIG, nullable=False),
)
"""One row, see :mod:`analyzer.audit.lease`."""

seen = sa.Table(
    "seen",
    metadata,
    sa.Column("key", BIG, primary_key=True, autoincrement=False),
    sa.Column("received", BIG, nullable=False, index=True),
    sa.Column("told", sa.Boolean, nullable=False),
)
"""Every entry that was read and received since the floor; ``told`` when an incident has counted it."""

incidents = sa.Table(
    "incidents",
    metadata,
    sa.Column("fingerprint", sa.String(16), primary_key=True),
    sa.Column("short_id", sa.String(16), nullable=False, unique=True),
    sa.Column("status", sa.String(16), nullable=False, index=True),
    sa.Column("muted", sa.Boolean, nullable=False),
    sa.Column("count", BIG, nullable=False),
    sa.Column("first_seen", BIG, nullable=False),
    sa.Column("last_seen", BIG, nullable=False),
    sa.Column("heard", BIG, nullable=False),
    sa.Column("resolved_at", BIG, nullable=True),
    sa.Column("file_name", sa.Text, nullable=False, unique=True),
    sa.Column("document", sa.Text, nullable=False),
)
"""One row an incident for ever; ``heard``: receive time of its latest entry; ``document``: the ReportedIncident."""

faults = sa.Table(
    "faults",
    metadata,
    sa.Column("fault", sa.String(16), primary_key=True),
    sa.Column("fingerprint", sa.String(16), primary_key=True),
    sa.Column("rule", sa.Text, nullable=False),
)
"""What an incident consists of: consequences that come in a later pass, without their cause, are known by it."""

occurrences = sa.Table(
    "occurrences",
    metadata,
    sa.Column("fingerprint", sa.String(16), primary_key=True),
    sa.Column("run_id", sa.String(16), primary_key=True),
    sa.Column("at", BIG, nullable=False, index=True),
    sa.Column("count", BIG, nullable=False),
    sa.Column("first_seen", BIG, nullable=False),
    sa.Column("last_seen", BIG, nullable=False),
)
"""What one pass added to an incident."""

history = sa.Table(
    "history",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=True),
    sa.Column("fingerprint", sa.String(16), nullable=False, index=True),
    sa.Column("at", BIG, nullable=False),
    sa.Column("what", sa.String(16), nullable=False),
    sa.Column("run_id", sa.String(16), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
)
"""How an incident's status changed, and by whose hand; ``run_id`` is empty for a person's."""

runs = sa.Table(
    "runs",
    metadata,
    sa.Column("run_id", sa.String(16), primary_key=True),
    sa.Column("started", BIG, nullable=False, index=True),
    sa.Column("window_start", BIG, nullable=False),
    sa.Column("window_end", BIG, nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
)
"""The passes that recorded something, and their summaries."""

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("id", BIG, primary_key=True, autoincrement=True),
    sa.Column("fingerprint", sa.String(16), nullable=False),
    sa.Column("publisher", sa.String(32), nullable=False),
    sa.Column("key", sa.String(32), nullable=False, unique=True),
    sa.Column("publication", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("delivered_at", BIG, nullable=True),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("action", sa.String(16), nullable=False),
    sa.Index("outbox_by_incident", "fingerprint", "publisher"),
    sa.Index("outbox_pending", "delivered_at"),
    sqlite_autoincrement=True,
)
"""What is to be published, and what was; the publication of a delivered row is empty."""
