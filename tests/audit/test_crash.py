"""A process that is killed at every step of a pass, and the next one, which must not lose or repeat anything."""

from __future__ import annotations

import json
import signal
import time
from typing import TYPE_CHECKING, Any

import pytest

from analyzer.audit.cases import load_cases
from analyzer.audit.store import open_store
from analyzer.errors import HeldError
from analyzer.times import SECOND
from tests.audit.runner import LEASE, Task, run
from tests.audit.world import MINUTE, START, entry
from tests.github import GitHubApi

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FIRST = [
    entry(1, "tables_missing", at=START),
    entry(2, "boot_failed", at=START + 1),
    entry(3, "boot_failed", at=START + 2),
    entry(4, "login_refused", at=START + 3, service="web"),
    entry(5, "all is well", at=START + 4),
]
_SECOND = [
    entry(6, "tables_missing", at=START + 5 * MINUTE),
    entry(7, "login_refused", at=START + 5 * MINUTE, service="web"),
    # Received within the first window, and late.
    entry(8, "boot_failed", at=START + 3, received=START + 30_000_000_000),
]
_EXPECTED = {"tables_missing": 5, "login_refused": 2}


class Stage:
    """One state, one GitHub, a capture that grows."""

    def __init__(self, target: str, folder: Path, github: GitHubApi) -> None:
        self.target = target
        self.github = github
        self.capture = folder / "capture.json"
        self.steps = folder / "steps"
        self._environment = {
            "GITHUB_TOKEN": github.accounts[0].token,
            "GITHUB_REPOSITORY": github.repository,
            "GITHUB_API_URL": github.url,
        }
        self.show(_FIRST)

    def show(self, entries: list[dict[str, Any]]) -> None:
        self.capture.write_text(json.dumps(entries), encoding="utf-8")

    def run(self, minutes: int, *, die_at: int = 0, statements: bool = False, record: bool = False) -> int:
        return run(
            Task(
                target=self.target,
                capture=str(self.capture),
                now=START + minutes * MINUTE,
                github=self._environment,
                die_at=die_at,
                statements=statements,
                steps=str(self.steps) if record else "",
            )
        )

    def run_when_free(self, minutes: int) -> int:
        """A pass as soon as the lease that was left behind allows it: it is refused at once until then."""
        end = time.monotonic() + LEASE / SECOND + 1
        while (status := self.run(minutes)) == HeldError.exit_code and time.monotonic() < end:
            time.sleep(0.05)
        return status

    def counts(self) -> dict[str, int]:
        store = open_store(self.target)
        with store.begin() as connection:
            found = {case.document.cause.rule: case.count for case in load_cases(connection).values()}
        store.close()
        return found

    def check(self) -> None:
        """Nothing lost, nothing twice, one issue an incident."""
        assert self.counts() == _EXPECTED
        assert len(self.github.issues) == len(_EXPECTED)


@pytest.fixture
def github() -> Iterator[GitHubApi]:
    with GitHubApi() as api:
        yield api


def survive(stage: Stage, die_at: int, *, statements: bool = False) -> bool:
    """Die at a step of the first pass, then go on; whether the pass has that step."""
    status = stage.run(1, die_at=die_at, statements=statements)
    stage.show(_FIRST + _SECOND)
    died = status == -signal.SIGKILL
    assert died or status == 0
    assert stage.run_when_free(10) == 0
    stage.check()
    return died


@pytest.mark.parametrize("die_at", range(1, 17))
def test_a_pass_killed_at_any_step_loses_nothing_and_opens_one_issue_an_incident(
    target: str, tmp_path: Path, github: GitHubApi, die_at: int
) -> None:
    died = survive(Stage(target, tmp_path, github), die_at)
    assert died == (die_at <= _STEPS)


_STEPS = 15


def test_the_steps_to_die_at_are_all_steps_of_a_pass(tmp_path: Path, github: GitHubApi) -> None:
    stage = Stage(str(tmp_path / "state.db"), tmp_path, github)
    assert stage.run(1, record=True) == 0
    names = stage.steps.read_text(encoding="utf-8").splitlines()
    assert len(names) == _STEPS
    assert names[-1] == "the lease is given back"
    assert {"after the read", "incidents", "before the commit", "before the call", "after the call"} <= set(names)


@pytest.mark.parametrize("die_at", range(3, 60, 7))
def test_a_pass_killed_at_a_statement_loses_nothing(tmp_path: Path, github: GitHubApi, die_at: int) -> None:
    survive(Stage(str(tmp_path / "state.db"), tmp_path, github), die_at, statements=True)


@pytest.mark.parametrize("die_at", range(2, _STEPS, 3))
def test_a_later_pass_killed_at_any_step_loses_nothing(tmp_path: Path, github: GitHubApi, die_at: int) -> None:
    stage = Stage(str(tmp_path / "state.db"), tmp_path, github)
    assert stage.run(1) == 0
    stage.show(_FIRST + _SECOND)
    stage.run(10, die_at=die_at)
    assert stage.run_when_free(20) == 0
    assert stage.run(30) == 0
    stage.check()
