"""Options and fixtures of the whole suite."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from tests.bigquery import Server

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# A busy machine is no failure of a property; what must be fast has a test of its own.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

# The cache of loaded rules belongs to the user whose machine this is, not to the tests.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="loganalyze-cache-")

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing")


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with ``tests/golden/NAME``, or write it there with ``--update-golden``."""

    def check(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        assert path.exists(), f"{path} is missing: run `make golden` and read what it writes"
        assert text == path.read_text(encoding="utf-8")

    return check


@pytest.fixture(scope="session")
def bigquery_server() -> Iterator[Server]:
    """BigQuery's stand-in, started once."""
    with Server() as server:
        yield server


@pytest.fixture
def bigquery(bigquery_server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The stand-in with an empty view, and the client pointed at it."""
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", bigquery_server.host)
    bigquery_server.fill([])
    return bigquery_server
