"""Matches -> incidents: one cause with its consequences, what stood around it, and the words for it."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from analyzer.incidents.chains import fold, gather
from analyzer.incidents.context import Surroundings
from analyzer.incidents.outline import Outline, look_up
from analyzer.incidents.requests import Outages
from analyzer.incidents.rhythm import container_starts, tells_of_end, tells_of_start
from analyzer.incidents.series import Series
from analyzer.incidents.symptoms import explain_symptoms, happening_of, unknown_happening
from analyzer.incidents.telling import Teller
from analyzer.incidents.unknown import cluster
from analyzer.redact import Redactor
from analyzer.rule import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from analyzer.incidents.faults import Happening
    from analyzer.model import Event, Match, Revision
    from analyzer.outcome import Incident
    from analyzer.settings import ReportSettings

__all__ = [
    "Outages",
    "Series",
    "build_incidents",
    "cluster",
    "container_starts",
    "happenings",
    "tells_of_end",
    "tells_of_start",
]

_FAILING = (Role.FAILURE, Role.CONSEQUENCE)


def build_incidents(
    matches: Iterable[Match],
    unknown: Iterable[Event],
    revisions: Sequence[Revision],
    settings: ReportSettings,
    *,
    redactor: Redactor | None = None,
) -> tuple[Incident, ...]:
    """Group matches into incidents.

    Of each match that is no sample, not more is kept than when and where it happened, its place, and its insertId.

    Args:
        matches: All matches of a run in order of time, correlations among them; those of one event are neighbours and
            share the event. They are iterated at most twice, and may be made anew each time.
        unknown: Errors that no rule matched, in order of time; iterated at most once.
        revisions: The revisions that were seen.
        settings: Impact sentences and how many samples to keep.
        redactor: Redacts values that templates may cut, before they do: the report's own, so that it gives one secret
            one surrogate; one with a key of its own where none is given.

    Returns:
        The incidents: gravest first, then in order of their first failure.
    """
    reading = _Reading(matches)
    chains = gather(reading.happenings(), settings.samples)
    chains = fold(explain_symptoms(chains, unknown, settings.samples))
    outlines = [Outline(chain, reading.surroundings) for chain in chains]
    scene = look_up(outlines, matches, correlated=reading.correlated)
    teller = Teller(scene, revisions, settings, redactor or Redactor())
    incidents = [teller.incident(outline) for outline in outlines]
    return tuple(sorted(incidents, key=lambda incident: (-incident.level, incident.first, incident.fingerprint)))


def happenings(matches: Iterable[Match], unknown: Iterable[Event]) -> Iterator[tuple[int, tuple[Match, ...]]]:
    """All that failed, each with its place, as ``Incident.happenings`` has it, and all its matches, of one event.

    Args:
        matches: As :func:`build_incidents` had them.
        unknown: The same.
    """
    for happening in _Reading(matches).happenings():
        yield happening.place, happening.matches
    for number, event in enumerate(unknown):
        happening = unknown_happening(event, number)
        yield happening.place, happening.matches


class _Reading:
    """One reading of matches: what failed comes out of it, what stood around that is left with it.

    Attributes:
        surroundings: The matches that are no failures, complete when all happenings have been taken.
        correlated: There were correlations that may name an incident.
    """

    def __init__(self, matches: Iterable[Match]) -> None:
        self._matches = matches
        self.surroundings = Surroundings()
        self.correlated = False

    def happenings(self) -> Iterator[Happening]:
        """What failed, in order of time."""
        for _, group in itertools.groupby(self._failing(), key=lambda found: id(found[1].event)):
            found = list(group)
            yield happening_of([match for _, match in found], found[0][0])

    def _failing(self) -> Iterator[tuple[int, Match]]:
        """The matches of failures and consequences, each with its place."""
        for place, match in enumerate(self._matches):
            rule = match.rule
            if rule.correlation is not None:
                self.correlated = self.correlated or rule.role is Role.FAILURE
            elif rule.role in _FAILING:
                yield place, match
            else:
                self.surroundings.add(place, match)
