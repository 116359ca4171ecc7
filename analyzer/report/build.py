"""Incidents -> Report: the one place where text of logs is redacted and becomes part of a report."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, cast

from analyzer.model import Window
from analyzer.redact import Redacted, Redactor
from analyzer.report.document import (
    LevelWord,
    ReportDocument,
    ReportedCause,
    ReportedCoverage,
    ReportedDeploy,
    ReportedEntries,
    ReportedIncident,
    ReportedLinks,
    ReportedMoment,
    ReportedPriority,
    ReportedRule,
    ReportedSource,
    ReportedUnclassified,
    ReportedWhy,
    ReportedWindow,
    SeverityWord,
)
from analyzer.report.frames import match_rows
from analyzer.report.links import evidence_query, explorer_link
from analyzer.report.priority import priority_of
from analyzer.report.quotes import quotes_of
from analyzer.report.report import Report
from analyzer.times import SECOND, format_timestamp
from analyzer.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from analyzer.model import Coverage, Match, SourceInfo
    from analyzer.outcome import Cluster, Incident
    from analyzer.settings import ReportSettings

__all__ = ["build"]

_SHORT_ID = 8
_LONGEST_MESSAGE = 20_000
_LONGEST_QUOTE = 500


def build(  # noqa: PLR0913, PLR0917 (everything a report says)
    incidents: Sequence[Incident],
    clusters: Sequence[Cluster],
    coverage: Coverage,
    source: SourceInfo,
    window: Window,
    settings: ReportSettings,
    *,
    generated_at: int,
    matches: Iterable[Match] | None = None,
    redactor: Redactor | None = None,
) -> Report:
    """Build the report of one run.

    Args:
        incidents: In any order; the report has them by priority, then as given.
        clusters: Errors that no rule knows, in the order the report lists them.
        coverage: What was read.
        source: Where it was read from.
        window: What was asked for; an empty one (start and end equal) for whole files.
        settings: How the report is written.
        generated_at: Now, nanoseconds.
        matches: What ``Report.matches_frame()`` shows: all matches that the incidents were made of. None for whoever
            wants no frame: a report with one holds a row for each.
        redactor: Replaces secrets; one with a key of its own where none is given.

    Returns:
        A report that holds nothing unredacted.
    """
    writer = _Writer(redactor or Redactor(), source, window, coverage)
    ranked = sorted(incidents, key=lambda incident: (priority_of(incident)[0], -incident.level))
    ids = _short_ids([incident.fingerprint for incident in ranked])
    document = ReportDocument(
        schema="loganalyze.report/1",
        generated_at=format_timestamp(generated_at),
        version=__version__,
        environment=writer.text(settings.environment),
        window=writer.reported_window(),
        source=writer.reported_source(),
        coverage=writer.reported_coverage(),
        incidents=[writer.about(incident).incident(incident, ids[incident.fingerprint]) for incident in ranked],
        unclassified=[writer.unclassified(cluster) for cluster in clusters],
    )
    rows = () if matches is None else match_rows(matches, ranked, writer.redactor)
    return Report(document=document, settings=settings, rows=rows)


class _Writer:
    """Turns nouns into the report's structs, redacting every text on the way."""

    def __init__(
        self,
        redactor: Redactor,
        source: SourceInfo,
        window: Window,
        coverage: Coverage,
    ) -> None:
        self._source = source
        self._coverage = coverage
        self._window = _asked(window, coverage)
        self.redactor = redactor
        self.text: Callable[[str], Redacted] = redactor.redact

    def texts(self, values: Iterable[str]) -> list[Redacted]:
        return [self.text(value) for value in values]

    def reported_window(self) -> ReportedWindow | None:
        if self._window is None:
            return None
        return ReportedWindow(format_timestamp(self._window.start), format_timestamp(self._window.end))

    def reported_source(self) -> ReportedSource:
        source = self._source
        return ReportedSource(source.kind, self.text(source.name), self.text(source.filter), self.text(source.project))

    def reported_coverage(self) -> ReportedCoverage:
        read = self._coverage
        return ReportedCoverage(
            entries=read.entries,
            first=None if read.first is None else format_timestamp(read.first),
            last=None if read.last is None else format_timestamp(read.last),
            complete=read.complete,
            duplicates=read.duplicates,
            skipped=read.skipped,
            severities=dict(read.severities),
            services={self.text(name): count for name, count in read.services.items()},
            late=read.late / SECOND,
            notes=self.texts(read.notes),
        )

    def about(self, incident: Incident) -> _Writer:
        """A writer that knows what is secret in the entries of an incident, wherever a piece of it turns up."""
        writer = copy.copy(self)
        matches = (incident.cause, *incident.failures, *incident.consequences, *incident.context)
        writer.text = self.redactor.within(dict.fromkeys(text for match in matches for text in match.event.texts))
        return writer

    def incident(self, incident: Incident, short_id: str) -> ReportedIncident:
        level, reason = priority_of(incident)
        return ReportedIncident(
            id=short_id,
            fingerprint=incident.fingerprint,
            status="new",
            title=self.text(incident.title),
            subject=self.text(incident.subject),
            category=incident.category.value,
            severity=cast("LevelWord", incident.level.word),
            priority=ReportedPriority(level, self.text(reason)),
            first_seen=format_timestamp(incident.first),
            last_seen=format_timestamp(incident.last),
            count=incident.count,
            starts=incident.starts,
            period=incident.period / SECOND if incident.period else None,
            services=self.texts(incident.services),
            revisions=self.texts(incident.revisions),
            instances=self.texts(incident.instances),
            cause=self._cause(incident.cause),
            rules=self._rules(incident),
            entities={name: self.texts(values) for name, values in incident.entities.items()},
            entries=ReportedEntries(
                core=self.texts(incident.core_ids),
                consequences=self.texts(incident.consequence_ids),
                context=self.texts(incident.context_ids),
            ),
            timeline=self._timeline(incident),
            contradicts=self.texts(match.event.message for match in incident.contradicts),
            deploy=self._deploy(incident),
            problem=self.text(incident.problem),
            impact=self.text(incident.impact),
            next_steps=self.texts(incident.next_steps),
            whys=[ReportedWhy(self.text(w.text), self._quote(w.quote), self.text(w.insert_id)) for w in incident.whys],
            quotes=quotes_of(incident, self.text),
            links=self._links(incident),
        )

    def unclassified(self, cluster: Cluster) -> ReportedUnclassified:
        return ReportedUnclassified(
            id=cluster.id,
            template=self.redactor.within([cluster.example])(cluster.template),
            severity=cast("SeverityWord", cluster.severity.name),
            count=cluster.count,
            first_seen=format_timestamp(cluster.first),
            last_seen=format_timestamp(cluster.last),
            services=self.texts(cluster.services),
            insert_ids=self.texts(cluster.insert_ids),
            example=self.text(cluster.example),
        )

    def _quote(self, line: str) -> Redacted:
        """A line of a log, cut when there is nothing secret in it any more: half a secret does not look like one."""
        return Redacted(self.text(line)[:_LONGEST_QUOTE])

    def _cause(self, cause: Match) -> ReportedCause:
        entry = cause.event.first
        return ReportedCause(
            rule=cause.rule.name,
            title=self.text(cause.rule.title),
            message=Redacted(self.text(cause.event.message)[:_LONGEST_MESSAGE]),
            root=self.text(cause.event.root),
            insert_id=self.text(entry.insert_id),
            timestamp=format_timestamp(entry.timestamp),
            service=self.text(entry.service),
            revision=self.text(entry.revision),
        )

    def _rules(self, incident: Incident) -> list[ReportedRule]:
        samples = (incident.cause, *incident.failures, *incident.consequences, *incident.context)
        titles = {**{match.rule.name: match.rule.title for match in samples}, **incident.titles}
        return [
            ReportedRule(
                name,
                self.text(titles.get(name, name)),
                role.value,
                count,
                format_timestamp(first),
                format_timestamp(last),
            )
            for name, (role, count, first, last) in sorted(incident.counts.items(), key=lambda item: item[1][2])
        ]

    def _timeline(self, incident: Incident) -> list[ReportedMoment]:
        return [
            ReportedMoment(
                timestamp=format_timestamp(item.time),
                last=format_timestamp(item.last),
                phase=self.text(item.phase),
                role=item.role.value,
                rule=item.rule,
                text=self.text(item.text),
                quote=self._quote(item.quote),
                count=item.count,
                contradicted=item.contradicted,
                insert_ids=self.texts(item.insert_ids),
            )
            for item in incident.timeline
        ]

    def _deploy(self, incident: Incident) -> ReportedDeploy | None:
        deploy = incident.deploy
        if deploy is None:
            return None
        return ReportedDeploy(
            revision=self.text(deploy.revision),
            timestamp=format_timestamp(deploy.time),
            failed_before=deploy.failed_before,
            delay=None if deploy.delay is None else deploy.delay / SECOND,
            insert_id=self.text(deploy.insert_id),
        )

    def _links(self, incident: Incident) -> ReportedLinks:
        project = self.text(self._source.project or incident.cause.event.first.project)
        query = evidence_query(self.texts((*incident.core_ids, *incident.consequence_ids)))
        stamps = [
            entry.timestamp
            for match in (incident.cause, *incident.failures, *incident.consequences)
            for entry in match.event.entries
        ]
        evidence = explorer_link(project, query, min(stamps) - SECOND, max(*stamps, incident.last) + SECOND)
        read = ""
        if self._window is not None:
            # The Logs Explorer understands no other language than Cloud Logging's.
            query = self.text(self._source.filter if self._source.kind == "cloud-logging" else "")
            read = explorer_link(project, query, self._window.start, self._window.end)
        return ReportedLinks(evidence=Redacted(evidence), read=Redacted(read))


def _asked(window: Window, coverage: Coverage) -> Window | None:
    """The window, or for whole files the time that their entries cover."""
    if window.end > window.start:
        return window
    if coverage.first is None or coverage.last is None:
        return None
    return Window(coverage.first, coverage.last + 1)


def _short_ids(fingerprints: Sequence[str]) -> dict[str, str]:
    """Each fingerprint's first digits, as many as tell them apart."""
    length = _SHORT_ID
    while len({f[:length] for f in fingerprints}) < len(set(fingerprints)):
        length += 1
    return {fingerprint: fingerprint[:length] for fingerprint in fingerprints}
