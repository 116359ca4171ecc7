"""The report for a terminal: compact, aligned, no markup, and nothing in it that a terminal would obey."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from analyzer.report.coverage import coverage_lines, verdict_lines
from analyzer.report.symptoms import symptom_blocks
from analyzer.report.wording import count_of, deploy_sentence, stamp
from analyzer.safe import segments, visible
from analyzer.times import format_duration

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.report.document import ReportDocument, ReportedIncident, ReportedMoment, ReportedUnclassified
    from analyzer.settings import ReportSettings

__all__ = ["render_text"]

_NARROWEST = 40
_LABEL = 9
_HEAD_LABEL = 10
_LONGEST_QUOTE = 400
_PRIORITY_COLOURS = {"P0": "1;31", "P1": "31", "P2": "33", "P3": "36"}


def render_text(document: ReportDocument, settings: ReportSettings, *, colour: bool, width: int = 100) -> str:
    """The whole report as text, ending in a line feed.

    Args:
        document: The report.
        settings: The time zone.
        colour: Use ANSI colours.
        width: Columns of a line at most; quoted lines and single words may be longer.
    """
    writer = _Writer(settings.timezone, colour=colour, width=width)
    lines = [*writer.head(document)]
    for incident in document.incidents:
        lines += ["", *writer.incident(incident)]
    if document.unclassified:
        lines += ["", writer.bold("Unclassified errors (no rule knows them)")]
        for cluster in document.unclassified:
            lines += writer.cluster(cluster)
    return "\n".join(line.rstrip() for line in lines) + "\n"


class _Writer:
    """Lays out lines; every text of a log or a rule goes through :meth:`_plain`."""

    def __init__(self, zone: str, *, colour: bool, width: int) -> None:
        self._zone = zone
        self._width = max(width, _NARROWEST)
        self._colour = colour

    def bold(self, text: str) -> str:
        return self._paint(text, "1")

    def head(self, document: ReportDocument) -> Iterator[str]:
        verdict, *others = verdict_lines(document)
        yield self.bold(verdict)
        for line in (*others, *coverage_lines(document, self._zone)):
            label, _, rest = line.partition(": ")
            if rest and label.isalpha():
                yield from self._wrapped(f"{label:<{_HEAD_LABEL}} {self._plain(rest)}", "", _HEAD_LABEL + 1)
            else:
                yield from self._wrapped(self._plain(line), "")

    def incident(self, incident: ReportedIncident) -> Iterator[str]:
        priority = incident.priority
        title = self._plain(incident.title)
        yield f"{self._paint(priority.level, _PRIORITY_COLOURS[priority.level])}  {self.bold(title)}"
        if incident.subject:
            yield f"    {self._plain(incident.subject)}"
        told = f"{incident.id}   {incident.severity} {incident.category}; {self._plain(priority.reason)}"
        yield from self._field("id", told)
        where = visible(", ".join([*incident.services, *incident.revisions]))
        yield from self._field("where", where or "no service named")
        yield from self._field("seen", self._seen(incident))
        if incident.problem:
            yield from self._field("problem", self._plain(incident.problem))
        for block in symptom_blocks(incident):
            yield f"    {block.heading}"
            for line in block.text.splitlines():
                yield f"      {self._paint(self._cut(line), '2')}"
        if incident.impact:
            yield from self._field("impact", self._plain(incident.impact))
        yield from self._field("deploy", self._plain(deploy_sentence(incident, self._zone)))
        for claim in incident.contradicts:
            yield from self._field("despite", self._cut(claim))
        yield "    timeline"
        width = max((len(moment.timestamp) for moment in incident.timeline), default=0)
        for moment in incident.timeline:
            yield from self._moment(moment, width)
        for number, step in enumerate(incident.next_steps, 1):
            yield from self._field("next" if number == 1 else "", f"{number}. {self._plain(step)}")
        ids = [*incident.entries.core, *incident.entries.consequences]
        more = f" and {len(ids) - 5} more" if len(ids) > 5 else ""  # noqa: PLR2004 (what fits a line)
        yield from self._field("insertIds", visible(" ".join(ids[:5])) + more)

    def cluster(self, cluster: ReportedUnclassified) -> Iterator[str]:
        count = f"{cluster.count:,}x"
        where = f" in {', '.join(cluster.services)}" if cluster.services else ""
        span = f"{cluster.first_seen} to {cluster.last_seen}"
        yield from self._wrapped(f"{cluster.id[:8]}  {count:>6} {cluster.severity}{self._plain(where)}, {span}", "  ")
        yield f"    {self._paint(self._cut(cluster.example), '2')}"

    def _seen(self, incident: ReportedIncident) -> str:
        first, last = stamp(incident.first_seen, self._zone), stamp(incident.last_seen, self._zone)
        told = f"{count_of(incident.count, 'time')}, {first}"
        if last != first:
            told += f" to {last}"
        if incident.period:
            told += f", about every {format_duration(round(incident.period * 1e9))}"
        starts = count_of(incident.starts, "container start") if incident.starts else "no container starts"
        return f"{told}, {starts}"

    def _moment(self, moment: ReportedMoment, width: int) -> Iterator[str]:
        count = f" ({moment.count:,}x)" if moment.count > 1 else ""
        belied = " [contradicted]" if moment.contradicted else ""
        mark = "!" if moment.role in ("failure", "consequence") else " "
        line = f"{mark} {moment.timestamp:<{width}} {self._plain(moment.text)}{count}{belied}"
        yield from self._wrapped(line, " " * 6, width + 3)

    def _field(self, label: str, text: str) -> list[str]:
        return self._wrapped(f"{label:<{_LABEL}} {text}", "    ", _LABEL + 1)

    def _wrapped(self, text: str, indent: str, hanging: int = 0) -> list[str]:
        return textwrap.wrap(
            text,
            self._width,
            initial_indent=indent,
            subsequent_indent=indent + " " * hanging,
            break_long_words=False,
            break_on_hyphens=False,
        )

    @staticmethod
    def _plain(text: str) -> str:
        """Visible, in one line, without the backticks of code spans."""
        return visible("".join(piece for _, piece in segments(text.replace("\n", " "))))

    @staticmethod
    def _cut(text: str) -> str:
        line = visible(text).replace("\n", "\\n")
        return line if len(line) <= _LONGEST_QUOTE else f"{line[:_LONGEST_QUOTE]}…"

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self._colour and text else text
