"""Everything that can go wrong between here and GitHub: no issue twice, none lost, no waiting without end."""

from __future__ import annotations

import itertools
import logging
import random
import threading
from email.utils import formatdate
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from analyzer.errors import PublishError
from analyzer.publish import Action, Kind, Receipt
from analyzer.publish.github import github_publisher
from analyzer.settings import GitHubSettings
from tests.github import Account, Fault, GitHubApi
from tests.github.accounts import Role
from tests.publish.publications import LABEL, Clock, after, publication, publisher

if TYPE_CHECKING:
    from analyzer.publish import Publication

NEW = publication()
ONGOING = after(NEW, Kind.ONGOING)
_OPENING = r"/issues$"
_COMMENTING = r"/comments$"
_LOST = {
    "reset": Fault.lost_answer("POST", _OPENING),
    "502": Fault("POST", _OPENING, after=True, status=502, text="<html>Bad Gateway</html>"),
    "timeout": Fault("POST", _OPENING, after=True, hangs=True),
    "half an answer": Fault("POST", _OPENING, after=True, status=201, text='{"number": 1, "ti'),
    "a proxy's page": Fault("POST", _OPENING, after=True, status=200, text="<html>please log in</html>"),
}


def until_done(api: GitHubApi, told: Publication, passes: int = 5) -> Receipt:
    """What the audit loop does: the same publication again, pass after pass, until there is a receipt."""
    for _ in range(passes):
        try:
            return publisher(api).publish(told)
        except PublishError:
            continue
    raise AssertionError("never delivered")


@pytest.mark.parametrize("fault", _LOST.values(), ids=_LOST)
def test_an_issue_whose_answer_was_lost_is_found_and_not_opened_twice(fault: Fault) -> None:
    with GitHubApi(faults=[fault]) as api:
        assert publisher(api).publish(NEW).action is Action.CREATED
        assert publisher(api).publish(NEW).action is Action.UNCHANGED
        assert len(api.issues) == 1
        assert len(api.calls_of("POST")) == 1


@pytest.mark.parametrize("fault", _LOST.values(), ids=_LOST)
def test_an_answer_that_was_lost_together_with_the_listing_is_found_in_the_next_pass(fault: Fault) -> None:
    with GitHubApi(faults=[fault]) as api:
        # The listings before the opening work, those after it do not.
        api.break_down(Fault.unavailable("GET", r"/issues\?", call=3, times=4))
        with pytest.raises(PublishError):
            publisher(api).publish(NEW)
        assert publisher(api).publish(NEW).action is Action.UNCHANGED
        assert len(api.issues) == 1


def test_an_opening_that_did_not_take_effect_is_left_to_the_next_pass() -> None:
    with GitHubApi(faults=[Fault.reset("POST", _OPENING)]) as api:
        with pytest.raises(PublishError, match="the connection to GitHub broke") as caught:
            publisher(api).publish(NEW)
        assert caught.value.hint == "it is kept for the next pass"
        assert len(api.calls_of("POST")) == 1, "GitHub may still be at work on the first"
        assert publisher(api).publish(NEW).action is Action.CREATED


def test_an_issue_that_takes_effect_after_the_client_gave_up_is_not_opened_again() -> None:
    with GitHubApi(faults=[Fault("POST", _OPENING, delay=1.5)]) as api:
        with pytest.raises(PublishError, match="did not answer in time"):
            publisher(api).publish(NEW)
        api.wait_until(lambda: len(api.issues) == 1)
        assert publisher(api).publish(NEW).action is Action.UNCHANGED
        assert len(api.issues) == 1


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        *itertools.product(["/user", "/repos/acme/app$", r"/issues\?", r"/comments\?"], ["502", "reset", "secondary"]),
        (r"/issues\?", "slow"),
    ],
)
def test_reading_is_tried_again(path: str, kind: str) -> None:
    faults = {
        "502": Fault.unavailable("GET", path, times=2),
        "reset": Fault.reset("GET", path, times=2),
        "slow": Fault("GET", path, hangs=True),
        "secondary": Fault.secondary_limit(20, "GET", path),
    }
    clock = Clock()
    with GitHubApi() as api:
        publisher(api).publish(NEW)
        api.break_down(faults[kind])
        assert publisher(api, clock).publish(ONGOING).action is Action.COMMENTED
        assert clock.slept == {"502": [1.0, 2.0], "reset": [1.0, 2.0], "slow": [1.0], "secondary": [20.0]}[kind]


