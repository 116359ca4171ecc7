"""The server behaves as the real API in what the publisher relies on."""

from __future__ import annotations

import http.client
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.github import Account, Fault, GitHubApi
from tests.github.accounts import Role

ISSUES = "/repos/acme/app/issues"


def call(
    api: GitHubApi, method: str, target: str, body: Any = None, token: str = ""
) -> tuple[int, dict[str, str], Any]:
    connection = http.client.HTTPConnection(urlsplit(api.url).netloc, timeout=5)
    try:
        headers = {"Authorization": f"token {token or api.accounts[0].token}"}
        connection.request(method, target, json.dumps(body) if body is not None else None, headers)
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, json.loads(response.read())
    finally:
        connection.close()


def test_listings_come_in_pages_with_links_and_open_issues_only_unless_asked() -> None:
    with GitHubApi() as api:
        for number in range(7):
            api.store.open(api.accounts[0], f"t{number}", "", ["a"] if number % 2 else ["a", "b"])
        api.store.set_state(api.issues[0], "closed")
        status, headers, first = call(api, "GET", f"{ISSUES}?per_page=4")
        assert (status, [issue["title"] for issue in first]) == (200, ["t6", "t5", "t4", "t3"])
        assert headers["link"] == (
            f'<{api.url}{ISSUES}?per_page=4&page=2>; rel="next", <{api.url}{ISSUES}?per_page=4&page=2>; rel="last"'
        )
        _, headers, second = call(api, "GET", f"{ISSUES}?per_page=4&page=2")
        assert [issue["title"] for issue in second] == ["t2", "t1"]
        assert 'rel="prev"' in headers["link"]
        _, headers, both = call(api, "GET", f"{ISSUES}?state=all&labels=a,B&direction=asc")
        assert [issue["title"] for issue in both] == ["t0", "t2", "t4", "t6"]
        assert "link" not in headers


def test_a_search_lags_behind_and_a_listing_does_not() -> None:
    with GitHubApi() as api:
        call(api, "POST", ISSUES, {"title": "needle"})
        assert call(api, "GET", "/search/issues?q=needle")[2]["total_count"] == 0
        assert len(call(api, "GET", ISSUES)[2]) == 1


def test_labels_of_who_may_not_set_them_are_dropped_without_a_word() -> None:
    with GitHubApi([Account("reader", "t", Role.READ)]) as api:
        status, _, issue = call(api, "POST", ISSUES, {"title": "x", "labels": ["a"]})
        assert (status, issue["labels"]) == (201, [])


@pytest.mark.parametrize(
    ("method", "target", "body", "status", "message"),
    [
        ("GET", "/repos/acme/other", None, 404, "Not Found"),
        ("GET", f"{ISSUES}/9", None, 404, "Not Found"),
        ("POST", ISSUES, {"title": "x" * 257}, 422, "title is too long (maximum is 256 characters)"),
        ("POST", ISSUES, {"title": "x", "body": "x" * 65_537}, 422, "body is too long (maximum is 65536 characters)"),
        ("POST", ISSUES, {"title": " "}, 422, "missing_field"),
        ("POST", ISSUES, {}, 422, "nil is not a string"),
        ("POST", ISSUES, [], 400, "Problems parsing JSON"),
        ("PATCH", f"{ISSUES}/1", {"state": "gone"}, 422, "invalid"),
        ("PATCH", f"{ISSUES}/1", {"state": "closed", "state_reason": "tired"}, 422, "invalid"),
        ("POST", f"{ISSUES}/1/comments", {"body": ""}, 422, "missing_field"),
        ("DELETE", ISSUES, None, 501, ""),
    ],
)
def test_what_github_refuses_is_refused_in_its_words(
    method: str, target: str, body: Any, status: int, message: str
) -> None:
    with GitHubApi() as api:
        api.store.open(api.accounts[0], "first", "", [])
        if status == 501:
            with pytest.raises(json.JSONDecodeError):
                call(api, method, target, body)
            return
        got, _, said = call(api, method, target, body)
        assert got == status
        assert message in json.dumps(said)


def test_a_wrong_token_and_an_apps_token_are_told_apart() -> None:
    with GitHubApi([Account("app[bot]", "t", app=True)]) as api:
        assert call(api, "GET", "/user", token="wrong")[0] == 401
        assert call(api, "GET", "/user")[0] == 403
        viewer = call(api, "POST", "/graphql", {"query": "{ viewer { login } }"})[2]
        assert viewer == {"data": {"viewer": {"login": "app[bot]"}}}
        assert "errors" in call(api, "POST", "/graphql", {"query": "mutation { x }"})[2]


def test_an_issue_is_changed_closed_and_reopened() -> None:
    with GitHubApi() as api:
        call(api, "POST", ISSUES, {"title": "x"})
        closed = call(api, "PATCH", f"{ISSUES}/1", {"state": "closed", "title": "y", "body": "b", "labels": ["c"]})[2]
        assert (closed["state_reason"], closed["title"], closed["labels"][0]["name"]) == ("completed", "y", "c")
        assert closed["closed_at"]
        opened = call(api, "PATCH", f"{ISSUES}/1", {"state": "open"})[2]
        assert (opened["state"], opened["state_reason"], opened["closed_at"]) == ("open", "reopened", None)


def test_limits_are_told_before_they_are_reached_and_when_they_are() -> None:
    now = [1_000_000.0]
    with GitHubApi(limits={"quota": 3, "window": 60, "content": 1}, clock=lambda: now[0]) as api:
        assert call(api, "GET", ISSUES)[1]["x-ratelimit-remaining"] == "2"
        assert call(api, "POST", ISSUES, {"title": "x"})[0] == 201
        status, headers, said = call(api, "POST", ISSUES, {"title": "y"})
        assert (status, headers["retry-after"]) == (403, "61")
        assert "secondary rate limit" in said["message"]
        status, headers, said = call(api, "GET", ISSUES)
        assert (status, headers["x-ratelimit-remaining"], headers["x-ratelimit-reset"]) == (403, "0", "1000060")
        now[0] += 60
        assert call(api, "GET", ISSUES)[0] == 200


def test_a_fault_hits_the_calls_it_names_before_the_effect_or_after_it() -> None:
    faults = [Fault.unavailable("GET", ISSUES, call=2), Fault.reset("POST"), Fault.lost_answer("POST", call=2)]
    with GitHubApi(faults=faults) as api:
        assert call(api, "GET", ISSUES)[0] == 200
        with pytest.raises(json.JSONDecodeError):
            call(api, "GET", ISSUES)
        for opened in (0, 1):
            with pytest.raises(ConnectionError):
                call(api, "POST", ISSUES, {"title": "x"})
            assert len(api.issues) == opened
        api.recover()
        assert call(api, "GET", ISSUES)[0] == 200
