"""Requests that fail for a stretch, as matches of built-in rules: a failed request is one line, an outage is many."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.model import Event, Match
from analyzer.rule import Category, Level, Role, Rule
from analyzer.traffic import Failing, Stretch, failing, route_of

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Outages"]

_FEW = 3
_MANY = 10
_REFUSALS = 5
_MOST = 0.5
_SOME = 0.1
_NEARLY_ALL = 0.9
_MOST_ROUTES = 5

_REFUSERS = (Category.AUTH, Category.CONFIGURATION, Category.CONNECTIVITY, Category.VALIDATION, Category.CRASH)
"""What may be behind refusals: a check of tokens that fails, is set up wrongly, or cannot reach what it asks."""

_RULES = {
    Failing.SERVER: Rule(
        name="requests_failing",
        id="5b1f1a52-6f0e-4a53-9a0f-0d4f5b0c7e01",
        title="Requests fail with server errors",
        headline="Requests to {{ service }} fail: {{ routes | plain }}",
        problem="{{ failed }} of {{ requests }} requests to {{ routes | names }} were answered with {{ status }}.",
        level=Level.MEDIUM,
        category=Category.HTTP,
        role=Role.CONSEQUENCE,
    ),
    Failing.TIMEOUT: Rule(
        name="requests_timing_out",
        id="5b1f1a52-6f0e-4a53-9a0f-0d4f5b0c7e02",
        title="Requests time out",
        headline="Requests to {{ service }} time out: {{ routes | plain }}",
        problem="{{ failed }} of {{ requests }} requests to {{ routes | names }} timed out.",
        level=Level.MEDIUM,
        category=Category.HTTP,
        role=Role.CONSEQUENCE,
    ),
    Failing.REFUSED: Rule(
        name="requests_refused",
        id="5b1f1a52-6f0e-4a53-9a0f-0d4f5b0c7e03",
        title="Nearly all requests are refused as unauthorised",
        headline="Nearly all requests to {{ routes | plain }} of {{ service }} are refused",
        problem="{{ failed }} of {{ requests }} requests to {{ routes | names }} were answered with {{ status }}.",
        level=Level.MEDIUM,
        category=Category.AUTH,
        role=Role.CONSEQUENCE,
        caused_by=_REFUSERS,
    ),
    Failing.SOCKET: Rule(
        name="websocket_upgrades_refused",
        id="5b1f1a52-6f0e-4a53-9a0f-0d4f5b0c7e04",
        title="WebSocket upgrades are refused",
        headline="WebSocket upgrades of {{ service }} are refused: {{ routes | plain }}",
        problem="{{ failed }} of {{ requests }} upgrades at {{ routes | names }} were answered with {{ status }}.",
        level=Level.MEDIUM,
        category=Category.HTTP,
        role=Role.CONSEQUENCE,
        caused_by=_REFUSERS,
    ),
}


_FAILING = (Role.FAILURE, Role.CONSEQUENCE)


class Outages:
    """The stretches of failed requests that are worth telling.

    Args:
        stretches: When the requests of which route failed.
    """

    def __init__(self, stretches: Iterable[Stretch]) -> None:
        self._stretches: dict[tuple[str, Failing], list[Stretch]] = {}
        for stretch in sorted(stretches, key=lambda stretch: -stretch.failed):
            if _is_telling(stretch):
                self._stretches.setdefault((stretch.service, stretch.way), []).append(stretch)
        self._told = {place: (_rule(place[1], outage), _fields(outage)) for place, outage in self._stretches.items()}

    def match(self, event: Event, beside: Iterable[Match] = ()) -> Match | None:
        """The match of an event that is a failed request of one of them; its fields tell of the whole outage.

        Args:
            event: The event.
            beside: What rules say of it already; one that a failing rule claims is left to it.
        """
        request = event.first.request
        way = failing(request) if request is not None else None
        if request is None or way is None or any(match.rule.role in _FAILING for match in beside):
            return None
        place, route = (event.first.service, way), route_of(request)
        outage = self._stretches.get(place, ())
        if not any(one.route in {route, "*"} and one.first <= event.time <= one.last for one in outage):
            return None
        rule, fields = self._told[place]
        return Match(rule=rule, event=event, fields={**fields, "status": str(request.status)})


def _rule(way: Failing, outage: list[Stretch]) -> Rule:
    """The rule for an outage; graver where most of many requests failed."""
    failed, total = sum(stretch.failed for stretch in outage), sum(stretch.total for stretch in outage)
    if failed >= _MANY and failed >= _MOST * total:
        return msgspec.structs.replace(_RULES[way], level=Level.HIGH)
    return _RULES[way]


def _fields(outage: list[Stretch]) -> dict[str, str | tuple[str, ...]]:
    """What an outage's matches say: its routes, the worst first, and how many of their requests failed."""
    return {
        "routes": tuple(dict.fromkeys(stretch.route for stretch in outage))[:_MOST_ROUTES],
        "failed": str(sum(stretch.failed for stretch in outage)),
        "requests": str(sum(stretch.total for stretch in outage)),
    }


def _is_telling(stretch: Stretch) -> bool:
    """Whether so many of a route's requests failed that it is no accident of one sender."""
    share = stretch.failed / max(stretch.total, 1)
    if stretch.way is Failing.REFUSED:
        return stretch.failed >= _REFUSALS and share >= _NEARLY_ALL
    return (stretch.failed >= _FEW and share >= _MOST) or (stretch.failed >= _MANY and share >= _SOME)
