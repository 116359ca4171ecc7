"""Symptoms without a cause: what a rule calls an effect, explained by the error before it that no rule knows.

``Worker failed to boot`` is nobody's cause. Where no rule knows what made the worker fail, the exception that it
printed, or the last unknown error of its instance, is the cause all the same.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analyzer.incidents.chain import Chain
from analyzer.incidents.faults import Fault, Happening, fault_of, most_telling_first
from analyzer.incidents.series import Series
from analyzer.model import Match
from analyzer.rule import Category, Level, Role, Rule
from analyzer.template import digest, mask
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from analyzer.model import Event

__all__ = ["UNCLASSIFIED", "explain_symptoms", "happening_of", "unknown_happening"]

UNCLASSIFIED = Rule(
    name="unclassified_error",
    id="00000000-0000-0000-0000-000000000000",
    title="Unclassified error",
    headline="Unclassified error: {{ (error | plain)[:100] }}",
    description="Stands for an error that no rule knows where it is the only thing that explains what followed.",
    level=Level.HIGH,
    category=Category.OTHER,
    role=Role.FAILURE,
)
_BEFORE = 60 * SECOND
_SHORTLY = 10 * SECOND
_AFTER = 2 * SECOND
_HEAD = re.compile(r"Traceback \(most recent|^panic: |^goroutine |Exception in (?:thread|worker process)")
_LOGGER = re.compile(r"^[\w.]+(?::[\w<>*]+){0,2} - ")
_QUOTES = re.compile(r"[\"'`{}\[\]()<>|]")


def happening_of(matches: Sequence[Match], place: int) -> Happening:
    """The happening that the failing matches of one event make.

    Where all of them are effects of an exception that the event prints, the exception is what it tells best.
    """
    ordered = most_telling_first(matches)
    event = ordered[0].event
    if event.root and all(match.rule.role is Role.CONSEQUENCE for match in ordered):
        return Happening((_unclassified(event), *ordered), _fault(event), place)
    return Happening(ordered, fault_of(ordered[0]), place)


def unknown_happening(event: Event, place: int) -> Happening:
    """The happening that an error makes that no rule knows; ``place`` is its place among such errors."""
    return Happening((_unclassified(event),), _fault(event), ~place)


class _Kind:
    """Unknown errors of one fault: what a chain would get, and when which of them came.

    Attributes:
        chain: All of them.
        raised: When those came that are exceptions.
        said: When those came that are no more than lines.
        traces: Those of the traces asked for that one of them belongs to.
    """

    def __init__(self, most: int) -> None:
        self.chain = Chain(most)
        self.raised = Series()
        self.said = Series()
        self.traces: set[str] = set()

    def add(self, happening: Happening, traces: Container[str]) -> None:
        """Take an error in."""
        self.chain.add(happening)
        event = happening.primary.event
        (self.raised if event.root else self.said).add(event.first.instance, event.time)
        if event.first.trace in traces:
            self.traces.add(event.first.trace)


def explain_symptoms(chains: Sequence[Chain], unknown: Iterable[Event], most: int) -> list[Chain]:
    """Give chains whose cause is a mere symptom the unknown error that came before it, if any.

    Args:
        chains: The chains; those without a cause are changed in place.
        unknown: Errors that no rule matched, in order of time; read once, or not at all.
        most: Samples kept of one fault.

    Returns:
        The chains; those that one unknown error explains are one.
    """
    symptoms = {chain for chain in chains if _is_symptom(chain.cause.match)}
    kinds = _kinds_of(unknown, symptoms, most) if symptoms else {}
    owners: dict[Fault, Chain] = {}
    left = []
    for chain in chains:
        fault = _explanation(chain, kinds) if chain in symptoms else None
        if fault is None:
            left.append(chain)
        elif fault in owners:
            owners[fault].absorb(chain)
        else:
            owners[fault] = chain
            left.append(chain)
    for fault, chain in owners.items():
        chain.absorb(kinds[fault].chain)
    return left


def _kinds_of(unknown: Iterable[Event], symptoms: Iterable[Chain], most: int) -> dict[Fault, _Kind]:
    """The unknown errors of the services that have symptoms."""
    services = {chain.cause.service for chain in symptoms}
    traces = {match.event.first.trace for chain in symptoms for match in chain.cause.samples} - {""}
    kinds: dict[Fault, _Kind] = {}
    for place, event in enumerate(unknown):
        if event.first.service in services:
            happening = unknown_happening(event, place)
            if happening.fault not in kinds:
                kinds[happening.fault] = _Kind(most)
            kinds[happening.fault].add(happening, traces)
    return kinds


def _is_symptom(match: Match) -> bool:
    """Whether a cause is one that something else has to explain: an effect, a failed start, failed requests."""
    rule = match.rule
    if rule.role is Role.CONSEQUENCE or rule.category is Category.CRASH:
        return True
    built_in = rule.condition is None and rule.correlation is None and rule is not UNCLASSIFIED
    return built_in or (rule.category is Category.STARTUP and bool(rule.caused_by))


def _explanation(chain: Chain, kinds: dict[Fault, _Kind]) -> Fault | None:
    """The unknown error that explains a chain best: of one request with it, or before it on its instance."""
    symptom = chain.cause.match
    own = {fault: kind for fault, kind in kinds.items() if fault.service == symptom.event.first.service}
    if symptom.event.first.request is not None:
        found = {fault: _in_step(chain, kind) for fault, kind in own.items()}
        best = max(found, key=lambda fault: (found[fault], fault), default=None)
        return best if best is not None and found[best] > 0 else None
    # An exception says more than a line, and an error that other instances live with does not end one.
    before = [
        (is_line, bool(kind.chain.instances.keys() - chain.instances.keys()), time, fault)
        for fault, kind in own.items()
        for is_line, time in _preceding(kind, chain)
    ]
    return min(before)[-1] if before else None


def _preceding(kind: _Kind, chain: Chain) -> Iterator[tuple[bool, int]]:
    """Of a kind, the first exception and the first line that stand before a chain on its instance: is a line, time.

    A traceback may be printed a moment after what it led to.
    """
    symptom = chain.cause.match
    instance = symptom.event.first.instance
    # The end of a process that says nothing of its reason follows from an exception, and not from any error line.
    ended = symptom.rule.role is Role.FAILURE and not symptom.rule.caused_by
    start = chain.first - (_SHORTLY if ended else _BEFORE)
    raised = kind.raised.first_within(start, chain.first + _AFTER, instance)
    said = None if ended else kind.said.first_within(start, chain.first, instance)
    for is_line, time in ((False, raised), (True, said)):
        if time is not None:
            yield is_line, time


def _in_step(chain: Chain, kind: _Kind) -> float:
    """The share of failed requests that an unknown error came with; 0 where it is less than half of them."""
    tally = chain.cause
    if not kind.traces.isdisjoint(match.event.first.trace for match in tally.samples):
        return 2.0
    start, end = chain.first - _SHORTLY, chain.last + _AFTER
    during = kind.raised.count_within(start, end) + kind.said.count_within(start, end)
    share = min(during / tally.count, 1.0)
    return share if share >= 0.5 else 0.0  # noqa: PLR2004  (half)


def _unclassified(event: Event) -> Match:
    return Match(rule=UNCLASSIFIED, event=event, fields={"error": _phrase(event)})


def _phrase(event: Event) -> str:
    """The error in a few words for a title: the exception, or what was said where the exception says nothing."""
    opening = _LOGGER.sub("", mask(_opening(event)), count=1)
    named = event.root and (": " in event.root or _HEAD.search(opening))
    text = mask(event.root) if named else opening or mask(event.root)
    return " ".join(_QUOTES.sub("", text.replace("<*>", "_")).split())


def _fault(event: Event) -> Fault:
    return Fault(event.first.service, UNCLASSIFIED.name, digest(mask(event.root or _opening(event))))


def _opening(event: Event) -> str:
    return next((line for line in event.message.splitlines() if line.strip()), "")
