"""The calls to GitHub that publishing needs, through PyGithub, with waiting that ends.

PyGithub's own retries are off: they sleep as long as GitHub asks, and they repeat a POST that may have taken effect.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeVar

from analyzer.errors import PublishError
from analyzer.publish.github_errors import Verdict, judge_answer, judge_transport
from analyzer.publish.markers import markers_of
from analyzer.publish.plan import RemoteComment, RemoteIssue

if TYPE_CHECKING:
    from collections.abc import Callable

    from github import Github
    from github.Issue import Issue
    from github.IssueComment import IssueComment
    from github.Repository import Repository

    from analyzer.publish.timing import Timing

__all__ = ["GitHubClient", "GitHubError", "UnknownOutcomeError"]

_T = TypeVar("_T")
_PAUSES = (1.0, 2.0, 4.0)
"""Seconds between attempts where GitHub does not say how long to wait."""
_COOLING = 60.0
"""Seconds in which no call is made after one that failed to the end."""
_FORBIDDEN = 403
_MISSING = (404, 410)
_VIEWER = "query { viewer { login } }"
_OTHER_ANSWERS = (AssertionError, RuntimeError, ValueError, LookupError, TypeError, AttributeError)
"""What PyGithub raises when the answer is not GitHub's: a proxy's page, half a page, a redirection elsewhere."""


class GitHubError(PublishError):
    """A call to GitHub failed.

    Args:
        message: What is wrong.
        hint: What to do about it.
        status: HTTP status of the answer; 0 when there was none.
    """

    def __init__(self, message: str, *, hint: str = "", status: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class UnknownOutcomeError(GitHubError):
    """A call that changes something failed in a way that does not tell whether it took effect."""


class _FailedError(Exception):
    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.message)
        self.verdict = verdict


class GitHubClient:
    """One repository's issues, over one connection.

    Args:
        repository: ``owner/name``; a former name is followed to the present one.
        token: Never printed.
        api_url: ``https://api.github.com``.
        timing: How long it waits.
    """

    def __init__(self, repository: str, token: str, api_url: str, timing: Timing) -> None:
        self.repository = repository
        self._token = token
        self._api_url = api_url
        self._timing = timing
        self._github: Github | None = None
        self._repository: Repository | None = None
        self._blocked_until = 0.0
        self._blocked_by = ""
        self._changed_at = -timing.pace

    def login(self) -> str:
        """The account that the token is of."""
        client = self._connected()
        try:
            return self._call(lambda: client.get_user().login)
        except GitHubError as error:
            if error.status != _FORBIDDEN:
                raise
        # An app's token, as GitHub Actions has it, may not GET /user, but GraphQL tells it who it is.
        requester = client.requester
        return self._call(lambda: str(requester.graphql_query(_VIEWER, {})[1]["data"]["viewer"]["login"]))

    def issues(self, label: str, since: datetime | None = None) -> list[RemoteIssue]:
        """Every issue with a label, open or closed, the oldest first.

        Args:
            label: Its name.
            since: Only issues that changed since then, UTC.
        """
        repository = self._opened()
        listing = (
            repository.get_issues(state="all", labels=[label], sort="created", direction="asc")
            if since is None
            else repository.get_issues(state="all", labels=[label], sort="created", direction="asc", since=since)
        )
        # The list keeps the pages it has, so a repetition goes on at the page that failed.
        found = self._call(lambda: list(listing))
        return [_issue(issue) for issue in found if not _is_pull_request(issue)]

    def issue(self, number: int) -> RemoteIssue | None:
        """One issue; None when it was deleted, moved or never there."""
        repository = self._opened()
        try:
            return self._call(lambda: _issue(repository.get_issue(number)))
        except GitHubError as error:
            if error.status in _MISSING:
                return None
            raise

    def comments(self, number: int) -> list[RemoteComment]:
        """Every comment on an issue, the oldest first."""
        listing = self._opened().get_issue(number).get_comments()
        return [_comment(comment) for comment in self._call(lambda: list(listing))]

    def create(self, title: str, body: str, labels: list[str]) -> RemoteIssue:
        """Open an issue.

        Raises:
            UnknownOutcomeError: It may have been opened.
        """
        repository = self._opened()
        return self._change(lambda: _issue(repository.create_issue(title=title, body=body, labels=labels)))

    def comment(self, number: int, body: str) -> None:
        """Comment on an issue.

        Raises:
            UnknownOutcomeError: The comment may be there.
        """
        issue = self._opened().get_issue(number)
        self._change(lambda: issue.create_comment(body))

    def set_state(self, number: int, state: Literal["open", "closed"], reason: str) -> None:
        """Close or reopen an issue; to do it twice changes nothing."""
        issue = self._opened().get_issue(number)
        self._change(lambda: issue.edit(state=state, state_reason=reason), repeatable=True)

    def _connected(self) -> Github:
        if self._github is None:
            try:
                import github  # noqa: PLC0415 (an extra, and only this publisher needs it)
            except ImportError as error:
                message = "publishing to GitHub needs PyGithub"
                raise PublishError(message, hint="pip install 'loganalyze[github]'") from error
            self._github = github.Github(
                auth=github.Auth.Token(self._token),
                base_url=self._api_url,
                timeout=self._timing.timeout,
                user_agent="loganalyze",
                per_page=100,
                retry=None,
                # An object then asks GitHub only when it is asked for what it does not hold.
                lazy=True,
                seconds_between_requests=None,
                seconds_between_writes=None,
            )
        return self._github

    def _opened(self) -> Repository:
        """The repository under its present name: calls to a former one would lose their query on the way."""
        if self._repository is None:
            client = self._connected()
            repository = client.get_repo(self.repository)
            # Its id is not known yet, so this asks, and brings its present name along.
            self._call(lambda: repository.id)
            self.repository = repository.full_name
            self._repository = repository
        return self._repository

    def _change(self, call: Callable[[], _T], *, repeatable: bool = False) -> _T:
        """A call that changes something, not too soon after the last."""
        left = self._changed_at + self._timing.pace - self._timing.monotonic()
        if left > 0:
            self._timing.sleep(left)
        try:
            return self._call(call, repeatable=repeatable)
        finally:
            self._changed_at = self._timing.monotonic()

    def _call(self, call: Callable[[], _T], *, repeatable: bool = True) -> _T:
        """Call, and call again where that makes sense, until patience ends.

        Raises:
            UnknownOutcomeError: The call is not to be repeated and may have taken effect.
            GitHubError: It failed.
        """
        self._refuse_while_blocked()
        deadline = self._timing.monotonic() + self._timing.patience
        for pause in (*_PAUSES, None):
            try:
                return _attempt(call, self._timing.now)
            except _FailedError as error:
                self._timing.sleep(self._wait(error, pause, deadline, repeatable=repeatable))
        raise AssertionError

    def _wait(self, error: _FailedError, pause: float | None, deadline: float, *, repeatable: bool) -> float:
        """Seconds until the next attempt; raises where there is to be none."""
        verdict = error.verdict
        if verdict.taken and not repeatable:
            raise UnknownOutcomeError(verdict.message, status=verdict.status) from error.__cause__
        if verdict.wait is None:
            raise GitHubError(verdict.message, hint=verdict.hint, status=verdict.status) from error.__cause__
        wait = verdict.wait if verdict.limited else (pause or 0.0)
        if pause is None or self._timing.monotonic() + wait > deadline:
            self._blocked_until = self._timing.monotonic() + (wait if verdict.limited else _COOLING)
            self._blocked_by = verdict.message
            words = f"{verdict.message}; try again in {wait:.0f} s" if verdict.limited else verdict.message
            hint = verdict.hint or "it is kept for the next pass"
            raise GitHubError(words, hint=hint, status=verdict.status) from error.__cause__
        return wait

    def _refuse_while_blocked(self) -> None:
        if self._timing.monotonic() < self._blocked_until:
            raise GitHubError(f"{self._blocked_by} a moment ago", hint="it is kept for the next pass")


def _attempt(call: Callable[[], _T], now: Callable[[], float]) -> _T:
    import github  # noqa: PLC0415 (the extra)
    import requests  # noqa: PLC0415 (comes with it)

    try:
        return call()
    except github.GithubException as error:
        raise _FailedError(judge_answer(error, now())) from error
    except requests.exceptions.RequestException as error:
        raise _FailedError(judge_transport(error)) from error
    except _OTHER_ANSWERS as error:
        message = "what answered is not GitHub's API"
        raise _FailedError(Verdict(message=message, hint="check GITHUB_API_URL", wait=0.0, taken=True)) from error


def _is_pull_request(issue: Issue) -> bool:
    """GitHub lists them among the issues. To ask for ``pull_request``, which an issue lacks, would fetch each one."""
    return issue.html_url.split("/")[-2] == "pull"


def _issue(issue: Issue) -> RemoteIssue:
    return RemoteIssue(
        number=issue.number,
        url=issue.html_url,
        markers=markers_of(issue.body or ""),
        author=issue.user.login if issue.user else "",
        labels=tuple(label.name for label in issue.labels),
        is_open=issue.state == "open",
        reason=issue.state_reason or "",
        closed_at=_utc(issue.closed_at) if issue.closed_at else None,
    )


def _comment(comment: IssueComment) -> RemoteComment:
    author = comment.user.login if comment.user else ""
    return RemoteComment(author=author, markers=markers_of(comment.body or ""), created_at=_utc(comment.created_at))


def _utc(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
