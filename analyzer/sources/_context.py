"""What stands around findings: for each service the stretches of time to read, as few and short as they can be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.model import Window
from analyzer.sources._query import SERVICE_LABELS
from analyzer.times import parse_duration, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.model import LogEntry
    from analyzer.sources._language import AnyQuery, Language, Origin

__all__ = ["Findings", "entry_time"]

_OR = " OR "
_PLACES = frozenset({"project_id", "location", "zone", "region"})
"""Resource labels that say where a thing is, not which it is."""


class Findings:
    """Collects findings, and says what to ask for around them.

    Args:
        window: What is asked for stays in it.
        context: Nanoseconds before and after a finding; for a request, after its end.
    """

    def __init__(self, window: Window, context: int) -> None:
        self._window = window
        self._context = context
        self._stretches: dict[Origin, list[Window]] = {}
        self.count = 0

    def add(self, entry: LogEntry) -> None:
        """Note a finding. One without a time or a resource has no context."""
        time, origin = entry_time(entry), _origin(entry)
        if time is None or not origin:
            return
        self.count += 1
        start = max(time - self._context, self._window.start)
        end = min(time + _latency(entry) + self._context + 1, self._window.end)
        stretches = self._stretches.setdefault(origin, [])
        # Findings come in the order of time, so most join the last stretch at once; queries() does the others.
        if stretches and stretches[-1].start <= start <= stretches[-1].end:
            stretches[-1] = Window(stretches[-1].start, max(end, stretches[-1].end))
        elif start < end:
            stretches.append(Window(start, end))

    def queries(self, language: Language[AnyQuery]) -> Iterator[tuple[AnyQuery, str]]:
        """Queries for all stretches, in the order of time, each with the clause that it has beside the scope.

        Raises:
            UsageError: The scope alone leaves no room for a stretch.
        """
        stretches = sorted(
            ((stretch, origin) for origin, parts in self._stretches.items() for stretch in _merged(parts)),
            key=lambda item: (item[0].start, item[0].end, item[1]),
        )
        room = language.room()
        packed: list[Window] = []
        clauses: list[str] = []
        for stretch, origin in stretches:
            clause = language.stretch(origin, stretch)
            if packed and room < len(clause):
                yield _packed(language, packed, clauses)
                packed, clauses, room = [], [], language.room()
            packed.append(stretch)
            clauses.append(clause)
            room -= len(clause) + len(_OR)
        if packed:
            yield _packed(language, packed, clauses)


def _packed(language: Language[AnyQuery], stretches: list[Window], clauses: list[str]) -> tuple[AnyQuery, str]:
    bounds = Window(stretches[0].start, max(stretch.end for stretch in stretches))
    needed = _OR.join(clauses)
    return language.query(bounds, needed), needed


def _merged(stretches: list[Window]) -> list[Window]:
    merged: list[Window] = []
    for stretch in sorted(stretches, key=lambda one: (one.start, one.end)):
        if merged and stretch.start <= merged[-1].end:
            merged[-1] = Window(merged[-1].start, max(merged[-1].end, stretch.end))
        else:
            merged.append(stretch)
    return merged


def entry_time(entry: LogEntry) -> int | None:
    """The entry's timestamp in nanoseconds, or when it was received; None when it says neither."""
    for name in ("timestamp", "receiveTimestamp"):
        try:
            return parse_timestamp(entry[name])
        except (KeyError, ValueError):
            continue
    return None


def _latency(entry: LogEntry) -> int:
    """A request is stamped with its start, and what it suffered from may stand at its end."""
    try:
        return parse_duration(entry["httpRequest"]["latency"])
    except (KeyError, ValueError):
        return 0


def _origin(entry: LogEntry) -> Origin:
    """What entries of the same service share; empty when the entry does not say where it is from."""
    resource = entry.get("resource", {})
    labels = resource.get("labels", {})
    for label in SERVICE_LABELS:
        if labels.get(label):
            return ((f"resource.labels.{label}", labels[label]),)
    if not resource.get("type"):
        return ()
    own = sorted((name, value) for name, value in labels.items() if value and name not in _PLACES)
    return (("resource.type", resource["type"]), *((f"resource.labels.{name}", value) for name, value in own))
