"""Entries that are worth a closer look, out of sheets of records of which only a few fields were decoded.

Nothing here decides what a report says. An entry is passed over only where decoding it wholly would have led to the
same: it is counted alike, and neither a rule nor its severity nor its shape nominates it. Wherever a few fields cannot
tell, the record is decoded wholly; that is the plain way, and the two agree entry by entry.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from analyzer.entries import PROMOTED_LABELS, EntryError, decode, is_own
from analyzer.model import Entry, Notice
from analyzer.selection import Selector
from analyzer.sheets import NOTHING, Sheet, stamp_of
from analyzer.skim.payloads import Payloads
from analyzer.skim.places import Places
from analyzer.skim.requests import Requests, latency_of
from analyzer.skim.texts import Texts
from analyzer.skim.wholes import Wholes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from analyzer.coverage import Ledger
    from analyzer.matching import Matcher
    from analyzer.model import LogEntry
    from analyzer.sheets import Glance
    from analyzer.skim.places import Place

__all__ = ["Skimmer"]

_TOLD_BY_GLANCES = ("message", "http.", "json.", "proto.")
"""Fields of rules that a glance shows, or that only records have which are always decoded wholly."""


class Skimmer:
    """Takes records and sheets of records, counts them all and gives the entries that are worth a closer look.

    Args:
        matcher: The rules.
        ledger: Counts what passes.
        nominated: Whether an entry is worth a closer look by itself. It must say yes to every entry of severity ERROR,
            to one that the rules nominate, to one that looks like a part of another, and to a failed request; and
            otherwise go by nothing but what the entry says, its request and its severity.
    """

    def __init__(self, matcher: Matcher, ledger: Ledger, nominated: Callable[[Entry], bool]) -> None:
        needs = matcher.scanner.needs
        self._ledger = ledger
        self._nominated = nominated
        self._selector = Selector()
        self._places = Places()
        self._wholes = Wholes()
        texts = Texts(needs)
        self._payloads = Payloads(texts, needs)
        self._requests = Requests(texts, nominated)
        # Rules that go by what a glance does not show, or by nothing at all, leave nothing to pass over.
        self._wholly = bool(matcher.scanner.always) or any(not n.field.startswith(_TOLD_BY_GLANCES) for n in needs)
        self._seconds: dict[str, int] = {}

    def entries(self, records: Iterable[LogEntry | Notice | Sheet]) -> Iterator[Entry]:
        """The entries that are nominated, and their neighbours, in the order of the records."""
        for record in records:
            if isinstance(record, Sheet):
                yield from self._sheet(record)
            elif isinstance(record, Notice):
                self._ledger.notice(record)
            else:
                yield from self._plain(record)

    def _plain(self, record: LogEntry) -> Iterator[Entry]:
        try:
            entry = decode(record)
        except EntryError as error:
            self._ledger.skip(f"skipped: {error}")
            return
        if not is_own(record) and self._ledger.fresh([hash(entry.key)])[0]:
            yield from self._entry(entry)

    def _entry(self, entry: Entry) -> Iterator[Entry]:
        """One that was decoded wholly and has not come before."""
        self._ledger.count(entry)
        if entry.request is not None:
            if self._nominated(entry):
                yield entry
            return
        place = (entry.service, entry.instance, entry.log)
        if self._nominated(entry):
            for item in self._selector.nominated(place, entry.time):
                # Records are decoded when they turn out to be neighbours.
                yield item if isinstance(item, Entry) else self._wholes.entry(*item)
            yield entry
        elif self._selector.passed(place, entry.time, entry):
            yield entry

    def _sheet(self, sheet: Sheet) -> Iterator[Entry]:
        if self._wholly:
            for record in sheet.records:
                yield from self._plain(sheet.whole(record))
            return
        keys: list[int] = []
        found: list[tuple[int, Place | Entry]] = []
        places = self._places.find(sheet.glances)
        for index, (glance, place) in enumerate(zip(sheet.glances, places, strict=True)):
            if place is not None and _shows_all(glance):
                keys.append(hash((place.project, place.log, sheet.stamps[index], glance.insertId)))
                found.append((index, place))
                continue
            entry = self._wholes.entry(sheet.whole, sheet.records[index], glance)
            if not is_own(entry.raw):
                keys.append(hash(entry.key))
                found.append((index, entry))
        new = self._ledger.fresh(keys)
        if not all(new):
            found = [one for one, fresh in zip(found, new, strict=True) if fresh]
        yield from self._distinct(sheet, found)

    def _distinct(self, sheet: Sheet, found: list[tuple[int, Place | Entry]]) -> Iterator[Entry]:
        """The records of a sheet that have not come before; those passed over are counted together."""
        severities: Counter[str] = Counter()
        services: Counter[str] = Counter()
        stamps: list[int] = []
        late = 0
        glances, times, records, seconds = sheet.glances, sheet.stamps, sheet.records, self._seconds
        for index, place in found:
            if isinstance(place, Entry):
                yield from self._entry(place)
                continue
            glance, stamp = glances[index], times[index]
            if glance.httpRequest is not None:
                severity = self._request(glance, place, stamp)
            else:
                severity = self._payloads.severity(glance)
            if severity is None:
                yield from self._entry(self._wholes.entry(sheet.whole, records[index], glance))
                continue
            severities[severity] += 1
            services[place.service] += 1
            stamps.append(stamp)
            received = stamp_of(glance.receiveTimestamp, seconds)
            if received is not None and received - stamp > late:
                late = received - stamp
            if glance.httpRequest is None:
                place.see(self._ledger, stamp, glance.insertId)
                item = (sheet.whole, records[index], glance)
                if self._selector.passed(place.stream, stamp, item):
                    yield self._wholes.entry(*item)
        if stamps:
            self._ledger.count_all(severities, services, (min(stamps), max(stamps), late))

    def _request(self, glance: Glance, place: Place, stamp: int) -> str | None:
        """The severity of a request that is passed over, which is counted; None for one to be decoded wholly."""
        if glance.textPayload is not None or glance.jsonPayload is not None or glance.httpRequest is None:
            return None
        latency = latency_of(glance.httpRequest.latency)
        verdict = self._requests.verdict(glance)
        if latency is None or verdict is None:
            return None
        time = stamp + latency
        place.see(self._ledger, time, glance.insertId)
        if verdict.route is not None:
            traffic = self._ledger.traffic
            traffic.count(traffic.place(place.service, verdict.route), time, None)
        return verdict.severity


def _shows_all(glance: Glance) -> bool:
    """Whether a few fields may be enough: it is not audited, not split, and not this program's own."""
    return (
        type(glance.insertId) is str
        and glance.protoPayload is NOTHING
        and glance.split is NOTHING
        and (type(glance.jsonPayload) is not dict or PROMOTED_LABELS not in glance.jsonPayload)
    )
