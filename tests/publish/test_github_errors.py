from __future__ import annotations

import sys

import pytest
import requests

from analyzer.errors import PublishError
from analyzer.publish import Kind
from analyzer.publish.github_errors import judge_transport
from tests.github import Fault, GitHubApi
from tests.publish.publications import after, publication, publisher


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (requests.exceptions.SSLError("self-signed"), "GitHub cannot be reached: the certificate is refused"),
        (requests.exceptions.ProxyError("http://me:s3cret@proxy"), "GitHub cannot be reached: the proxy is refused"),
    ],
)
def test_what_waiting_does_not_mend_is_not_tried_again(error: requests.RequestException, message: str) -> None:
    verdict = judge_transport(error)
    assert (verdict.message, verdict.wait, verdict.taken) == (message, None, False)


def test_a_timeout_before_the_connection_is_no_call_that_took_effect() -> None:
    verdict = judge_transport(requests.exceptions.ConnectTimeout())
    assert (verdict.wait, verdict.taken) == (0.0, False)
    assert judge_transport(requests.exceptions.ReadTimeout()).taken


def test_a_retry_after_that_cannot_be_read_is_a_minute() -> None:
    with GitHubApi(faults=[Fault("POST", status=429, headers={"Retry-After": "soon"})]) as api:
        assert publisher(api).publish(publication()).reference


def test_an_issue_that_may_not_be_read_is_not_taken_for_deleted() -> None:
    reference = "https://github.test/acme/app/issues/7"
    with GitHubApi(faults=[Fault("GET", "/issues/7$", status=403, message="Resource not accessible")]) as api:
        with pytest.raises(PublishError, match="refused with 403: Resource not accessible") as caught:
            publisher(api).publish(after(publication(), Kind.ONGOING, reference=reference))
        assert "Issues: read and write" in caught.value.hint
        assert not api.issues


def test_pygithub_that_cannot_be_imported_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with GitHubApi() as api:
        ours = publisher(api)
        monkeypatch.setitem(sys.modules, "github", None)
        with pytest.raises(PublishError, match="needs PyGithub") as caught:
            ours.publish(publication())
    assert "loganalyze[github]" in caught.value.hint
