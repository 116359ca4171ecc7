"""Errors that no rule knows, gathered by what they say."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from analyzer.outcome import Cluster
from analyzer.template import digest, mask

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.model import Event, Severity

__all__ = ["cluster", "template_of"]

_MOST_IDS = 20


class _Gathered:
    __slots__ = ("count", "event", "first", "ids", "last", "services")

    def __init__(self, event: Event) -> None:
        self.event = event
        self.count = 0
        self.first = self.last = event.time
        self.services: Counter[str] = Counter()
        self.ids: list[str] = []

    def add(self, event: Event) -> None:
        self.count += 1
        if event.time < self.first:
            self.first, self.event = event.time, event
        self.last = max(self.last, event.time)
        if event.first.service:
            self.services[event.first.service] += 1
        if len(self.ids) < _MOST_IDS:
            self.ids.extend(event.insert_ids[: _MOST_IDS - len(self.ids)])


def cluster(events: Iterable[Event]) -> tuple[Cluster, ...]:
    """Cluster events by template and severity.

    Args:
        events: Events of effective severity ERROR and above that no rule matched.

    Returns:
        The clusters: gravest first, then the most frequent.
    """
    gathered: dict[tuple[Severity, str], _Gathered] = {}
    for event in events:
        key = (event.severity, template_of(event))
        gathered.setdefault(key, _Gathered(event)).add(event)
    clusters = [
        Cluster(
            id=digest(severity.name, template, size=6),
            template=template,
            severity=severity,
            count=found.count,
            first=found.first,
            last=found.last,
            services=tuple(sorted(found.services)),
            insert_ids=tuple(found.ids),
            example=found.event.message,
        )
        for (severity, template), found in gathered.items()
    ]
    return tuple(sorted(clusters, key=lambda c: (-c.severity, -c.count, c.first, c.id)))


def template_of(event: Event) -> str:
    """The template of an event: of the line that says what went wrong, and of its first line where they differ."""
    opening = next((line for line in event.message.splitlines() if line.strip()), "")
    if not event.root or event.root == opening:
        return mask(opening)
    return f"{mask(opening)} / {mask(event.root)}"
