"""A change as a publication: the debug log with everything of all passes in it, and what publishers sort it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.publish import Kind, Publication
from analyzer.redact import Redacted
from analyzer.report import Report

if TYPE_CHECKING:
    from analyzer.audit.lifecycle import Change

__all__ = ["publication_of"]


def publication_of(change: Change, report: Report, run_id: str) -> Publication:
    """The publication of a change.

    Args:
        change: With something to tell.
        report: Of the pass; its coverage and settings are the debug log's.
        run_id: Of the pass, or another random word where a person made the change.

    Raises:
        TemplateError: A user's template cannot be rendered.
    """
    case = change.case
    shown = case.shown
    alone = Report(document=msgspec.structs.replace(report.document, incidents=[shown]), settings=report.settings)
    return Publication(
        outbox_id=0,
        key="",
        fingerprint=case.fingerprint,
        incident_id=case.short_id,
        kind=change.kind or Kind.ONGOING,
        title=Redacted(" ".join(shown.title.split())),
        body=Redacted(alone.debug_log(shown)),
        file_name=case.file_name,
        labels=(),
        priority=shown.priority.level,
        severity=shown.severity,
        category=shown.category,
        first_seen=shown.first_seen,
        last_seen=shown.last_seen,
        count=case.count,
        summary=Redacted(change.summary),
        run_id=run_id,
    )
