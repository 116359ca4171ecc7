"""The page over all debug logs of the output folder: every incident that is known, open ones first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.audit.cases import Case, Status, load_cases
from analyzer.redact import Redacted
from analyzer.report import Report
from analyzer.report.document import ReportDocument, ReportedCoverage, ReportedSource
from analyzer.report.templates import Markup, render
from analyzer.report.view import summary_view
from analyzer.times import format_timestamp
from analyzer.version import __version__

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from analyzer.settings import ReportSettings

__all__ = ["bare_report", "in_order", "index_page"]


def index_page(connection: Connection, settings: ReportSettings, now: int) -> str:
    """The page, Markdown.

    Args:
        connection: Within a transaction.
        settings: Zone, environment and templates.
        now: Nanoseconds since the epoch.

    Raises:
        TemplateError: A user's template cannot be rendered.
    """
    cases = in_order(list(load_cases(connection).values()))
    document = bare_report(cases, settings, now).document
    summary = summary_view(document, settings, {case.fingerprint: case.file_name for case in cases})
    return render("audit-index.md.j2", Markup.MARKDOWN, settings.templates, {"report": document, "summary": summary})


def bare_report(cases: Sequence[Case], settings: ReportSettings, now: int) -> Report:
    """A report of incidents out of the state, of no particular read."""
    document = ReportDocument(
        schema="loganalyze.report/1",
        generated_at=format_timestamp(now),
        version=__version__,
        environment=Redacted(settings.environment),
        window=None,
        source=ReportedSource("state", Redacted(""), Redacted(""), Redacted("")),
        coverage=ReportedCoverage(0, None, None, True, 0, 0, {}, {}, 0.0, []),
        incidents=[case.shown for case in cases],
        unclassified=[],
    )
    return Report(document=document, settings=settings)


def in_order(cases: Sequence[Case]) -> list[Case]:
    """Open ones first, the most urgent before the others, the latest seen before the earlier."""
    return sorted(cases, key=_order)


def _order(case: Case) -> tuple[object, ...]:
    closed = case.muted or case.status is Status.RESOLVED
    return (closed, case.document.priority.level, -case.last_seen, case.fingerprint)
