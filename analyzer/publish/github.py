"""GitHub issues: one an incident, found again by a marker in its body, told what changes, never opened twice.

An issue is ours when our account wrote it and the fingerprint's marker stands in it; a stranger's copy of the marker
counts for nothing. Before an issue is opened, issues are listed once more (listings are consistent,
searches lag behind), and a call whose answer was lost is looked for and never repeated blindly: what cannot be found
then is left to the next pass.
"""

from __future__ import annotations

import importlib.util
import logging
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec

from analyzer.errors import ConfigError, PublishError
from analyzer.publish import Action, Publication, Receipt
from analyzer.publish.github_client import GitHubClient, GitHubError, UnknownOutcomeError
from analyzer.publish.issue_text import comment_body, issue_body, issue_labels, issue_title
from analyzer.publish.plan import RemoteComment, RemoteIssue, Step, decide, delivered
from analyzer.publish.timing import Timing

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from analyzer.settings import GitHubSettings

__all__ = ["GitHubPublisher", "github_publisher"]

_LOG = logging.getLogger(__name__)
_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+")
_TOKEN = re.compile(r"[!-~]+")
_NUMBER = re.compile(r"/issues/(\d{1,18})$")
_MARGIN = timedelta(days=1)
"""How far the clocks here and at GitHub may differ."""
_LABELS = 4
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_API = "https://api.github.com"


def github_publisher(
    settings: GitHubSettings,
    environment: Mapping[str, str],
    *,
    templates: str = "",
    timing: Timing | None = None,
) -> GitHubPublisher:
    """The publisher that the configuration and the environment describe; nothing is called yet.

    Args:
        settings: ``[publish.github]``.
        environment: For ``GITHUB_TOKEN``, ``GITHUB_REPOSITORY`` and ``GITHUB_API_URL``, as GitHub Actions sets them.
        templates: The user's folder of templates; empty for none.
        timing: How long it waits; None for what GitHub's documentation asks for.

    Raises:
        ConfigError: Something is missing or wrong, or PyGithub is not installed.
    """
    if importlib.util.find_spec("github") is None:
        raise ConfigError("publishing to GitHub needs PyGithub", hint="pip install 'loganalyze[github]'")
    token = environment.get("GITHUB_TOKEN", "").strip()
    if not _TOKEN.fullmatch(token):
        hint = "set it to a token with the permission Issues: read and write"
        wrong = "is not a token" if token else "is not set"
        raise ConfigError(f"GITHUB_TOKEN {wrong}, and publishing to GitHub needs one", hint=hint)
    repository = settings.repository or environment.get("GITHUB_REPOSITORY", "")
    if not _REPOSITORY.fullmatch(repository):
        message = f"the repository to publish to is {repository!r}" if repository else "no repository to publish to"
        raise ConfigError(message, hint="write repository = 'owner/name' under [publish.github]")
    _check_labels(settings.labels)
    api_url = (settings.api_url or environment.get("GITHUB_API_URL", "") or _API).rstrip("/")
    _check_url(api_url)
    return GitHubPublisher(GitHubClient(repository, token, api_url, timing or Timing()), settings, templates)


