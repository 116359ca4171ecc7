"""What was covered, in lines for people: a report without incidents says no more than what was read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.report.wording import count_of, stamp
from analyzer.times import SECOND, format_duration, parse_timestamp

if TYPE_CHECKING:
    from analyzer.report.document import ReportDocument

__all__ = ["coverage_lines", "verdict_lines"]

_LATE = 1.0
_SERVICES = 12


def verdict_lines(document: ReportDocument) -> list[str]:
    """What the report may claim: incidents found, none in what was read, or nothing read at all."""
    read = document.coverage
    if not read.entries:
        return [
            "Nothing was read, so nothing can be said about the health of the system.",
            "Check the window, the project, the scope and the permissions.",
        ]
    lines = []
    if document.incidents:
        lines.append(f"{count_of(len(document.incidents), 'incident')} in {count_of(read.entries, 'entry')}.")
    else:
        were = "was" if read.entries == 1 else "were"
        lines.append(f"No incident was found in the {count_of(read.entries, 'entry')} that {were} read.")
    if document.unclassified:
        total = sum(cluster.count for cluster in document.unclassified)
        match = "matches" if total == 1 else "match"
        lines.append(f"{count_of(total, 'error')} of {count_of(len(document.unclassified), 'kind')} {match} no rule.")
    if not read.complete:
        lines.append("The read ended early: about the rest of the window nothing is known.")
    return lines


def coverage_lines(document: ReportDocument, zone: str) -> list[str]:
    """What was asked for, what came, what was cut, skipped or late; one fact a line, with code spans."""
    read = document.coverage
    if document.source.kind == "state":
        return ["Source: what the audit remembers of all its passes; the line of each pass says what it read"]
    name = f" `{document.source.name}`" if document.source.name else ""
    lines = [f"Source: {document.source.kind}{name}"]
    # A window that was only taken from the entries of whole files says nothing that the next line does not.
    asked = _asked(document)
    if document.window is not None and asked:
        lines.append(f"Window: {stamp(document.window.start, zone)} to {stamp(document.window.end, zone)}")
    if read.first is None or read.last is None:
        lines.append(f"Read: {count_of(read.entries, 'entry')}")
    else:
        span = f"from {stamp(read.first, zone)} to {stamp(read.last, zone)}"
        lines.append(f"Read: {count_of(read.entries, 'entry')} {span}")
    lines.append(
        "Complete: yes, the read went to its end" if read.complete else f"Complete: NO, {_cut(document, asked)}"
    )
    if read.severities:
        lines.append(f"Severities: {', '.join(f'{word} {n:,}' for word, n in read.severities.items() if n)}")
    if read.services:
        lines.append(f"Services: {_services(document)}")
    if read.duplicates:
        lines.append(f"Duplicates: {read.duplicates:,}, each counted once")
    if read.skipped:
        lines.append(f"Skipped: {count_of(read.skipped, 'record')} could not be read")
    if read.late >= _LATE:
        lines.append(f"Late: entries arrived up to {format_duration(round(read.late * SECOND))} after their timestamps")
    return [*lines, *(f"Note: {note}" for note in read.notes)]


def _asked(document: ReportDocument) -> int:
    """How long the window is that was asked for, nanoseconds; 0 where it was only taken from the entries."""
    window, read = document.window, document.coverage
    if window is None:
        return 0
    start, end = parse_timestamp(window.start), parse_timestamp(window.end)
    taken = (
        read.first is not None
        and read.last is not None
        and (read.first, end)
        == (
            window.start,
            parse_timestamp(read.last) + 1,
        )
    )
    return 0 if taken else end - start


def _cut(document: ReportDocument, asked: int) -> str:
    read = document.coverage
    if not asked or read.first is None or read.last is None:
        return "the read ended early"
    covered = parse_timestamp(read.last) - parse_timestamp(read.first)
    told, wanted = format_duration(covered), format_duration(asked)
    return f"the read ended early: its entries cover {told} of the {wanted} asked for"


def _services(document: ReportDocument) -> str:
    counted = sorted(document.coverage.services.items(), key=lambda item: -item[1])
    named = [f"`{name}` {count:,}" if name else f"(none named) {count:,}" for name, count in counted[:_SERVICES]]
    more = len(counted) - len(named)
    return ", ".join(named) + (f" and {more} more" if more else "")
