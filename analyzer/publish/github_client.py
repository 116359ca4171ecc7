"""The calls to GitHub that publishing needs, with waiting that ends and answers that are checked.

PyGithub signs in, connects, and tells errors apart. Its own retries are off: they sleep as long as GitHub asks, and
repeat a POST that may have taken effect. Its lists are not used: an answer that is no listing (an empty body, a proxy's
page) ends one of them as if it were the last page, and an issue on the pages after it would be opened again.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Literal, TypeVar

import msgspec

from analyzer.errors import PublishError
from analyzer.publish.github_errors import Verdict, judge_answer, judge_transport
from analyzer.publish.github_json import CommentJson, IssueJson, RepositoryJson, UserJson
from analyzer.publish.markers import markers_of
from analyzer.publish.plan import RemoteComment, RemoteIssue

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from github import Github
    from github.Requester import Requester

    from analyzer.publish.timing import Timing

__all__ = ["GitHubClient", "GitHubError", "UnknownOutcomeError"]

_T = TypeVar("_T")
_PAUSES = (1.0, 2.0, 4.0)
"""Seconds between attempts where GitHub does not say how long to wait."""
_COOLING = 60.0
"""Seconds in which no call is made after one that failed to the end."""
_FORBIDDEN = 403
_MISSING = (404, 410)
_NEXT = re.compile(r'<([^>]+)>; rel="next"')
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
        self._url = ""
        self._blocked_until = 0.0
        self._blocked_by = ""
        self._changed_at = -timing.pace

    def login(self) -> str:
        """The account that the token is of."""
        try:
            return self._call(lambda: _user(self._requester().requestJsonAndCheck("GET", "/user")[1]))
        except GitHubError as error:
            if error.status != _FORBIDDEN:
                raise
        # An app's token, as GitHub Actions has it, may not GET /user, but GraphQL tells it who it is.
        return self._call(lambda: _user(self._requester().graphql_query(_VIEWER, {})[1]["data"]["viewer"]))

    def issues(self, label: str, since: datetime | None = None) -> list[RemoteIssue]:
        """Every issue with a label, open or closed, the oldest first.

        Args:
            label: Its name.
            since: Only issues that changed since then, UTC.
        """
        parameters = {"state": "all", "labels": label, "sort": "created", "direction": "asc"}
        if since is not None:
            parameters["since"] = since.strftime("%Y-%m-%dT%H:%M:%SZ")
        # GitHub lists pull requests among the issues.
        return [_issue(issue) for issue in self._listed("/issues", parameters, IssueJson) if issue.pull_request is None]

    def issue(self, number: int) -> RemoteIssue | None:
        """One issue; None when it was deleted, moved or never there."""
        try:
            return _issue(self._one("GET", f"/issues/{number}", None, IssueJson))
        except GitHubError as error:
            if error.status in _MISSING:
                return None
            raise

    def comments(self, number: int) -> list[RemoteComment]:
        """Every comment on an issue, the oldest first."""
        return [_comment(comment) for comment in self._listed(f"/issues/{number}/comments", {}, CommentJson)]

    def create(self, title: str, body: str, labels: list[str]) -> RemoteIssue:
        """Open an issue.

        Raises:
            UnknownOutcomeError: It may have been opened.
        """
        return _issue(self._change("POST", "/issues", {"title": title, "body": body, "labels": labels}, IssueJson))

    def comment(self, number: int, body: str) -> None:
        """Comment on an issue.

        Raises:
            UnknownOutcomeError: The comment may be there.
        """
        self._change("POST", f"/issues/{number}/comments", {"body": body}, CommentJson)

    def set_state(self, number: int, state: Literal["open", "closed"], reason: str) -> None:
        """Close or reopen an issue; to do it twice changes nothing."""
        self._change("PATCH", f"/issues/{number}", {"state": state, "state_reason": reason}, IssueJson)

    def _requester(self) -> Requester:
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
                retry=None,
                seconds_between_requests=None,
                seconds_between_writes=None,
            )
        return self._github.requester

    def _place(self) -> str:
        """The repository's URL; calls to a former one would lose their query on the way to the present."""
        if not self._url:
            found = self._call(lambda: self._asked("GET", f"/repos/{self.repository}", {}, None, RepositoryJson))
            self._url, self.repository = found.url, found.full_name
        return self._url

    def _asked(self, verb: str, url: str, parameters: dict[str, str], body: object, kind: type[_T]) -> _T:
        _, data = self._requester().requestJsonAndCheck(verb, url, parameters=parameters, input=body)
        return msgspec.convert(data, kind)

    def _one(self, verb: str, path: str, body: object, kind: type[_T], *, repeatable: bool = True) -> _T:
        url = self._place() + path
        return self._call(lambda: self._asked(verb, url, {}, body, kind), repeatable=repeatable)

    def _listed(self, path: str, parameters: dict[str, str], kind: type[_T]) -> list[_T]:
        """Every page of a listing, by the links that lead from one to the next."""
        url, wanted = self._place() + path, {**parameters, "per_page": "100"}
        items: list[_T] = []
        seen: set[str] = set()
        while url:
            if url in seen:
                raise GitHubError("GitHub's pages lead round in a circle", hint="it is kept for the next pass")
            seen.add(url)
            page, url = self._call(functools.partial(self._page, url, wanted, kind))
            items += page
            wanted = {}
        return items

    def _page(self, url: str, parameters: dict[str, str], kind: type[_T]) -> tuple[list[_T], str]:
        headers, data = self._requester().requestJsonAndCheck("GET", url, parameters=parameters)
        link = _NEXT.search(str(headers.get("link", "")))
        return msgspec.convert(data, list[kind]), link[1] if link else ""  # type: ignore[valid-type]

    def _change(self, verb: str, path: str, body: object, kind: type[_T]) -> _T:
        """A call that changes something, not too soon after the last."""
        self._place()
        left = self._changed_at + self._timing.pace - self._timing.monotonic()
        if left > 0:
            self._timing.sleep(left)
        try:
            return self._one(verb, path, body, kind, repeatable=verb == "PATCH")
        finally:
            self._changed_at = self._timing.monotonic()

    def _call(self, call: Callable[[], _T], *, repeatable: bool = True) -> _T:
        """Call, and call again where that makes sense, until patience ends.

        Raises:
            UnknownOutcomeError: The call is not to be repeated and may have taken effect.
            GitHubError: It failed.
        """
        if self._timing.monotonic() < self._blocked_until:
            raise GitHubError(f"{self._blocked_by} a moment ago", hint="it is kept for the next pass")
        # Says it where the extra is missing, before anything of it is named.
        self._requester()
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


def _user(data: object) -> str:
    """A login; an answer that names nobody is not GitHub's, and without a name no issue would be known as ours."""
    return msgspec.convert(data, UserJson).login


def _issue(issue: IssueJson) -> RemoteIssue:
    return RemoteIssue(
        number=issue.number,
        url=issue.html_url,
        markers=markers_of(issue.body or ""),
        author=issue.user.login if issue.user else "",
        labels=tuple(label.name for label in issue.labels),
        is_open=issue.state == "open",
        reason=issue.state_reason or "",
        closed_at=issue.closed_at,
    )


def _comment(comment: CommentJson) -> RemoteComment:
    author = comment.user.login if comment.user else ""
    return RemoteComment(author=author, markers=markers_of(comment.body or ""), created_at=comment.created_at)
