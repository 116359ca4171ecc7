"""The database that holds the state: one file of SQLite by default, or PostgreSQL.

One transaction at a time: it takes SQLite's write lock, or an advisory lock of PostgreSQL, when it begins, so that what
it reads is what it changes. They are short: nothing is read from logs and nothing is published within one. Everything a
database may answer with becomes a :class:`~analyzer.errors.StateError`.
"""

from __future__ import annotations

import contextlib
import importlib.util
import re
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.pool import StaticPool

from analyzer.audit import tables
from analyzer.audit.schema import migrate, version_of
from analyzer.errors import StateError

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

__all__ = ["Store", "copy_store", "default_state", "open_store", "shown_name"]

_BUSY = 20
"""Seconds to wait for another transaction."""

_LOCK = 0x6C6F67616E616C79
"""The advisory lock that transactions take; PostgreSQL keeps those of different databases apart."""

_URL = re.compile(r"[a-z][a-z0-9+]*://", re.IGNORECASE)
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg", "sqlite": "sqlite"}


def default_state(environment: str) -> Path:
    """The file that holds the state of an environment where none is named: in the platform's state folder."""
    from platformdirs import user_state_path  # noqa: PLC0415 - light, but only needed here

    return user_state_path("loganalyze") / f"{re.sub(r'[^A-Za-z0-9._-]', '_', environment) or 'audit'}.db"


def shown_name(target: str) -> str:
    """What people are shown of a state's path or URL: no password."""
    url = _parsed(target)
    return target if url is None else url.render_as_string(hide_password=True)


class Store:
    """An open database.

    Args:
        engine: Of SQLAlchemy.
        name: What people call it: a path, or a URL without its password.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self.name = name

    @contextlib.contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction, which ends with the block: committed, or rolled back where it raises.

        Raises:
            StateError: The database cannot do it; nothing of the transaction has happened.
        """
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise self._explained(error) from error
        except sa.exc.SQLAlchemyError as error:
            raise StateError(f"{self.name}: {_line(error)}") from error

    def prepare(self) -> None:
        """Let readers and a writer work side by side in a new file (https://sqlite.org/wal.html)."""
        if self._engine.dialect.name == "sqlite":
            with self._engine.connect() as connection:
                connection.connection.driver_connection.execute("PRAGMA journal_mode=WAL")  # type: ignore[union-attr]

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _explained(self, error: sa.exc.DBAPIError) -> StateError:
        reason = _line(error.orig)
        for words, hint in _HINTS.items():
            if words in reason:
                return StateError(f"{self.name}: {reason}", hint=hint)
        return StateError(f"{self.name}: {reason}")


_HINTS = {
    "database is locked": "another program holds it; try again",
    "disk is full": "make room; the state is as it was before",
    "disk I/O error": "check the disk and its free space; the state is as it was before",
    "not a database": "it is damaged or no state at all: name another with --state, or put back a copy",
    "malformed": "it is damaged: put back a copy, or name another with --state",
    "readonly": "name a state that you may write, with --state",
    "unable to open": "check that the folder exists and may be written",
    "could not connect": "check the URL, and that the server runs",
    "connection failed": "check the URL, and that the server runs",
    "connection refused": "check the URL, and that the server runs",
    "password authentication": "check the user and password in the URL",
    "lock timeout": "another program holds it; try again",
}


def open_store(target: str, *, create: bool = True) -> Store:
    """Open a state, and bring it to this release's version.

    Args:
        target: A path, or a URL (``postgresql://user@host/name``, ``sqlite:///path``).
        create: Make it where it is missing.

    Raises:
        StateError: It cannot be opened, is no state, is of a newer version, or is missing and not to be made.
    """
    store = _store(target, create=create)
    try:
        with store.begin() as connection:
            fresh = not migrate(connection)
        if fresh:
            store.prepare()
    except BaseException:
        store.close()
        raise
    return store


