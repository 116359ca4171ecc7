"""The Report: what a run found, redacted, and every form it can be written in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.report.document import (
    ReportDocument,
    ReportedCoverage,
    ReportedIncident,
    ReportedUnclassified,
)
from analyzer.report.frames import MatchRow, matches_frame, timeline_frame
from analyzer.report.names import file_names
from analyzer.report.pieces import json_pieces
from analyzer.report.templates import Markup, render
from analyzer.report.text import render_text
from analyzer.report.view import debug_log_view, summary_view
from analyzer.settings import ReportSettings

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

__all__ = ["Report"]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents in order of priority, what was covered, and what was left unclassified.

    Made by :func:`analyzer.report.build`. Everything in it is redacted.

    Attributes:
        document: The report as data, which ``to_json`` writes.
        settings: How it is written.
        rows: What ``matches_frame`` shows.
    """

    document: ReportDocument
    settings: ReportSettings
    rows: tuple[MatchRow, ...] = ()

    def __repr__(self) -> str:
        """A line for notebooks and debuggers, where all that was found would fill pages."""
        counts = f"{len(self.incidents)} incidents, {len(self.unclassified)} unclassified"
        return f"<Report: {counts}, {self.coverage.entries} entries>"

    @property
    def incidents(self) -> list[ReportedIncident]:
        """The incidents, the most urgent first."""
        return self.document.incidents

    @property
    def coverage(self) -> ReportedCoverage:
        """What was read."""
        return self.document.coverage

    @property
    def unclassified(self) -> list[ReportedUnclassified]:
        """Errors that no rule knows."""
        return self.document.unclassified

    def to_json(self) -> str:
        """The report in the schema ``loganalyze.report/1``, indented, in one final line feed."""
        return "".join(self.json_pieces())

    def json_pieces(self) -> Iterator[str]:
        """The same text in pieces, each small beside the whole, for whoever writes it somewhere."""
        return json_pieces(self.document)

    def to_markdown(self) -> str:
        """One document: the debug log where there is one incident, else a summary and every debug log.

        Raises:
            TemplateError: A user's template cannot be rendered.
        """
        if len(self.incidents) == 1:
            view = debug_log_view(self.document, self.incidents[0], self.settings, alone=True)
            return self._markdown("debug-log.md.j2", log=view)
        logs = [debug_log_view(self.document, incident, self.settings, alone=False) for incident in self.incidents]
        return self._markdown("report.md.j2", summary=self._summary(), logs=logs)

    def to_html(self) -> str:
        """One page with everything in it, without scripts and without anything fetched from elsewhere.

        Raises:
            TemplateError: A user's template cannot be rendered.
        """
        logs = [debug_log_view(self.document, incident, self.settings, alone=False) for incident in self.incidents]
        return render(
            "report.html.j2",
            Markup.HTML,
            self.settings.templates,
            {"report": self.document, "summary": self._summary(), "logs": logs},
        )

    def to_text(self, *, colour: bool = False, width: int = 100) -> str:
        """A compact overview for a terminal.

        Args:
            colour: Use ANSI colours.
            width: Columns of a line at most, where no quoted line or single word is longer.
        """
        return render_text(self.document, self.settings, colour=colour, width=width)

    def debug_log(self, incident: ReportedIncident) -> str:
        """The debug log of one of :attr:`incidents`, as Markdown.

        Raises:
            TemplateError: A user's template cannot be rendered.
        """
        view = debug_log_view(self.document, incident, self.settings, alone=len(self.incidents) == 1)
        return self._markdown("debug-log.md.j2", log=view)

    def debug_log_name(self, incident: ReportedIncident) -> str:
        """The file a debug log goes to: ``<slug>_<YYYYMMDD>.md``, unlike that of every other incident here."""
        return self._names()[incident.fingerprint]

    def index(self) -> str:
        """A Markdown page for the folder of debug logs: links to them, coverage, unclassified errors.

        Raises:
            TemplateError: A user's template cannot be rendered.
        """
        return self._markdown("index.md.j2", summary=self._summary())

    def matches_frame(self) -> pd.DataFrame:
        """One row a match, in order; see :func:`analyzer.report.frames.matches_frame` for the columns."""
        return matches_frame(self.rows)

    def timeline_frame(self) -> pd.DataFrame:
        """One row a line of an incident's timeline."""
        return timeline_frame(self.incidents)

    def _names(self) -> dict[str, str]:
        return file_names(self.incidents, self.settings.timezone)

    def _summary(self) -> object:
        return summary_view(self.document, self.settings, self._names())

    def _markdown(self, template: str, **context: object) -> str:
        return render(template, Markup.MARKDOWN, self.settings.templates, {"report": self.document, **context})
