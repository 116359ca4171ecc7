"""The words of an issue: its title, its body, a comment, its labels; each within GitHub's limits and safe there.

GitHub takes titles of 256 and bodies of 65,536 characters. A title is plain text; in a body, log text stands in code
spans and fences only (see :mod:`analyzer.safe`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

import msgspec

from analyzer.errors import PublishError, TemplateError
from analyzer.publish import Kind, Publication
from analyzer.publish.markdown import cut, section
from analyzer.publish.markers import delivery_marker, fingerprint_marker
from analyzer.safe import SafeText, visible

if TYPE_CHECKING:
    from analyzer.settings import GitHubSettings

__all__ = ["IssueView", "comment_body", "issue_body", "issue_labels", "issue_title"]

_TITLE = 256
_BODY = 65_536
_PART = 6_000
"""Characters of a section of the debug log that an issue repeats at its top."""
_DEBUG_LOG = 30_000
"""Characters of the debug log in an issue: with the parts and our own words it stays below GitHub's limit."""
_LABELS = 4
_LABEL = 50
_LIVE = re.compile(r"@(?=\w)|#(?=\w)|\bGH-(?=\d)|:(?=//)|\bwww\.", re.IGNORECASE)


class IssueView(msgspec.Struct, frozen=True, kw_only=True):
    """What ``issue.md.j2`` and ``issue-comment.md.j2`` see as ``issue``.

    Attributes:
        publication: What is told.
        impact: Sections of the debug log that the issue repeats; empty where the debug log has no such heading.
        problem: The same.
        symptoms: The same.
        coverage: The same.
        debug_log: The debug log, cut where it is too long.
        is_cut: It was too long.
        debug_log_url: Where it can be read in whole; empty when that is not known.
        reopened: The issue was closed and is open again.
    """

    publication: Publication
    impact: SafeText
    problem: SafeText
    symptoms: SafeText
    coverage: SafeText
    debug_log: SafeText
    is_cut: bool
    debug_log_url: str
    reopened: bool = False


def issue_title(publication: Publication) -> str:
    """``[TYPE] impact``: one line of plain text in which nothing mentions, refers or links.

    GitHub shows backticks in titles as code and everything else as it is; mails and chats that quote titles do more.
    """
    line = " ".join(visible(publication.title).replace("`", "").split())
    inert = _LIVE.sub(lambda found: found[0] + " ", line)
    title = f"[{publication.category.upper()}] {inert}"
    return title if len(title) <= _TITLE else title[: _TITLE - 1].rstrip() + "…"


def issue_body(publication: Publication, settings: GitHubSettings, templates: str) -> str:
    """The body of a new issue, its markers first.

    Args:
        publication: What it is about.
        settings: Where debug logs can be read.
        templates: The user's folder of templates; empty for none.

    Raises:
        PublishError: A user's template cannot be rendered.
    """
    marker = f"{fingerprint_marker(publication.fingerprint)}\n{delivery_marker(publication.key, publication.run_id)}"
    return _rendered("issue.md.j2", marker, _view(publication, settings), templates)


def comment_body(publication: Publication, settings: GitHubSettings, templates: str, *, reopened: bool = False) -> str:
    """A comment that tells what changed, its marker first.

    Args:
        publication: What changed.
        settings: Where debug logs can be read.
        templates: The user's folder of templates; empty for none.
        reopened: The issue was closed and is open again.

    Raises:
        PublishError: A user's template cannot be rendered.
    """
    view = _view(publication, settings, reopened=reopened)
    return _rendered("issue-comment.md.j2", delivery_marker(publication.key, publication.run_id), view, templates)


def issue_labels(publication: Publication, settings: GitHubSettings) -> list[str]:
    """Four labels at most: the configured ones first, then the publication's."""
    first, *others = settings.labels
    values = {"priority": publication.priority, "severity": publication.severity, "category": publication.category}
    filled = [first, *(_filled(label, values) for label in (*others, *publication.labels))]
    return list(dict.fromkeys(label[:_LABEL] for label in filled if label))[:_LABELS]


def _filled(label: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        label = label.replace(f"{{{name}}}", value)
    return label


def _view(publication: Publication, settings: GitHubSettings, *, reopened: bool = False) -> IssueView:
    body = publication.body
    folder = settings.debug_logs.rstrip("/")
    return IssueView(
        publication=publication,
        impact=cut(section(body, "Business Impact"), _PART),
        problem=cut(section(body, "Primary Problem"), _PART),
        symptoms=cut(section(body, "Error Symptoms"), _PART),
        coverage=cut(section(body, "Coverage", deep=False), _PART),
        debug_log=cut(body, _DEBUG_LOG),
        is_cut=len(body) > _DEBUG_LOG,
        debug_log_url=f"{folder}/{quote(publication.file_name)}" if folder else "",
        reopened=reopened,
    )


def _rendered(template: str, marker: str, view: IssueView, templates: str) -> str:
    from analyzer.report.templates import Markup, render  # noqa: PLC0415 (brings Jinja)

    context = {"issue": view, "publication": view.publication, "kinds": Kind}
    try:
        text = render(template, Markup.MARKDOWN, templates, context)
    except TemplateError as error:
        raise PublishError(error.message, hint=error.hint) from error
    return f"{marker}\n\n{cut(text.strip(), _BODY - len(marker) - 2)}"
