"""The parts of GitHub's answers that publishing reads: https://docs.github.com/en/rest/issues.

They are strict on purpose: an answer without them is not GitHub's, and is not taken for "there is no issue".
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

__all__ = ["CommentJson", "IssueJson", "LabelJson", "RepositoryJson", "UserJson"]

_Name = Annotated[str, msgspec.Meta(min_length=1)]


class UserJson(msgspec.Struct, frozen=True):
    """Who wrote something, or who asks."""

    login: _Name


class LabelJson(msgspec.Struct, frozen=True):
    """A label of an issue."""

    name: str


class RepositoryJson(msgspec.Struct, frozen=True):
    """A repository under its present name."""

    full_name: _Name
    url: _Name


class IssueJson(msgspec.Struct, frozen=True):
    """An issue, or a pull request; the author is null when the account was deleted."""

    number: int
    html_url: str
    state: str
    labels: list[LabelJson]
    user: UserJson | None
    body: str | None = None
    state_reason: str | None = None
    closed_at: datetime | None = None
    pull_request: dict[str, object] | None = None


class CommentJson(msgspec.Struct, frozen=True):
    """A comment on an issue."""

    created_at: datetime
    user: UserJson | None
    body: str | None = None
