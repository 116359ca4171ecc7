"""What the matches of a run come to: incidents with their timelines, and clusters of errors that no rule knows.

Like the nouns of ``model.py`` they are frozen, and their times are nanoseconds since the epoch, UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from analyzer.model import Match, Severity
from analyzer.rule import Category, Level, Role

__all__ = ["Cluster", "Deploy", "Incident", "TimelineItem", "Why"]


class TimelineItem(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an incident's timeline: equal happenings of one phase, folded.

    Attributes:
        time: First time, nanoseconds.
        last: Last time, nanoseconds.
        phase: Heading it stands under: ``Recent Deployment``, ``Validation Failures``.
        role: Role of the rule.
        rule: Name of the rule; empty for a deploy or a container start that no rule found.
        text: What happened, in one line.
        quote: The event's first line that says it, verbatim; empty when ``text`` is all there is.
        count: How many happenings.
        insert_ids: Of the entries, capped.
        contradicted: The incident's failures belie it.
    """

    time: int
    last: int
    phase: str
    role: Role
    rule: str
    text: str
    quote: str = ""
    count: int = 1
    insert_ids: tuple[str, ...] = ()
    contradicted: bool = False


class Deploy(msgspec.Struct, frozen=True):
    """The deploy an incident is judged against.

    Attributes:
        revision: Name of the revision that came with it; empty when only an audit entry says it.
        time: When it was first seen, nanoseconds.
        failed_before: True when the same fault was there before it, False when it was not, None when the window is too
            short to tell.
        delay: Nanoseconds from the deploy to the first failure; None when the fault was there before.
        insert_id: The entry that shows the deploy.
    """

    revision: str
    time: int
    failed_before: bool | None
    delay: int | None
    insert_id: str = ""


class Why(msgspec.Struct, frozen=True):
    """One step of the Five Whys that the evidence shows.

    Attributes:
        text: The answer.
        quote: The line that shows it, verbatim.
        insert_id: Its entry.
    """

    text: str
    quote: str
    insert_id: str


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """One cause with its consequences.

    Attributes:
        fingerprint: Stable over runs, revisions, instances, numbers, ids and addresses; 16 hex digits.
        title: The short name: the gravest correlation's headline, or the cause's.
        subject: What precisely fails, beside a title that a correlation gave; empty otherwise.
        cause: The match that explains the others.
        failures: The cause and the other failures of the same cause, in order of time, samples of each rule.
        consequences: Samples of what followed from it.
        context: Milestones, states and all-clears around it.
        counts: Rule name to (role, number of matches, first, last); exact.
        starts: Container starts while it lasted.
        count: Failures and consequences, exact.
        entities: Extracted names, by field.
        contradicts: All-clears and milestones that it belies.
        period: Nanoseconds between repeats of the cause where they are regular; 0 otherwise.
        faults: Fingerprint of each of its faults to the name of its rule.
        titles: Name of each rule that counts to its title.
        happenings: The place of everything that ``count`` counts: of an event that matched, where its first failing
            match stands among all matches of the run, and of an error that no rule knows, ``~n`` for the nth of these;
            in order. :func:`analyzer.incidents.happenings` goes through all happenings with their places.
    """

    fingerprint: str
    title: str
    subject: str
    category: Category
    level: Level
    first: int
    last: int
    count: int
    starts: int
    services: tuple[str, ...]
    revisions: tuple[str, ...]
    instances: tuple[str, ...]
    cause: Match
    failures: tuple[Match, ...]
    consequences: tuple[Match, ...]
    context: tuple[Match, ...]
    counts: Mapping[str, tuple[Role, int, int, int]]
    entities: Mapping[str, tuple[str, ...]]
    timeline: tuple[TimelineItem, ...]
    contradicts: tuple[Match, ...]
    deploy: Deploy | None
    whys: tuple[Why, ...]
    problem: str
    impact: str
    next_steps: tuple[str, ...]
    core_ids: tuple[str, ...]
    consequence_ids: tuple[str, ...]
    context_ids: tuple[str, ...]
    period: int = 0
    faults: Mapping[str, str] = {}
    titles: Mapping[str, str] = {}
    happenings: Sequence[int] = ()


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Errors that no rule knows and that say the same.

    Attributes:
        id: Stable hash of template and severity; 12 hex digits.
        template: The text with what varies replaced by ``<*>``.
        example: One message, verbatim.
        insert_ids: Of the entries, capped; ``count`` is exact.
    """

    id: str
    template: str
    severity: Severity
    count: int
    first: int
    last: int
    services: tuple[str, ...]
    insert_ids: tuple[str, ...]
    example: str
