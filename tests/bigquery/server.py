"""The stand-in as a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from google.auth.credentials import AnonymousCredentials
from google.cloud.bigquery import Client, SchemaField, Table

from tests.bigquery.rows import COLUMNS, to_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["PROJECT", "TABLE", "Server"]

PROJECT = "acme-staging"
TABLE = f"{PROJECT}.logs._AllLogs"

_HOME = Path(__file__).parents[2] / ".bigquery"
_LISTENING = re.compile(rb"running on http://127\.0\.0\.1:(\d+)", re.IGNORECASE)


class Server:
    """BigQuery on a port of this machine, with an empty view; a context manager.

    Attributes:
        host: What ``BIGQUERY_EMULATOR_HOST`` is to be.
        client: Google's own client, for what tests want there.
    """

    host: str
    client: Client

    def __enter__(self) -> Self:
        """Start it.

        Raises:
            RuntimeError: It is not installed, or does not start.
        """
        if not (_HOME / ".installed").exists():
            raise RuntimeError("BigQuery's stand-in is not installed: run make bigquery")
        # DuckDB looks for its extensions in the home folder.
        env = {**os.environ, "HOME": str(_HOME), "NO_COLOR": "1"}
        python, port = str(_HOME / "venv/bin/python"), ["--rest-port", "0", "--grpc-port", "0"]
        with tempfile.NamedTemporaryFile(prefix="bigquery-", suffix=".log") as said:
            self._process = subprocess.Popen(  # noqa: S603 - our own stand-in
                [python, "-m", "bqemulator", "start", *port, "--project", PROJECT, "--log-level", "info"],
                env=env,
                stdout=said,
                stderr=subprocess.STDOUT,
            )
            self.host = f"http://127.0.0.1:{self._port(Path(said.name))}"
        anonymous: Any = AnonymousCredentials
        self.client = Client(PROJECT, anonymous(), client_options={"api_endpoint": self.host})
        self._make("_Default", COLUMNS)
        return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self.client.close()  # type: ignore[no-untyped-call]
        self._process.terminate()
        self._process.wait(10)

    def fill(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Let the view have these entries and no others."""
        self.run(f"DELETE FROM `{PROJECT}.logs._Default` WHERE TRUE")  # noqa: S608 - a constant
        rows = [to_row(entry) for entry in entries]
        if rows and (errors := self.client.insert_rows_json(f"{PROJECT}.logs._Default", rows)):
            raise RuntimeError(errors)

    def run(self, query: str) -> list[tuple[Any, ...]]:
        """The rows of a query."""
        return [row.values() for row in self.client.query(query).result()]

    def _make(self, name: str, columns: tuple[Any, ...]) -> None:
        self.client.create_dataset("logs")
        self.client.create_table(Table(f"{PROJECT}.logs.{name}", schema=[_field(*column) for column in columns]))
        self.run(f"CREATE VIEW `{TABLE}` AS SELECT * FROM `{PROJECT}.logs.{name}`")  # noqa: S608 - a constant

    def _port(self, said: Path) -> int:
        """The port it says that it listens on."""
        for _ in range(600):
            if found := _LISTENING.search(said.read_bytes()):
                return int(found[1])
            if self._process.poll() is not None:
                break
            time.sleep(0.1)
        raise RuntimeError(f"BigQuery's stand-in does not start: {said.read_text()[-2000:]}")


def _field(name: str, kind: str, inner: tuple[Any, ...] = ()) -> SchemaField:
    return SchemaField(name, kind, fields=[_field(*column) for column in inner])
