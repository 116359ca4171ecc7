"""A pass that is killed between a call to GitHub and its record."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from analyzer.publish import Action, Kind, Publication
from tests.github import Fault, GitHubApi
from tests.publish.publications import after, publication, publisher

NEW = publication()
ONGOING = after(NEW, Kind.ONGOING)
_CHILD = """
import os, sys
import msgspec
from analyzer.publish import Publication
from analyzer.publish.github import github_publisher
from analyzer.settings import GitHubSettings

github_publisher(GitHubSettings(), os.environ).publish(msgspec.json.decode(sys.stdin.buffer.read(), type=Publication))
"""


def start(api: GitHubApi, told: Publication) -> subprocess.Popen[bytes]:
    """A pass of its own, in a process of its own."""
    here = {"GITHUB_TOKEN": "ghp_test", "GITHUB_REPOSITORY": "acme/app", "GITHUB_API_URL": api.url}
    # The command is ours and its arguments are fixed.
    child = subprocess.Popen(  # noqa: S603
        [sys.executable, "-c", _CHILD],
        stdin=subprocess.PIPE,
        env={**os.environ, **here, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    assert child.stdin is not None
    child.stdin.write(msgspec.json.encode(told))
    child.stdin.close()
    return child


def kill(child: subprocess.Popen[bytes]) -> None:
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL


@pytest.mark.parametrize(("method", "path"), [("POST", "/issues$"), ("GET", r"/issues\?")])
def test_a_pass_that_dies_while_it_opens_an_issue_leaves_exactly_one(method: str, path: str) -> None:
    # Killed while it waits for the answer, or for the listing after it (the third).
    fault = Fault(method, path, after=True, hangs=True, call=1 if method == "POST" else 3)
    with GitHubApi(faults=[fault]) as api:
        child = start(api, NEW)
        api.wait_until(lambda: len(api.issues) == 1 and len(api.calls_of(method, "/issues")) == fault.call)
        kill(child)
        assert publisher(api).publish(NEW).action is Action.UNCHANGED
        assert publisher(api).publish(ONGOING).action is Action.COMMENTED
        assert len(api.issues) == 1


def test_a_pass_that_dies_while_it_comments_leaves_exactly_one_comment() -> None:
    with GitHubApi() as api:
        publisher(api).publish(NEW)
        api.break_down(Fault("POST", "/comments$", after=True, hangs=True))
        child = start(api, ONGOING)
        api.wait_until(lambda: len(api.issues[0].comments) == 1)
        kill(child)
        assert publisher(api).publish(ONGOING).action is Action.UNCHANGED
        assert len(api.issues[0].comments) == 1
