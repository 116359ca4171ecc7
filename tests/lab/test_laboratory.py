"""The laboratory's own parts, without the tools that it breaks."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import msgspec
import pytest

from tests.lab import capture as captures
from tests.lab.capture import Capture, read_all, write
from tests.lab.machine import HOME, ROOT, Plain
from tests.lab.output import LabError, Output, run
from tests.lab.scenario import Expected, Tool

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.bench import Bench


def python(code: str, folder: Path, *, seconds: float = 30.0, until: str = "") -> Output:
    env = {"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"}
    return run([sys.executable, "-c", code], folder=folder, env=env, seconds=seconds, until=until)


def test_lines_of_both_streams_are_kept_in_the_order_they_arrive(tmp_path: Path) -> None:
    pause = "time.sleep(0.1)"
    code = f"import sys, time\nprint('one')\n{pause}\nprint('two', file=sys.stderr)\n{pause}\nprint('three', end='')"
    output = python(code, tmp_path)
    assert [(line.stream, line.text) for line in output.lines] == [
        ("stdout", "one"),
        ("stderr", "two"),
        ("stdout", "three"),
    ]
    assert output.status == 0
    assert sorted(line.arrived for line in output.lines) == [line.arrived for line in output.lines]


def test_a_command_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="still ran after"):
        python("import time; print('began'); time.sleep(60)", tmp_path, seconds=0.5)


def test_a_server_is_asked_to_stop_after_it_said_that_it_runs(tmp_path: Path) -> None:
    output = python("import time; print('listening'); time.sleep(60)", tmp_path, until="listening")
    assert output.status == -15
    assert [line.text for line in output.lines] == ["listening"]


def test_what_is_of_this_machine_or_this_run_is_replaced() -> None:
    plain = Plain({"/tmp/lab-x1": "/app", "43210": "5432"})  # noqa: S108 - a name, not a file
    assert plain(f'File "{HOME}/venv/lib/python3.11/a.py"') == 'File "/srv/venv/lib/python3.11/a.py"'
    assert plain(f"{ROOT}/x and /tmp/lab-x1/y") == "/srv/src/x and /app/y"
    assert plain("port 43210, not 143210") == "port 5432, not 143210"
    assert plain("2031-12-24 18:00:01.123 UTC [4711] LOG") == "2026-03-02 09:30:00.000 UTC [20] LOG"
    assert plain("[4712] and [4711]") == "[21] and [20]"
    assert plain("done in 17.25ms (0.0021s) at 0x7fab12345678") == "done in 12ms (0.012s) at 0x7f0000000000"


def test_numbers_and_names_that_belong_to_the_message_stay() -> None:
    text = "error 42703: revision 3f1a90c2d7b4 of 20260101090000_create.js line [3]"
    assert Plain({})(text) == text


def test_a_capture_is_read_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(captures, "CAPTURES", tmp_path)
    expected = Expected(categories=("lock",), entities={"tables": ("orders",)})
    lines = (("stdout", 'say "lines": []'), ("stderr", "é ✗"))
    kept = Capture("tool", "one", "It breaks.", "tool 1.0", "tool run", 1, expected, lines)
    write(kept)
    assert list(read_all(tmp_path)) == [kept]
    assert len(kept.path.read_text().splitlines()) > len(lines)
    empty = msgspec.structs.replace(kept, lines=())
    write(empty)
    assert list(read_all(tmp_path)) == [empty]


def test_a_scenario_says_what_it_does_and_has_a_name_of_its_own() -> None:
    tool = Tool("tool")

    def silent(bench: Bench) -> None:
        raise NotImplementedError

    def told(bench: Bench) -> None:
        """It breaks."""
        raise NotImplementedError

    with pytest.raises(ValueError, match="does not say"):
        tool.quiet(silent)
    tool.quiet(told)
    with pytest.raises(ValueError, match="twice"):
        tool.fails("lock")(told)
    assert [(one.name, one.about, one.expected.quiet) for one in tool.scenarios] == [("told", "It breaks.", True)]
