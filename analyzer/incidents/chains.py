"""Happenings -> chains: what belongs to one cause, in one pass over time.

Each happening joins the chain it fits best (``ties.py``), or begins one. Faults that nothing ties together stay apart,
however close in time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.incidents.chain import UNORDERED, Chain
from analyzer.incidents.faults import names_cause
from analyzer.incidents.ties import LONGEST, Fit, Fitting, fit_of
from analyzer.rule import Category, Role
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.incidents.faults import Fault, Happening

__all__ = ["fold", "gather"]

_ORPHAN_GAP = 300 * SECOND
_MOST_NAMES = 50
"""Distinct name sets of one rule on one service before names stop telling faults apart (user data, not objects)."""


def gather(happenings: Iterable[Happening], most: int) -> list[Chain]:
    """Group happenings (in order of time) into chains.

    Args:
        happenings: What failed, in order of time.
        most: Samples kept of one fault.

    Returns:
        The chains, in order of their first happening.
    """
    chains: list[Chain] = []
    recent: list[Chain] = []
    holding: dict[Fault, list[Chain]] = {}
    names: dict[tuple[str, str], set[str]] = {}
    for given in happenings:
        happening = _forget_user_data(given, names)
        time = happening.primary.time
        recent = [chain for chain in recent if time - chain.last <= LONGEST]
        known = holding.setdefault(happening.fault, [])
        chain = _best(happening, known, recent)
        if chain is None:
            chain = Chain(most)
            chains.append(chain)
        if chain not in recent:
            recent.append(chain)
        if chain not in known:
            known.append(chain)
        chain.add(happening)
    return _adopt(fold(chains))


def _best(happening: Happening, known: list[Chain], recent: list[Chain]) -> Chain | None:
    """The chain that a happening fits best, the nearest among equals; None when nothing ties it to any."""
    again = _fittest(happening, known)
    if again is not None and again[0].fit is Fit.AGAIN:
        return again[1]
    best = _fittest(happening, [*known, *(chain for chain in recent if chain not in known)])
    return None if best is None or best[0].fit is Fit.NONE else best[1]


def _fittest(happening: Happening, chains: list[Chain]) -> tuple[Fitting, Chain] | None:
    fits = [(fit_of(chain, happening), -place) for place, chain in enumerate(chains)]
    if not fits:
        return None
    fit, place = max(fits)
    return fit, chains[-place]


def _forget_user_data(happening: Happening, names: dict[tuple[str, str], set[str]]) -> Happening:
    fault = happening.fault
    known = names.setdefault((fault.service, fault.rule), set())
    if fault.names not in known and len(known) >= _MOST_NAMES:
        return happening._replace(fault=fault._replace(names="*"))
    known.add(fault.names)
    return happening


def fold(chains: list[Chain]) -> list[Chain]:
    """Chains whose cause turned out to be one fault become one."""
    by_cause: dict[Fault, Chain] = {}
    for chain in chains:
        fault = chain.cause.fault
        if fault in by_cause:
            by_cause[fault].absorb(chain)
        else:
            by_cause[fault] = chain
    return list(by_cause.values())


def _adopt(chains: list[Chain]) -> list[Chain]:
    """Chains of consequences alone go to the failure that was under way, where there is one."""
    failures = [chain for chain in chains if chain.cause.match.rule.role is Role.FAILURE]
    left: list[Chain] = list(failures)
    for orphan in (chain for chain in chains if chain.cause.match.rule.role is not Role.FAILURE):
        parents = [chain for chain in failures if _may_adopt(chain, orphan)]
        if parents:
            max(parents, key=lambda chain: _nearness(chain, orphan)).absorb(orphan)
        else:
            left.append(orphan)
    return sorted(left, key=lambda chain: chain.first)


def _may_adopt(parent: Chain, orphan: Chain) -> bool:
    """Whether a failure was under way when the orphan began, in its service or where its rules say it may lie.

    Effects whose rules name their causes go to a failure of another kind only on an instance that both were on.
    """
    if not parent.first - UNORDERED <= orphan.first <= parent.last + _ORPHAN_GAP:
        return False
    causes = [tally.match for tally in parent.tallies.values()]
    effects = [tally.match for tally in orphan.tallies.values()]
    if not parent.services.keys() & orphan.services.keys():
        effects = [effect for effect in effects if effect.rule.spans_services]
        return any(names_cause(effect, cause) for effect in effects for cause in causes)
    if _instances(parent) & _instances(orphan):
        return True
    if _instances(orphan) and parent.cause.match.rule.category in (Category.STARTUP, Category.CRASH):
        # The end of one process is no reason for what fails on others.
        return False
    if any(not effect.rule.caused_by for effect in effects):
        return True
    return any(names_cause(effect, cause) for effect in effects for cause in causes)


def _instances(chain: Chain) -> set[str]:
    return {instance for tally in chain.tallies.values() for instance in tally.instances} - {""}


def _nearness(parent: Chain, orphan: Chain) -> tuple[bool, bool, int]:
    """Sort key: of the orphan's own service, begun before it, and last seen latest."""
    return bool(parent.services.keys() & orphan.services.keys()), parent.first <= orphan.first, parent.last
