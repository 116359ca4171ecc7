"""How soon someone should look at an incident, P0 to P3, and the reason in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from analyzer.rule import Level, Role

if TYPE_CHECKING:
    from analyzer.outcome import Incident

__all__ = ["priority_of"]

_BASE: dict[Level, Literal["P0", "P1", "P2", "P3"]] = {
    Level.CRITICAL: "P0",
    Level.HIGH: "P1",
    Level.MEDIUM: "P2",
    Level.LOW: "P3",
    Level.INFORMATIONAL: "P3",
}
_LOOP = 3
"""Container starts that make a crash loop."""


def priority_of(incident: Incident) -> tuple[Literal["P0", "P1", "P2", "P3"], str]:
    """The priority and why: the level of the rules, raised where a service does not stay up."""
    reasons = [f"the gravest rule is {incident.level.word}"]
    level = _BASE[incident.level]
    if incident.starts >= _LOOP:
        reasons.append(f"the container started {incident.starts} times")
        if level == "P1":
            level = "P0"
            reasons[-1] += ", so the service does not stay up"
    followed = sum(count for role, count, _, _ in incident.counts.values() if role is Role.CONSEQUENCE)
    if followed:
        reasons.append(f"{followed} {'consequence' if followed == 1 else 'consequences'} followed")
    if len(incident.services) > 1:
        reasons.append(f"{len(incident.services)} services are hit")
    if incident.contradicts:
        reasons.append("an all-clear hides it")
    return level, "; ".join(reasons)
