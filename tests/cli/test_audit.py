"""``loganalyze audit`` and ``loganalyze incidents`` as people and schedulers run them."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from analyzer.audit.lease import Lease
from analyzer.audit.store import open_store
from analyzer.cli import audit as module
from analyzer.errors import PublishError
from analyzer.publish.files import FilesPublisher
from analyzer.times import SECOND
from tests.cli.conftest import text_entry
from tests.emulator import Emulator

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.publish import Publication, Receipt
    from tests.cli.conftest import Done

    Run = Callable[..., Done]

HOUR_AGO = datetime.now(UTC) - timedelta(hours=1)
RULES = ("--no-pack", "--rules", str(Path(__file__).parents[1] / "audit" / "rules"))
"""One rule is enough here, and loads in no time."""
SINCE = ("--since", "2025-09-10T00:00Z")


def stamp(minutes: float) -> str:
    return (HOUR_AGO + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def summary(done: Done) -> dict[str, Any]:
    (line,) = done.out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def logged(done: Done) -> list[dict[str, Any]]:
    """What went to standard error, every line of it structured."""
    return [json.loads(line) for line in done.err.splitlines()]


@pytest.fixture
def recent(tmp_path: Path) -> Path:
    """A capture of the last hour."""
    path = tmp_path / "recent.json"
    write(path, text_entry(1, "✗ Missing critical user tables: ['orders']", stamp(10)))
    return path


def write(path: Path, *entries: dict[str, object]) -> None:
    path.write_text(json.dumps(entries), encoding="utf-8")


def test_a_pass_writes_debug_logs_an_index_and_one_line(run: Run, recent: Path, tmp_path: Path) -> None:
    done = run(
        "audit", "--input", str(recent), "--since", "2h", "--state", "s.db", "--output", "logs", "--health", "ok"
    )
    assert done.status == 0
    told = summary(done)
    assert told["schema"] == "loganalyze.pass/1"
    assert told["incidents"] == {"new": 1, "ongoing": 0, "regressed": 0, "resolved": 0, "open": 1}
    assert told["entries"] == 1
    assert told["logging.googleapis.com/labels"] == {"loganalyze": "audit"}
    (log,) = [path for path in (tmp_path / "logs").iterdir() if path.name != "index.md"]
    assert log.read_text(encoding="utf-8").startswith("# ")
    assert f"({log.name})" in (tmp_path / "logs/index.md").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "ok").read_text(encoding="utf-8"))["status"] == "ok"


def test_the_debug_log_of_an_ongoing_incident_is_brought_up_to_date_in_place(
    run: Run, recent: Path, tmp_path: Path
) -> None:
    command = ("audit", *RULES, "--input", str(recent), "--since", "2h", "--state", "s.db", "--output", "logs")
    run(*command)
    before = sorted(path.name for path in (tmp_path / "logs").iterdir())
    text = "✗ Missing critical user tables: ['orders']"
    write(recent, text_entry(1, text, stamp(10)), text_entry(2, text, stamp(30)))
    assert summary(run(*command))["incidents"]["ongoing"] == 1
    after = sorted(path.name for path in (tmp_path / "logs").iterdir())
    assert after == before
    assert "2 events" in (tmp_path / "logs" / after[0]).read_text(encoding="utf-8") + (
        tmp_path / "logs" / after[-1]
    ).read_text(encoding="utf-8")


def test_an_old_capture_is_new_first_and_resolved_when_nothing_more_came(run: Run, capture: Path) -> None:
    command = ("audit", *RULES, "--input", str(capture), "--state", "s.db", *SINCE)
    first = summary(run(*command))
    assert (first["incidents"]["new"], first["incidents"]["resolved"], first["unclassified"]) == (1, 0, 1)
    second = summary(run(*command))
    assert (second["entries"], second["incidents"]["resolved"]) == (0, 1)
    assert summary(run(*command))["incidents"]["resolved"] == 0


def test_the_sample_can_be_audited_without_an_account(run: Run) -> None:
    done = run("audit", "--sample", "--state", "s.db")
    assert done.status == 0
    assert summary(done)["incidents"]["new"] == 1


def test_a_dry_run_changes_nothing_and_says_what_it_would_do(run: Run, recent: Path, tmp_path: Path) -> None:
    command = ("audit", *RULES, "--input", str(recent), "--since", "2h", "--state", "s.db", "--output", "logs")
    dry = run(*command, "--dry-run", "--health", "health")
    assert dry.status == 0
    assert summary(dry)["dry_run"] is True
    assert "logs/missing_critical_user_tables" in summary(dry)["would"][0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["recent.json"]
    run(*command)
    write(recent, text_entry(2, "✗ Missing critical user tables: ['orders']", stamp(30)))
    before = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.rglob("*") if path.is_file()}
    again = run(*command, "--dry-run")
    assert summary(again)["incidents"]["ongoing"] == 1
    assert next(line["message"] for line in logged(again)).startswith("would: files: update")
    assert before == {
        path: hashlib.sha256(path.read_bytes()).hexdigest() for path in tmp_path.rglob("*") if path.is_file()
    }


def test_a_second_audit_ends_at_once_with_status_4(run: Run, recent: Path) -> None:
    store = open_store("s.db")
    with Lease(store, 60 * SECOND):
        done = run("audit", *RULES, "--input", str(recent), "--since", "2h", "--state", "s.db")
    store.close()
    assert done.status == 4
    assert done.out == ""
    (line,) = logged(done)
    assert line["severity"] == "ERROR"
    assert "another audit holds the state" in line["message"]
    assert line["logging.googleapis.com/labels"] == {"loganalyze": "audit"}


def test_what_cannot_be_published_is_kept_for_the_next_run_and_ends_with_5(
    run: Run, recent: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: FilesPublisher, publication: Publication) -> Receipt:
        raise PublishError("the disk is away")

    command = ("audit", *RULES, "--input", str(recent), "--since", "2h", "--state", "s.db", "--output", "logs")
    monkeypatch.setattr(FilesPublisher, "publish", refuse)
    done = run(*command)
    assert done.status == 5
    assert (summary(done)["pending"], summary(done)["severity"]) == (1, "WARNING")
    monkeypatch.undo()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", [])
    assert summary(run(*command))["published"] == 1


def test_an_index_that_cannot_be_written_ends_with_5(run: Run, recent: Path, tmp_path: Path) -> None:
    (tmp_path / "logs" / "index.md").mkdir(parents=True)
    done = run("audit", *RULES, "--input", str(recent), "--since", "2h", "--state", "s.db", "--output", "logs")
    assert done.status == 5
    assert "index.md" in " ".join(summary(done)["errors"])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--sample", "--input", "x"), "exclude each other"),
        (("--format", "json"), "one line of JSON"),
        (("--dry-run", "--every", "5m"), "one pass"),
        (("--every", "5"), "not a duration"),
        (("--every", "0s"), "longer than nothing"),
        (("--overlap", "x"), "not a duration"),
        (("--publish", "pigeon", "--sample"), "no such publisher"),
        (("--publish", "files", "--sample"), "needs a folder"),
        (("--publish", "github", "--sample"), "GITHUB_TOKEN"),
        (("--sample", "--state", "mysql://x/y"), "SQLite or PostgreSQL"),
    ],
)
def test_a_slip_is_told_before_anything_is_read(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    state = () if "--state" in arguments else ("--state", "s.db")
    done = run("audit", *RULES, *arguments, *state)
    assert done.status == 2
    assert words in done.err
    assert not (tmp_path / "s.db").exists()


def test_an_output_that_is_a_file_is_refused(run: Run, recent: Path) -> None:
    done = run("audit", *RULES, "--input", str(recent), "--state", "s.db", "--output", str(recent))
    assert done.status == 2


def test_nothing_to_read_at_all_is_no_success(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "old.json", text_entry(1, "all is well"))
    done = run("audit", *RULES, "--input", str(tmp_path / "old.json"), "--state", "s.db")
    assert done.status == 3
    assert "no entry has been read yet" in done.err


def test_fail_on_turns_a_new_incident_into_status_1(run: Run, recent: Path) -> None:
    command = ("audit", *RULES, "--input", str(recent), "--since", "2h", "--state", "s.db", "--fail-on", "low")
    assert run(*command).status == 1
    assert run(*command).status == 0


def test_an_unexpected_failure_is_one_structured_line(run: Run, recent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "load_rules_of", lambda _settings: 1 / 0)
    done = run("audit", *RULES, "--input", str(recent), "--state", "s.db")
    assert done.status == 2
    (line,) = logged(done)
    assert "unexpected ZeroDivisionError" in line["message"]


def test_its_own_output_is_never_classified(run: Run, tmp_path: Path) -> None:
    own = {
        **text_entry(1, "", stamp(10)),
        "severity": "ERROR",
        "jsonPayload": {"message": "✗ Missing critical user tables: ['orders']"},
        "labels": {"loganalyze": "audit"},
    }
    unmoved = {
        **text_entry(2, "", stamp(11)),
        "jsonPayload": {"message": "ERROR: orders", "logging.googleapis.com/labels": {"loganalyze": "audit"}},
    }
    for one in (own, unmoved):
        one.pop("textPayload")
    write(tmp_path / "own.json", own, unmoved, text_entry(3, "all is well", stamp(12)))
    done = run("audit", *RULES, "--input", str(tmp_path / "own.json"), "--since", "2h", "--state", "s.db")
    assert (summary(done)["entries"], summary(done)["incidents"]["open"], summary(done)["unclassified"]) == (1, 0, 0)


def test_the_cloud_is_read_by_receive_time_and_its_calls_are_counted(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    late = {**text_entry(1, "✗ Missing critical user tables: ['orders']", "2025-09-10T00:33:54Z")}
    noise = text_entry(2, "all is well", stamp(20))
    with Emulator([{**late, "receiveTimestamp": stamp(10)}, {**noise, "receiveTimestamp": stamp(20)}]) as emulator:
        monkeypatch.setenv("LOGGING_EMULATOR_HOST", emulator.host)
        wide = run("audit", *RULES, "--project", "acme", "--since", "2h", "--state", "s.db")
        assert 'receiveTimestamp>="' in emulator.calls[0].filter
        assert summary(wide)["calls"] == len(emulator.calls)
        assert emulator.calls[-1].order_by == "timestamp desc"
    assert summary(wide)["window"]["end"] > stamp(59)
    assert summary(wide)["entries"] == 1  # the newest one shows how far the log has got; the other is a year late


def test_a_failed_fetch_says_so_and_ends_with_3(run: Run) -> None:
    done = run("audit", *RULES, "--project", "acme", "--since", "2h", "--state", "s.db")
    assert done.status == 3
    assert summary(done)["complete"] is False
    assert "credentials" in summary(done)["errors"][0]


def start(*arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    # The command is ours and its arguments are fixed.
    return subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", "from analyzer.cli import main; main()", "audit", *RULES, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )


def test_a_loop_makes_passes_until_sigterm_and_holds_the_state_between_them(
    run: Run, recent: Path, tmp_path: Path
) -> None:
    health = tmp_path / "health"
    state = ("--state", str(tmp_path / "s.db"))
    child = start("--input", str(recent), "--since", "2h", *state, "--every", "1s", "--health", str(health))
    assert child.stdout is not None
    lines = [child.stdout.readline(), child.stdout.readline()]
    assert [json.loads(line)["incidents"]["new"] for line in lines] == [1, 0]
    assert run("audit", *RULES, "--input", str(recent), *state).status == 4
    begun = time.monotonic()
    child.send_signal(signal.SIGTERM)
    child.communicate(timeout=10)
    assert child.returncode == 0
    assert time.monotonic() - begun < 10
    assert run("audit", *RULES, "--input", str(recent), *state).status == 0
    assert json.loads(health.read_text(encoding="utf-8"))["last_success"]


def opened(pipe: Path, child: subprocess.Popen[str]) -> int:
    """The writing end of a pipe, once the child has opened the other one."""
    while child.poll() is None:
        try:
            return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:
            time.sleep(0.02)
    raise AssertionError(child.communicate())


def test_sigterm_in_the_middle_of_a_read_ends_the_pass_and_frees_the_state(
    run: Run, recent: Path, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    state = ("--state", str(tmp_path / "s.db"))
    child = start("--input", str(pipe), "--since", "2h", *state)
    with os.fdopen(opened(pipe, child), "w", encoding="utf-8") as writer:
        writer.write("[\n")
        writer.flush()
        begun = time.monotonic()
        child.send_signal(signal.SIGTERM)
        out, _ = child.communicate(timeout=10)
    assert time.monotonic() - begun < 10
    assert child.returncode == 3
    assert "asked to end" in json.loads(out)["errors"][0]
    assert summary(run("audit", *RULES, "--input", str(recent), "--since", "2h", *state))["incidents"]["new"] == 1


def test_incidents_are_listed_shown_resolved_and_muted(run: Run, recent: Path) -> None:
    state = ("--state", "s.db")
    run("audit", *RULES, "--input", str(recent), "--since", "2h", *state)
    listed = json.loads(run("incidents", "list", *state, "--format", "json").out)["incidents"]
    (incident,) = listed
    assert (incident["status"], incident["count"], incident["entities"]["tables"]) == ("new", 1, ["orders"])
    name = incident["id"]
    assert name in run("incidents", "list", *state).out
    for command, status in (("mute", "muted"), ("unmute", "new"), ("resolve", "resolved"), ("resolve", "resolved")):
        assert status in run("incidents", command, name[:6], *state, "--note", "a \x1b[31mreason").out
    (shown,) = json.loads(run("incidents", "show", name, *state, "--format", "json").out)["incidents"]
    assert [moment["what"] for moment in shown["history"]] == ["new", "muted", "unmuted", "resolved"]
    assert shown["occurrences"][0]["count"] == 1
    text = run("incidents", "show", name, *state).out
    assert "### History" in text
    assert "Source: what the audit remembers of all its passes" in text
    assert "0 entries" not in text
    assert "\x1b" not in text
    assert run("incidents", "list", *state, "--status", "new").out == ""
    assert name in run("incidents", "list", *state, "--status", "resolved").out


def test_what_people_resolve_is_told_in_the_next_pass_and_comes_back_as_regressed(
    run: Run, recent: Path, tmp_path: Path
) -> None:
    command = ("audit", *RULES, "--input", str(recent), "--since", "2h", "--state", "s.db", "--output", "logs")
    run(*command)
    name = json.loads(run("incidents", "list", "--state", "s.db", "--format", "json").out)["incidents"][0]["id"]
    run("incidents", "resolve", name, "--state", "s.db")
    assert summary(run(*command))["published"] == 1
    text = "✗ Missing critical user tables: ['orders']"
    write(recent, text_entry(1, text, stamp(10)), text_entry(3, text, datetime.now(UTC).isoformat()))
    time.sleep(2.1)  # a record so near the window's end may go on
    assert summary(run(*command))["incidents"]["regressed"] == 1
    shown = json.loads(run("incidents", "show", name, "--state", "s.db", "--format", "json").out)["incidents"][0]
    assert [found["publisher"] for found in shown["publications"]] == ["files"] * 3


def test_an_unknown_or_ambiguous_id_or_state_is_refused(run: Run, recent: Path) -> None:
    assert run("incidents", "list", "--state", "none.db").status == 2
    run("audit", *RULES, "--input", str(recent), "--since", "2h", "--state", "s.db")
    assert "no incident" in run("incidents", "show", "zzzz", "--state", "s.db").err
    assert run("incidents", "mute", "", "--state", "s.db").status == 2
