"""What becomes of an issue: decided from what happened and from what stands on GitHub, without asking anyone."""

from __future__ import annotations

import enum
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec

from analyzer.publish import Kind
from analyzer.publish.markers import Markers

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analyzer.publish import Publication

__all__ = ["RemoteComment", "RemoteIssue", "Step", "decide", "delivered"]

_REFUSED = frozenset({"not_planned", "duplicate"})
"""Reasons for closing with which people say that they do not want to hear of it here."""


class RemoteIssue(msgspec.Struct, frozen=True, kw_only=True):
    """An issue as it stands on GitHub.

    Attributes:
        number: In its repository.
        url: What people open.
        markers: What a publisher, or who plays one, wrote into its body.
        author: Login.
        labels: Names.
        is_open: Or closed.
        reason: For closing: ``completed``, ``not_planned``, ``duplicate``; empty when it is open or nothing was said.
        closed_at: UTC; None when it is open.
    """

    number: int
    url: str
    markers: Markers
    author: str
    labels: tuple[str, ...]
    is_open: bool
    reason: str = ""
    closed_at: datetime | None = None


class RemoteComment(msgspec.Struct, frozen=True, kw_only=True):
    """A comment as it stands on GitHub; ``created_at`` is UTC."""

    author: str
    markers: Markers
    created_at: datetime


class Step(enum.Enum):
    """What to do about a publication."""

    NOTHING = "nothing"
    OPEN = "open"
    COMMENT = "comment"
    REOPEN = "reopen"
    CLOSE = "close"


def delivered(publication: Publication, issues: Iterable[RemoteIssue], comments: Iterable[RemoteComment]) -> bool:
    """Whether this very publication stands in one of our issues or comments."""
    markers = [*(issue.markers for issue in issues), *(comment.markers for comment in comments)]
    return any(publication.key in written.keys for written in markers)


def decide(
    publication: Publication, issue: RemoteIssue | None, comments: Sequence[RemoteComment], *, close_resolved: bool
) -> Step:
    """The step for a publication that is not delivered yet.

    Args:
        publication: What happened.
        issue: Our issue about the incident; None when there is none.
        comments: Our comments on it.
        close_resolved: An issue is closed when its incident is resolved.
    """
    if publication.kind is Kind.RESOLVED:
        if issue is None or not (issue.is_open or close_resolved):
            return Step.NOTHING
        return Step.CLOSE if close_resolved else Step.COMMENT
    if issue is None:
        return Step.OPEN
    if issue.is_open:
        told = publication.kind is Kind.ONGOING and _told_by(publication.run_id, issue, comments)
        return Step.NOTHING if told else Step.COMMENT
    return _about_closed(publication.kind, issue, comments)


def _about_closed(kind: Kind, issue: RemoteIssue, comments: Sequence[RemoteComment]) -> Step:
    """Failures go on or are back although people closed the issue."""
    if kind is not Kind.ONGOING and issue.reason not in _REFUSED:
        return Step.REOPEN
    if kind is Kind.ONGOING and issue.reason in _REFUSED:
        return Step.NOTHING
    # Said once after each closing: people may be waiting for the deploy of a fix, or have decided against one.
    closed = issue.closed_at
    told = closed is not None and any(c.created_at > closed and c.markers.keys for c in comments)
    return Step.NOTHING if told else Step.COMMENT


def _told_by(run_id: str, issue: RemoteIssue, comments: Iterable[RemoteComment]) -> bool:
    return any(run_id in written.runs for written in (issue.markers, *(comment.markers for comment in comments)))
