"""Outlines -> incidents: everything that is said of one cause and its consequences."""

from __future__ import annotations

import functools
from array import array
from collections import defaultdict
from typing import TYPE_CHECKING, Any

from analyzer.incidents.deploys import deploys_of, verdict
from analyzer.incidents.gravity import level_of
from analyzer.incidents.narrative import Narrator, five_whys
from analyzer.incidents.rhythm import container_starts, period_of, tells_of_end
from analyzer.incidents.series import Series
from analyzer.incidents.timeline import timeline_of
from analyzer.outcome import Incident
from analyzer.template import digest
from analyzer.times import SECOND, format_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from analyzer.incidents.chain import Tally
    from analyzer.incidents.outline import Outline
    from analyzer.model import Match, Revision
    from analyzer.outcome import Deploy, TimelineItem
    from analyzer.redact import Redactor
    from analyzer.rule import Role
    from analyzer.settings import ReportSettings

__all__ = ["Teller"]


class Teller:
    """Turns outlines into incidents, with what is the same for all of them at hand.

    Args:
        scene: The matches at the outlines' places.
        revisions: The revisions that were seen.
        settings: Impact sentences.
        redactor: Replaces secrets in what templates may cut.
    """

    def __init__(
        self,
        scene: Mapping[int, Match],
        revisions: Sequence[Revision],
        settings: ReportSettings,
        redactor: Redactor,
    ) -> None:
        self.scene = scene
        self.revisions = revisions
        self.settings = settings
        self.redactor = redactor

    def incident(self, outline: Outline) -> Incident:
        """The incident of one outline."""
        return _Telling(self, outline).incident()


class _Telling:
    """One incident while it is told."""

    def __init__(self, teller: Teller, outline: Outline) -> None:
        self._settings = teller.settings
        self._revisions = teller.revisions
        self._scene = teller.scene
        self._outline = outline
        self._chain = outline.chain
        self._tallies = outline.tallies
        self._context = tuple(teller.scene[place] for place in outline.context)
        self._namers = sorted(outline.namers.values(), key=lambda match: (-match.rule.level, match.time))
        self._speakers = [*self._namers, *(tally.match for tally in self._tallies)]
        self._claims = outline.belied(teller.scene)
        self._deploys = deploys_of(teller.revisions, list(self._chain.services))
        self._samples = _samples(self._tallies)
        self._revised = self._distinct("revision")
        self._entities = _entities(self._tallies)
        self._starts = container_starts(outline.around.starts(), _ends(self._tallies))
        self._narrator = Narrator(self._facts(), _Redacting(teller.redactor, self._tallies, self._context))

    def incident(self) -> Incident:
        chain, cause, narrator = self._chain, self._chain.cause, self._narrator
        return Incident(
            fingerprint=_fingerprint(cause),
            title=narrator.headline(self._speakers[0]),
            subject=narrator.headline(cause.match) if self._namers else "",
            category=(self._namers[0] if self._namers else cause.match).rule.category,
            level=level_of(chain, self._speakers, self._outline.around),
            first=chain.first,
            last=chain.last,
            count=chain.count,
            starts=self._starts,
            services=tuple(service for service in chain.services if service),
            revisions=self._revised,
            instances=self._distinct("instance"),
            cause=cause.match,
            failures=_samples(self._outline.failures),
            consequences=_samples(self._outline.consequences),
            context=self._context,
            counts=_counts(self._tallies, self._namers),
            titles={match.rule.name: match.rule.title for match in self._speakers},
            entities=self._entities,
            timeline=self._timeline(),
            contradicts=self._claims,
            deploy=self._deploy(),
            whys=five_whys(cause, self._tallies, narrator),
            # What names the incident tells the whole of it; else each rule tells its part.
            problem=narrator.sentences(self._namers, "problem") or narrator.sentences(self._speakers, "problem"),
            impact=self._impact(),
            next_steps=narrator.steps(self._speakers),
            core_ids=_ids(self._outline.failures),
            consequence_ids=_ids(self._outline.consequences),
            context_ids=tuple(dict.fromkeys(i for match in self._context for i in match.insert_ids)),
            period=period_of(cause.told.times()),
            faults={_fingerprint(tally): tally.fault.rule for tally in self._tallies},
            happenings=array("q", sorted(chain.places)),
        )

    def _distinct(self, name: str) -> tuple[str, ...]:
        """The values of a field of the samples' entries, each once, in order of time."""
        values = (getattr(match.event.first, name) for match in self._samples)
        return tuple(dict.fromkeys(value for value in values if value))

    def _facts(self) -> dict[str, Any]:
        """What the templates may name: what was told around the incident, and before all what is its own."""
        told = {name: value for place in self._outline.around.last_words() for name, value in self._fields_at(place)}
        chain, cause = self._chain, self._chain.cause
        first = cause.match.event.first
        return {
            **told,
            **self._entities,
            "service": first.service,
            "revision": first.revision,
            "count": cause.count,
            "starts": self._starts,
            "first": format_timestamp(chain.first - chain.first % SECOND),
            "last": format_timestamp(chain.last - chain.last % SECOND),
        }

    def _fields_at(self, place: int) -> Iterable[tuple[str, str | tuple[str, ...]]]:
        return self._scene[place].fields.items()

    def _timeline(self) -> tuple[TimelineItem, ...]:
        return timeline_of(
            self._tallies,
            self._outline.around.strands.values(),
            self._scene,
            [deploy for deploy in self._deploys if deploy.first <= self._chain.last],
            headline=self._headline_with_claims,
            contradicted=self._claims,
        )

    def _headline_with_claims(self, match: Match) -> str:
        """A headline; the cause's says what it happened in spite of."""
        headline = self._narrator.headline(match)
        before = [claim for claim in self._claims if claim.time <= match.time]
        if match is not self._chain.cause.match or not before:
            return headline
        title = before[-1].rule.title
        return f"{headline}, despite {title[:1].lower()}{title[1:]}"

    def _deploy(self) -> Deploy | None:
        own = (one.first for one in self._revisions if one.service in self._chain.services and one.name)
        return verdict(
            self._deploys, first=self._chain.first, revisions=self._revised, seen_from=min(own, default=None)
        )

    def _impact(self) -> str:
        """What the configuration says of such incidents, then what the rules say."""
        given = self._settings.impact
        told = [given.get(key, "") for m in self._speakers for key in (m.rule.name, m.rule.category.value)]
        states = [self._scene[place] for place in self._outline.around.states()]
        own = self._narrator.sentences([*self._speakers, *states], "impact")
        return " ".join([*dict.fromkeys(text for text in told if text), *([own] if own else [])])


