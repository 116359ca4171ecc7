"""The whole benchmark on a few entries: the form of its tables, and what its ways found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page that one round over 500 entries gives."""
    folder = tmp_path_factory.mktemp("bench")
    command = [sys.executable, "-m", "benchmarks", "--entries", "500", "--rounds", "1", "--only", "sizes"]
    page = folder / "performance.md"
    # The package that is tested here may stand elsewhere than where the command is installed from.
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([*command, "--folder", str(folder), "--output", str(page)], check=True, cwd=ROOT, env=env)  # noqa: S603
    return page


@pytest.fixture(scope="module")
def rows(output: Path) -> dict[str, Any]:
    section = json.loads(output.with_suffix(".json").read_text(encoding="utf-8"))["size 500"]
    assert section["entries"] == 500
    return {row["key"]: row for row in section["rows"]}


def test_every_way_that_evaluates_rules_finds_the_same(rows: dict[str, Any]) -> None:
    evaluated = {key: row for key, row in rows.items() if row.get("found", "").endswith("matches")}
    assert {"match", "naive", "sqlite"} <= set(evaluated)
    assert {row["count"] for row in evaluated.values()} == {rows["match"]["count"]}
    assert rows["match"]["count"] > 0
    assert not any(row.get("differs") for row in rows.values())


def test_each_way_has_its_figures_or_says_why_not(rows: dict[str, Any]) -> None:
    for row in rows.values():
        if "note" in row:
            assert row["note"].startswith(("not installed: ", "this version has no "))
            continue
        assert row["wall"] > 0
        assert row["cpu"] > 0
        assert row["peak"] > 1
        assert row["rate"] == pytest.approx(500 / row["wall"], rel=0.01)
        assert row["rounds"] == 1


def test_the_page_has_the_targets_a_table_a_section_and_the_date(output: Path) -> None:
    text = output.read_text(encoding="utf-8")
    assert "## Targets\n\n| target | measured |  |\n|---|---|---|\n| `rules match` ≤ 1.0× ripgrep's time" in text
    assert "## 500 entries, 1 MiB, 2 shards\n" in text
    assert "| loganalyze, whole job, `file --format json` |" in text
    widths = {line.count("|") for line in text.splitlines() if line.startswith("| json and every rule")}
    assert widths == {11}
    assert " UTC; load before " in text


def test_the_page_can_be_written_again_without_running_anything(output: Path) -> None:
    before = output.read_text(encoding="utf-8")
    output.unlink()
    command = [sys.executable, "-m", "benchmarks", "--page-only", "--output", str(output)]
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603
    assert output.read_text(encoding="utf-8") == before
