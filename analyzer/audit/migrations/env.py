"""Run by Alembic for every command: https://alembic.sqlalchemy.org/en/latest/cookbook.html#connection-sharing."""

from __future__ import annotations

from alembic import context

from analyzer.audit.tables import metadata

# The caller's connection stands in a transaction already, and the steps and their record belong to it.
context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
