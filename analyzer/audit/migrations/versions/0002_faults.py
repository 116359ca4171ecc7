"""What an incident consists of, so that consequences which come in a later pass find their cause."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table; incidents of before are known by their cause until they are seen again."""
    faults = op.create_table(
        "faults",
        sa.Column("fault", sa.String(16), primary_key=True),
        sa.Column("fingerprint", sa.String(16), primary_key=True),
        sa.Column("rule", sa.Text, nullable=False),
    )
    incidents = sa.table("incidents", sa.column("fingerprint", sa.String(16)))
    known = sa.select(incidents.c.fingerprint, incidents.c.fingerprint, sa.literal("", sa.Text))
    op.execute(faults.insert().from_select(["fault", "fingerprint", "rule"], known))
