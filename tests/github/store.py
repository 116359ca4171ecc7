"""What the repository holds: issues and their comments, as the API shows them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.github.accounts import Account

__all__ = ["Comment", "Issue", "Store"]


def _time(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class Comment:
    """A comment; times are seconds since the epoch."""

    id: int
    author: Account
    body: str
    created: float

    def as_json(self, root: str) -> dict[str, Any]:
        return {
            "id": self.id,
            "url": f"{root}/issues/comments/{self.id}",
            "html_url": f"https://github.test/comments/{self.id}",
            "user": self.author.as_json(),
            "body": self.body,
            "created_at": _time(self.created),
            "updated_at": _time(self.created),
        }


@dataclass(slots=True)
class Issue:
    """An issue, or a pull request, which the API lists among the issues."""

    number: int
    author: Account
    title: str
    body: str
    labels: list[str]
    created: float
    updated: float
    state: str = "open"
    state_reason: str | None = None
    closed: float | None = None
    locked: bool = False
    pull_request: bool = False
    comments: list[Comment] = field(default_factory=list)

    def as_json(self, root: str) -> dict[str, Any]:
        shown: dict[str, Any] = {
            "id": 10_000 + self.number,
            "number": self.number,
            "url": f"{root}/issues/{self.number}",
            "html_url": f"https://github.test/acme/app/{'pull' if self.pull_request else 'issues'}/{self.number}",
            "user": self.author.as_json(),
            "title": self.title,
            "body": self.body,
            "labels": [{"id": sum(map(ord, name)), "name": name} for name in self.labels],
            "state": self.state,
            "state_reason": self.state_reason,
            "locked": self.locked,
            "comments": len(self.comments),
            "created_at": _time(self.created),
            "updated_at": _time(self.updated),
            "closed_at": _time(self.closed),
        }
        if self.pull_request:
            shown["pull_request"] = {"url": f"{root}/pulls/{self.number}"}
        return shown


class Store:
    """Issues by number; every change happens under one lock, as in one database.

    Args:
        clock: Seconds since the epoch.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.lock = threading.RLock()
        self.issues: dict[int, Issue] = {}
        self.deleted: set[int] = set()
        self._next_comment = 1

    def open(self, author: Account, title: str, body: str, labels: list[str], *, pull_request: bool = False) -> Issue:
        """A new issue under the next number."""
        with self.lock:
            now = self.clock()
            number = max([0, *self.issues, *self.deleted]) + 1
            issue = Issue(number, author, title, body, labels, now, now, pull_request=pull_request)
            self.issues[number] = issue
            return issue

    def comment(self, issue: Issue, author: Account, body: str) -> Comment:
        """A new comment at the end."""
        with self.lock:
            comment = Comment(self._next_comment, author, body, self.clock())
            self._next_comment += 1
            issue.comments.append(comment)
            issue.updated = comment.created
            return comment

    def set_state(self, issue: Issue, state: str, reason: str | None = None) -> None:
        """Close or reopen."""
        with self.lock:
            now = self.clock()
            if state != issue.state:
                issue.closed = now if state == "closed" else None
            issue.state = state
            issue.state_reason = (reason or "completed") if state == "closed" else "reopened"
            issue.updated = now

    def delete(self, number: int) -> None:
        """As its owner deletes it: the number is never used again."""
        with self.lock:
            del self.issues[number]
            self.deleted.add(number)

    def listed(
        self, *, state: str = "open", labels: list[str], creator: str = "", since: float = 0.0, lag: float = 0.0
    ) -> list[Issue]:
        """Issues in order of creation, without those that are younger than ``lag`` seconds."""
        with self.lock:
            horizon = self.clock() - lag
            return [
                issue
                for issue in self.issues.values()
                if state in ("all", issue.state)
                and {label.lower() for label in labels} <= {label.lower() for label in issue.labels}
                and creator in ("", issue.author.login)
                and issue.updated >= int(since)
                and (not lag or issue.created <= horizon)
            ]
