"""Who calls: a person or an app, and what it may do in the repository."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import Any

__all__ = ["Account", "Role"]


class Role(enum.IntEnum):
    """Roles of a repository, https://docs.github.com/en/organizations (repository roles), in rising order."""

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3


@dataclass(frozen=True, slots=True)
class Account:
    """An account and its token.

    Args:
        login: Its name; an app's ends in ``[bot]``.
        token: What it authenticates with.
        role: What it may do. Who may only read may open issues and comment, but sets no label and closes only its own.
        app: The token is an app's installation token, as ``GITHUB_TOKEN`` of GitHub Actions is: ``GET /user`` refuses.
    """

    login: str
    token: str
    role: Role = Role.WRITE
    app: bool = False

    def as_json(self) -> dict[str, Any]:
        """The "simple user" of the API."""
        return {"login": self.login, "id": sum(map(ord, self.login)), "type": "Bot" if self.app else "User"}
