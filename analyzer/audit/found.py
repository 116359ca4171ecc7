"""What of an incident is new in a pass: the happenings that no pass has counted, with exact counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import msgspec

from analyzer.audit.recall import key_of, received
from analyzer.incidents import container_starts
from analyzer.model import Incident
from analyzer.rule import Category, Role
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

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


def fresh_parts(incidents: Iterable[Incident], end: int) -> list[Fresh]:
    """What is new of each incident, for those of which anything is.

    Args:
        incidents: What a pass found, out of entries that know what earlier passes made of them.
        end: The end of the window that was read; a record that may go on after it waits for the next pass.
    """
    taken: set[int] = set()
    found = []
    for incident in incidents:
        parts = [
            matches
            for matches in incident.happenings
            if not (event := matches[0].event).told and id(event) not in taken and not _may_go_on(event, end)
        ]
        taken.update(id(matches[0].event) for matches in parts)
        if parts:
            found.append(_fresh(incident, parts))
    return found


def _fresh(incident: Incident, parts: list[tuple[Match, ...]]) -> Fresh:
    matches = [match for happening in parts for match in happening]
    events = [happening[0].event for happening in parts]
    times: dict[str, list[int]] = {}
    for match in matches:
        times.setdefault(match.rule.name, []).append(match.time)
    starting = [
        match
        for match in incident.context
        if match.rule.role is Role.MILESTONE and match.rule.category is Category.STARTUP and not match.event.told
    ]
    return Fresh(
        incident=incident,
        count=len(parts),
        first=min(event.time for event in events),
        last=max(event.time for event in events),
        heard=max(received(entry) for event in events for entry in event.entries),
        starts=container_starts(starting, matches),
        rules={rule: (len(found), min(found), max(found)) for rule, found in times.items()},
        keys=frozenset(
            key_of(entry) for event in (*events, *(match.event for match in starting)) for entry in event.entries
        ),
    )


def _may_go_on(event: Event, end: int) -> bool:
    if event.first.request is not None:
        return False
    return max(received(entry) for entry in event.entries) >= end - _SETTLED
