"""Users' templates: they replace ours, cannot print anything unsafe, and fail with a file and a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from analyzer.errors import TemplateError
from analyzer.report.templates import Markup, render
from analyzer.settings import ReportSettings
from tests.report.builders import hostile_names, make_report, missing_tables

if TYPE_CHECKING:
    from pathlib import Path

    from analyzer.report import Report


def _report(folder: Path, name: str, text: str) -> Report:
    (folder / name).write_text(text, encoding="utf-8")
    return make_report([hostile_names()], settings=ReportSettings(templates=str(folder)))


def test_a_template_of_the_user_replaces_ours(tmp_path: Path) -> None:
    report = _report(tmp_path, "debug-log.md.j2", "{{ log.incident.cause.rule }}: {{ log.incident.count }}\n")
    assert report.to_markdown() == "login_refused: 1\n"


def test_what_a_template_prints_is_made_safe_without_being_asked(tmp_path: Path) -> None:
    report = _report(tmp_path, "debug-log.md.j2", "{{ log.incident.title }}|{{ log.incident.title ~ '@me' }}")
    assert "`@octocat`" in report.to_markdown()
    assert "`<b>@me`" in report.to_markdown()


@pytest.mark.parametrize("expression", ["log.title|safe", "log.title|e", "[log.title|code, log.title]|join('')"])
def test_no_filter_of_jinja_gets_a_text_out_unsafe(tmp_path: Path, expression: str) -> None:
    text = _report(tmp_path, "debug-log.md.j2", f"{{{{ {expression} }}}}").to_markdown()
    tokens = [token for block in MarkdownIt("commonmark").parse(text) for token in [block, *(block.children or [])]]
    assert {token.type for token in tokens} <= {"paragraph_open", "paragraph_close", "inline", "text", "code_inline"}
    assert all("@" not in token.content for token in tokens if token.type == "text")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("fine\n{% if %}", 2, "Expected an expression"),
        ("fine\n\n{{ log.nothing }}", 3, "nothing"),
        ("{{ nothing }}", 1, "'nothing' is undefined"),
        ("\n{{ 1 / 0 }}", 2, "division by zero"),
        ("{{ log.title.__class__.__mro__ }}", 1, "unsafe"),
        ("\n\n\n{{ log.title | nofilter }}", 4, "nofilter"),
    ],
)
def test_a_broken_template_is_named_with_its_line(tmp_path: Path, text: str, line: int, said: str) -> None:
    report = _report(tmp_path, "debug-log.md.j2", text)
    with pytest.raises(TemplateError) as caught:
        report.to_markdown()
    assert str(caught.value).startswith(f"{tmp_path}/debug-log.md.j2:{line}: ")
    assert said in str(caught.value)
    assert caught.value.hint


def test_an_include_that_is_missing_is_named(tmp_path: Path) -> None:
    report = _report(tmp_path, "debug-log.md.j2", "{% include 'gone.j2' %}")
    with pytest.raises(TemplateError, match=r"gone\.j2"):
        report.to_markdown()


def test_a_template_that_is_missing_is_named() -> None:
    with pytest.raises(TemplateError, match=r"gone\.md\.j2"):
        render("gone.md.j2", Markup.MARKDOWN, "", {})


def test_an_html_template_escapes_whatever_its_name_is(tmp_path: Path) -> None:
    report = _report(tmp_path, "report.html.j2", "<p>{{ logs[0].title }}</p>{{ logs[0].incident.cause.message }}")
    text = report.to_html()
    assert "<b>" not in text
    assert "\x1b" not in text
    with pytest.raises(TemplateError, match="safe"):
        _report(tmp_path, "report.html.j2", "{{ logs[0].title|safe }}").to_html()


def test_the_source_documents_sections_stand_in_its_order() -> None:
    text = make_report([missing_tables()]).to_markdown()
    headings = [line for line in text.splitlines() if line.startswith("#")]
    wanted = [
        "# Database Table Migration Inconsistency Debug Log - 20250910",
        "## ISSUE IDENTIFIED",
        "### Primary Problem",
        "### Error Symptoms from GCP Staging Logs (2025-09-10T00:33:54Z)",
        "### Business Impact",
        "## Log Analysis Timeline",
        "### Recent Deployment (2025-09-10T00:33:51Z)",
        "### Validation Failures (2025-09-10T00:33:54Z)",
        "## Next Steps",
    ]
    assert [heading for heading in headings if heading in wanted] == wanted
    assert text.endswith("---\n*Debug log created as part of audit-staging-logs-gcp-loop process*\n")
