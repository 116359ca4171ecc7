"""Sheets and single entries to pages: columns that say of each entry where it stands and what is to be made of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from analyzer.columns import NONE, keys, latencies
from analyzer.coverage import deploy_of
from analyzer.entries import EntryError, decode, is_own
from analyzer.model import Notice
from analyzer.sheets import NOTHING
from analyzer.skim.payloads import Payloads
from analyzer.skim.places import UNTOLD, Places
from analyzer.skim.requests import Requests
from analyzer.skim.texts import texts_of
from analyzer.skim.verdicts import WHOLLY, Verdict, Verdicts
from analyzer.traffic import failing, is_probe, route_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from analyzer.batch import Deploy
    from analyzer.columns import Flags, Integers, Keys
    from analyzer.model import Entry, LogEntry
    from analyzer.needs import Need
    from analyzer.sheets import Glance, Sheet

__all__ = ["Columns", "Page", "Pages"]

_MOST: Final = 5_000


class Columns(NamedTuple):
    """What is known of entries, an array each.

    Attributes:
        keys: What two copies of one entry share.
        places: Where each stands, by index.
        verdicts: What is to be made of it, by index.
        stamps: Its timestamp, nanoseconds.
        times: Its effective time, nanoseconds.
        lags: How much later it was received, nanoseconds.
        asked: Whether it has a request.
        nominated: Whether it is worth a closer look.
    """

    keys: Keys
    places: Integers
    verdicts: Integers
    stamps: Integers
    times: Integers
    lags: Integers
    asked: Flags
    nominated: Flags

    @classmethod
    def of(cls, stamps: Integers) -> Columns:
        """Entries of which no more than their timestamps is known."""
        number = len(stamps)
        blank = np.zeros((3, number), np.int64)
        flags = np.zeros((2, number), bool)
        return cls(np.zeros(number, np.uint64), blank[0], blank[1], stamps, stamps.copy(), blank[2], *flags)

    @classmethod
    def joined(cls, some: Sequence[Columns]) -> Columns:
        """The entries of several, one behind the other."""
        return cls(*map(np.concatenate, zip(*some, strict=True))) if some else cls.of(np.zeros(0, np.int64))

    def only(self, rows: Integers) -> Columns:
        """Some of the entries."""
        return Columns._make(column[rows] for column in self)


@dataclass(frozen=True, slots=True)
class Page:
    """Entries that came one after another.

    Attributes:
        columns: What is known of each.
        ids: Its insertId.
        deploys: What audited entries tell of deploys, by their rows.
        entry: Decodes the entry of a row wholly.
    """

    columns: Columns
    ids: Sequence[str]
    deploys: Mapping[int, Deploy]
    entry: Callable[[int], Entry]

    def __len__(self) -> int:
        """How many entries."""
        return len(self.ids)


class Pages:
    """Makes pages, and keeps what it found out about places and about what is said there.

    Args:
        needs: What the rules look for.
        nominated: Whether an entry is worth a closer look by itself.
        lost: Told why there is no entry in a record.
        wholly: A few fields do not tell which entries the rules nominate, so that each is decoded wholly.

    Attributes:
        places: The places that pages name by index.
        verdicts: The verdicts that they name.
    """

    def __init__(
        self,
        needs: Iterable[Need],
        nominated: Callable[[Entry], bool],
        lost: Callable[[Notice], None],
        *,
        wholly: bool = False,
    ) -> None:
        self._wholly = wholly
        self._needs = frozenset(needs)
        self._texts = texts_of(self._needs)
        self._nominated = nominated
        self._lost = lost
        self._begin()

    def _begin(self) -> None:
        self.places, self.verdicts = Places(), Verdicts()
        self._payloads = Payloads(self._texts, self._needs, self.verdicts)
        self._requests = Requests(self._texts, self.verdicts, self._nominated)

    def forget(self) -> None:
        """Begins anew where places or verdicts would fill the memory: pages that are still in use name them no more."""
        if len(self.places.found) > _MOST or len(self.verdicts.found) > _MOST:
            self._begin()

    def decoded(self, record: LogEntry | str) -> Entry | None:
        """The entry of a record; None for this program's own, and for what is none, which is told."""
        try:
            if not isinstance(record, str):
                entry = decode(record)
                return None if is_own(record) else entry
            reason = record
        except EntryError as error:
            reason = str(error)
        self._lost(Notice(text=f"skipped: {reason}", skipped=1))
        return None

    def of_entries(self, entries: Sequence[Entry]) -> Page:
        """Entries that are decoded already."""
        columns = Columns.of(np.fromiter((entry.timestamp for entry in entries), np.int64, len(entries)))
        columns.lags[:] = [0 if entry.received is None else entry.received - entry.timestamp for entry in entries]
        return self._page(columns, [""] * len(entries), dict(enumerate(entries)), entries.__getitem__)

    def of_sheet(self, sheet: Sheet) -> Page:
        """The entries of a sheet."""
        columns = self._skimmed(sheet)
        ids = [glance.insertId for glance in sheet.glances]
        wholly = np.flatnonzero(columns.verdicts == WHOLLY).tolist()
        records = sheet.records
        found = {row: self.decoded(records.whole(row)) for row in wholly}

        def entry_of(row: int) -> Entry:
            entry = found.get(row) or self.decoded(records.whole(row))
            if entry is None:  # pragma: no cover - what a few fields tell of has an entry
                raise LookupError(row)
            return entry

        gone = [row for row, entry in found.items() if entry is None]
        if not gone:
            return self._page(columns, ids, {row: entry for row, entry in found.items() if entry}, entry_of)
        rows = np.delete(np.arange(len(ids)), gone)
        kept = {place: entry for place, row in enumerate(rows.tolist()) if (entry := found.get(row)) is not None}
        ids = [ids[row] for row in rows.tolist()]
        return self._page(columns.only(rows), ids, kept, lambda place: entry_of(int(rows[place])))

    def _page(
        self, columns: Columns, ids: list[str], entries: Mapping[int, Entry], entry: Callable[[int], Entry]
    ) -> Page:
        """A page of entries, some of which are decoded."""
        for row, one in entries.items():
            columns.places[row] = self.places.of(one)
            columns.verdicts[row] = self.verdicts.add(_verdict(one))
            columns.times[row] = one.time
            columns.asked[row] = one.request is not None
            columns.nominated[row] = self._nominated(one)
            ids[row] = one.insert_id
        columns.keys[:] = keys(self.places.salts[columns.places], columns.stamps, ids)
        deploys = {row: deploy for row, one in entries.items() if (deploy := deploy_of(one)) is not None}
        return Page(columns, ids, deploys, entry)

    def _skimmed(self, sheet: Sheet) -> Columns:
        """What a few fields tell; where they do not tell enough, the verdict is to decode the record."""
        glances = sheet.glances
        columns = Columns.of(sheet.stamps)
        columns.verdicts[:] = WHOLLY
        columns.lags[:] = np.where(sheet.received == NONE, 0, sheet.received - columns.stamps)
        if self._wholly:
            return columns
        columns.places[:] = [
            place if glance.protoPayload is None else self.places.audited(place, glance.protoPayload)
            for glance, place in zip(glances, self.places.find(glances), strict=True)
        ]
        asked, said = _told(glances, columns.places.tolist())
        columns.verdicts[said] = self._payloads.find([glances[row] for row in said])
        some = [glances[row] for row in asked]
        requests = [http for glance in some if (http := glance.httpRequest) is not None]
        taken = latencies([http.latency for http in requests])
        payloads = [None if glance.jsonPayload is None else self._payloads.said(glance) for glance in some]
        untold = [payload is None and some[row].jsonPayload is not None for row, payload in enumerate(payloads)]
        doubtful = (taken == NONE) | np.array(untold, bool)
        columns.asked[asked] = True
        columns.verdicts[asked] = np.where(doubtful, WHOLLY, self._requests.find(some, requests, payloads))
        columns.times[asked] += np.where(taken == NONE, 0, taken)
        return columns


def _told(glances: Sequence[Glance], places: Sequence[int]) -> tuple[list[int], list[int]]:
    """The requests and the payloads of which a few fields may tell enough."""
    odd = {
        row
        for row, (glance, place) in enumerate(zip(glances, places, strict=True))
        if place == UNTOLD or type(glance.insertId) is not str or glance.split is not NOTHING
    }
    said = [row for row, glance in enumerate(glances) if glance.httpRequest is None]
    asked = [
        row
        for row, glance in enumerate(glances)
        if glance.httpRequest is not None and glance.textPayload is None and glance.protoPayload is None
    ]
    if odd:
        return [row for row in asked if row not in odd], [row for row in said if row not in odd]
    return asked, said


def _verdict(entry: Entry) -> Verdict:
    """Under what an entry is counted that is decoded wholly."""
    request = entry.request
    if request is None or is_probe(request):
        return Verdict(entry.severity.name)
    return Verdict(entry.severity.name, route_of(request), failing(request))
