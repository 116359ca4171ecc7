from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from typer.main import get_command

from analyzer.cli import app

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Done

COMMANDS = [
    ["since"],
    ["file"],
    ["doctor"],
    ["rules"],
    ["rules", "list"],
    ["rules", "show"],
    ["rules", "check"],
    ["rules", "test"],
    ["rules", "match"],
    ["rules", "explain"],
]
ALWAYS_HEAVY = (
    "alembic",
    "asyncio",
    "google.auth",
    "google.cloud",
    "grpc",
    "numpy",
    "pandas",
    "pydantic",
    "rich",
    "sqlalchemy",
    "unittest",
    "yaml",
)
"""What a run over a file has no use for; its rules are known from an earlier run."""

HEAVY = (*(name for name in ALWAYS_HEAVY if name != "rich"), "jinja2", "msgspec", "re2", "analyzer.model")
PROGRAM = [sys.executable, "-c", "from analyzer.cli import main; main()"]


def loads(*arguments: str) -> tuple[str, set[str]]:
    """What a run prints, and the modules that it loads."""
    code = (
        "import sys\nfrom analyzer.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return done.stdout, set(done.stderr.split())


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(run: Callable[..., Done], command: list[str]) -> None:
    done = run(*command, "--help")
    assert done.status == 0
    if command != ["rules"]:
        assert "Example" in done.out
        assert "loganalyze " + " ".join(command) in done.out


def test_help_imports_nothing_heavy() -> None:
    output, loaded = loads("--help")
    assert loaded & set(HEAVY) == set()
    assert {name for name in loaded if name.startswith("analyzer.")} == {
        "analyzer.cli",
        "analyzer.cli.commands",
        "analyzer.cli.console",
        "analyzer.cli.plain",
        "analyzer.errors",
        "analyzer.version",
    }
    assert "since" in output


def test_a_small_run_imports_nothing_that_only_others_need(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text('{"insertId": "1", "textPayload": "x", "timestamp": "2025-09-10T00:00:00Z"}\n')
    loads("file", str(path), "--format", "json")
    output, loaded = loads("file", str(path), "--format", "json")
    assert loaded & set(ALWAYS_HEAVY) == set()
    others = (
        "analyzer.audit",
        "analyzer.publish.github",
        "analyzer.ruleset.documents",
        "analyzer.sources.cloud_logging",
    )
    assert {name for name in loaded if name.startswith(others)} == set()
    assert '"entries": 1' in output


def test_the_list_of_commands_says_of_each_what_it_says_of_itself() -> None:
    listed = get_command(app).commands  # type: ignore[attr-defined]
    for name, later in listed.items():
        told = later.command().help
        assert (name, told.splitlines()[0]) == (name, later.help)


def test_a_wrong_flag_is_status_2_and_nothing_on_standard_output(run: Callable[..., Done]) -> None:
    done = run("since", "1h", "--smple")
    assert done.status == 2
    assert done.out == ""
    assert "--smple" in done.err


def test_a_reader_that_stops_early_is_no_error() -> None:
    command = (
        f"{sys.executable} -c 'from analyzer.cli import main; main()' since 1h --sample --format json | head -c 20"
    )
    done = subprocess.run(["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True, check=False)  # noqa: S603, S607
    assert (done.returncode, done.stderr) == (0, "")
    assert len(done.stdout) == 20


@pytest.mark.parametrize("arguments", [("since", "1h", "--sample"), ("rules", "list")])
def test_a_full_disk_behind_standard_output_is_one_line_and_no_verdict(arguments: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run([*PROGRAM, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603
    assert done.returncode == 2
    assert "loganalyze: error: standard output cannot be written: No space left on device\n" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_closed_standard_output_does_not_hinder_a_file(tmp_path: Path) -> None:
    command = f"{sys.executable} -c 'from analyzer.cli import main; main()' since 1h --sample -o out.md >&-"
    done = subprocess.run(["bash", "-c", command], cwd=tmp_path, stderr=subprocess.PIPE, text=True, check=False)  # noqa: S603, S607
    assert (done.returncode, done.stderr) == (0, "loganalyze: wrote out.md\n")
    assert (tmp_path / "out.md").read_text(encoding="utf-8").startswith("# ")


def test_an_interrupt_ends_the_run_in_one_line_with_status_130(tmp_path: Path) -> None:
    pipe = tmp_path / "endless"
    os.mkfifo(pipe)
    running = subprocess.Popen([*PROGRAM, "file", str(pipe)], stderr=subprocess.PIPE, text=True)  # noqa: S603
    with pipe.open("w", encoding="utf-8") as feed:
        feed.write('{"insertId": "1", "textPayload": "x", "timestamp": "2025-09-10T00:00:00Z"}\n')
        feed.flush()
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert err == "loganalyze: interrupted\n"
