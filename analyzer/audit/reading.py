"""A window of receive times, read and classified: what in it is new, and what that amounts to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from analyzer.audit.found import Fresh, fresh_parts
from analyzer.audit.recall import Recall
from analyzer.coverage import Ledger
from analyzer.incidents import build_incidents, cluster, happenings
from analyzer.model import Coverage, Known, Window
from analyzer.pipeline import classify, with_outages
from analyzer.redact import Redactor
from analyzer.report import Report, build

if TYPE_CHECKING:
    from collections.abc import Mapping

    from analyzer.audit.parts import Parts

__all__ = ["Read", "read_window"]


class Read(NamedTuple):
    """What a window's read amounts to.

    Attributes:
        window: By receive time.
        recall: Which entries were new.
        coverage: Of the new entries.
        fresh: The new part of each incident that is grave enough to be told.
        report: Of these incidents, everything that was read in it; redacted.
    """

    window: Window
    recall: Recall
    coverage: Coverage
    fresh: list[Fresh]
    report: Report


def read_window(parts: Parts, window: Window, seen: Mapping[int, bool], key: bytes, now: int) -> Read:
    """Read a window to its end and classify it.

    Args:
        parts: Source, rules and settings.
        window: By receive time.
        seen: Keys of what was read before, and whether an incident has counted it.
        key: Of the redactor.
        now: When the pass began, nanoseconds.

    Raises:
        SourceError: Nothing could be read at all.
        TemplateError: A rule's template cannot be filled.
    """
    settings = parts.settings
    ledger, recall = Ledger(), Recall(window, seen)
    classified = with_outages(classify(parts.source.read(window), parts.matcher, ledger, recall), ledger)
    redactor = Redactor(key)
    incidents = build_incidents(
        classified.matches, classified.unknown, ledger.revisions(), settings.report, redactor=redactor
    )
    grave = [incident for incident in incidents if incident.level >= settings.min_severity]
    fresh = fresh_parts(grave, happenings(classified.matches, classified.unknown), window.end)
    unknown = [event for event in classified.unknown if any(entry.known is Known.NEW for entry in event.entries)]
    coverage = ledger.coverage()
    report = build(
        [part.incident for part in fresh],
        cluster(unknown),
        coverage,
        parts.source.info,
        window,
        settings.report,
        generated_at=now,
        redactor=redactor,
    )
    return Read(window, recall, coverage, fresh, report)
