"""The first state: cursor, lease, seen keys, incidents with their history, runs, outbox."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    _reading()
    _incidents()
    _publishing()


def _reading() -> None:
    op.create_table(
        "meta",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("value", sa.Text, nullable=False),
    )
    op.create_table(
        "cursor",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("floor", _BIG, nullable=False),
        sa.Column("reached", _BIG, nullable=False),
        sa.Column("proof", _BIG, nullable=False),
        sa.Column("step", _BIG, nullable=False),
    )
    op.create_table(
        "lease",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("holder", sa.Text, nullable=False),
        sa.Column("beat", _BIG, nullable=False),
        sa.Column("expires", _BIG, nullable=False),
    )
    op.create_table(
        "seen",
        sa.Column("key", _BIG, primary_key=True, autoincrement=False),
        sa.Column("received", _BIG, nullable=False),
        sa.Column("told", sa.Boolean, nullable=False),
    )
    op.create_index("ix_seen_received", "seen", ["received"])
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(16), primary_key=True),
        sa.Column("started", _BIG, nullable=False),
        sa.Column("window_start", _BIG, nullable=False),
        sa.Column("window_end", _BIG, nullable=False),
        sa.Column("summary", sa.Text, nullable=False),
    )
    op.create_index("ix_runs_started", "runs", ["started"])


def _incidents() -> None:
    op.create_table(
        "incidents",
        sa.Column("fingerprint", sa.String(16), primary_key=True),
        sa.Column("short_id", sa.String(16), nullable=False, unique=True),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("muted", sa.Boolean, nullable=False),
        sa.Column("count", _BIG, nullable=False),
        sa.Column("first_seen", _BIG, nullable=False),
        sa.Column("last_seen", _BIG, nullable=False),
        sa.Column("heard", _BIG, nullable=False),
        sa.Column("resolved_at", _BIG, nullable=True),
        sa.Column("file_name", sa.Text, nullable=False, unique=True),
        sa.Column("document", sa.Text, nullable=False),
    )
    op.create_index("ix_incidents_status", "incidents", ["status"])
    op.create_table(
        "occurrences",
        sa.Column("fingerprint", sa.String(16), primary_key=True),
        sa.Column("run_id", sa.String(16), primary_key=True),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("count", _BIG, nullable=False),
        sa.Column("first_seen", _BIG, nullable=False),
        sa.Column("last_seen", _BIG, nullable=False),
    )
    op.create_index("ix_occurrences_at", "occurrences", ["at"])
    op.create_table(
        "history",
        sa.Column("id", _BIG, primary_key=True, autoincrement=True),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.Column("at", _BIG, nullable=False),
        sa.Column("what", sa.String(16), nullable=False),
        sa.Column("run_id", sa.String(16), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
    )
    op.create_index("ix_history_fingerprint", "history", ["fingerprint"])


def _publishing() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", _BIG, primary_key=True, autoincrement=True),
        sa.Column("fingerprint", sa.String(16), nullable=False),
        sa.Column("publisher", sa.String(32), nullable=False),
        sa.Column("key", sa.String(32), nullable=False, unique=True),
        sa.Column("publication", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("delivered_at", _BIG, nullable=True),
        sa.Column("reference", sa.Text, nullable=False),
        sa.Column("action", sa.String(16), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("outbox_by_incident", "outbox", ["fingerprint", "publisher"])
    op.create_index("outbox_pending", "outbox", ["delivered_at"])
