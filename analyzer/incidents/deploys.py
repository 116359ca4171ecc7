"""Which deploy an incident is judged against, and whether the fault was there before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.outcome import Deploy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.model import Revision

__all__ = ["deploys_of", "verdict"]

_SETTLED = 30_000_000_000
"""A service must have been seen this long before a deploy to say that a fault was not there before it."""


def deploys_of(revisions: Sequence[Revision], services: Sequence[str]) -> list[Revision]:
    """The revisions of ``services`` that were deployed while entries were read, in order of time.

    A revision counts when an audit entry made it or when it began after another revision of its service.
    """
    deployed = []
    for service in services:
        own = sorted((r for r in revisions if r.service == service), key=lambda r: r.first)
        deployed += [r for place, r in enumerate(own) if r.replaced is not None or (place and r.first > own[0].first)]
    return sorted(deployed, key=_time)


def verdict(
    deploys: Sequence[Revision], *, first: int, revisions: Sequence[str], seen_from: int | None
) -> Deploy | None:
    """What the deploys say about a fault.

    Args:
        deploys: The deploys of the fault's services, in order of time.
        first: When the fault was first seen, nanoseconds.
        revisions: The revisions it was seen on.
        seen_from: The first entry of the fault's services, nanoseconds; None when there is none.

    Returns:
        The last deploy before the fault, or else the first one after it began; None when none was seen.
    """
    if not deploys:
        return None
    before = [deploy for deploy in deploys if _time(deploy) <= first]
    if not before:
        deploy = deploys[0]
        return Deploy(deploy.name, _time(deploy), failed_before=True, delay=None, insert_id=deploy.insert_id)
    failing = [deploy for deploy in before if deploy.name in revisions]
    deploy = (failing or before)[-1]
    time = _time(deploy)
    long_enough = seen_from is not None and time - seen_from >= _SETTLED
    return Deploy(
        deploy.name,
        time,
        failed_before=False if long_enough else None,
        delay=first - time,
        insert_id=deploy.insert_id,
    )


def _time(revision: Revision) -> int:
    return revision.first if revision.replaced is None else min(revision.first, revision.replaced)
