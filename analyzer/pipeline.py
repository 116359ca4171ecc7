"""The stages, composed: source -> entries -> events -> matches -> incidents -> report.

Nothing here opens a file or a connection: a source does that when it is iterated, and the caller writes the report.
"""

from __future__ import annotations

import contextlib
import gc
from typing import TYPE_CHECKING, NamedTuple

from analyzer.coverage import Ledger
from analyzer.entries import EntryError, decode, is_own
from analyzer.events import continues, join, marks_error
from analyzer.incidents import build_incidents, cluster, failed_requests
from analyzer.matching import Matcher
from analyzer.model import Notice, Severity, Window
from analyzer.report import build
from analyzer.rule import Role
from analyzer.selection import select
from analyzer.sheets import Sheet
from analyzer.skim import Skimmer
from analyzer.sources import Skimmed
from analyzer.traffic import failing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from analyzer.model import Coverage, Entry, Event, LogEntry, Match
    from analyzer.report import Report
    from analyzer.rule import Rule
    from analyzer.settings import Settings
    from analyzer.sources import Source

__all__ = ["Classified", "classify", "events_of", "finding", "matches_of", "report_on", "with_outages"]


class Classified(NamedTuple):
    """What the rules say of a read, each part in order of time.

    Attributes:
        matches: Matches of the rules.
        unknown: Errors that no rule knows.
        refused: Requests that failed, whatever a rule says of them.
    """

    matches: tuple[Match, ...]
    unknown: tuple[Event, ...]
    refused: tuple[Event, ...]


def classify(
    records: Iterable[LogEntry | Notice | Sheet],
    matcher: Matcher,
    ledger: Ledger,
    recall: Callable[[Entry], Entry | None] | None = None,
) -> Classified:
    """Read records to their end and match them.

    Args:
        records: LogEntry mappings, or sheets of a few of their fields, in any order, with a source's notices between.
        matcher: The rules.
        ledger: Counts what passes.
        recall: Says of each entry what earlier passes made of it, or drops it; None where there are no earlier ones.
    """
    with _unhurried_collector():
        events = join(_worth_a_look(records, matcher, ledger, recall))
        matches = matcher.match(events)
    known = {id(match.event) for match in matches}
    return Classified(
        matches=tuple(matches),
        unknown=tuple(event for event in events if event.severity >= Severity.ERROR and id(event) not in known),
        refused=tuple(event for event in events if event.first.request and failing(event.first.request)),
    )


@contextlib.contextmanager
def _unhurried_collector() -> Iterator[None]:
    """Fewer collections of cycles, of which entries have none, while many entries are made."""
    before = gc.get_threshold()
    gc.set_threshold(100_000, 50, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _worth_a_look(
    records: Iterable[LogEntry | Notice | Sheet],
    matcher: Matcher,
    ledger: Ledger,
    recall: Callable[[Entry], Entry | None] | None,
) -> Iterator[Entry]:
    """The entries that something nominates, and their neighbours."""

    def nominated(entry: Entry) -> bool:
        return _nominated(entry, matcher)

    if recall is None:
        return Skimmer(matcher, ledger, nominated).entries(records)
    decoded = _decoded(_unfolded(records), ledger)
    return select(ledger.distinct(filter(None, map(recall, decoded))), nominated)


def _unfolded(records: Iterable[LogEntry | Notice | Sheet]) -> Iterator[LogEntry | Notice]:
    """Records of sheets one by one, decoded wholly: what earlier passes made of an entry is asked of each."""
    for record in records:
        if isinstance(record, Sheet):
            yield from map(record.whole, record.records)
        else:
            yield record


def with_outages(classified: Classified, ledger: Ledger) -> Classified:
    """The same with requests that failed for a stretch as matches of built-in rules, and no longer as unknown errors.

    Args:
        classified: What the rules say.
        ledger: The one that counted the read, which has come to its end.
    """
    requests = failed_requests(classified.refused, ledger.traffic.stretches(), classified.matches)
    told = {id(match.event) for match in requests}
    return classified._replace(
        matches=tuple(sorted([*classified.matches, *requests], key=lambda match: match.time)),
        unknown=tuple(event for event in classified.unknown if id(event) not in told),
    )


def report_on(source: Source, rules: Sequence[Rule], *, window: Window | None, settings: Settings, now: int) -> Report:
    """The whole way from a source to a report.

    Args:
        source: Where the entries come from.
        rules: The rules, detections and correlations.
        window: The time to read, nanoseconds; None for all that the source has.
        settings: Which incidents to keep and how to write them.
        now: When the report is made, nanoseconds.

    Raises:
        SourceError: Nothing could be read at all.
        TemplateError: A rule's template cannot be filled.
    """
    ledger = Ledger()
    records = source.skim(window) if isinstance(source, Skimmed) else source.read(window)
    classified = with_outages(classify(records, Matcher(rules), ledger), ledger)
    incidents = build_incidents(classified.matches, classified.unknown, ledger.revisions(), settings.report)
    kept = [incident for incident in incidents if incident.level >= settings.min_severity]
    if len(kept) < len(incidents):
        lower = len(incidents) - len(kept)
        ledger.notice(Notice(text=f"{lower} incidents below {settings.min_severity.word} are left out"))
    coverage = ledger.coverage()
    return build(
        kept,
        cluster(classified.unknown),
        coverage,
        source.info,
        window or _covered(coverage, now),
        settings.report,
        generated_at=now,
        matches=classified.matches,
    )


def _covered(coverage: Coverage, now: int) -> Window:
    """The window that a read without one turned out to have."""
    if coverage.first is None or coverage.last is None:
        return Window(now, now)
    return Window(coverage.first, coverage.last + 1)


def events_of(records: Iterable[LogEntry]) -> list[Event]:
    """The events of a few records, each of them looked at."""
    return join([decode(record) for record in records])


def matches_of(records: Iterable[LogEntry], matcher: Matcher) -> list[Match]:
    """The matches in a few records, each of them looked at: the plain way, for the rules' own tests."""
    return matcher.match(events_of(records))


def finding(record: LogEntry, matcher: Matcher) -> bool:
    """Whether an entry by itself tells of a failure, so that a source fetches what stands around it.

    What only holds a rule's words is no finding, or a noisy log would be read whole; a part of a record is one, since
    the rest of it may tell more.
    """
    try:
        entry = decode(record)
    except EntryError:
        return False
    if entry.severity >= Severity.ERROR or (entry.request is not None and failing(entry.request) is not None):
        return True
    if not matcher.nominates_entry(entry):
        return False
    (event,) = join([entry])
    fails = any(match.rule.role in {Role.FAILURE, Role.CONSEQUENCE} for match in matcher.match_event(event))
    return fails or continues(entry.message)


def _decoded(records: Iterable[LogEntry | Notice], ledger: Ledger) -> Iterator[Entry]:
    for record in records:
        if isinstance(record, Notice):
            ledger.notice(record)
            continue
        try:
            entry = decode(record)
        except EntryError as error:
            ledger.skip(f"skipped: {error}")
            continue
        if not is_own(record):
            yield entry


def _nominated(entry: Entry, matcher: Matcher) -> bool:
    if entry.request is not None and failing(entry.request) is not None:
        return True
    return (
        entry.severity >= Severity.ERROR
        or matcher.nominates_entry(entry)
        or continues(entry.message)
        or marks_error(entry.message)
        or "split" in entry.raw
    )