def test_a_page_that_fails_is_read_again_and_not_the_pages_before_it() -> None:
    with GitHubApi(page=10) as api:
        for number in range(25):
            api.store.open(api.accounts[0], f"{number}", "", [LABEL])
        api.break_down(Fault.unavailable("GET", "page=2"))
        publisher(api).publish(publication(kind=Kind.RESOLVED))
        queries = [parse_qs(urlsplit(call.target).query) for call in api.calls_of("GET", "/issues?")]
        assert [query.get("page", ["1"]) for query in queries] == [["1"], ["2"], ["2"], ["3"]]


@pytest.mark.parametrize("limit", [403, 429])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_rate_limit_is_waited_out_as_long_as_github_asks(limit: int, method: str) -> None:
    clock = Clock()
    path = r"/issues\?" if method == "GET" else _OPENING
    fault = Fault(method, path, status=limit, message="slow down", headers={"Retry-After": "30"})
    with GitHubApi(faults=[fault]) as api:
        assert publisher(api, clock).publish(NEW).action is Action.CREATED
        assert clock.slept == [30.0]
        assert len(api.issues) == 1


def test_a_primary_limit_that_is_reset_soon_is_waited_out() -> None:
    clock = Clock()
    with GitHubApi(limits={"quota": 4, "window": 40}, clock=clock.now) as api:
        assert publisher(api, clock).publish(NEW).action is Action.CREATED
        assert len(clock.slept) == 1
        assert 35 < clock.slept[0] < 43


def test_a_limit_that_lasts_longer_than_a_pass_is_left_to_the_next_and_no_more_is_asked() -> None:
    clock = Clock()
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": str(int(clock.now()) + 3600)}
    fault = Fault("POST", _OPENING, status=403, message="API rate limit exceeded for user ID 1.", headers=headers)
    with GitHubApi(faults=[fault]) as api:
        ours = publisher(api, clock)
        with pytest.raises(PublishError, match=r"rate limit is reached; try again in 36\d\d s"):
            ours.publish(NEW)
        asked = len(api.calls)
        with pytest.raises(PublishError, match="rate limit"):
            ours.publish(publication(fingerprint="a" * 16))
        assert (clock.slept, len(api.calls)) == ([], asked)
        assert publisher(api, clock).publish(NEW).action is Action.CREATED


def test_a_secondary_limit_without_a_time_is_waited_out_for_a_minute_or_left() -> None:
    clock = Clock()
    with GitHubApi(faults=[Fault.secondary_limit(None, "POST")]) as api:
        ours = publisher(api, clock)
        assert ours.publish(NEW).action is Action.CREATED
        assert clock.slept == [60.0]
        api.break_down(Fault.secondary_limit(None, "POST", times=None))
        with pytest.raises(PublishError, match="rate limit"):
            ours.publish(ONGOING)
        assert clock.slept == [60.0, 60.0], "patience ends after one more minute"


def test_content_that_comes_too_fast_is_spread_as_github_asks() -> None:
    clock = Clock()
    with GitHubApi(limits={"content": 3}, clock=clock.now) as api:
        ours = publisher(api, clock)
        for number in range(5):
            assert (
                ours.publish(publication(fingerprint=f"{number:016x}", key=f"{number:032x}")).action is Action.CREATED
            )
        assert len(api.issues) == 5
        assert clock.slept


