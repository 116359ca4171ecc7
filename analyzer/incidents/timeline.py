"""The timeline of one incident: equal happenings of a phase folded into one line, in order of time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.model import Match, Revision, TimelineItem
from analyzer.rule import Category, Role

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from analyzer.incidents.chain import Tally

__all__ = ["quote_of", "timeline_of"]

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
_LONGEST_QUOTE = 500


def timeline_of(
    tallies: Iterable[Tally],
    context: Sequence[Match],
    deploys: Iterable[Revision],
    *,
    headline: Callable[[Match], str],
    contradicted: Sequence[Match],
) -> tuple[TimelineItem, ...]:
    """The timeline of an incident.

    Args:
        tallies: Its failures and consequences.
        context: Milestones and all-clears around it, in order of time; states belong to the system state instead.
        deploys: The deploys around it.
        headline: Gives the line that tells of a match.
        contradicted: The context that its failures belie.
    """
    items = [_deploy_item(deploy) for deploy in deploys]
    items += _context_items(context, {id(match) for match in contradicted})
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
                insert_ids=tuple(tally.ids)[:_MOST_IDS],
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
    """The line of an event that says what its match is about, verbatim and bounded.

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
    return (told or root or lines[0])[:_LONGEST_QUOTE]


def _context_items(context: Sequence[Match], contradicted: set[int]) -> list[TimelineItem]:
    folded: dict[tuple[str, str, bool], list[Match]] = {}
    for match in context:
        if match.rule.role is not Role.STATE:
            folded.setdefault((phase_of(match), match.rule.name, id(match) in contradicted), []).append(match)
    return [
        TimelineItem(
            time=matches[0].time,
            last=matches[-1].time,
            phase=phase,
            role=matches[0].rule.role,
            rule=name,
            text=matches[0].rule.title,
            quote=quote_of(matches[0]),
            count=len(matches),
            insert_ids=tuple(i for match in matches[:_MOST_IDS] for i in match.insert_ids)[:_MOST_IDS],
            contradicted=belied,
        )
        for (phase, name, belied), matches in folded.items()
    ]


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
