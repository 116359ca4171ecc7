"""The timeline of one incident: equal happenings of a phase folded into one line, in order of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.outcome import TimelineItem
from analyzer.rule import Category, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from analyzer.incidents.chain import Tally
    from analyzer.incidents.context import Strand
    from analyzer.model import Match, Revision

__all__ = ["places_told", "quote_of", "timeline_of"]

DEPLOYMENT = "Recent Deployment"
_FAILED = {
    Category.SCHEMA: "Validation Failures",
    Category.VALIDATION: "Validation Failures",
    Category.CONFIGURATION: "Validation Failures",
    Category.MIGRATION: "Migration Failures",
    Category.STARTUP: "Start-up Failures",
    Category.CONNECTIVITY: "Connection Failures",
    Category.AUTH: "Authentication Failures",
    Category.LOCK: "Lock and Time-out Failures",
    Category.DEPENDENCY: "Dependency Failures",
    Category.CRASH: "Crashes",
    Category.HTTP: "Failed Requests",
    Category.OTHER: "Failures",
}
_MOST_IDS = 20


def places_told(strands: Iterable[Strand]) -> Iterator[int]:
    """The places of the matches that the timeline needs of each strand: one may be told apart, as contradicted."""
    return (place for strand in strands for _, place in strand.firsts(_MOST_IDS + 1))


def timeline_of(  # noqa: PLR0913  (everything that stands in it)
    tallies: Iterable[Tally],
    strands: Iterable[Strand],
    scene: Mapping[int, Match],
    deploys: Iterable[Revision],
    *,
    headline: Callable[[Match], str],
    contradicted: Sequence[Match],
) -> tuple[TimelineItem, ...]:
    """The timeline of an incident.

    Args:
        tallies: Its failures and consequences.
        strands: Milestones and all-clears around it; states among them belong to the system state instead.
        scene: The matches at the places that :func:`places_told` names.
        deploys: The deploys around it.
        headline: Gives the line that tells of a match.
        contradicted: The context that its failures belie, one match of each rule.
    """
    claims = {claim.rule.name: claim for claim in contradicted}
    items = [_deploy_item(deploy) for deploy in deploys]
    items += [
        item
        for strand in strands
        if strand.rule.role is not Role.STATE
        for item in _context_items(strand, scene, claims.get(strand.rule.name))
    ]
    for tally in tallies:
        match = tally.match
        items.append(
            TimelineItem(
                time=tally.first,
                last=tally.last,
                phase=phase_of(match),
                role=match.rule.role,
                rule=match.rule.name,
                text=headline(match),
                quote=quote_of(match),
                count=tally.count,
                insert_ids=tuple(tally.ids[:_MOST_IDS]),
            )
        )
    return tuple(sorted(items, key=lambda item: (item.time, item.role is not Role.MILESTONE, item.rule)))


def phase_of(match: Match) -> str:
    """The heading a match stands under."""
    rule = match.rule
    if rule.phase:
        return rule.phase
    if rule.role is Role.FAILURE:
        return _FAILED[rule.category]
    if rule.role is Role.CONSEQUENCE:
        return "Consequences"
    return "Start-up" if rule.category in (Category.STARTUP, Category.VALIDATION) else DEPLOYMENT


def quote_of(match: Match) -> str:
    """The line of an event that says what its match is about, verbatim and whole.

    For a failure that is the root exception, unless another line alone holds all that the rule extracted; for an effect
    whose event prints an exception too, it is the first line: the exception is another match's.
    """
    lines = [line for line in match.event.message.splitlines() if line.strip()]
    if not lines:
        return ""
    values = [v for value in match.fields.values() for v in ((value,) if isinstance(value, str) else value) if v]
    root = match.event.root if match.rule.role is Role.FAILURE else ""
    candidates = [root, *lines] if root else lines
    told = next((line for line in candidates if values and all(value in line for value in values)), "")
    return told or root or lines[0]


def _context_items(strand: Strand, scene: Mapping[int, Match], claim: Match | None) -> Iterator[TimelineItem]:
    """A line for the matches of one rule, and one of its own for the claim that is belied."""
    firsts = [scene[place] for _, place in strand.firsts(_MOST_IDS + 1)]
    lasts = [time for time, _ in strand.lasts(2)]
    if claim is None:
        yield _context_item(firsts, len(strand), lasts[-1])
        return
    others = [match for match in firsts if match.event.key != claim.event.key]
    if others:
        # Where the claim is the last of all, the one before it is the last of the others.
        yield _context_item(others, len(strand) - 1, lasts[-1] if lasts[-1] != claim.time else lasts[0])
    yield _context_item([claim], 1, claim.time, contradicted=True)


def _context_item(firsts: Sequence[Match], count: int, last: int, *, contradicted: bool = False) -> TimelineItem:
    match = firsts[0]
    return TimelineItem(
        time=match.time,
        last=last,
        phase=phase_of(match),
        role=match.rule.role,
        rule=match.rule.name,
        text=match.rule.title,
        quote=quote_of(match),
        count=count,
        insert_ids=tuple(i for match in firsts[:_MOST_IDS] for i in match.insert_ids)[:_MOST_IDS],
        contradicted=contradicted,
    )


def _deploy_item(revision: Revision) -> TimelineItem:
    time = revision.first if revision.replaced is None else min(revision.first, revision.replaced)
    what = f"Revision {revision.name} of {revision.service}" if revision.name else f"New revision of {revision.service}"
    return TimelineItem(
        time=time,
        last=time,
        phase=DEPLOYMENT,
        role=Role.MILESTONE,
        rule="",
        text=f"{what} deployed" if revision.replaced is not None else f"{what} seen for the first time",
        insert_ids=(revision.insert_id,),
    )
