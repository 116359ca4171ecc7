"""What of an incident is new in a pass: the happenings that no pass has counted, with exact counts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from analyzer.audit.recall import key_of, received
from analyzer.incidents import Series, container_starts, tells_of_end, tells_of_start
from analyzer.outcome import Incident
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analyzer.model import Event, Match

__all__ = ["Fresh", "fresh_parts"]

_SETTLED = 2 * SECOND
"""The lines of one record come within a second of each other: one that ends so near the window's end may go on."""


class Fresh(msgspec.Struct, frozen=True, kw_only=True):
    """The new part of an incident.

    Attributes:
        incident: All that was read of it, what was counted before too.
        count: New failures and consequences.
        first: When the first of them happened, nanoseconds.
        last: When the latest one did.
        heard: When the latest one was received.
        starts: New container starts.
        rules: Rule to the number of its new matches, the first and the last time.
        keys: Of all entries that are counted with it.
    """

    incident: Incident
    count: int
    first: int
    last: int
    heard: int
    starts: int
    rules: Mapping[str, tuple[int, int, int]]
    keys: frozenset[int]


def fresh_parts(
    incidents: Sequence[Incident], happenings: Iterable[tuple[int, tuple[Match, ...]]], end: int
) -> list[Fresh]:
    """What is new of each incident, for those of which anything is.

    Args:
        incidents: What a pass found, out of entries that know what earlier passes made of them.
        happenings: All that failed in the pass, each with its place.
        end: The end of the window that was read; a record that may go on after it waits for the next pass.
    """
    owners = {place: number for number, incident in enumerate(incidents) for place in incident.happenings}
    parts = [_Part(incident) for incident in incidents]
    for place, matches in happenings:
        event = matches[0].event
        if place in owners and not event.told and not _may_go_on(event, end):
            parts[owners[place]].add(matches)
    return [part.fresh() for part in parts if part.count]


class _Part:
    """The new part of an incident while it is counted."""

    def __init__(self, incident: Incident) -> None:
        self._incident = incident
        self._first = self._last = self._heard = 0
        self._rules: dict[str, tuple[int, int, int]] = {}
        self._ended: defaultdict[str, Series] = defaultdict(Series)
        self._keys: set[int] = set()
        self.count = 0

    def add(self, matches: Sequence[Match]) -> None:
        """Count a happening."""
        event = matches[0].event
        self.count += 1
        self._first = min(self._first or event.time, event.time)
        self._last = max(self._last, event.time)
        self._heard = max(self._heard, *map(received, event.entries))
        self._keys.update(map(key_of, event.entries))
        for match in matches:
            rule, time = match.rule, match.time
            count, first, last = self._rules.get(rule.name, (0, time, time))
            self._rules[rule.name] = (count + 1, min(first, time), max(last, time))
            if tells_of_end(rule):
                self._ended[rule.name].add(event.first.instance, time)

    def fresh(self) -> Fresh:
        """What was counted, with the container starts around it."""
        begun: defaultdict[str, Series] = defaultdict(Series)
        for match in self._incident.context:
            if tells_of_start(match.rule) and not match.event.told:
                begun[match.rule.name].add(match.event.first.instance, match.time)
                self._keys.update(map(key_of, match.event.entries))
        return Fresh(
            incident=self._incident,
            count=self.count,
            first=self._first,
            last=self._last,
            heard=self._heard,
            starts=container_starts(begun, self._ended),
            rules=self._rules,
            keys=frozenset(self._keys),
        )


def _may_go_on(event: Event, end: int) -> bool:
    if event.first.request is not None:
        return False
    return max(received(entry) for entry in event.entries) >= end - _SETTLED
