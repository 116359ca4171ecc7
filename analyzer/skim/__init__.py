"""Sheets and records to batches: every entry is counted, and those worth a closer look are picked out.

Nothing here decides what a report says. An entry is passed over only where decoding it wholly would have led to the
same: it is counted alike, and neither a rule nor its severity nor its shape nominates it. Wherever a few fields cannot
tell, the record is decoded wholly; that is the plain way, and the two agree entry by entry.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analyzer.model import Notice
from analyzer.sheets import Sheet
from analyzer.skim.batches import Batcher
from analyzer.skim.pages import Pages

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from analyzer.batch import Batch, Edge
    from analyzer.matching import Matcher
    from analyzer.model import Entry, LogEntry

__all__ = ["Skimmer"]

_BATCH: Final = 4_000
_TOGETHER: Final = 500


class Skimmer:
    """Takes what a source gives and makes batches of it.

    Args:
        matcher: The rules.
        nominated: Whether an entry is worth a closer look by itself. It must say yes to every entry of severity ERROR,
            to one that the rules nominate, to one that looks like a part of another, and to a failed request; and
            otherwise go by nothing but what the entry says, its request and its severity, unless all are decoded.
        wholly: A few fields do not tell which entries the rules nominate, so that each is decoded wholly.
    """

    def __init__(self, matcher: Matcher, nominated: Callable[[Entry], bool], *, wholly: bool = False) -> None:
        self._batcher = Batcher()
        self._pages = Pages(matcher.scanner.needs, nominated, self._note, wholly=wholly)
        self._single: list[Entry] = []

    def batches(self, records: Iterable[LogEntry | Notice | Sheet]) -> Iterator[Batch]:
        """All records, in their order, in batches of some thousand entries.

        One read may follow another: what has been found out about entries is known then.
        """
        self._batcher, self._single = Batcher(), []
        for record in records:
            if isinstance(record, Sheet):
                self._flush()
                self._batcher.add(self._pages.of_sheet(record))
            elif isinstance(record, Notice):
                self._note(record)
            else:
                self._take(record)
            if len(self._batcher) >= _BATCH:
                yield self._batch()
        self._flush()
        yield self._batch()

    def edges(self) -> tuple[list[Edge], list[Edge]]:
        """What stands at the beginning and at the end of what was read: its neighbours may stand in other parts."""
        return self._batcher.edges()

    def _note(self, notice: Notice) -> None:
        self._batcher.notice(notice)

    def _batch(self) -> Batch:
        batch = self._batcher.batch(self._pages.places.found, self._pages.verdicts.found)
        self._pages.forget()
        return batch

    def _take(self, record: LogEntry) -> None:
        entry = self._pages.decoded(record)
        if entry is not None:
            self._single.append(entry)
            if len(self._single) >= _TOGETHER:
                self._flush()

    def _flush(self) -> None:
        """Makes a page of entries that did not come in sheets."""
        if self._single:
            entries, self._single = self._single, []
            self._batcher.add(self._pages.of_entries(entries))
