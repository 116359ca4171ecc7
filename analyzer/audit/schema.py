"""Versions of the state: an older one is brought up to date in one transaction, a newer one is left alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from analyzer.errors import StateError

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import Connection

__all__ = ["migrate", "version_of"]

_FOLDER = Path(__file__).parent / "migrations"


def version_of(connection: Connection) -> str | None:
    """The version that the state records of itself; None for an empty database.

    Raises:
        StateError: The database holds something else.
    """
    names = set(sa.inspect(connection).get_table_names())
    if "alembic_version" in names:
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalars().all()
        if len(found) == 1:
            return str(found[0])
    if names:
        raise StateError(
            "the database is not a state of loganalyze: it holds other tables", hint="name another file or database"
        )
    return None


def migrate(connection: Connection) -> str:
    """Bring the state to this release's version; the caller's transaction holds every step or none.

    Args:
        connection: Within a transaction that can hold changes of tables too.

    Returns:
        The version it had before; empty for a new state.

    Raises:
        StateError: It is of a newer release, or no state at all.
    """
    from alembic import command  # noqa: PLC0415 - heavy
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - heavy

    found = version_of(connection)
    config = _config(connection)
    scripts = ScriptDirectory.from_config(config)
    if found == scripts.get_current_head():
        return found or ""
    if found is not None and found not in {script.revision for script in scripts.walk_revisions()}:
        raise StateError(
            f"the state is of version {found}, and this release knows versions up to {scripts.get_current_head()}",
            hint="upgrade loganalyze; the state was left as it is",
        )
    command.upgrade(config, "head")
    return found or ""


def _config(connection: Connection) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - heavy

    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
