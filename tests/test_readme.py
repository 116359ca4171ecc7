"""README tells the truth: its sample is what the command prints, its example runs, its commands and files exist."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from analyzer.cli import app
from analyzer.config import load_settings
from analyzer.pipeline import report_on
from analyzer.ruleset.load import load_rules
from analyzer.settings import Settings
from analyzer.sources.sample import Sample
from analyzer.times import parse_timestamp
from analyzer.window import parse_window
from tests.cli.conftest import text_entry

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOW = parse_timestamp("2026-11-22T14:00:00Z")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_sample_in_the_readme_is_what_the_command_writes() -> None:
    window = parse_window("1h", None, NOW)
    report = report_on(Sample(NOW), load_rules([]).rules, window=window, settings=Settings(), now=NOW)
    written = report.to_markdown().splitlines()
    shown = [line for line in block("markdown").splitlines() if line]
    places = [written.index(line) for line in shown]
    assert places == sorted(places)


def test_the_example_of_the_library_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    entries = [text_entry(1, "✗ Missing critical user tables: ['orders']")]
    (tmp_path / "hour.json").write_text(json.dumps(entries), encoding="utf-8")
    names: dict[str, object] = {}
    exec(compile(block("python"), "README.md", "exec"), names)  # noqa: S102
    assert capsys.readouterr().out == (
        "Missing Critical User Tables: orders 1 missing_critical_user_tables_orders_20250909.md\n"
    )
    assert len(names["matches"]) == 1  # type: ignore[arg-type]


def test_the_configuration_in_the_readme_is_accepted(tmp_path: Path) -> None:
    path = tmp_path / "loganalyze.toml"
    path.write_text(block("toml"), encoding="utf-8")
    settings = load_settings(path, "staging")
    assert settings.services == ("api", "worker")
    assert settings.report.timezone == "America/Los_Angeles"


def commands() -> list[str]:
    lines = [line.strip() for line in README.splitlines() if line.startswith("    ")]
    parts = [part.split("#")[0].strip() for line in lines for part in re.split(r"&&|;|\|(?!\|)", line)]
    return [part for part in parts if part.startswith("loganalyze ")]


@pytest.mark.parametrize("command", commands())
def test_every_command_in_the_readme_is_one_that_exists(command: str) -> None:
    words = shlex.split(command)[1:]
    group = 2 if words[0] == "rules" else 1
    done = CliRunner().invoke(app, [*words[:group], "--help"])
    assert done.exit_code == 0
    for flag in (word for word in words if word.startswith("--")):
        assert flag in done.output


def test_every_file_that_the_documents_link_to_exists() -> None:
    for document in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text(encoding="utf-8")):
            assert (document.parent / target).exists(), f"{document.name}: {target}"
