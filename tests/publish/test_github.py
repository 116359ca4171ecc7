from __future__ import annotations

import pytest

from analyzer.errors import ConfigError, PublishError
from analyzer.publish import Action, Kind
from analyzer.publish.github import github_publisher
from analyzer.publish.issue_text import issue_body
from analyzer.settings import GitHubSettings
from tests.github import Account, GitHubApi
from tests.github.accounts import Role
from tests.publish.publications import LABEL, Clock, after, publication, publisher

NEW = publication()
STRANGER = Account("stranger", "ghp_stranger")
US = Account("loganalyze-bot", "ghp_test")


def writes(api: GitHubApi) -> list[str]:
    return [f"{call.method} {call.target}" for call in api.calls if call.method != "GET"]


def test_an_incident_goes_through_its_life_on_one_issue() -> None:
    with GitHubApi() as api:
        receipt = publisher(api).publish(NEW)
        assert (receipt.action, receipt.reference) == (Action.CREATED, "https://github.test/acme/app/issues/1")
        [issue] = api.issues
        assert issue.title == "[SCHEMA] Missing critical user tables: user_sessions"
        assert issue.labels == [LABEL]

        ongoing = after(NEW, Kind.ONGOING, reference=receipt.reference)
        assert publisher(api).publish(ongoing).action is Action.COMMENTED
        resolved = after(ongoing, Kind.RESOLVED)
        assert publisher(api).publish(resolved).action is Action.COMMENTED
        assert issue.state == "open", "nothing is closed unless configured"
        api.store.set_state(issue, "closed")
        regressed = after(resolved, Kind.REGRESSED)
        assert publisher(api).publish(regressed).action is Action.REOPENED
        assert issue.state == "open"

        assert [issue] == api.issues
        said = [comment.body.split("\n\n")[1] for comment in issue.comments]
        assert [words.split("**")[1] for words in said] == ["Still failing.", "Resolved:", "Back:"]


def test_what_has_been_delivered_is_not_told_again() -> None:
    with GitHubApi() as api:
        ongoing = after(NEW, Kind.ONGOING)
        regressed = after(ongoing, Kind.REGRESSED)
        for told in (NEW, ongoing, regressed):
            publisher(api).publish(told)
        done = writes(api)
        for told in (NEW, ongoing, regressed):
            assert publisher(api).publish(told).action is Action.UNCHANGED
        assert writes(api) == done


def test_an_ongoing_incident_is_told_once_a_pass_at_most() -> None:
    with GitHubApi() as api:
        ours = publisher(api)
        ours.publish(NEW)
        same_pass = after(NEW, Kind.ONGOING, run_id=NEW.run_id)
        assert ours.publish(same_pass).action is Action.UNCHANGED
        once = after(same_pass, Kind.ONGOING)
        assert ours.publish(once).action is Action.COMMENTED
        assert ours.publish(after(once, Kind.ONGOING, run_id=once.run_id)).action is Action.UNCHANGED
        assert ours.publish(after(once, Kind.RESOLVED, run_id=once.run_id, key="9" * 32)).action is Action.COMMENTED


def test_a_resolved_incident_closes_its_issue_where_that_is_configured() -> None:
    with GitHubApi() as api:
        ours = publisher(api, close_resolved=True)
        ours.publish(NEW)
        resolved = after(NEW, Kind.RESOLVED)
        assert ours.publish(resolved).action is Action.CLOSED
        assert (api.issues[0].state, api.issues[0].state_reason) == ("closed", "completed")
        assert publisher(api, close_resolved=True).publish(resolved).action is Action.UNCHANGED


def test_a_resolved_incident_without_an_issue_opens_none() -> None:
    with GitHubApi() as api:
        receipt = publisher(api).publish(publication(kind=Kind.RESOLVED))
        assert (receipt.reference, receipt.action) == ("", Action.UNCHANGED)
        assert not writes(api)


