"""What the server is asked for is enough: shares of failed requests are judged as if all had been read."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from analyzer.cli import main
from tests.captures.stage import Stage
from tests.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Iterator

WINDOW = ("since", "2025-09-11T05:00:00Z", "--until", "2025-09-11T09:00:00Z", "--project", "orchard-staging")


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """An hour of a busy path with a refusal now and then, and a path that refuses nearly all."""
    stage = Stage(301)
    for n in range(1200):
        stage.request(n * 3.0, "/api/me", 200, latency=0.02)
    for n in range(9):
        stage.request(900 + n * 41.0, "/api/me", 401, latency=0.02)
        stage.request(2400 + n * 35.0, "/api/orders", 401, latency=0.02)
    with Emulator(stage.capture()) as served:
        yield served


def run(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *more: str
) -> dict[str, Any]:
    monkeypatch.setenv("LOGGING_EMULATOR_HOST", emulator.host)
    monkeypatch.setattr(sys, "argv", ["loganalyze", *WINDOW, "--format", "json", *more])
    with pytest.raises(SystemExit):
        main()
    return dict(json.loads(capsys.readouterr().out))


def test_refusals_are_weighed_against_what_was_answered_around_them(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = run(emulator, monkeypatch, capsys, "--no-pushdown")
    asked = run(emulator, monkeypatch, capsys)
    assert asked["coverage"]["entries"] < whole["coverage"]["entries"] / 2
    for report in (whole, asked):
        (incident,) = report["incidents"]
        assert incident["cause"]["rule"] == "requests_refused"
        assert incident["entities"]["routes"] == ["/api/orders"]
        assert incident["count"] == 9
