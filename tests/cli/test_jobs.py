"""``--jobs`` changes how long a read takes, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import text_entry

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Done

SMALL_PARTS = """
import analyzer.pipeline
import analyzer.sources.files
from analyzer.cli import main

analyzer.pipeline._LARGE = 0
analyzer.sources.files.PART = 20_000
main()
"""
PROGRAM = (sys.executable, "-c", SMALL_PARTS)
LINE = '{"insertId": "1", "textPayload": "x", "timestamp": "2025-09-10T00:00:00Z"}\n'


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Some thousand lines, some of which are known failures, unknown errors, copies, or broken."""
    lines = []
    for number in range(2_000):
        text = f"INFO:     request {number} done"
        if number % 331 == 7:
            text = "✗ Missing critical user tables: ['orders']"
        elif number % 97 == 5:
            text = f"ERROR:app.ledger:the ledger is off by {number} cents"
        stamp = f"2025-09-10T00:{number // 60:02}:{number % 60:02}Z"
        lines.append(json.dumps(text_entry(number, text, stamp, "api" if number % 3 else "worker")))
    lines[1_500:1_500] = ["broken", *lines[100:110]]
    path = tmp_path / "export.json"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def _in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.pipeline._LARGE", 0)
    monkeypatch.setattr("analyzer.sources.files.PART", 50_000)


def children(running: subprocess.Popen[str]) -> set[int]:
    """The processes that a process has started."""
    return set(map(int, Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text(encoding="ascii").split()))


def at_work(pids: set[int]) -> set[int]:
    """Those that have not ended; whether anyone has waited for them is up to the system."""
    found = set()
    for pid in pids:
        try:
            status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if status.rpartition(")")[2].split()[0] not in "ZX":
            found.add(pid)
    return found


def ended(pids: set[int]) -> bool:
    until = time.monotonic() + 10
    while at_work(pids) and time.monotonic() < until:
        time.sleep(0.01)
    return not at_work(pids)


@pytest.mark.usefixtures("_in_parts")
@pytest.mark.parametrize(
    "command",
    [
        ("file", "{}", "--format", "json"),
        ("since", "2025-09-10T00:05Z", "--until", "2025-09-10T00:20Z", "--input", "{}", "--format", "json"),
        ("rules", "match", "{}", "--format", "json"),
    ],
    ids=lambda command: command[0],
)
def test_any_number_of_processes_prints_the_same(
    run: Callable[..., Done], export: Path, command: tuple[str, ...]
) -> None:
    def done(jobs: str) -> tuple[int, list[str], str]:
        one = run(*(part.format(export) for part in command), "--jobs", jobs)
        lines = [line for line in one.out.splitlines() if '"generated_at"' not in line]
        return one.status, lines, one.err

    alone = done("1")
    assert any("critical_tables_missing" in line or "orders" in line for line in alone[1])
    assert done("3") == alone


@pytest.mark.usefixtures("_in_parts")
def test_parts_are_counted_exactly(run: Callable[..., Done], export: Path) -> None:
    coverage = json.loads(run("file", str(export), "--jobs", "2", "--format", "json").out)["coverage"]
    assert (coverage["entries"], coverage["duplicates"], coverage["skipped"]) == (2_000, 10, 1)
    assert any("export.json:1501: " in note for note in coverage["notes"])


def test_fewer_processes_than_none_are_refused(run: Callable[..., Done], export: Path) -> None:
    done = run("file", str(export), "--jobs", "-1")
    assert done.status == 2
    assert "--jobs" in done.err


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
@pytest.mark.parametrize(
    ("sent", "to_all"), [("SIGINT", True), ("SIGINT", False), ("SIGTERM", False), ("SIGKILL", False)]
)
def test_whatever_ends_the_first_process_ends_the_others(tmp_path: Path, sent: str, to_all: bool) -> None:
    pipes = [tmp_path / "one", tmp_path / "two"]
    for pipe in pipes:
        os.mkfifo(pipe)
    running = subprocess.Popen(  # noqa: S603 - this program
        [*PROGRAM, "file", *map(str, pipes), "--jobs", "2"], stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    # A pipe opens when somebody reads from it: now both processes are in the middle of their parts.
    with pipes[0].open("w", encoding="utf-8") as one, pipes[1].open("w", encoding="utf-8"):
        one.write(LINE)
        one.flush()
        workers = children(running)
        assert len(at_work(workers)) == 2
        (os.killpg if to_all else os.kill)(running.pid, signal.Signals[sent])
        if sent == "SIGINT":
            _, err = running.communicate(timeout=20)
            assert (running.returncode, err) == (130, "loganalyze: interrupted\n")
            assert ended(workers)
        else:
            running.wait(timeout=20)
            assert running.returncode == -signal.Signals[sent]
    # What reads from a pipe notices when it has read its part, and not before.
    assert ended(workers)
    running.communicate()


@pytest.mark.skipif(sys.platform != "linux", reason="looks at processes in /proc")
def test_a_process_that_is_killed_is_one_line_with_a_way_out(tmp_path: Path) -> None:
    pipes = [tmp_path / "one", tmp_path / "two"]
    for pipe in pipes:
        os.mkfifo(pipe)
    running = subprocess.Popen(  # noqa: S603 - this program
        [*PROGRAM, "file", *map(str, pipes), "--jobs", "2"], stderr=subprocess.PIPE, text=True
    )
    with pipes[0].open("w", encoding="utf-8"), pipes[1].open("w", encoding="utf-8"):
        workers = children(running)
        os.kill(max(workers), signal.SIGKILL)
        _, err = running.communicate(timeout=20)
    assert running.returncode == 3
    assert err.splitlines()[0] == "loganalyze: error: a process that read a part of the files was killed"
    assert "--jobs 1" in err
    assert "Traceback" not in err
    assert ended(workers)


def test_a_reader_that_closes_early_ends_the_run_quietly(export: Path) -> None:
    running = subprocess.Popen(  # noqa: S603 - this program
        [*PROGRAM, "rules", "match", str(export), "--format", "json", "--jobs", "2"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert running.stderr is not None
    running.stdout.close()
    err = running.stderr.read()
    running.stderr.close()
    assert running.wait(timeout=20) in {0, 3}
    assert "Traceback" not in err
    assert "BrokenPipe" not in err
