"""Pages to batches: what their entries are counted under, and which are worth a closer look."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from analyzer.batch import Batch, Edge, Groups, Kind, Seen, Selected
from analyzer.model import Notice
from analyzer.skim.neighbours import NO_STREAM, neighbours, open_rows
from analyzer.skim.pages import Columns
from analyzer.times import SECOND
from analyzer.traffic import BUCKET

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analyzer.batch import Deploy
    from analyzer.columns import Integers
    from analyzer.skim.pages import Page
    from analyzer.skim.places import Place
    from analyzer.skim.verdicts import Verdict

__all__ = ["Batcher"]

_FAR: Final = 2 * SECOND
"""What lies further back than this does not wait for neighbours any more."""


class _At(NamedTuple):
    """Where an entry stands: its page, and its row there."""

    page: Page
    row: int


class _Where:
    """Where the entries of several pages stand, as if they were one.

    Args:
        pages: The pages.
        rows: Those entries that are meant, by their place in all pages together.
    """

    def __init__(self, pages: Sequence[Page], rows: Integers) -> None:
        self._pages = pages
        self._rows = rows
        self._begins = np.cumsum([0, *map(len, pages)])

    def deploys(self) -> Iterator[Deploy]:
        """What those that are meant tell of deploys."""
        for begin, page in zip(self._begins.tolist(), self._pages, strict=False):
            yield from (deploy for row, deploy in page.deploys.items() if begin + row in self._rows)

    def __getitem__(self, index: int) -> _At:
        """Where one stands."""
        row = int(self._rows[index])
        page = int(self._begins.searchsorted(row, "right")) - 1
        return _At(self._pages[page], row - int(self._begins[page]))


class _Waiting(NamedTuple):
    """An entry of an earlier batch to which later ones may turn out to be near, or the other way round."""

    at: _At
    stream: tuple[str, str, str]
    time: int
    nominated: bool
    taken: bool

    def edge(self) -> Edge:
        """The same for who has not read it."""
        page, row = self.at
        selected = None if self.taken else Selected(page.entry(row), int(page.columns.keys[row]))
        return Edge(self.stream, self.time, self.nominated, self.taken, selected)


class Batcher:
    """Collects pages, and makes batches of them; between batches it keeps what the next may have neighbours in."""

    def __init__(self) -> None:
        self._pages: list[Page] = []
        self._notices: list[Notice] = []
        self._waiting: list[_Waiting] = []
        self._opening: list[_Waiting] | None = None
        self._length = 0

    def __len__(self) -> int:
        """How many entries wait to become a batch."""
        return self._length

    def notice(self, notice: Notice) -> None:
        """Keep what a source says; what only counts is added up."""
        if self._notices and not notice.text and not self._notices[-1].text:
            last = self._notices.pop()
            notice = Notice(
                "",
                skipped=last.skipped + notice.skipped,
                incomplete=last.incomplete or notice.incomplete,
                duplicates=last.duplicates + notice.duplicates,
            )
        self._notices.append(notice)

    def add(self, page: Page) -> None:
        """Take a page."""
        self._pages.append(page)
        self._length += len(page)

    def edges(self) -> tuple[list[Edge], list[Edge]]:
        """What stands at the beginning and at the end of all that was taken."""
        return [one.edge() for one in self._opening or ()], [one.edge() for one in self._waiting]

    def batch(self, places: Sequence[Place], verdicts: Sequence[Verdict]) -> Batch:
        """What was collected.

        Args:
            places: The places that the pages name by index.
            verdicts: The verdicts that they name.
        """
        rows = Columns.joined([page.columns for page in self._pages])
        keys, order = np.unique(rows.keys, return_index=True)
        duplicates = len(rows.keys) - len(keys)
        first = np.sort(order)
        where = _Where(self._pages, first)
        if duplicates:
            rows = rows.only(first)
            order = np.argsort(rows.keys)
        groups, grouped = _groups(rows, places, verdicts)
        found = Batch(
            keys=keys,
            grouped=grouped[order],
            groups=groups,
            revisions=_revisions(rows, where, places),
            deploys=list(where.deploys()),
            first=int(rows.stamps.min()) if len(keys) else None,
            last=int(rows.stamps.max()) if len(keys) else None,
            begin=int(rows.stamps[0]) if len(keys) else None,
            end=int(rows.stamps[-1]) if len(keys) else None,
            late=int(rows.lags.max(initial=0)),
            duplicates=duplicates,
            notices=self._notices,
            selected=self._selected(rows, where, places) if len(keys) else [],
        )
        self._pages, self._notices, self._length = [], [], 0
        return found

    def _selected(self, rows: Columns, where: _Where, places: Sequence[Place]) -> list[Selected]:
        """What is worth a closer look, in order."""
        numbers: dict[tuple[str, str, str], int] = {}
        named = np.array([numbers.setdefault(place.stream, len(numbers)) for place in places], np.int64)
        before = self._waiting
        streams = _joined(
            [numbers.setdefault(one.stream, len(numbers)) for one in before],
            np.where(rows.asked, NO_STREAM, named[rows.places]),
        )
        times = _joined([one.time for one in before], rows.times)
        nominated = _joined([one.nominated for one in before], rows.nominated)
        taken = _joined([one.taken for one in before], np.zeros(len(rows.keys), bool))
        chosen = neighbours(streams, times, nominated) | nominated | taken

        def at(index: int) -> _At:
            return before[index].at if index < len(before) else where[index - len(before)]

        new = [at(index) for index in np.flatnonzero(chosen & ~taken).tolist()]
        names = list(numbers)

        def outermost(*, at_end: bool) -> list[_Waiting]:
            # A request counts as of its end, which may be far from where the read is.
            near = np.abs(times - rows.stamps[-1 if at_end else 0]) <= _FAR
            return [
                _Waiting(
                    at(index),
                    names[streams[index]],
                    int(times[index]),
                    nominated=bool(nominated[index]),
                    taken=bool(chosen[index]),
                )
                for index in open_rows(streams, nominated, at_end=at_end).tolist()
                if near[index]
            ]

        self._waiting = outermost(at_end=True)
        if self._opening is None:
            self._opening = outermost(at_end=False)
        return [Selected(page.entry(row), int(page.columns.keys[row])) for page, row in new]


def _joined(some: Sequence[Any], more: Any) -> Any:
    return np.concatenate((np.array(some, more.dtype), more)) if some else more


def _groups(rows: Columns, places: Sequence[Place], verdicts: Sequence[Verdict]) -> tuple[Groups, Integers]:
    """Under what entries are counted, and under which of these each is."""
    services: dict[str, int] = {}
    service = np.array([services.setdefault(place.service, len(services)) for place in places], np.int64)
    routed = np.array([verdict.route is not None for verdict in verdicts], bool)
    failing = np.array([verdict.failing is not None for verdict in verdicts], bool)
    timed = routed[rows.verdicts]
    buckets = rows.times // BUCKET
    base = int(buckets.min(initial=0, where=timed)) if timed.any() else 0
    span = int(buckets.max(initial=base, where=timed)) - base + 1
    codes = (service[rows.places] * len(verdicts) + rows.verdicts) * span + np.where(timed, buckets - base, 0)
    known, grouped = np.unique(codes, return_inverse=True)
    kinds, kind = np.unique(known // span, return_inverse=True)
    first = (base + known % span) * BUCKET
    last = first.copy()
    exact = failing[rows.verdicts]
    if exact.any():
        some, times = grouped[exact], rows.times[exact]
        first[some], last[some] = times, times
        np.minimum.at(first, some, times)
        np.maximum.at(last, some, times)
    names = list(services)
    return Groups([_kind(names, verdicts, int(code)) for code in kinds], kind, first, last), grouped


def _kind(services: Sequence[str], verdicts: Sequence[Verdict], code: int) -> Kind:
    service, verdict = divmod(code, len(verdicts))
    severity, route, failing = verdicts[verdict]
    return Kind(services[service], severity, route, failing)


def _revisions(rows: Columns, where: _Where, places: Sequence[Place]) -> list[Seen]:
    """When each revision was seen."""
    numbers: dict[tuple[str, str], int] = {}
    number = np.array(
        [numbers.setdefault((place.service, place.revision), len(numbers)) for place in places], np.int64
    )[rows.places]
    order = np.lexsort((rows.times, number))
    begins = np.flatnonzero(np.diff(number[order], prepend=-1))
    names = list(numbers)
    found = []
    for begin, end in pairwise([*begins.tolist(), len(order)]):
        first, last = int(order[begin]), int(order[end - 1])
        service, revision = names[number[first]]
        if revision:
            page, row = where[first]
            found.append(Seen(service, revision, int(rows.times[first]), int(rows.times[last]), page.ids[row]))
    return found
