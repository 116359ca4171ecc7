"""What each address answers: https://docs.github.com/en/rest/issues, as far as issues and comments need it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tests.github.accounts import Account, Role

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.github.store import Issue, Store

__all__ = ["Answer", "Refusal", "Request", "Routes"]

_TITLE = 256
_BODY = 65_536


@dataclass(frozen=True, slots=True)
class Request:
    """One call, decoded."""

    method: str
    path: str
    query: Mapping[str, str]
    body: Any
    account: Account


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back; ``items`` is a listing that is still to be cut into pages."""

    status: int = 200
    data: Any = None
    items: list[Any] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class Refusal(Exception):  # noqa: N818 (what the API says no to is no error of the test server)
    """An answer of 4xx."""

    def __init__(self, status: int, message: str, *errors: dict[str, str], headers: Mapping[str, str] = {}) -> None:
        super().__init__(message)
        data: dict[str, Any] = {"message": message, "documentation_url": "https://docs.github.com/rest"}
        if errors:
            data["errors"] = list(errors)
        self.answer = Answer(status, {**data, "status": str(status)}, headers=headers)


class Routes:
    """One repository.

    Args:
        store: What it holds.
        repository: ``owner/name``.
        root: URL of the API.
        moved_from: A former ``owner/name``, answered with a redirection.
        lag: Seconds until a new issue stands in listings.
        search_lag: Seconds until a new issue is found by searching.
        has_issues: Issues are enabled.
    """

    def __init__(
        self,
        store: Store,
        repository: str,
        root: str,
        *,
        moved_from: str = "",
        lag: float = 0.0,
        search_lag: float = 60.0,
        has_issues: bool = True,
    ) -> None:
        self._store = store
        self._repository = repository
        self._root = root
        self._moved_from = moved_from
        self._lag = lag
        self._search_lag = search_lag
        self._has_issues = has_issues

    def answer(self, request: Request) -> Answer:
        """Answer one call.

        Raises:
            Refusal: The API says no.
        """
        match request.method, request.path.strip("/").split("/"):
            case "GET", ["user"]:
                return self._user(request)
            case "POST", ["graphql"]:
                return self._graphql(request)
            case "GET", ["search", "issues"]:
                return self._search(request)
            case "GET", ["repositories", "1"]:
                return self._described(request.account)
            case method, ["repos", owner, name, *rest]:
                full_name = f"{owner}/{name}"
                if self._moved_from and full_name == self._moved_from:
                    there = "/".join([f"{self._root}/repositories/1", *rest])
                    status = 301 if method == "GET" else 307
                    raise Refusal(status, "Moved Permanently", headers={"Location": there})
                if full_name != self._repository or request.account.role is Role.NONE:
                    raise Refusal(404, "Not Found")
                return self._in_repository(request, rest)
        raise Refusal(404, "Not Found")

    def _in_repository(self, request: Request, rest: list[str]) -> Answer:  # noqa: PLR0911 (one a route)
        if rest and not self._has_issues:
            raise Refusal(410, "Issues has been disabled in this repository.")
        match request.method, rest:
            case "GET", []:
                return self._described(request.account)
            case "GET", ["issues"]:
                return self._list(request)
            case "POST", ["issues"]:
                return self._create(request)
            case "GET", ["issues", number]:
                return Answer(200, self._issue(number).as_json(self._here))
            case "PATCH", ["issues", number]:
                return self._edit(request, self._issue(number))
            case "GET", ["issues", number, "comments"]:
                since = _seconds(request.query.get("since", ""))
                comments = [comment for comment in self._issue(number).comments if comment.created >= since]
                return Answer(items=[comment.as_json(self._here) for comment in comments])
            case "POST", ["issues", number, "comments"]:
                return self._comment(request, self._issue(number))
        raise Refusal(404, "Not Found")

    @property
    def _here(self) -> str:
        return f"{self._root}/repos/{self._repository}"

    def _user(self, request: Request) -> Answer:
        if request.account.app:
            raise Refusal(403, "Resource not accessible by integration")
        return Answer(200, {**request.account.as_json(), "url": f"{self._root}/users/{request.account.login}"})

    def _graphql(self, request: Request) -> Answer:
        query = " ".join(str(request.body.get("query", "")).split()) if isinstance(request.body, dict) else ""
        if re.fullmatch(r"(query )?\{ ?viewer ?\{ ?login ?\} ?\}", query):
            return Answer(200, {"data": {"viewer": {"login": request.account.login}}})
        return Answer(200, {"errors": [{"message": "not understood by this server"}]})

    def _described(self, account: Account) -> Answer:
        owner, name = self._repository.split("/")
        shown = {
            "id": 1,
            "name": name,
            "full_name": self._repository,
            "owner": {"login": owner},
            "url": self._here,
            "has_issues": self._has_issues,
            "archived": False,
            "permissions": {"pull": True, "triage": account.role >= Role.TRIAGE, "push": account.role >= Role.WRITE},
        }
        return Answer(200, shown)

    def _issue(self, number: str) -> Issue:
        if number.isdigit() and int(number) in self._store.deleted:
            raise Refusal(410, "This issue was deleted")
        issue = self._store.issues.get(int(number)) if number.isdigit() else None
        if issue is None:
            raise Refusal(404, "Not Found")
        return issue

    def _list(self, request: Request) -> Answer:
        query = request.query
        issues = self._store.listed(
            state=query.get("state", "open"),
            labels=[label for label in query.get("labels", "").split(",") if label],
            creator=query.get("creator", ""),
            since=_seconds(query.get("since", "")),
            lag=self._lag,
        )
        if query.get("direction", "desc") == "desc":
            issues.reverse()
        return Answer(items=[issue.as_json(self._here) for issue in issues])

    def _search(self, request: Request) -> Answer:
        words = [word for word in request.query.get("q", "").split() if ":" not in word]
        found = [
            issue.as_json(self._here)
            for issue in self._store.listed(state="all", labels=[], lag=self._search_lag)
            if all(word in issue.body or word in issue.title for word in words)
        ]
        return Answer(200, {"total_count": len(found), "incomplete_results": False, "items": found})

    def _create(self, request: Request) -> Answer:
        title, body = _text(request.body, "title", _TITLE), _text(request.body, "body", _BODY, blank=True)
        labels = [str(label) for label in request.body.get("labels", [])]
        if request.account.role < Role.TRIAGE:
            labels = []
        issue = self._store.open(request.account, title, body, labels)
        shown = issue.as_json(self._here)
        return Answer(201, shown, headers={"Location": shown["url"]})

    def _edit(self, request: Request, issue: Issue) -> Answer:
        if request.account.role < Role.TRIAGE and request.account != issue.author:
            raise Refusal(403, "Must have admin rights to Repository.")
        changes = request.body
        if "state" in changes:
            if changes["state"] not in ("open", "closed"):
                raise Refusal(422, "Validation Failed", _error("state", "invalid"))
            reason = changes.get("state_reason")
            if reason not in (None, "completed", "not_planned", "duplicate", "reopened"):
                raise Refusal(422, "Validation Failed", _error("state_reason", "invalid"))
            self._store.set_state(issue, changes["state"], reason)
        if "title" in changes:
            issue.title = _text(changes, "title", _TITLE)
        if "body" in changes:
            issue.body = _text(changes, "body", _BODY, blank=True)
        if "labels" in changes and request.account.role >= Role.TRIAGE:
            issue.labels = [str(label) for label in changes["labels"]]
        return Answer(200, issue.as_json(self._here))

    def _comment(self, request: Request, issue: Issue) -> Answer:
        if issue.locked and request.account.role < Role.WRITE:
            raise Refusal(403, "Unable to create comment because issue is locked.")
        body = _text(request.body, "body", _BODY)
        return Answer(201, self._store.comment(issue, request.account, body).as_json(self._here))


def _text(changes: Any, key: str, limit: int, *, blank: bool = False) -> str:
    if not isinstance(changes, dict):
        raise Refusal(400, "Problems parsing JSON")
    value = changes.get(key)
    if value is None and blank:
        return ""
    if not isinstance(value, str):
        raise Refusal(422, "Invalid request.\n\nFor 'properties/title', nil is not a string.")
    if not blank and not value.strip():
        raise Refusal(422, "Validation Failed", _error(key, "missing_field"))
    if len(value) > limit:
        message = f"{key} is too long (maximum is {limit} characters)"
        raise Refusal(422, "Validation Failed", {**_error(key, "custom"), "message": message})
    return value


def _error(name: str, code: str) -> dict[str, str]:
    return {"resource": "Issue", "field": name, "code": code}


def _seconds(text: str) -> float:
    return datetime.fromisoformat(text).timestamp() if text else 0.0
