"""The stages, composed: source -> entries -> events -> matches -> incidents -> report.

Nothing here opens a file or a connection: a source does that when it is iterated, and the caller writes the report.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analyzer.classified import Classified
from analyzer.coverage import Ledger
from analyzer.crew import cores, in_order, unhurried_collector
from analyzer.entries import EntryError, decode, is_own
from analyzer.events import is_part, join
from analyzer.finds import Finder, Listed, traits_of
from analyzer.incidents import build_incidents, cluster
from analyzer.matching import Matcher
from analyzer.model import Notice, Severity, Window
from analyzer.nomination import nominated
from analyzer.redact import Redactor
from analyzer.report import build
from analyzer.rule import Role
from analyzer.selection import select
from analyzer.sources import Parted
from analyzer.traffic import failing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from analyzer.chronicle import Chronicle
    from analyzer.model import Coverage, Entry, Event, LogEntry, Match
    from analyzer.report import Report
    from analyzer.rule import Rule
    from analyzer.settings import Settings
    from analyzer.shares import Parcel
    from analyzer.sources import Source
    from analyzer.sources.parts import Plan, Tally

_LARGE: Final = 2 * 1024 * 1024
"""Bytes from which on files are read in parts: what that needs takes longer to load than less takes to read."""

_MANY: Final = 100_000
"""Entries from which on a read leaves so much memory free that to look for it is worth the time."""

__all__ = [
    "Classified",
    "classify",
    "classify_source",
    "events_of",
    "finding",
    "matches_of",
    "report_on",
    "with_outages",
]


def classify_source(
    source: Source, window: Window | None, matcher: Matcher, ledger: Ledger, *, jobs: int = 1
) -> Classified:
    """Read a source to its end and match what is in it, in the way that is quickest for it.

    Args:
        source: Where the entries come from.
        window: The time to read, nanoseconds; None for all that the source has.
        matcher: The rules.
        ledger: Counts what passes.
        jobs: How many processes may read at once.

    Raises:
        SourceError: Nothing could be read at all.
    """
    if isinstance(source, Parted):
        plan = source.plan(window)
        if plan.size is None or plan.size >= _LARGE:
            return _classify_parts(source, plan, matcher, ledger, jobs)
    return classify(source.read(window), matcher, ledger)


def classify(
    records: Iterable[LogEntry | Notice],
    matcher: Matcher,
    ledger: Ledger,
    recall: Callable[[Entry], Entry | None] | None = None,
) -> Classified:
    """Read records to their end and match them: the plain way, in which every entry is decoded.

    Args:
        records: LogEntry mappings in any order, with a source's notices between.
        matcher: The rules.
        ledger: Counts what passes.
        recall: Says of each entry what earlier passes made of it, or drops it; None where there are no earlier ones.
    """
    with unhurried_collector():
        decoded = _decoded(records, ledger)
        if recall is not None:
            decoded = filter(None, map(recall, decoded))
        selected = list(select(ledger.distinct(decoded), lambda entry: nominated(entry, matcher)))
        events = join(selected, newest_first=ledger.newest_first)
        finds = Listed(Finder(matcher).found(events), traits_of(matcher.rules))
        return Classified(finds, matcher.rules)


def _classify_parts(source: Parted, plan: Plan, matcher: Matcher, ledger: Ledger, jobs: int) -> Classified:
    """The same in parts, of which a few fields of most entries are decoded where these tell what rules look for."""
    from analyzer.memory import give_back  # noqa: PLC0415 - small runs do without

    with unhurried_collector():
        classified = Classified(_read_parts(source, plan, matcher, ledger, jobs), matcher.rules)
        if ledger.coverage().entries >= _MANY:
            give_back()
        return classified


def _read_parts(source: Parted, plan: Plan, matcher: Matcher, ledger: Ledger, jobs: int) -> Chronicle:
    """What is worth telling of all parts."""
    from analyzer.chronicle import Chronicle  # noqa: PLC0415 - small runs do without
    from analyzer.shares import Seams, Sharer, found_in  # noqa: PLC0415 - and without numpy

    work = Sharer(matcher) if plan.shared else Sharer(matcher, source.skim)
    chronicle, seams = Chronicle(), Seams()
    loose: list[Parcel] = []
    tallies: list[Tally] = []
    for share in in_order(work, plan.parts, jobs if plan.shared else 1):
        if share.batch is not None:
            ledger.add(share.batch)
            source.advance(plan, [*tallies, share.tally])
        else:
            tallies.append(share.tally)
            loose += (one for one in (*seams.joined(*share.edges), *share.loose) if ledger.is_first(one.key))
        chronicle.add(one for one in share.found.items if sum(map(ledger.is_first, one.keys)))
    for notice in plan.closing(tallies):
        ledger.notice(notice)
    chronicle.add(found_in(loose, matcher, newest_first=ledger.newest_first))
    ledger.close()
    return chronicle


def with_outages(classified: Classified, ledger: Ledger) -> Classified:
    """The same with requests that failed for a stretch as matches of built-in rules, and no longer as unknown errors.

    Args:
        classified: What the rules say.
        ledger: The one that counted the read, which has come to its end.
    """
    return classified.with_outages(ledger.traffic.stretches())


def report_on(  # noqa: PLR0913 - what a report is made of
    source: Source, rules: Sequence[Rule], *, window: Window | None, settings: Settings, now: int, rows: bool = True
) -> Report:
    """The whole way from a source to a report.

    Args:
        source: Where the entries come from.
        rules: The rules, detections and correlations.
        window: The time to read, nanoseconds; None for all that the source has.
        settings: Which incidents to keep and how to write them.
        now: When the report is made, nanoseconds.
        rows: The report has a row for each match, for frames.

    Raises:
        SourceError: Nothing could be read at all.
        TemplateError: A rule's template cannot be filled.
    """
    ledger, redactor = Ledger(), Redactor()
    classified = classify_source(source, window, Matcher(rules), ledger, jobs=settings.jobs or cores())
    classified = with_outages(classified, ledger)
    incidents = build_incidents(
        classified.matches, classified.unknown, ledger.revisions(), settings.report, redactor=redactor
    )
    kept = [incident for incident in incidents if incident.level >= settings.min_severity]
    if len(kept) < len(incidents):
        lower = len(incidents) - len(kept)
        level = settings.min_severity.word
        said = f"{lower} incidents below {level} are left out" if lower > 1 else f"1 incident below {level} is left out"
        ledger.notice(Notice(said))
    coverage = ledger.coverage()
    return build(
        kept,
        cluster(classified.unknown),
        coverage,
        source.info,
        window or _covered(coverage, now),
        settings.report,
        generated_at=now,
        matches=classified.matches if rows else None,
        redactor=redactor,
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
    return fails or is_part(entry)


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
