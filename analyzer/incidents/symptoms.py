"""Symptoms without a cause: what a rule calls an effect, explained by the error before it that no rule knows.

``Worker failed to boot`` is nobody's cause. Where no rule knows what made the worker fail, the exception that it
printed, or the last unknown error of its instance, is the cause all the same.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from analyzer.incidents.faults import Fault, Happening, happening_of
from analyzer.model import Match
from analyzer.rule import Category, Level, Role, Rule
from analyzer.template import digest, mask
from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analyzer.incidents.chain import Chain
    from analyzer.model import Event

__all__ = ["UNCLASSIFIED", "explain_symptoms", "happening_with_exception"]

UNCLASSIFIED = Rule(
    name="unclassified_error",
    id="00000000-0000-0000-0000-000000000000",
    title="Unclassified error",
    headline="Unclassified error: {{ error | plain }}",
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
_LONGEST_PHRASE = 100


def happening_with_exception(matches: list[Match]) -> Happening:
    """The happening of one event's failing matches; where all are effects of an exception it prints, with that."""
    event = matches[0].event
    if event.root and all(match.rule.role is Role.CONSEQUENCE for match in matches):
        return Happening((_unclassified(event), *happening_of(matches).matches), _fault(event))
    return happening_of(matches)


def explain_symptoms(chains: Sequence[Chain], events: Iterable[Event]) -> list[Chain]:
    """Give chains whose cause is a mere symptom the unknown error that came before it, if any.

    Args:
        chains: The chains; those without a cause are changed in place.
        events: Errors that no rule matched, in order of time.

    Returns:
        The chains; those that one unknown error explains are one.
    """
    kinds: defaultdict[Fault, list[Event]] = defaultdict(list)
    for event in events:
        kinds[_fault(event)].append(event)
    owners: dict[Fault, Chain] = {}
    left = []
    for chain in chains:
        fault = _explanation(chain, kinds) if kinds and _is_symptom(chain.cause.match) else None
        if fault is None:
            left.append(chain)
        elif fault in owners:
            owners[fault].absorb(chain)
        else:
            owners[fault] = chain
            left.append(chain)
    for fault, chain in owners.items():
        for event in kinds[fault]:
            chain.add(Happening((_unclassified(event),), fault))
    return left


def _is_symptom(match: Match) -> bool:
    """Whether a cause is one that something else has to explain: an effect, a failed start, failed requests."""
    rule = match.rule
    if rule.role is Role.CONSEQUENCE or rule.category is Category.CRASH:
        return True
    built_in = rule.condition is None and rule.correlation is None and rule is not UNCLASSIFIED
    return built_in or (rule.category is Category.STARTUP and bool(rule.caused_by))


def _explanation(chain: Chain, kinds: dict[Fault, list[Event]]) -> Fault | None:
    """The unknown error that explains a chain best: of one request with it, or before it on its instance."""
    symptom = chain.cause.match
    service = symptom.event.first.service
    of_requests = symptom.event.first.request is not None
    own = {fault: events for fault, events in kinds.items() if fault.service == service}
    if of_requests:
        found = {fault: _in_step(chain, events) for fault, events in own.items()}
        best = max(found, key=lambda fault: (found[fault], fault), default=None)
        return best if best is not None and found[best] > 0 else None
    lived_on = {fault: _seen_elsewhere(events, chain) for fault, events in own.items()}
    # An exception says more than a line, and an error that other instances live with does not end one.
    before = [
        (not event.root, lived_on[fault], event.time, fault)
        for fault, events in own.items()
        for event in events
        if _precedes(event, chain)
    ]
    return min(before)[-1] if before else None


def _seen_elsewhere(events: Sequence[Event], chain: Chain) -> bool:
    """Whether an error also stands on instances that have no part in a chain."""
    own = {instance for tally in chain.tallies.values() for instance in tally.instances}
    return any(event.first.instance not in own for event in events)


def _precedes(event: Event, chain: Chain) -> bool:
    """Whether an error stands before a chain on its instance; a traceback may be printed a moment later."""
    symptom = chain.cause.match
    instance = symptom.event.first.instance
    if instance and event.first.instance != instance:
        return False
    # The end of a process that says nothing of its reason follows from an exception, and not from any error line.
    ended = symptom.rule.role is Role.FAILURE and not symptom.rule.caused_by
    since = chain.first - event.time
    if ended:
        return bool(event.root) and -_AFTER <= since <= _SHORTLY
    return (0 <= since <= _BEFORE) or (bool(event.root) and -_AFTER <= since < 0)


def _in_step(chain: Chain, events: Sequence[Event]) -> float:
    """The share of failed requests that an unknown error came with; 0 where it is less than half of them."""
    tally = chain.cause
    traces = {match.event.first.trace for match in tally.samples} - {""}
    if traces & {event.first.trace for event in events}:
        return 2.0
    during = sum(chain.first - _SHORTLY <= event.time <= chain.last + _AFTER for event in events)
    share = min(during / tally.count, 1.0)
    return share if share >= 0.5 else 0.0  # noqa: PLR2004  (half)


def _unclassified(event: Event) -> Match:
    return Match(rule=UNCLASSIFIED, event=event, fields={"error": _phrase(event)})


def _phrase(event: Event) -> str:
    """The error in a few words for a title: the exception, or what was said where the exception says nothing."""
    opening = _LOGGER.sub("", mask(_opening(event)), count=1)
    named = event.root and (": " in event.root or _HEAD.search(opening))
    text = mask(event.root) if named else opening or mask(event.root)
    return " ".join(_QUOTES.sub("", text.replace("<*>", "_")).split())[:_LONGEST_PHRASE].strip()


def _fault(event: Event) -> Fault:
    return Fault(event.first.service, UNCLASSIFIED.name, digest(mask(event.root or _opening(event))))


def _opening(event: Event) -> str:
    return next((line for line in event.message.splitlines() if line.strip()), "")
