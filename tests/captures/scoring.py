"""How well a report tells what a capture holds: incidents found, causes right, false ones, fragments, and details."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tests.captures.stage import Expected, Found

__all__ = ["Score", "score", "told"]

QUIET = {"informational", "low"}


class Score(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of one capture; they add up over captures.

    Attributes:
        main: Incidents that a reader should find.
        found: Of these, how many an incident above low (or, for an error no rule knows, a cluster) tells of.
        right: Of these, how many name the right cause.
        false: Incidents above low that tell of none of them.
        fragments: Incidents above low that tell of one that another incident tells of already.
        faults: What is wrong with each, for people.
        details: What else is said wrongly of those found: deploy, services, starts, contradictions.
    """

    main: int = 0
    found: int = 0
    right: int = 0
    false: int = 0
    fragments: int = 0
    faults: tuple[str, ...] = ()
    details: tuple[str, ...] = ()

    def __add__(self, other: Score) -> Score:
        """Both together."""
        pairs = ((name, getattr(self, name) + getattr(other, name)) for name in self.__struct_fields__)
        return Score(**dict(pairs))


def told(report: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The incidents of a JSON report that are graver than low."""
    return [incident for incident in report["incidents"] if incident["severity"] not in QUIET]


def score(report: Mapping[str, Any], expected: Expected) -> Score:
    """Compare a JSON report with what is expected of its capture."""
    incidents = told(report)
    mains: dict[str, dict[str, Any]] = {}
    faults: list[str] = []
    details: list[str] = []
    found = right = fragments = 0
    explained: set[str] = set()
    for one in expected.found:
        hits = [incident for incident in incidents if _ids(incident) & {*one.causes, *one.effects}]
        explained.update(incident["fingerprint"] for incident in hits)
        free = [incident for incident in hits if incident["fingerprint"] not in mains]
        main = max(free, key=lambda incident: len(_core(incident) & set(one.causes)), default=None)
        if main is None or not _ids(main) & set(one.causes):
            if one.unknown and _clustered(report, one):
                found, right = found + 1, right + 1
            else:
                faults.append(f"missed: {one.name}")
            continue
        mains[main["fingerprint"]] = main
        found += 1
        cause = main["cause"]
        if cause["insert_id"] in one.causes and (not one.rules or cause["rule"] in one.rules):
            right += 1
        else:
            faults.append(f"wrong cause of {one.name}: {_brief(main)}")
        details += _details(main, one)
    for one in expected.found:
        pieces = [i for i in incidents if i["fingerprint"] not in mains and _ids(i) & {*one.causes, *one.effects}]
        fragments += len(pieces)
        faults += [f"fragment of {one.name}: {_brief(incident)}" for incident in pieces]
    wrong = [incident for incident in incidents if incident["fingerprint"] not in explained]
    faults += [f"false: {_brief(incident)}" for incident in wrong]
    return Score(
        main=len(expected.found),
        found=found,
        right=right,
        false=len(wrong),
        fragments=fragments,
        faults=tuple(faults),
        details=tuple(details),
    )


def _details(incident: Mapping[str, Any], one: Found) -> Iterable[str]:
    deploy = incident["deploy"]
    verdicts = {True: "before", False: "after", None: "unsure"}
    verdict = "none" if deploy is None else verdicts[deploy["failed_before"]]
    if one.deploy and verdict != one.deploy:
        yield f"{one.name}: deploy {verdict}, not {one.deploy}"
    if one.services and not set(one.services) <= set(incident["services"]):
        yield f"{one.name}: services {incident['services']}, not {list(one.services)}"
    if one.starts and incident["starts"] != one.starts:
        yield f"{one.name}: {incident['starts']} starts, not {one.starts}"
    lost = set(one.effects) - _ids(incident)
    if lost:
        yield f"{one.name}: {len(lost)} of {len(set(one.effects))} effects are not told"
    belied = incident["contradicts"]
    if not all(any(text in claim for claim in belied) for text in one.contradicts):
        yield f"{one.name}: contradicts {belied}, not {list(one.contradicts)}"


def _clustered(report: Mapping[str, Any], one: Found) -> bool:
    return any(set(cluster["insert_ids"]) & set(one.causes) for cluster in report["unclassified"])


def _core(incident: Mapping[str, Any]) -> set[str]:
    return set(incident["entries"]["core"])


def _ids(incident: Mapping[str, Any]) -> set[str]:
    return _core(incident) | set(incident["entries"]["consequences"])


def _brief(incident: Mapping[str, Any]) -> str:
    rules = ", ".join(f"{rule['name']}:{rule['count']}" for rule in incident["rules"])
    return f"{incident['severity']} {incident['cause']['rule']} {incident['cause']['message'][:90]!r} [{rules}]"