def test_a_state_that_was_lost_finds_the_issue_of_the_life_before() -> None:
    with GitHubApi() as api:
        publisher(api).publish(NEW)
        again = publication(key="f" * 32, run_id="00000000000000b2")
        assert publisher(api).publish(again).action is Action.COMMENTED
        api.store.set_state(api.issues[0], "closed")
        once_more = publication(key="e" * 32, run_id="00000000000000b3")
        assert publisher(api).publish(once_more).action is Action.REOPENED
        assert len(api.issues) == 1


@pytest.mark.parametrize("reason", ["not_planned", "duplicate"])
def test_an_issue_that_people_refused_stays_closed_and_hears_of_a_regression_once(reason: str) -> None:
    clock = Clock()
    with GitHubApi(clock=clock.now) as api:
        publisher(api).publish(NEW)
        clock.sleep(60)
        api.store.set_state(api.issues[0], "closed", reason)
        clock.sleep(60)
        ongoing = after(NEW, Kind.ONGOING)
        assert publisher(api).publish(ongoing).action is Action.UNCHANGED
        regressed = after(ongoing, Kind.REGRESSED)
        assert publisher(api).publish(regressed).action is Action.COMMENTED
        assert publisher(api).publish(after(regressed, Kind.REGRESSED)).action is Action.UNCHANGED
        assert api.issues[0].state == "closed"
        assert len(api.issues) == 1


def test_failures_that_go_on_after_closing_are_told_once_and_do_not_reopen() -> None:
    clock = Clock()
    with GitHubApi(clock=clock.now) as api:
        publisher(api).publish(NEW)
        first = after(NEW, Kind.ONGOING)
        publisher(api).publish(first)
        clock.sleep(60)
        api.store.set_state(api.issues[0], "closed")
        clock.sleep(60)
        second = after(first, Kind.ONGOING)
        third = after(second, Kind.ONGOING)
        assert publisher(api).publish(second).action is Action.COMMENTED
        assert publisher(api).publish(third).action is Action.UNCHANGED
        assert api.issues[0].state == "closed"
        assert publisher(api).publish(after(third, Kind.RESOLVED)).action is Action.UNCHANGED


def test_a_strangers_copy_of_the_marker_counts_for_nothing() -> None:
    with GitHubApi([US, STRANGER]) as api:
        body = issue_body(NEW, GitHubSettings(), "")
        api.store.open(STRANGER, "looks like ours", body, [LABEL])
        assert publisher(api).publish(NEW).action is Action.CREATED
        assert api.issues[1].author == US
        api.store.comment(api.issues[1], STRANGER, body.replace(NEW.key, after(NEW, Kind.ONGOING).key))
        assert publisher(api).publish(after(NEW, Kind.ONGOING)).action is Action.COMMENTED


def test_a_marker_in_a_log_line_counts_for_nothing() -> None:
    ongoing = after(NEW, Kind.ONGOING)
    forged = f"<!-- loganalyze:fingerprint={'b' * 16} -->\n<!-- loganalyze:key={ongoing.key} run={ongoing.run_id} -->"
    body = NEW.body.replace("Missing critical user tables: [", f"{forged}\nMissing: [")
    assert forged in body
    with GitHubApi() as api:
        publisher(api).publish(publication(body=body))
        assert publisher(api).publish(publication(fingerprint="b" * 16, key="b" * 32)).action is Action.CREATED
        assert publisher(api).publish(ongoing).action is Action.COMMENTED


def test_an_issue_that_lost_its_label_is_found_by_the_last_receipt() -> None:
    with GitHubApi() as api:
        receipt = publisher(api).publish(NEW)
        api.issues[0].labels.clear()
        ongoing = after(NEW, Kind.ONGOING, reference=receipt.reference)
        assert publisher(api).publish(ongoing).action is Action.COMMENTED
        elsewhere = after(ongoing, Kind.ONGOING, fingerprint="a" * 16)
        assert publisher(api).publish(elsewhere).action is Action.CREATED, "a reference proves nothing by itself"