@contextlib.contextmanager
def copy_store(target: str) -> Iterator[Store]:
    """A copy of a state to try things on; the state itself is left as it is, and none is made where there is none.

    Args:
        target: As for :func:`open_store`.

    Raises:
        StateError: It cannot be read, is no state, or is of a newer version; in PostgreSQL, also of an older one.
    """
    with tempfile.TemporaryDirectory(prefix="loganalyze-") as folder, contextlib.ExitStack() as opened:
        url = _parsed(target)
        if url is not None and url.drivername != "sqlite":
            store = _memory_store()
            opened.callback(store.close)
            original = _store(target, create=False)
            opened.callback(original.close)
            _copy_rows(original, store)
        else:
            path = Path(target if url is None else url.database or "")
            for name in (path.name, f"{path.name}-wal"):
                # Copied as bytes: even a reader of SQLite leaves files beside the one it reads.
                if path.with_name(name).exists():
                    shutil.copy(path.with_name(name), Path(folder) / name)
            store = open_store(str(Path(folder) / path.name))
            opened.callback(store.close)
        yield store


def _copy_rows(original: Store, store: Store) -> None:
    with original.begin() as source, store.begin() as target:
        if version_of(source) not in {None, version_of(target)}:
            raise StateError(
                f"{original.name}: the state is of another version", hint="run the audit once without --dry-run"
            )
        for table in tables.metadata.sorted_tables if version_of(source) else ():
            rows = [dict(row) for row in source.execute(sa.select(table)).mappings()]
            if rows:
                target.execute(sa.insert(table), rows)


def _memory_store() -> Store:
    engine = sa.create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})
    _transactional(engine)
    store = Store(engine, "memory")
    with store.begin() as connection:
        migrate(connection)
    return store


def _store(target: str, *, create: bool) -> Store:
    url = _parsed(target)
    if url is None or url.drivername == "sqlite":
        return _file_store(Path(target if url is None else url.database or ""), create=create)
    if importlib.util.find_spec("psycopg") is None:
        raise StateError("a state in PostgreSQL needs psycopg", hint="pip install 'loganalyze[postgres]'")
    engine = sa.create_engine(url, pool_pre_ping=True, connect_args={"connect_timeout": 10})

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_BUSY}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")

    return Store(engine, url.render_as_string(hide_password=True))


def _parsed(target: str) -> sa.URL | None:
    """The URL with the driver that is used, or None for a path.

    Raises:
        StateError: It is a URL of something else.
    """
    if not _URL.match(target):
        return None
    try:
        url = sa.make_url(target)
    except (sa.exc.ArgumentError, ValueError) as error:
        raise StateError("the state's URL cannot be understood", hint="postgresql://user@host/database") from error
    driver = _DRIVERS.get(url.drivername.partition("+")[0].lower())
    if driver is None:
        raise StateError(
            f"a state can be SQLite or PostgreSQL, not {url.drivername!r}", hint="postgresql://user@host/database"
        )
    if driver == "sqlite" and not url.database:
        raise StateError("the state's URL names no file", hint="write sqlite:///path/to/state.db")
    return url.set(drivername=driver)


def _file_store(path: Path, *, create: bool) -> Store:
    if not path.exists():
        if not create:
            raise StateError(f"there is no state at {path}", hint="loganalyze audit makes one; --state names another")
        _make(path)
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)), connect_args={"timeout": _BUSY, "check_same_thread": False}
    )
    _transactional(engine)
    return Store(engine, str(path))


def _make(path: Path) -> None:
    """An empty file that only its owner may read: the state holds the key of the surrogates."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StateError(f"{path}: {reason}", hint="name a state in a folder you may write, with --state") from error


def _transactional(engine: Engine) -> None:
    """Make a transaction of SQLite hold everything in it, changes of tables too.

    The driver begins transactions late and commits them early by itself:
    https://docs.sqlalchemy.org/en/20/dialects/sqlite.html#serializable-isolation-savepoints-transactional-ddl.
    """

    @sa.event.listens_for(engine, "connect")
    def _connected(connection: sqlite3.Connection, _record: Any) -> None:
        connection.isolation_level = None
        # A commit survives the machine's end, not only the process's: what was published must stay recorded.
        connection.execute("PRAGMA synchronous=FULL")

    @sa.event.listens_for(engine, "begin")
    def _begun(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def _line(error: object) -> str:
    text = " ".join(str(error).split())
    return text[:300]
