"""The faults that were seen in the last ten minutes, by service: what a happening may be tied to."""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from typing import TYPE_CHECKING

from analyzer.incidents.faults import TARGETED
from analyzer.incidents.reach import LONGEST, may_lie_elsewhere

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from analyzer.incidents.chain import Chain, Tally
    from analyzer.model import Match

__all__ = ["Lately"]

_Seen = OrderedDict["Tally", "Chain"]


class Lately:
    """Faults with their chains, those seen last at the end."""

    def __init__(self) -> None:
        self._by_service: defaultdict[str, _Seen] = defaultdict(OrderedDict)
        self._elsewhere: _Seen = OrderedDict()

    def note(self, tallies: Iterable[Tally], chain: Chain) -> None:
        """Note that faults of a chain were seen."""
        for tally in tallies:
            seen = self._by_service[tally.service]
            seen[tally] = chain
            seen.move_to_end(tally)
            if may_lie_elsewhere(tally.rule):
                self._elsewhere[tally] = chain
                self._elsewhere.move_to_end(tally)

    def before(self, effect: Match) -> Iterator[tuple[Tally, Chain]]:
        """The faults that ``effect`` might be tied to, in its own service, and in others where rules allow it."""
        service, rule, start = effect.event.first.service, effect.rule, effect.time - LONGEST
        yield from _since(start, self._by_service[service])
        if rule.spans_services:
            others = [seen for name, seen in self._by_service.items() if name != service]
        else:
            others = [self._elsewhere] if rule.caused_by or rule.category in TARGETED else []
        for seen in others:
            yield from (found for found in _since(start, seen) if found[0].service != service)


def _since(start: int, seen: _Seen) -> Iterable[tuple[Tally, Chain]]:
    """What was seen from ``start`` on; the rest is forgotten."""
    while seen and (oldest := next(iter(seen))).last < start:
        del seen[oldest]
    return seen.items()