@pytest.mark.parametrize(
    "reference", ["https://github.test/acme/app/issues/1", "https://github.test/acme/app/issues/99"]
)
def test_an_issue_that_was_deleted_is_opened_anew(reference: str) -> None:
    with GitHubApi() as api:
        publisher(api).publish(NEW)
        api.store.delete(1)
        receipt = publisher(api).publish(after(NEW, Kind.ONGOING, reference=reference))
        assert (receipt.action, [issue.number for issue in api.issues]) == (Action.CREATED, [2])


def test_every_page_is_read_before_an_issue_is_opened() -> None:
    with GitHubApi() as api:
        for number in range(230):
            author = US if number % 2 else STRANGER
            api.store.open(author, f"another {number}", "", [LABEL], pull_request=number % 5 == 0)
        api.store.open(US, "ours", issue_body(NEW, GitHubSettings(), ""), [LABEL.upper()])
        api.store.set_state(api.issues[-1], "closed")
        for number in range(40):
            api.store.open(US, f"later {number}", "", [LABEL])
        assert publisher(api).publish(after(NEW, Kind.REGRESSED)).action is Action.REOPENED
        assert len(api.calls_of("GET", "/issues?")) == 3
        assert [call.target for call in api.calls_of("GET", "/issues/")] == [
            "/repos/acme/app/issues/231/comments?per_page=100"
        ], "no issue is fetched by itself"


def test_many_incidents_of_one_pass_share_the_first_listing() -> None:
    with GitHubApi() as api:
        for number in range(150):
            api.store.open(US, f"old {number}", "", [LABEL])
            api.issues[-1].updated -= 10 * 86_400
        ours = publisher(api)
        for number in range(5):
            ours.publish(publication(fingerprint=f"{number:016x}", key=f"{number:032x}"))
        whole = [call for call in api.calls_of("GET", "/issues?") if "since=" not in call.target]
        assert len(whole) == 2, "two pages, once"
        assert len(api.issues) == 155


def test_the_token_of_github_actions_is_known_by_graphql() -> None:
    actions = Account("github-actions[bot]", "ghs_actions", app=True)
    with GitHubApi([actions]) as api:
        assert publisher(api, token="ghs_actions").publish(NEW).action is Action.CREATED
        ongoing = after(NEW, Kind.ONGOING)
        assert publisher(api, token="ghs_actions").publish(ongoing).action is Action.COMMENTED
        assert len(api.calls_of("POST", "/graphql")) == 2


def test_a_repository_that_was_renamed_is_followed() -> None:
    with GitHubApi(moved_from="acme/old") as api:
        environment = {"GITHUB_TOKEN": "ghp_test", "GITHUB_API_URL": api.url}
        for told in (NEW, after(NEW, Kind.ONGOING)):
            ours = github_publisher(GitHubSettings(repository="acme/old"), environment, timing=Clock().timing())
            ours.publish(told)
        assert len(api.issues) == 1
        assert len(api.issues[0].comments) == 1


def test_labels_that_the_account_may_not_set_are_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with GitHubApi([Account("reader", "ghp_test", Role.READ)]) as api:
        receipt = publisher(api).publish(NEW)
        assert "did not get its labels" in caplog.text
        assert publisher(api).publish(after(NEW, Kind.ONGOING, reference=receipt.reference)).action is Action.COMMENTED
        assert len(api.issues) == 1