class GitHubPublisher:
    """Publishes to the issues of one repository; one object serves one pass.

    Args:
        client: The calls.
        settings: Labels, and what is closed.
        templates: The user's folder of templates; empty for none.
    """

    name = "github"

    def __init__(self, client: GitHubClient, settings: GitHubSettings, templates: str = "") -> None:
        self._client = client
        self._settings = settings
        self._templates = templates
        self._login = ""
        self._issues: dict[int, RemoteIssue] = {}
        self._listed_at: datetime | None = None
        self._unreachable: PublishError | None = None

    def publish(self, publication: Publication) -> Receipt:
        """Open, comment on, reopen or close the incident's issue, or find that it has been done.

        Raises:
            PublishError: GitHub refused, could not be reached, or asks to wait for longer than this pass may take.
        """
        issue, step = self._decided(publication)
        if issue is None:
            return self._open(publication) if step is Step.OPEN else Receipt("", Action.UNCHANGED)
        self._settle(publication.fingerprint)
        if step is Step.NOTHING:
            return Receipt(issue.url, Action.UNCHANGED)
        return self._tell(publication, issue, step)

    def describe(self, publication: Publication) -> str:
        """What :meth:`publish` would do. Reads what is on GitHub where it can and changes nothing."""
        title = issue_title(publication)
        place = f"github {self._client.repository}"
        try:
            issue, step = self._decided(publication)
        except PublishError as error:
            return f'{place}: open or update the issue "{title}" (not looked up: {error.message})'
        if issue is None:
            wanted = f'open "{title}" with labels {", ".join(issue_labels(publication, self._settings))}'
            return f"{place}: {wanted if step is Step.OPEN else 'nothing, there is no issue'}"
        words = {
            Step.NOTHING: "nothing new to tell on",
            Step.COMMENT: "comment on",
            Step.REOPEN: "reopen and comment on",
            Step.CLOSE: "close and comment on",
        }
        return f"{place}: {words[step]} {issue.url}"

    def _decided(self, publication: Publication) -> tuple[RemoteIssue | None, Step]:
        self._load()
        issue = self._found(publication)
        if issue is None:
            return None, decide(publication, None, (), close_resolved=self._settings.close_resolved)
        comments = self._own_comments(issue)
        if delivered(publication, self._about(publication.fingerprint), comments):
            return issue, Step.NOTHING
        return issue, decide(publication, issue, comments, close_resolved=self._settings.close_resolved)

    def _load(self) -> None:
        """List our issues, once a pass; what fails here would fail again for every publication."""
        if self._unreachable is not None:
            raise self._unreachable
        if self._listed_at is None:
            try:
                self._login = self._client.login()
                self._refresh()
            except PublishError as error:
                self._unreachable = error
                raise

    def _refresh(self) -> None:
        since = self._listed_at - _MARGIN if self._listed_at else None
        started = datetime.now(UTC)
        self._remember(self._client.issues(self._settings.labels[0], since))
        self._listed_at = started

    def _remember(self, issues: Iterable[RemoteIssue]) -> None:
        self._issues |= {issue.number: issue for issue in issues if self._is_ours(issue)}

    def _is_ours(self, written: RemoteIssue | RemoteComment) -> bool:
        return written.author.lower() == self._login.lower() != ""

    def _about(self, fingerprint: str) -> list[RemoteIssue]:
        """Our issues about an incident, the one to keep first: the oldest that is open."""
        ours = [issue for issue in self._issues.values() if issue.markers.fingerprint == fingerprint]
        return sorted(ours, key=lambda issue: (not issue.is_open, issue.number))

    def _found(self, publication: Publication) -> RemoteIssue | None:
        about = self._about(publication.fingerprint)
        number = _NUMBER.search(publication.reference)
        if not about and number:
            # It may have lost the label that listings go by.
            issue = self._client.issue(int(number[1]))
            self._remember([issue] if issue is not None else [])
            about = self._about(publication.fingerprint)
        return about[0] if about else None

    def _own_comments(self, issue: RemoteIssue) -> list[RemoteComment]:
        return [comment for comment in self._client.comments(issue.number) if self._is_ours(comment)]

    def _open(self, publication: Publication) -> Receipt:
        self._refresh()
        issue = self._found(publication)
        if issue is not None:
            # Another pass opened it since this one began.
            return self.publish(publication)
        labels = issue_labels(publication, self._settings)
        body = issue_body(publication, self._settings, self._templates)
        try:
            issue = self._client.create(issue_title(publication), body, labels)
        except UnknownOutcomeError as error:
            issue = self._lost(publication, error)
        if labels[0] not in issue.labels:
            _LOG.warning("%s did not get its labels: the token's account may not set them", issue.url)
        self._remember([issue])
        return self._settled(publication, issue)

    def _lost(self, publication: Publication, error: UnknownOutcomeError) -> RemoteIssue:
        """The issue whose opening got no answer, if it is there."""
        self._refresh()
        issue = self._found(publication)
        if issue is None:
            raise GitHubError(error.message, hint="it is kept for the next pass", status=error.status) from error
        return issue

    def _settled(self, publication: Publication, issue: RemoteIssue) -> Receipt:
        """Look once more whether another pass opened an issue at the same time."""
        try:
            self._refresh()
            first = self._settle(publication.fingerprint)
        except PublishError as error:
            _LOG.warning("%s is open, but was not compared with others: %s", issue.url, error.message)
            first = issue
        return Receipt(first.url, Action.CREATED if first.number == issue.number else Action.UNCHANGED)

    def _settle(self, fingerprint: str) -> RemoteIssue:
        """Close all of an incident's open issues but the oldest, which is returned.

        GitHub has no way to open an issue only if there is none, so two passes at the same time may both open one.
        """
        first, *others = self._about(fingerprint)
        for twin in others:
            if twin.is_open:
                self._client.set_state(twin.number, "closed", "not_planned")
                self._remember([msgspec.structs.replace(twin, is_open=False, reason="not_planned")])
                self._client.comment(twin.number, f"Duplicate of #{first.number}, opened at the same time.")
        return first

    def _tell(self, publication: Publication, issue: RemoteIssue, step: Step) -> Receipt:
        """Change the state first: the comment's marker says that all was done."""
        body = comment_body(publication, self._settings, self._templates, reopened=step is Step.REOPEN)
        action = Action.COMMENTED
        if step is Step.REOPEN:
            self._client.set_state(issue.number, "open", "reopened")
            action = Action.REOPENED
        elif step is Step.CLOSE:
            self._client.set_state(issue.number, "closed", "completed")
            action = Action.CLOSED
        try:
            self._client.comment(issue.number, body)
        except UnknownOutcomeError as error:
            if not delivered(publication, (), self._own_comments(issue)):
                raise GitHubError(error.message, hint="it is kept for the next pass", status=error.status) from error
        return Receipt(issue.url, action)


def _check_labels(labels: tuple[str, ...]) -> None:
    if not 1 <= len(labels) <= _LABELS:
        raise ConfigError(f"publish.github.labels holds {len(labels)} labels", hint=f"write one to {_LABELS}")
    first = labels[0].strip()
    if not first or first != labels[0] or "," in first or "{" in first:
        hint = "issues are found by it: write a fixed name without a comma"
        raise ConfigError(f"the first of publish.github.labels is {labels[0]!r}", hint=hint)


def _check_url(url: str) -> None:
    """A token is sent there, so not over a network in the clear."""
    try:
        parts = urlsplit(url)
        host, port_is_valid = parts.hostname or "", parts.port is None or parts.port > 0
    except ValueError:
        host, port_is_valid = "", False
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in _LOCAL) if host else False
    if not (safe and port_is_valid) or "@" in url or parts.query or parts.fragment:
        hint = "write https://api.github.com, or https://HOST/api/v3 for GitHub Enterprise"
        raise ConfigError("the API address of GitHub is not one that a token may be sent to", hint=hint)
