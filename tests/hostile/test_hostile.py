"""Each folder beside this file holds a fault: a README line, an input (or a maker in ``inputs``), what must come of it.

``expected.json``: ``entries`` (their insertIds, or their number), ``skipped``, ``incomplete``, ``notices`` (texts that
must occur in them, in order), or ``error`` and ``hint`` (texts that must occur in those).
"""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from analyzer.errors import SourceError
from analyzer.model import LogEntry, Notice, Window
from analyzer.sources.files import Files
from tests.hostile.inputs import MAKERS

FAULTS = sorted(folder.name for folder in Path(__file__).parent.iterdir() if (folder / "expected.json").is_file())
ALL_TIME = Window(0, 2**62)


def _input(name: str) -> bytes:
    if name in MAKERS:
        return MAKERS[name]()
    return next((Path(__file__).parent / name).glob("input.*")).read_bytes()


def _check(name: str, source: Files, window: Window | None) -> None:
    expected: dict[str, Any] = json.loads((Path(__file__).parent / name / "expected.json").read_text())
    if "error" in expected:
        with pytest.raises(SourceError) as caught:
            list(source.read(window))
        assert expected["error"] in caught.value.message
        assert expected.get("hint", "") in caught.value.hint
        assert "\n" not in caught.value.message
        return
    entries: list[LogEntry] = []
    notices: list[Notice] = []
    for item in source.read(window):
        if isinstance(item, Notice):
            notices.append(item)
        else:
            entries.append(item)
    wanted = expected["entries"]
    assert (len(entries) if isinstance(wanted, int) else [entry.get("insertId") for entry in entries]) == wanted
    assert sum(notice.skipped for notice in notices) == expected.get("skipped", 0), notices
    assert any(notice.incomplete for notice in notices) == expected.get("incomplete", False), notices
    said = expected.get("notices", [])
    assert len(notices) >= len(said)
    for text, notice in zip(said, notices, strict=False):
        assert text in notice.text
    assert len(notices) <= 25
    for entry in entries:
        json.dumps(entry, allow_nan=False, ensure_ascii=False).encode()


def test_every_made_input_has_a_folder() -> None:
    assert set(MAKERS) <= set(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_a_hostile_file_ends_as_its_folder_says(name: str, tmp_path: Path) -> None:
    path = tmp_path / "input"
    path.write_bytes(_input(name))
    _check(name, Files([path]), None)


@pytest.mark.parametrize("name", FAULTS)
def test_it_ends_the_same_on_standard_input_within_a_window(name: str) -> None:
    _check(name, Files(["-"], stdin=io.BytesIO(_input(name))), ALL_TIME)


@pytest.mark.parametrize("name", FAULTS)
def test_every_folder_says_in_a_line_what_its_fault_is(name: str) -> None:
    lines = (Path(__file__).parent / name / "README.md").read_text().splitlines()
    assert len(lines) == 1
    assert lines[0].endswith(".")