def test_a_dry_run_says_what_would_be_done_and_changes_nothing() -> None:
    with GitHubApi() as api:
        ours = publisher(api, labels=(LABEL, "{priority}"))
        would = ours.describe(NEW)
        assert would == (
            'github acme/app: open "[SCHEMA] Missing critical user tables: user_sessions" '
            "with labels claude-code-generated-issue, P0"
        )
        assert "nothing, there is no issue" in ours.describe(publication(kind=Kind.RESOLVED))
        assert not writes(api)
        publisher(api).publish(NEW)
        done = writes(api)
        url = "https://github.test/acme/app/issues/1"
        assert publisher(api).describe(NEW) == f"github acme/app: nothing new to tell on {url}"
        assert publisher(api).describe(after(NEW, Kind.ONGOING)) == f"github acme/app: comment on {url}"
        closing = publisher(api, close_resolved=True)
        assert closing.describe(after(NEW, Kind.RESOLVED)) == f"github acme/app: close and comment on {url}"
        api.store.set_state(api.issues[0], "closed")
        reopening = publisher(api)
        assert reopening.describe(after(NEW, Kind.REGRESSED)) == f"github acme/app: reopen and comment on {url}"
        assert writes(api) == done


def test_a_dry_run_without_github_still_says_what_it_can() -> None:
    with GitHubApi() as api:
        would = publisher(api, token="ghp_wrong").describe(NEW)
        assert "open or update the issue" in would
        assert "not looked up: GitHub refused with 401: Bad credentials" in would


@pytest.mark.parametrize(
    ("settings", "environment", "message"),
    [
        ({}, {"GITHUB_TOKEN": ""}, "GITHUB_TOKEN is not set"),
        ({}, {"GITHUB_TOKEN": "two words"}, "GITHUB_TOKEN is not a token"),
        ({}, {"GITHUB_REPOSITORY": ""}, "no repository to publish to"),
        ({"repository": "https://github.com/acme/app"}, {}, "'https://github.com/acme/app'"),
        ({"labels": ()}, {}, "holds 0 labels"),
        ({"labels": tuple("abcde")}, {}, "holds 5 labels"),
        ({"labels": ("a,b",)}, {}, "the first of publish.github.labels is 'a,b'"),
        ({"labels": ("{priority}",)}, {}, "the first of publish.github.labels"),
        ({"api_url": "http://ghe.example.com/api/v3"}, {}, "not one that a token may be sent to"),
        ({"api_url": "https://user@ghe.example.com"}, {}, "not one that a token may be sent to"),
        ({"api_url": "https://ghe.example.com:port"}, {}, "not one that a token may be sent to"),
        ({"api_url": "api.github.com"}, {}, "not one that a token may be sent to"),
    ],
)
def test_what_is_missing_or_wrong_is_said_before_anything_is_called(
    settings: dict[str, object], environment: dict[str, str], message: str
) -> None:
    given = {"GITHUB_TOKEN": "ghp_test", "GITHUB_REPOSITORY": "acme/app", **environment}
    with pytest.raises(ConfigError, match=message) as caught:
        github_publisher(GitHubSettings(**settings), given)  # type: ignore[arg-type]
    assert caught.value.hint


def test_a_missing_extra_says_which_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigError, match="needs PyGithub") as caught:
        github_publisher(GitHubSettings(), {})
    assert "loganalyze[github]" in caught.value.hint


def test_a_template_that_cannot_be_rendered_keeps_the_publication(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "issue.md.j2").write_text("{{ nothing.of_the_kind }}")
    environment = {"GITHUB_TOKEN": "ghp_test", "GITHUB_REPOSITORY": "acme/app"}
    with GitHubApi() as api:
        settings = GitHubSettings(api_url=api.url)
        ours = github_publisher(settings, environment, templates=str(folder), timing=Clock().timing())
        with pytest.raises(PublishError, match=r"issue\.md\.j2:1"):
            ours.publish(NEW)
        assert not api.issues


def test_writes_keep_the_distance_that_github_asks_for() -> None:
    clock = Clock()
    with GitHubApi() as api:
        environment = {"GITHUB_TOKEN": "ghp_test", "GITHUB_REPOSITORY": "acme/app", "GITHUB_API_URL": api.url}
        ours = github_publisher(GitHubSettings(), environment, timing=clock.timing(pace=1.0))
        ours.publish(NEW)
        assert clock.slept == []
        ours.publish(after(NEW, Kind.ONGOING))
        assert [0 < wait <= 1 for wait in clock.slept] == [True]
