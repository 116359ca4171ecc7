"""Values that pass without Typer's validators are what those would have made of them."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import typer.main
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from analyzer.cli import app, incidents, run
from analyzer.cli.commands import Later

if TYPE_CHECKING:
    from typer.core import TyperCommand

VALUES = st.sampled_from(
    ["json", "JSON", "high", "cloud-logging", "", "7", "007", "-1", "1_0", "٣", "9" * 10, "x", "a/b", "new", "resolved"]
)
OPTIONS = (
    "--project",
    "-s",
    "--limit",
    "--jobs",
    "--rules",
    "--config",
    "-f",
    "--min-severity",
    "--source",
    "--output",
)
LINE = json.dumps({"timestamp": "2025-09-10T00:33:54Z", "insertId": "a", "textPayload": "hello", "resource": {}})
ARGUMENTS = st.lists(
    st.one_of(
        VALUES.filter(lambda value: not value.startswith("-")),
        st.tuples(st.sampled_from(OPTIONS), VALUES),
        st.sampled_from(["--no-pack", "--pushdown", "--limit", "--unknown"]),
    ),
    max_size=5,
).map(lambda parts: [word for part in parts for word in ([part] if isinstance(part, str) else part)])


def outcome(command: TyperCommand, arguments: list[str]) -> object:
    """What the command is called with, or what is wrong with its arguments."""
    try:
        return command.make_context("x", list(arguments)).params
    except Exception as error:  # noqa: BLE001 - of Click's errors, told by class and text
        return type(error), str(error)


@given(ARGUMENTS)
def test_a_run_gets_the_same_options(arguments: list[str]) -> None:
    plain = Later("file", "analyzer.cli.run:file_app", "").command()
    assert outcome(plain, arguments) == outcome(typer.main.get_command(run.file_app), arguments)  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.just("--status"), VALUES), max_size=3))
def test_a_list_of_words_is_the_same(pairs: list[tuple[str, str]]) -> None:
    arguments = [word for pair in pairs for word in pair]
    plain = Later("incidents", "analyzer.cli.incidents:app", "").command().commands["list"]
    typers = typer.main.get_command(incidents.app).commands["list"]  # type: ignore[attr-defined]
    assert outcome(plain, arguments) == outcome(typers, arguments)


def test_a_number_alone_does_not_load_typers_validators() -> None:
    program = "import sys; from analyzer.cli import main; sys.argv[1:] = ['file', '-j', '1', '-']; main()"
    asked = f"import atexit, sys; atexit.register(lambda: print('pydantic' in sys.modules)); {program}"
    command = [sys.executable, "-c", asked]
    done = subprocess.run(command, input=LINE, capture_output=True, text=True, check=False)  # noqa: S603
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "False")


def test_an_option_with_a_callback_is_told_its_value() -> None:
    done = CliRunner().invoke(app, ["--version"])
    assert (done.exit_code, done.output.split()[0]) == (0, "loganalyze")
