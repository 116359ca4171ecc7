"""What is known of an incident after one reading of the matches: what failed, and where to find what stood around it.

Of the matches around failures only their places are known then. An :class:`Outline` names the places that it needs;
when the matches at these have been looked up, the incident can be told (``telling.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.incidents.timeline import places_told
from analyzer.rule import Role

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from analyzer.incidents.chain import Chain
    from analyzer.incidents.context import Surroundings
    from analyzer.model import Match

__all__ = ["Outline", "look_up"]

_MOST_CONTEXT = 200
"""Matches around an incident that it keeps."""


class Outline:
    """A chain that is complete, what stood around it, and what names it.

    Args:
        chain: The chain.
        surroundings: What stood around all chains.

    Attributes:
        chain: The chain.
        tallies: Its faults, the cause first, then in order of time.
        failures: The cause and the other failures among them.
        consequences: The rest of them.
        around: What stood around it.
        context: The places of the first matches of that.
        namers: The correlations that a failure of it completes, the first of each rule; :func:`look_up` finds them.
    """

    def __init__(self, chain: Chain, surroundings: Surroundings) -> None:
        cause = chain.cause
        self.chain = chain
        self.tallies = sorted(chain.tallies.values(), key=lambda tally: (tally is not cause, tally.first))
        self.failures = [tally for tally in self.tallies if tally is cause or tally.rule.role is Role.FAILURE]
        self.consequences = [tally for tally in self.tallies if tally not in self.failures]
        self.around = surroundings.around(chain.services, chain.first, chain.last)
        self.context = self.around.samples(_MOST_CONTEXT)
        self.namers: dict[str, Match] = {}
        self._grave = [tally.match for tally in self.failures if tally.match.rule.level >= cause.match.rule.level]
        self._claims = self.around.claims(self._grave)

    def places(self) -> Iterator[int]:
        """The places of the matches that telling the incident needs."""
        yield from self.context
        yield from self.around.last_words()
        yield from self.around.states()
        yield from places_told(self.around.strands.values())
        yield from (place for _, place in self._claims.values())

    def belied(self, scene: Mapping[int, Match]) -> tuple[Match, ...]:
        """The claims of success that its failures show to be wrong, in order of time, one of each rule.

        Args:
            scene: The matches at its places.
        """
        joined = self.around.joined_claims(self._grave, (part for one in self.namers.values() for part in one.parts))
        claims = {**joined, **{rule: (moment, scene[moment[1]]) for rule, moment in self._claims.items()}}
        return tuple(match for _, match in sorted(claims.values(), key=lambda claim: claim[0]))


def look_up(outlines: Sequence[Outline], matches: Iterable[Match], *, correlated: bool) -> dict[int, Match]:
    """Read the matches once more: those at the outlines' places, and the correlations that name an incident.

    Args:
        outlines: All outlines of a run; their ``namers`` are filled in.
        matches: All matches of the run, in the same order as before.
        correlated: There are correlations among them.

    Returns:
        The matches at the places that any outline needs.
    """
    wanted = {place for outline in outlines for place in outline.places()}
    completing = _completing(outlines) if correlated else {}
    scene: dict[int, Match] = {}
    for place, match in enumerate(matches):
        if len(scene) == len(wanted) and not completing:
            break
        if place in wanted:
            scene[place] = match
        elif match.parts and match.rule.role is Role.FAILURE:
            _give_name(match, completing)
    return scene


def _completing(outlines: Iterable[Outline]) -> dict[object, list[Outline]]:
    """The key of each event that shows a failure of an outline, with the outlines that it does that for."""
    found: dict[object, list[Outline]] = {}
    for outline in outlines:
        for event in {match.event.key for tally in outline.failures for match in tally.samples}:
            found.setdefault(event, []).append(outline)
    return found


def _give_name(correlation: Match, completing: Mapping[object, Sequence[Outline]]) -> None:
    """Let a correlation name the outlines that have one of its parts, unless an earlier one of its rule does."""
    for part in correlation.parts:
        for outline in completing.get(part.event.key, ()):
            outline.namers.setdefault(correlation.rule.name, correlation)
