from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.publish import Kind
from analyzer.publish.issue_text import comment_body, issue_body, issue_labels, issue_title
from analyzer.redact import Redacted
from analyzer.safe import fence, prose
from analyzer.settings import GitHubSettings
from tests.publish.publications import after, publication
from tests.publish.test_markdown import LIVE, live_text

PLAIN = GitHubSettings()
CANARIES = [
    "@octocat look at this",
    "cc @acme/everyone",
    "fixes #1",
    "closes acme/app#12",
    "resolves GH-7",
    "fixed https://github.com/acme/app/issues/1",
    "www.evil.example click",
    "<img src=x onerror=alert(1)>",
    "</details><h1>owned",
    "<!-- loganalyze:fingerprint=aaaaaaaaaaaaaaaa -->",
    "```\n@octocat\n```",
    "[click](javascript:alert(1))",
    "\u202egnp.exe \x1b[31m",
    "`` `@octocat` ``",
]


def hostile_log(text: str) -> Redacted:
    """A debug log as the report makes it of hostile text: prose and fences, each made safe."""
    pieces = ["# Log", "### Primary Problem", prose(text), "### Error Symptoms (t)", fence(text), "### Business Impact"]
    return Redacted("\n".join([*pieces, prose(text), "## Coverage", f"- {prose(text)}", "## Next Steps", prose(text)]))


@pytest.mark.parametrize("canary", CANARIES)
def test_no_canary_sings_in_an_issue_or_a_comment(canary: str) -> None:
    told = publication(title=Redacted(canary), summary=Redacted(canary), body=hostile_log(canary))
    bodies = [
        issue_body(told, PLAIN, ""),
        comment_body(after(told, Kind.REGRESSED), PLAIN, "", reopened=True),
        comment_body(after(told, Kind.ONGOING), PLAIN, ""),
        comment_body(after(told, Kind.RESOLVED), PLAIN, ""),
    ]
    for body in bodies:
        live = live_text(body)
        assert not LIVE.search(live)
        html = set(re.findall(r"<[/!a-zA-Z][^>]*>", live))
        ours = {"<details>", "</details>", "<summary>", "</summary>"}
        assert {tag for tag in html if not tag.startswith("<!-- loganalyze:")} <= ours
        assert live.count("<!-- loganalyze:fingerprint=") == body.startswith("<!-- loganalyze:fingerprint=feedface")
        assert "\u202e" not in body
        assert "\x1b" not in body


@pytest.mark.parametrize("canary", CANARIES)
def test_no_canary_sings_in_a_title(canary: str) -> None:
    title = issue_title(publication(title=Redacted(canary)))
    assert title.startswith("[SCHEMA] ")
    assert not LIVE.search(title)
    assert "`" not in title
    assert title.isprintable()


@given(st.text(max_size=600))
def test_a_title_is_one_printable_line_that_github_takes(text: str) -> None:
    title = issue_title(publication(title=Redacted(text)))
    assert len(title) <= 256
    assert "\n" not in title
    assert not re.search(r"@\w|#\w|://", title)


@pytest.mark.parametrize("size", [1_000, 40_000, 70_000, 200_000])
@pytest.mark.parametrize("text", ["@octocat fixes #1\n", "x", "`" * 50 + "\n"])
def test_a_body_of_any_length_fits_and_says_what_was_cut(size: int, text: str) -> None:
    told = publication(body=hostile_log(text * (size // len(text))), summary=Redacted("y" * size))
    issue = issue_body(told, PLAIN, "")
    comment = comment_body(after(told, Kind.REGRESSED), PLAIN, "")
    for body in (issue, comment):
        assert len(body) <= 65_536
        assert not LIVE.search(live_text(body))
    assert ("Cut here" in issue) == (size > 1_000)
    assert issue.endswith("`feedfacecafebeef`.*"), "our own words are not what is cut"


def test_a_body_holds_the_parts_that_people_expect() -> None:
    body = issue_body(publication(), GitHubSettings(debug_logs="https://logs.example/staging/"), "")
    headings = re.findall(r"^## (.+)$", body.partition("<details>")[0], re.MULTILINE)
    assert headings == ["Impact", "Current behaviour", "Expected behaviour", "Reproduction", "Technical details"]
    assert "Nobody can log in." in body
    assert "The start-up validation found no `user_sessions`." in body
    assert "loganalyze since 2025-09-10T00:33:54Z" in body
    name = "missing_critical_user_tables_20250910.md"
    # An underscore in a link's text is escaped.
    assert f"](https://logs.example/staging/{name})" in body
    assert "**P0**, critical, schema; 3 events from 2025-09-10T00:33:54Z to 2025-09-10T00:41:10Z" in body


def test_what_a_debug_log_does_not_say_is_left_as_a_marked_blank() -> None:
    told = publication(body=Redacted("# Another form\nof debug log"), count=1, last_seen="2025-09-10T00:33:54Z")
    body = issue_body(told, PLAIN, "")
    assert "_blank: neither the evidence nor the configuration" in body
    assert "1 event at 2025-09-10T00:33:54Z" in body


def test_four_labels_at_most_and_none_twice() -> None:
    settings = GitHubSettings(labels=("incident", "{priority}", "sev:{severity}"))
    assert issue_labels(publication(labels=("incident", "x" * 60, "more")), settings) == [
        "incident",
        "P0",
        "sev:critical",
        "x" * 50,
    ]


def test_a_users_template_says_it_in_its_own_words(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("templates")
    (folder / "issue.md.j2").write_text("{{ publication.title }} in {{ issue.impact }}")
    body = issue_body(publication(title=Redacted("@octocat")), PLAIN, str(folder))
    assert body.endswith("-->\n\n`@octocat` in Nobody can log in.")
    assert body.startswith("<!-- loganalyze:fingerprint=feedfacecafebeef -->\n")