def test_a_limit_that_is_said_in_a_date_is_understood() -> None:
    clock = Clock()
    fault = Fault("POST", _OPENING, status=429, headers={"Retry-After": formatdate(clock.now() + 25, usegmt=True)})
    with GitHubApi(faults=[fault]) as api:
        publisher(api, clock).publish(NEW)
        assert 20 < clock.slept[0] <= 26


def test_github_that_stays_down_ends_the_pass_quickly_for_everything() -> None:
    clock = Clock()
    with GitHubApi(faults=[Fault.unavailable(times=None)]) as api:
        ours = publisher(api, clock)
        with pytest.raises(PublishError, match="GitHub answered 502"):
            ours.publish(NEW)
        asked = len(api.calls)
        for number in range(10):
            with pytest.raises(PublishError):
                ours.publish(publication(fingerprint=f"{number:016x}"))
        assert len(api.calls) == asked == 4
        assert sum(clock.slept) == 7


def test_github_that_goes_down_in_the_middle_is_left_alone_for_the_rest() -> None:
    clock = Clock()
    with GitHubApi() as api:
        ours = publisher(api, clock)
        ours.publish(NEW)
        api.break_down(Fault.unavailable(times=None))
        with pytest.raises(PublishError, match="502"):
            ours.publish(ONGOING)
        asked = len(api.calls)
        with pytest.raises(PublishError, match="a moment ago"):
            ours.publish(publication(fingerprint="a" * 16))
        assert len(api.calls) == asked


def test_a_server_that_is_not_there_is_said_in_one_line() -> None:
    with GitHubApi() as api:
        gone = publisher(api)
    with pytest.raises(PublishError, match="GitHub cannot be reached") as caught:
        gone.publish(NEW)
    assert "GITHUB_API_URL" in caught.value.hint


@pytest.mark.parametrize(
    "fault", [Fault.lost_answer("POST", _COMMENTING), Fault("POST", _COMMENTING, after=True, hangs=True)]
)
def test_a_comment_whose_answer_was_lost_is_not_written_twice(fault: Fault) -> None:
    with GitHubApi() as api:
        publisher(api).publish(NEW)
        api.break_down(fault)
        assert publisher(api).publish(ONGOING).action is Action.COMMENTED
        assert publisher(api).publish(ONGOING).action is Action.UNCHANGED
        assert len(api.issues[0].comments) == 1


def test_a_comment_that_was_not_written_is_written_in_the_next_pass() -> None:
    with GitHubApi() as api:
        publisher(api).publish(NEW)
        api.break_down(Fault.reset("POST", _COMMENTING))
        with pytest.raises(PublishError, match="broke"):
            publisher(api).publish(ONGOING)
        assert publisher(api).publish(ONGOING).action is Action.COMMENTED
        assert len(api.issues[0].comments) == 1


@pytest.mark.parametrize("kind", [Kind.REGRESSED, Kind.RESOLVED])
def test_a_crash_between_the_state_and_the_comment_loses_neither(kind: Kind) -> None:
    with GitHubApi() as api:
        publisher(api).publish(NEW)
        if kind is Kind.REGRESSED:
            api.store.set_state(api.issues[0], "closed")
        api.break_down(Fault.unavailable("POST", _COMMENTING))
        told = after(NEW, kind)
        with pytest.raises(PublishError):
            publisher(api, close_resolved=True).publish(told)
        publisher(api, close_resolved=True).publish(told)
        assert api.issues[0].state == ("open" if kind is Kind.REGRESSED else "closed")
        assert len(api.issues[0].comments) == 1


def test_reopening_is_repeated_for_it_changes_nothing_twice() -> None:
    clock = Clock()
    with GitHubApi() as api:
        publisher(api).publish(NEW)
        api.store.set_state(api.issues[0], "closed")
        api.break_down(Fault.lost_answer("PATCH"))
        assert publisher(api, clock).publish(after(NEW, Kind.REGRESSED)).action is Action.REOPENED
        assert (api.issues[0].state, len(api.calls_of("PATCH"))) == ("open", 2)