class _Redacting:
    """Redacts what was made of an incident's entries; reads these for secrets when first needed, which is rare."""

    def __init__(self, redactor: Redactor, tallies: Sequence[Tally], context: Sequence[Match]) -> None:
        self._redactor = redactor
        self._tallies = tallies
        self._context = context

    def __call__(self, text: str) -> str:
        return self._redact(text)

    @functools.cached_property
    def _redact(self) -> Callable[[str], str]:
        matches = (*(match for tally in self._tallies for match in tally.samples), *self._context)
        return self._redactor.within(text for match in matches for text in match.event.texts)


def _fingerprint(tally: Tally) -> str:
    return digest(tally.fault.service, tally.fault.rule, tally.fault.names)


def _samples(tallies: Sequence[Tally]) -> tuple[Match, ...]:
    return tuple(sorted((match for tally in tallies for match in tally.samples), key=lambda match: match.time))


def _ids(tallies: Sequence[Tally]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(i for tally in tallies for i in tally.ids))


def _entities(tallies: Sequence[Tally]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for tally in tallies:
        for match in tally.samples:
            for name, value in match.fields.items():
                found[name].update(dict.fromkeys((value,) if isinstance(value, str) else value))
    return {name: tuple(values) for name, values in sorted(found.items())}


def _ends(tallies: Sequence[Tally]) -> dict[str, Series]:
    """By rule, when the end of a container was told of."""
    found: defaultdict[str, Series] = defaultdict(Series)
    for tally in tallies:
        if tells_of_end(tally.rule):
            found[tally.rule.name].absorb(tally.told)
            found[tally.rule.name].absorb(tally.beside)
    return found


def _counts(tallies: Sequence[Tally], namers: Sequence[Match]) -> Mapping[str, tuple[Role, int, int, int]]:
    counts: dict[str, tuple[Role, int, int, int]] = {}
    for tally in tallies:
        role, count, first, last = counts.get(tally.fault.rule, (tally.match.rule.role, 0, tally.first, tally.last))
        counts[tally.fault.rule] = (role, count + tally.count, min(first, tally.first), max(last, tally.last))
    for match in namers:
        counts[match.rule.name] = (match.rule.role, 1, match.time, match.time)
    return counts
