"""Happenings -> chains: what belongs to one cause, in one pass over time.

Each happening joins the chain it fits best (``ties.py``), or begins one. Faults that nothing ties together stay apart,
however close in time.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from analyzer.incidents.chain import UNORDERED, Chain
from analyzer.incidents.faults import names_cause
from analyzer.incidents.lately import Lately
from analyzer.incidents.reach import LONGEST
from analyzer.incidents.ties import Fit, Ties, is_again, nearness
from analyzer.rule import Category, Role
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from analyzer.incidents.faults import Fault, Happening
    from analyzer.rule import Rule

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
    gathering = _Gathering(most)
    for happening in happenings:
        gathering.add(happening)
    return _adopt(fold(gathering.chains))


class _Gathering:
    """Chains while they grow."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._ties = Ties()
        self._lately = Lately()
        self._holding: defaultdict[Fault, dict[Chain, bool]] = defaultdict(dict)
        self._names: dict[tuple[str, str], set[str]] = {}
        self.chains: dict[Chain, int] = {}

    def add(self, given: Happening) -> None:
        """Give a happening to the chain that it fits best, or begin one with it."""
        happening = self._without_user_data(given)
        holding = self._holding[happening.fault]
        chain = self._best(happening, holding)
        if chain is None:
            chain = Chain(self._most)
            self.chains[chain] = len(self.chains)
        tallies = chain.add(happening)
        self._lately.note(tallies, chain)
        for tally in tallies:
            self._holding[tally.fault].setdefault(chain, False)
        holding[chain] = True

    def _best(self, happening: Happening, holding: Mapping[Chain, bool]) -> Chain | None:
        """The chain that a happening fits best, the nearest among equals; None when nothing ties it to any.

        Args:
            happening: The happening.
            holding: Chains that have seen its fault, and whether it was what an event told best.
        """
        effect = happening.primary
        fits = {chain: Fit.AGAIN for chain, best in holding.items() if best and is_again(chain, happening)}
        if len(fits) == 1:
            return next(iter(fits))
        if not fits:
            fits = self._ties.evidence(effect, self._lately.before(effect))
            for chain, best in holding.items():
                if best or chain.last >= effect.time - LONGEST:
                    fits[chain] = Fit.AGAIN if is_again(chain, happening) else fits.get(chain, Fit.ONCE_THE_SAME)

        def fitness(chain: Chain) -> tuple[Fit, bool, int, bool, int]:
            """Of equals, the nearest; of these the chain that has seen the fault, and then the oldest."""
            return fits[chain], *nearness(chain, effect), holding.get(chain, False), -self.chains[chain]

        return max(fits, key=fitness, default=None)

    def _without_user_data(self, happening: Happening) -> Happening:
        fault = happening.fault
        known = self._names.setdefault((fault.service, fault.rule), set())
        if fault.names in known:
            return happening
        if len(known) >= _MOST_NAMES:
            return happening._replace(fault=fault._replace(names="*"))
        known.add(fault.names)
        return happening


def fold(chains: Iterable[Chain]) -> list[Chain]:
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
    effects = [tally.rule for tally in orphan.tallies.values()]
    if not parent.services.keys() & orphan.services.keys():
        return _names_any([effect for effect in effects if effect.spans_services], parent)
    if _share_instance(parent, orphan):
        return True
    if any(orphan.instances) and parent.cause.match.rule.category in (Category.STARTUP, Category.CRASH):
        # The end of one process is no reason for what fails on others.
        return False
    if any(not effect.caused_by for effect in effects):
        return True
    return _names_any(effects, parent)


def _names_any(effects: Iterable[Rule], parent: Chain) -> bool:
    return any(names_cause(effect, tally.rule) for effect in effects for tally in parent.tallies.values())


def _share_instance(one: Chain, other: Chain) -> bool:
    return any(one.instances.keys() & other.instances.keys())


def _nearness(parent: Chain, orphan: Chain) -> tuple[bool, bool, int]:
    """Sort key: of the orphan's own service, begun before it, and last seen latest."""
    return bool(parent.services.keys() & orphan.services.keys()), parent.first <= orphan.first, parent.last
