from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, NamedTuple

import pytest

from analyzer.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


_VARIABLES = (
    "BIGQUERY_EMULATOR_HOST",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_PROJECT",
    "LOGGING_EMULATOR_HOST",
)


class Done(NamedTuple):
    """What a run of the command left behind."""

    status: int
    out: str
    err: str


Run = "Callable[..., Done]"


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Done]:
    """Runs the command in an empty folder, as its entry point does."""
    monkeypatch.chdir(tmp_path)
    for name in (
        "LOGGING_EMULATOR_HOST",
        "BIGQUERY_EMULATOR_HOST",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "GOOGLE_CLOUD_PROJECT",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "110")

    def invoke(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["loganalyze", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return Done(int(ended.value.code or 0), printed.out, printed.err)

    return invoke


def text_entry(number: int, text: str, time: str = "2025-09-10T00:33:54Z", service: str = "api") -> dict[str, object]:
    return {
        "insertId": f"id{number}",
        "logName": "projects/acme/logs/run.googleapis.com%2Fstderr",
        "timestamp": time,
        "resource": {"type": "cloud_run_revision", "labels": {"service_name": service, "project_id": "acme"}},
        "labels": {"instanceId": "i1"},
        "textPayload": text,
    }


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """A capture with one known failure, one unknown error and ordinary lines."""
    path = tmp_path / "capture.json"
    entries = [
        text_entry(1, "INFO:     Application is serving", "2025-09-10T00:33:00Z"),
        text_entry(2, "✗ Missing critical user tables: ['orders']"),
        text_entry(3, "ERROR:app.ledger:the ledger is off by 3 cents", "2025-09-10T00:35:54Z", "worker"),
    ]
    path.write_text(json.dumps(entries, indent=2), encoding="utf-8")
    return path