def test_two_passes_at_the_same_time_leave_one_open_issue() -> None:
    receipts: dict[str, Receipt] = {}
    # Both have listed before either opens.
    with GitHubApi(faults=[Fault("POST", _OPENING, delay=0.3, times=2)]) as api:

        def run(key: str) -> None:
            receipts[key] = publisher(api).publish(publication(key=key * 32))

        threads = [threading.Thread(target=run, args=(key,)) for key in "ab"]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(api.issues) == 2, "the race took place"
        assert [issue.state for issue in api.issues] == ["open", "closed"]
        assert {receipt.reference for receipt in receipts.values()} == {"https://github.test/acme/app/issues/1"}
        for key in "ab":
            assert publisher(api).publish(publication(key=key * 32)).action is Action.UNCHANGED
        publisher(api).publish(ONGOING)
        assert len(api.issues[0].comments) == 1


def test_twins_of_a_pass_that_died_before_it_could_settle_are_settled_by_the_next() -> None:
    with GitHubApi() as api:
        publisher(api).publish(NEW)
        twin = api.store.open(api.accounts[0], "twin", api.issues[0].body, [LABEL])
        publisher(api).publish(ONGOING)
        assert [issue.state for issue in api.issues] == ["open", "closed"]
        assert "Duplicate of #1" in twin.comments[0].body


def test_an_issue_that_could_not_be_compared_with_others_is_still_delivered(caplog: pytest.LogCaptureFixture) -> None:
    with GitHubApi(faults=[Fault.unavailable("GET", r"/issues\?", call=3, times=None)]) as api:
        assert publisher(api).publish(NEW).action is Action.CREATED
        assert "was not compared with others" in caplog.text


@pytest.mark.parametrize("lag", [0.0, 30.0])
def test_a_listing_that_lags_behind_does_not_make_a_pass_forget_what_it_opened(lag: float) -> None:
    with GitHubApi(lag=lag) as api:
        ours = publisher(api)
        receipt = ours.publish(NEW)
        assert ours.publish(ONGOING).action is Action.COMMENTED
        later = after(ONGOING, Kind.ONGOING, reference=receipt.reference)
        assert publisher(api).publish(later).action is Action.COMMENTED
        assert len(api.issues) == 1


@pytest.mark.parametrize(
    ("account", "options", "message", "hint"),
    [
        (Account("us", "ghp_expired"), {}, "refused with 401: Bad credentials", "GITHUB_TOKEN"),
        (Account("us", "ghp_test", Role.NONE), {}, "refused with 404: Not Found", "check the repository"),
        (Account("us", "ghp_test"), {"has_issues": False}, "410: Issues has been disabled", "issues must be enabled"),
    ],
)
def test_a_refusal_is_said_with_what_to_do_and_not_asked_for_twice(
    account: Account, options: dict[str, bool], message: str, hint: str
) -> None:
    with GitHubApi([account], has_issues=options.get("has_issues", True)) as api:
        ours = publisher(api, token="ghp_test")
        for _ in range(2):
            with pytest.raises(PublishError, match=message) as caught:
                ours.publish(NEW)
            assert hint in caught.value.hint
        assert len(api.calls) <= 3


def test_a_locked_issue_and_a_refused_body_are_said_in_githubs_words() -> None:
    with GitHubApi([Account("reader", "ghp_test", Role.READ)]) as api:
        receipt = publisher(api).publish(NEW)
        api.issues[0].locked = True
        with pytest.raises(PublishError, match="issue is locked"):
            publisher(api).publish(after(NEW, Kind.ONGOING, reference=receipt.reference))
    refusal = '{"message": "Validation Failed", "errors": [{"message": "body is\\u001b[31m too long"}, "what"]}'
    with GitHubApi(faults=[Fault("POST", _OPENING, status=422, text=refusal)]) as api:
        with pytest.raises(PublishError) as caught:
            publisher(api).publish(NEW)
        assert caught.value.message == r"GitHub refused with 422: Validation Failed; body is\x1b[31m too long"


