"""Credentials, project and transport: what is found, what is missing, and what the user is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any

import pytest

from analyzer.errors import CredentialsError, SourceError, UsageError
from analyzer.sources._client import connect
from tests.emulator import Emulator
from tests.sources.cloud import entry, ids, read, source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.sources.conftest import Start

    TokenServer = Callable[[int, dict[str, Any]], str]

_VARIABLES = (
    "LOGGING_EMULATOR_HOST",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_PROJECT",
    "GCLOUD_PROJECT",
    "GOOGLE_CLOUD_QUOTA_PROJECT",
)


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without credentials, which does not look for Google's metadata server."""
    for name in _VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    monkeypatch.setenv("CLOUDSDK_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def token_server() -> Iterator[TokenServer]:
    """Starts a server that answers every POST with the given status and JSON, and returns its address."""
    servers: list[HTTPServer] = []

    def start(status: int, answer: dict[str, Any]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(json.dumps(answer).encode())

            def log_message(self, *args: Any) -> None:
                """Keep quiet."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/token"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def user_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Puts the credentials of a user in place whose tokens come from the given address."""

    def write(address: str) -> None:
        path = tmp_path / "user.json"
        fields = {"type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": "c"}
        path.write_text(json.dumps(fields))
        monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
        monkeypatch.setattr("google.oauth2.credentials._GOOGLE_OAUTH2_TOKEN_ENDPOINT", address)

    return write


def test_no_credentials_say_what_to_run() -> None:
    with pytest.raises(CredentialsError, match="no Google Cloud credentials") as caught:
        read(source())
    assert "gcloud auth application-default login" in caught.value.hint
    assert "GOOGLE_APPLICATION_CREDENTIALS" in caught.value.hint
    assert "\n" not in caught.value.message


def test_a_key_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "/nowhere/key.json")
    with pytest.raises(CredentialsError, match=r"/nowhere/key\.json"):
        read(source())


def test_credentials_that_were_revoked_say_what_to_run(
    token_server: TokenServer, user_file: Callable[[str], None]
) -> None:
    user_file(token_server(400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}))
    with pytest.raises(CredentialsError, match="expired or revoked") as caught:
        read(source())
    assert "gcloud auth application-default login" in caught.value.hint


def test_credentials_that_cannot_be_refreshed_offline_are_no_fault_of_theirs(user_file: Callable[[str], None]) -> None:
    user_file("http://127.0.0.1:9/token")
    with pytest.raises(SourceError, match="cannot be refreshed") as caught:
        read(source())
    assert not isinstance(caught.value, CredentialsError)


def test_working_credentials_make_a_connection_to_the_named_project(
    token_server: TokenServer, user_file: Callable[[str], None]
) -> None:
    user_file(token_server(200, {"access_token": "x", "expires_in": 3600}))
    connection = connect("projects/acme")
    connection.close()
    assert connection.project == "acme"


def test_the_project_may_come_from_the_environment(
    token_server: TokenServer, user_file: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    user_file(token_server(200, {"access_token": "x", "expires_in": 3600}))
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "from-environment")
    connection = connect("")
    connection.close()
    assert connection.project == "from-environment"


def test_no_project_anywhere_is_a_usage_error(token_server: TokenServer, user_file: Callable[[str], None]) -> None:
    user_file(token_server(200, {"access_token": "x", "expires_in": 3600}))
    with pytest.raises(UsageError, match="no Google Cloud project") as caught:
        read(source(project=""))
    assert "--project" in caught.value.hint


def test_the_emulator_needs_a_project_but_no_credentials(emulate: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    emulate([entry(1)])
    with pytest.raises(UsageError, match="no Google Cloud project"):
        read(source(project=""))
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "acme")
    reader = source(project="")
    assert ids(read(reader)[0]) == ["id-000001"]
    assert reader.info.project == "acme"


def test_grpc_writes_nothing_to_stderr() -> None:
    code = (
        "import os\n"
        "from analyzer.sources._client import connect\n"
        "connect('acme').close()\n"
        "import grpc\n"
        "channel = grpc.secure_channel(os.environ['LOGGING_EMULATOR_HOST'], grpc.ssl_channel_credentials())\n"
        "call = channel.unary_unary('/a/b').future(b'', timeout=5)\n"
        "assert call.exception().code() is grpc.StatusCode.UNAVAILABLE\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "GRPC_VERBOSITY"}
    with Emulator() as emulator:
        environment["LOGGING_EMULATOR_HOST"] = emulator.host
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
        )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
