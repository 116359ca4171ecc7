"""The bench a scenario is played on: an empty project folder, databases, and commands whose output is kept."""

from __future__ import annotations

import contextlib
import os
import shlex
import tempfile
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Self

from tests.lab.machine import HOME, NODE, Plain
from tests.lab.output import LabError, Line, Output, run
from tests.lab.postgres import Cluster, Database, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType

__all__ = ["Bench", "Clusters"]

CLUSTERS: Mapping[str, Mapping[str, str]] = {
    "main": {},
    "fresh": {},
    "idle": {},
    "small": {"max_connections": "3", "superuser_reserved_connections": "0"},
}
SECONDS = 90.0


class Clusters:
    """The PostgreSQL servers of one run of the laboratory, each started when it is first asked for."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="lab-pg-", ignore_cleanup_errors=True)
        self._started: dict[str, Cluster] = {}
        Path(self._folder.name).chmod(0o755)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        for cluster in self._started.values():
            cluster.stop()
        self._folder.cleanup()

    def __getitem__(self, name: str) -> Cluster:
        if name not in self._started:
            cluster = Cluster(Path(self._folder.name) / name, **CLUSTERS[name])
            cluster.start()
            self._started[name] = cluster
        return self._started[name]

    @property
    def words(self) -> dict[str, str]:
        """What of the servers is this run's: their folder and ports."""
        return {self._folder.name: "/srv/postgresql", **{str(one.port): "5432" for one in self._started.values()}}


class Bench:
    """What one scenario works with.

    Args:
        folder: An empty folder: the project, ``/app`` in the captures.
        clusters: The servers.
    """

    def __init__(self, folder: Path, clusters: Clusters) -> None:
        self.folder = folder
        self.port = free_port()
        self.env = {
            "PATH": os.pathsep.join([str(HOME / "venv" / "bin"), str(NODE / ".bin"), os.environ["PATH"]]),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "PYTHONHASHSEED": "0",
            "PYTHONUNBUFFERED": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONPATH": str(folder),
        }
        self.outputs: list[Output] = []
        self._clusters = clusters
        (folder / "node_modules").symlink_to(NODE)
        folder.chmod(0o755)

    def write(self, path: str, text: str) -> None:
        """Write a file of the project; its indentation is taken off."""
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(dedent(text).lstrip("\n"), encoding="utf-8")

    def cluster(self, name: str = "main") -> Cluster:
        """A server, started if it has to be; its programs are then on the path."""
        cluster = self._clusters[name]
        programs = str(cluster.programs)
        if "pginstall" not in self.env["PATH"]:
            self.env["PATH"] = os.pathsep.join([programs, self.env["PATH"]])
        return cluster

    def database(self, *statements: str, cluster: str = "main", name: str = "shop") -> Database:
        """A new database, in which the owner ran ``statements``; its address is DATABASE_URL from then on."""
        database = self.cluster(cluster).database(name)
        if statements:
            database.sql(*statements)
        self.env["DATABASE_URL"] = database.url()
        return database

    def run(self, *command: str, seconds: float = SECONDS, until: str = "", **env: str) -> Output:
        """Run a command and keep what it prints.

        Args:
            command: Program and arguments.
            seconds: Its time limit.
            until: A text after which a server is asked to stop.
            env: What its environment has beside the bench's.
        """
        output = self._play(command, seconds, until, env)
        self.outputs.append(output)
        return output

    def prepare(self, *command: str, **env: str) -> Output:
        """Run a command that must succeed, and keep nothing of it."""
        output = self._play(command, SECONDS, "", env)
        if output.status:
            said = "\n".join(line.text for line in output.lines)
            raise LabError(f"{shlex.join(command)} ended with {output.status}:\n{said}")
        return output

    def keep(self, command: Sequence[str], status: int, text: str) -> None:
        """Keep a text that a command brought about elsewhere: a server's log."""
        lines = tuple(Line("stderr", line, 0.0) for line in text.splitlines())
        self.outputs.append(Output(tuple(command), status, lines))

    @contextlib.contextmanager
    def listening(self) -> Iterator[None]:
        """Another process's place at the bench's port."""
        import socket  # noqa: PLC0415 - only here

        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(("127.0.0.1", self.port))
            listener.listen()
            yield

    def plain(self) -> Plain:
        """What takes this machine out of the outputs."""
        closed = {"59999": "5432"}
        own = {str(self.folder): "/app", str(self.port): "8080"}
        return Plain({**closed, **self._clusters.words, **own})

    def _play(self, command: tuple[str, ...], seconds: float, until: str, env: Mapping[str, str]) -> Output:
        return run(command, folder=self.folder, env={**self.env, **env}, seconds=seconds, until=until)
