"""Matches -> incidents: one cause with its consequences, what stood around it, and the words for it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from analyzer.incidents.chains import fold, gather
from analyzer.incidents.context import Surroundings, belied
from analyzer.incidents.deploys import deploys_of, verdict
from analyzer.incidents.gravity import level_of
from analyzer.incidents.narrative import Narrator, five_whys
from analyzer.incidents.requests import failed_requests
from analyzer.incidents.rhythm import container_starts, period_of
from analyzer.incidents.symptoms import explain_symptoms, happening_with_exception
from analyzer.incidents.timeline import timeline_of
from analyzer.incidents.unknown import cluster
from analyzer.model import Event, Incident, Match, Revision
from analyzer.rule import Role
from analyzer.template import digest
from analyzer.times import SECOND, format_timestamp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from analyzer.incidents.chain import Chain, Tally
    from analyzer.incidents.faults import Happening
    from analyzer.settings import ReportSettings

__all__ = ["build_incidents", "cluster", "container_starts", "failed_requests"]

_FAILING = (Role.FAILURE, Role.CONSEQUENCE)
_MOST_CONTEXT = 200


def build_incidents(
    matches: Sequence[Match],
    unknown: Sequence[Event],
    revisions: Sequence[Revision],
    settings: ReportSettings,
) -> tuple[Incident, ...]:
    """Group matches into incidents.

    Args:
        matches: All matches of a run in order of time, correlations among them.
        unknown: Errors that no rule matched, in order of time.
        revisions: The revisions that were seen.
        settings: Impact sentences and how many samples to keep.

    Returns:
        The incidents: gravest first, then in order of their first failure.
    """
    single = [match for match in matches if match.rule.correlation is None]
    correlated = [match for match in matches if match.rule.correlation is not None]
    surroundings = Surroundings(match for match in single if match.rule.role not in _FAILING)
    chains = explain_symptoms(gather(_happenings(single), settings.samples), unknown)
    builder = _Builder(surroundings, revisions, correlated, settings)
    incidents = [builder.build(chain) for chain in fold(chains)]
    return tuple(sorted(incidents, key=lambda incident: (-incident.level, incident.first, incident.fingerprint)))


def _happenings(matches: Sequence[Match]) -> list[Happening]:
    by_event: dict[int, list[Match]] = {}
    for match in matches:
        if match.rule.role in _FAILING:
            by_event.setdefault(id(match.event), []).append(match)
    happenings = [happening_with_exception(found) for found in by_event.values()]
    return sorted(happenings, key=lambda happening: happening.primary.time)


class _Builder:
    """Turns chains into incidents, with what is the same for all of them at hand."""

    def __init__(
        self,
        surroundings: Surroundings,
        revisions: Sequence[Revision],
        correlated: Sequence[Match],
        settings: ReportSettings,
    ) -> None:
        self._surroundings = surroundings
        self._revisions = revisions
        self._correlated = correlated
        self._settings = settings

    def build(self, chain: Chain) -> Incident:
        """The incident of one chain."""
        cause = chain.cause
        tallies = sorted(chain.tallies.values(), key=lambda tally: (tally is not cause, tally.first))
        failures = [tally for tally in tallies if tally is cause or tally.match.rule.role is Role.FAILURE]
        consequences = [tally for tally in tallies if tally not in failures]
        context = self._surroundings.around(chain.services, chain.first, chain.last)
        namers = self._correlations_of(failures)
        grave = [tally.match for tally in failures if tally.match.rule.level >= cause.match.rule.level]
        claims = belied(grave, context, (part for match in namers for part in match.parts))
        starts = container_starts(context, (match for happening in chain.happenings for match in happening.matches))
        entities = _entities(tallies)
        revisions = _distinct(tallies, "revision")
        deploys = deploys_of(self._revisions, list(chain.services))
        told = {name: value for match in context for name, value in match.fields.items()}
        narrator = Narrator({**told, **_facts(cause, chain, starts, entities)})
        speakers = [*namers, *(tally.match for tally in tallies)]
        return Incident(
            fingerprint=_fingerprint(cause),
            title=narrator.headline(speakers[0]),
            subject=narrator.headline(cause.match) if namers else "",
            category=(namers[0] if namers else cause.match).rule.category,
            level=level_of(chain, speakers, context),
            first=chain.first,
            last=chain.last,
            count=chain.count,
            starts=starts,
            services=tuple(service for service in chain.services if service),
            revisions=revisions,
            instances=_distinct(tallies, "instance"),
            cause=cause.match,
            failures=_samples(failures),
            consequences=_samples(consequences),
            context=tuple(context[:_MOST_CONTEXT]),
            counts=_counts(tallies, namers),
            entities=entities,
            timeline=timeline_of(
                tallies,
                context,
                [d for d in deploys if d.first <= chain.last],
                headline=lambda match: _with_claims(narrator.headline(match), match, cause, claims),
                contradicted=claims,
            ),
            contradicts=claims,
            deploy=verdict(deploys, first=chain.first, revisions=revisions, seen_from=self._seen_from(chain)),
            whys=five_whys(cause, tallies, narrator),
            # What names the incident tells the whole of it; else each rule tells its part.
            problem=narrator.sentences(namers, "problem") or narrator.sentences(speakers, "problem"),
            impact=self._impact(narrator, speakers, context),
            next_steps=narrator.steps(speakers),
            core_ids=_ids(failures),
            consequence_ids=_ids(consequences),
            context_ids=tuple(dict.fromkeys(i for match in context[:_MOST_CONTEXT] for i in match.insert_ids)),
            period=period_of(happening.primary for happening in chain.happenings if happening.fault == cause.fault),
            faults={_fingerprint(tally): tally.fault.rule for tally in tallies},
            happenings=tuple(
                happening.matches for happening in sorted(chain.happenings, key=lambda one: one.primary.time)
            ),
        )

    def _correlations_of(self, failures: Sequence[Tally]) -> list[Match]:
        """The correlations that a failure of the incident completes, the gravest first, one of each rule."""
        ids = {id(match.event) for tally in failures for match in tally.samples}
        found = {
            match.rule.name: match
            for match in reversed(self._correlated)
            if match.rule.role is Role.FAILURE and any(id(part.event) in ids for part in match.parts)
        }
        return sorted(found.values(), key=lambda match: (-match.rule.level, match.time))

    def _seen_from(self, chain: Chain) -> int | None:
        return min((r.first for r in self._revisions if r.service in chain.services and r.name), default=None)

    def _impact(self, narrator: Narrator, speakers: Sequence[Match], context: Sequence[Match]) -> str:
        """What the configuration says of such incidents, then what the rules say."""
        told = [self._settings.impact.get(key, "") for m in speakers for key in (m.rule.name, m.rule.category.value)]
        states = [match for match in context if match.rule.role is Role.STATE]
        own = narrator.sentences([*speakers, *states], "impact")
        return " ".join([*dict.fromkeys(text for text in told if text), *([own] if own else [])])


def _fingerprint(cause: Tally) -> str:
    return digest(cause.fault.service, cause.fault.rule, cause.fault.names)


def _samples(tallies: Sequence[Tally]) -> tuple[Match, ...]:
    return tuple(sorted((match for tally in tallies for match in tally.samples), key=lambda match: match.time))


def _ids(tallies: Sequence[Tally]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(i for tally in tallies for i in tally.ids))


def _distinct(tallies: Sequence[Tally], name: str) -> tuple[str, ...]:
    values = (getattr(match.event.first, name) for match in _samples(tallies))
    return tuple(dict.fromkeys(value for value in values if value))


def _entities(tallies: Sequence[Tally]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, dict[str, None]] = defaultdict(dict)
    for tally in tallies:
        for match in tally.samples:
            for name, value in match.fields.items():
                found[name].update(dict.fromkeys((value,) if isinstance(value, str) else value))
    return {name: tuple(values) for name, values in sorted(found.items())}


def _counts(tallies: Sequence[Tally], namers: Sequence[Match]) -> Mapping[str, tuple[Role, int, int, int]]:
    counts: dict[str, tuple[Role, int, int, int]] = {}
    for tally in tallies:
        role, count, first, last = counts.get(tally.fault.rule, (tally.match.rule.role, 0, tally.first, tally.last))
        counts[tally.fault.rule] = (role, count + tally.count, min(first, tally.first), max(last, tally.last))
    for match in namers:
        counts[match.rule.name] = (match.rule.role, 1, match.time, match.time)
    return counts


def _facts(cause: Tally, chain: Chain, starts: int, entities: Mapping[str, tuple[str, ...]]) -> dict[str, Any]:
    first = cause.match.event.first
    return {
        **entities,
        "service": first.service,
        "revision": first.revision,
        "count": cause.count,
        "starts": starts,
        "first": format_timestamp(chain.first - chain.first % SECOND),
        "last": format_timestamp(chain.last - chain.last % SECOND),
    }


def _with_claims(headline: str, match: Match, cause: Tally, claims: Sequence[Match]) -> str:
    """The cause's line in the timeline says what it happened in spite of."""
    before = [claim for claim in claims if claim.time <= match.time]
    if match is not cause.match or not before:
        return headline
    title = before[-1].rule.title
    return f"{headline}, despite {title[:1].lower()}{title[1:]}"