@pytest.mark.parametrize("path", ["/user", "/repos/acme/app$", r"/issues\?", r"/comments\?"])
@pytest.mark.parametrize("text", ["", "null", "{}", "[1, 2]", '[{"login": ', "<html>please log in</html>"])
def test_an_answer_that_is_not_githubs_is_never_taken_for_there_is_no_issue(path: str, text: str) -> None:
    with GitHubApi() as api:
        publisher(api).publish(NEW)
        api.break_down(Fault("GET", path, times=None, status=200, text=text))
        with pytest.raises(PublishError) as caught:
            publisher(api).publish(ONGOING)
        assert caught.value.message == "what answered is not GitHub's API"
        assert "GITHUB_API_URL" in caught.value.hint
        assert len(api.calls_of("POST")) == 1


def test_a_second_page_that_is_not_githubs_does_not_end_the_listing() -> None:
    with GitHubApi(page=1) as api:
        api.store.open(api.accounts[0], "another", "", [LABEL])
        publisher(api).publish(NEW)
        api.break_down(Fault("GET", r"/issues\?.*page=2", status=200, text="{}", headers={"Content-Type": "text/html"}))
        assert publisher(api).publish(ONGOING).action is Action.COMMENTED
        assert len(api.issues) == 2


def test_pages_that_lead_round_in_a_circle_end() -> None:
    with GitHubApi() as api:
        link = f'<{api.url}/repos/acme/app/issues?page=2>; rel="next"'
        api.break_down(Fault("GET", r"/issues\?", times=None, status=200, text="[]", headers={"Link": link}))
        with pytest.raises(PublishError, match="round in a circle"):
            publisher(api).publish(NEW)
        assert not api.issues


def test_the_token_is_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with GitHubApi(faults=[Fault.unavailable("GET"), Fault.lost_answer("POST")]) as api:
        until_done(api, NEW)
        until_done(api, ONGOING)
        with pytest.raises(PublishError) as caught:
            publisher(api, token="ghp_wrong_one").publish(NEW)
    assert caplog.records
    assert "ghp_test" not in caplog.text
    assert "ghp_wrong_one" not in caplog.text + repr(caught.value) + repr(caught.value.__cause__)


def test_sleeping_may_end_the_pass() -> None:
    class Terminated(BaseException):
        pass

    def sleep(seconds: float) -> None:
        raise Terminated

    with GitHubApi(faults=[Fault.unavailable(times=None)]) as api:
        environment = {"GITHUB_TOKEN": "ghp_test", "GITHUB_REPOSITORY": "acme/app", "GITHUB_API_URL": api.url}
        timing = Clock().timing()
        ours = github_publisher(GitHubSettings(), environment, timing=msgspec.structs.replace(timing, sleep=sleep))
        with pytest.raises(Terminated):
            ours.publish(NEW)


@pytest.mark.parametrize("seed", range(25))
def test_whatever_fails_an_incident_ends_with_one_issue_and_every_word_told_once(seed: int) -> None:
    chance = random.Random(seed)
    makers = [Fault.unavailable, Fault.reset, Fault.lost_answer]
    with GitHubApi() as api:
        told, history = NEW, [NEW]
        for kind in chance.choices([Kind.ONGOING, Kind.RESOLVED, Kind.REGRESSED], k=4):
            told = after(told, kind)
            history.append(told)
        for told in history:
            faults = [
                chance.choice(makers)(chance.choice(["GET", "POST"]), call=chance.randint(1, 6)) for _ in range(3)
            ]
            api.recover()
            api.break_down(*faults)
            until_done(api, told)
        assert len(api.issues) == 1
        bodies = [api.issues[0].body, *(comment.body for comment in api.issues[0].comments)]
        assert [sum(told.key in body for body in bodies) for told in history] == [1] * len(history)
