"""A pass in a process of its own, which dies of SIGKILL at the step it is told."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa

from analyzer.audit.lease import Lease
from analyzer.audit.passes import run_pass
from analyzer.audit.store import open_store
from analyzer.errors import LoganalyzeError
from analyzer.publish.github import github_publisher
from analyzer.publish.timing import Timing
from analyzer.settings import GitHubSettings
from analyzer.times import SECOND
from tests.audit.world import Clock, log_of, parts

_CHANGES = ("INSERT", "UPDATE", "DELETE", "CREATE", "DROP", "ALTER")
LEASE = 3 * SECOND // 10


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What a process does.

    Attributes:
        target: The state.
        capture: A file of LogEntry mappings.
        now: The time of the pass, nanoseconds.
        github: GITHUB_* variables; empty to publish nothing.
        die_at: Number of the step to die at, from 1; 0 to live.
        statements: Every statement that changes the state is a step too.
        file_limit: Bytes a file may grow to; 0 for no limit.
        steps: A file that gets a line a step; empty for none.
    """

    target: str
    capture: str
    now: int
    github: dict[str, str] = {}
    die_at: int = 0
    statements: bool = False
    file_limit: int = 0
    steps: str = ""


def run(task: Task) -> int:
    """Do the task in another process; its exit status, negative for a signal."""
    context = multiprocessing.get_context("forkserver")
    # What a pass imports when it needs it is there already, so that a process takes a moment.
    context.set_forkserver_preload([__name__, "alembic.command", "github", "analyzer.publish.github_client"])
    process = context.Process(target=_work, args=(msgspec.json.encode(task),))
    process.start()
    process.join(30)
    assert process.exitcode is not None
    return process.exitcode


def _work(encoded: bytes) -> None:
    status = _status(msgspec.json.decode(encoded, type=Task))
    # What measures coverage writes at the end, to a file of its own.
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    sys.exit(status)


def _status(task: Task) -> int:
    count = [0]
    names = Path(task.steps).open("a", encoding="utf-8") if task.steps else None  # noqa: SIM115

    def step(name: str) -> None:
        count[0] += 1
        if names is not None:
            names.write(name + "\n")
            names.flush()
        if count[0] == task.die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(_c: Any, _cursor: Any, text: str, *_rest: Any) -> None:
        if text.lstrip().startswith(_CHANGES) and "lease" not in text:
            step(text.split("(", maxsplit=1)[0].strip())

    if task.statements:
        sa.event.listen(sa.Engine, "before_cursor_execute", statement)
    if task.file_limit:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (task.file_limit, resource.RLIM_INFINITY))
    clock = Clock(task.now)
    published = []
    if task.github:
        published.append(github_publisher(GitHubSettings(), task.github, timing=Timing(pace=0.0)))
    try:
        store = open_store(task.target)
        with Lease(store, LEASE) as lease:
            step("the lease is held")
            log = log_of(Path(task.capture), clock.now)
            result = run_pass(parts(store, log, clock, *published, lease=lease, step=step))
            step("the pass is done")
        step("the lease is given back")
        store.close()
    except LoganalyzeError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 3 if result.read_failed else 5 if result.publish_failed else 0
