"""Errors that no rule knows, gathered by what they say."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from analyzer.incidents.faults import Fault, Happening
from analyzer.model import Cluster, Event, Match, Severity
from analyzer.rule import Category, Level, Role, Rule
from analyzer.template import digest, mask

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analyzer.incidents.chains import Chain

__all__ = ["UNCLASSIFIED", "cluster", "explain_orphans"]

UNCLASSIFIED = Rule(
    name="unclassified_error",
    id="00000000-0000-0000-0000-000000000000",
    title="Unclassified error",
    description="Stands for an error that no rule knows where it is the only thing that explains what followed.",
    level=Level.HIGH,
    category=Category.OTHER,
    role=Role.FAILURE,
)
_MOST_IDS = 20
_BEFORE = 60_000_000_000
_AFTER = 2_000_000_000


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


def explain_orphans(chains: Sequence[Chain], events: Sequence[Event]) -> None:
    """Give chains that hold only consequences the unknown error that came before them on their instance, if any.

    Args:
        chains: The chains; those without a failure are changed in place.
        events: Errors that no rule matched, in order of time.
    """
    for chain in chains:
        orphan = chain.cause.match
        if orphan.rule.role is Role.FAILURE:
            continue
        place = (orphan.event.first.service, orphan.event.first.instance)
        before = [
            event
            for event in events
            if (event.first.service, event.first.instance) == place
            and chain.first - _BEFORE <= event.time <= chain.first + _AFTER
        ]
        if before:
            match = Match(rule=UNCLASSIFIED, event=before[0], fields={})
            fault = Fault(place[0], UNCLASSIFIED.name, digest(template_of(before[0])))
            chain.add(Happening((match,), fault))


def template_of(event: Event) -> str:
    """The template of an event: of the line that says what went wrong, and of its first line where they differ."""
    opening = next((line for line in event.message.splitlines() if line.strip()), "")
    if not event.root or event.root == opening:
        return mask(opening)
    return f"{mask(opening)} / {mask(event.root)}"
