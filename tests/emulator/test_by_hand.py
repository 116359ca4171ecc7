"""``python -m tests.emulator CAPTURE``: a capture served from the command line."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING

import pytest

from tests.emulator import Emulator
from tests.emulator.__main__ import load, main
from tests.emulator.client import lines

if TYPE_CHECKING:
    from pathlib import Path


def test_a_capture_is_a_json_array_or_a_line_an_entry(tmp_path: Path) -> None:
    entries = lines(3)
    array, ndjson = tmp_path / "array.json", tmp_path / "lines.json"
    array.write_text(json.dumps(entries, indent=2))
    ndjson.write_text("\n\n".join(json.dumps(entry) for entry in entries) + "\n")
    assert load(array) == load(ndjson) == entries


def test_it_says_how_to_use_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture = tmp_path / "capture.json"
    capture.write_text(json.dumps(lines(3)))
    over = threading.Event()
    over.set()
    assert main([str(capture), "--port", "0"], until=over) == 0
    text = capsys.readouterr().out
    assert "3 entries of shop on 127.0.0.1:" in text
    assert "export LOGGING_EMULATOR_HOST=127.0.0.1:" in text


@pytest.mark.parametrize("text", ["[1]", '{"a":1}\n{broken', '[{"timestamp": "never"}]', "[", '[{"logName": 5}]'])
def test_a_capture_it_cannot_use_is_named(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture = tmp_path / "capture.json"
    capture.write_text(text)
    assert main([str(capture), "--port", "0"]) == 2
    assert str(capture) in capsys.readouterr().err


def test_a_missing_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "nothing.json")]) == 2
    assert "nothing.json" in capsys.readouterr().err


def test_a_taken_port_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture = tmp_path / "capture.json"
    capture.write_text(json.dumps(lines(3)))
    with Emulator() as other:
        port = other.host.rpartition(":")[2]
        assert main([str(capture), "--port", port]) == 2
    assert f"port {port}: " in capsys.readouterr().err
