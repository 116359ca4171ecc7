"""How the requests of each service and path fared over time: enough to say what share of them failed, and when."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.model import Entry, Request

__all__ = ["BUCKET", "Failing", "Place", "Stretch", "Traffic", "failing", "is_probe", "route_of", "route_of_path"]

BUCKET: Final = 10 * SECOND
"""Requests are counted by so many nanoseconds."""

_PAUSE = 300 * SECOND
"""Failures further apart than this belong to two stretches."""
_MOST_ROUTES = 2000
_ID = re.compile(r"^(?:\d+|[0-9a-fA-F]{8,}|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[A-Za-z0-9_-]{24,})$")
_PROBE = re.compile(
    r"\.(?:php|asp|aspx|jsp|cgi|bak|sql|ini|ya?ml|env\w*)$|/\.|/(?:wp-|phpmyadmin|cgi-bin|vendor/|actuator|solr|boaform)"
    r"|^/(?:robots\.txt|favicon\.ico|sitemap\.xml)$",
    re.IGNORECASE,
)
_CRAWLER = re.compile(r"bot\b|crawl|spider|scan|zgrab|nmap|nikto|masscan|censys|expanse", re.IGNORECASE)
_SOCKET = re.compile(r"(?:^|/)(?:ws|wss|websockets?|socket\.io)(?:/|$)", re.IGNORECASE)


class Failing(enum.StrEnum):
    """The ways in which requests fail for a stretch."""

    SERVER = "server errors"
    TIMEOUT = "time-outs"
    REFUSED = "refused as unauthorised"
    SOCKET = "refused WebSocket upgrades"


class Stretch(NamedTuple):
    """A time in which the requests of one route failed.

    Attributes:
        service: The service.
        route: The path with ids replaced.
        way: How they failed.
        first: First failure, nanoseconds.
        last: Last failure, nanoseconds.
        failed: How many failed.
        total: How many requests of the route there were from first to last.
    """

    service: str
    route: str
    way: Failing
    first: int
    last: int
    failed: int
    total: int


class Place:
    """The requests of one route of a service, by ten seconds."""

    __slots__ = ("failed", "total")

    def __init__(self) -> None:
        self.total: dict[int, int] = {}
        self.failed: dict[Failing, dict[int, list[int]]] = {}


class Traffic:
    """Counts requests by service, route and ten seconds; what scanners and crawlers ask for does not count."""

    def __init__(self) -> None:
        self._routes: dict[tuple[str, str], Place] = {}

    def add(self, entry: Entry) -> None:
        """Count the request of an entry, if it is one."""
        request = entry.request
        if request is not None and not is_probe(request):
            self.count(self.place(entry.service, route_of(request)), (entry.time, entry.time), failing(request))

    def place(self, service: str, route: str) -> Place:
        """Where the requests of a route are counted."""
        place = self._routes.get((service, route))
        if place is None and len(self._routes) >= _MOST_ROUTES:
            route = "*"
            place = self._routes.get((service, route))
        if place is None:
            place = self._routes[service, route] = Place()
        return place

    def count(self, place: Place, times: tuple[int, int], way: Failing | None, number: int = 1) -> None:
        """Count requests that ended within the same ten seconds.

        Args:
            place: Where.
            times: When the first and the last of them ended, nanoseconds.
            way: How they failed; None when they did not.
            number: How many.
        """
        first, last = times
        bucket = first // BUCKET
        place.total[bucket] = place.total.get(bucket, 0) + number
        if way is not None:
            seen = place.failed.setdefault(way, {}).setdefault(bucket, [0, first, last])
            seen[0] += number
            seen[1], seen[2] = min(seen[1], first), max(seen[2], last)

    def uncount(self, place: Place, bucket: int, way: Failing | None, number: int) -> None:
        """Take back requests that were counted twice.

        Args:
            place: Where they were counted.
            bucket: Within which ten seconds.
            way: How they failed; None when they did not.
            number: How many.
        """
        place.total[bucket] -= number
        if not place.total[bucket]:
            del place.total[bucket]
        if way is not None:
            failed = place.failed[way]
            failed[bucket][0] -= number
            if not failed[bucket][0]:
                del failed[bucket]

    def stretches(self) -> Iterator[Stretch]:
        """Every stretch of failures, however short, of every route; what is worth telling is the caller's to judge."""
        for (service, route), known in self._routes.items():
            for way, failed in known.failed.items():
                for buckets in _runs(sorted(failed)):
                    yield Stretch(
                        service=service,
                        route=route,
                        way=way,
                        first=failed[buckets[0]][1],
                        last=failed[buckets[-1]][2],
                        failed=sum(failed[bucket][0] for bucket in buckets),
                        total=sum(n for b, n in known.total.items() if buckets[0] <= b <= buckets[-1]),
                    )


def failing(request: Request) -> Failing | None:
    """How a request failed, as far as its status tells; None when it did not, or only for its sender (404, 400)."""
    status = request.status
    if status in {408, 504}:
        return Failing.TIMEOUT
    if status >= 500:  # noqa: PLR2004  (RFC 9110, section 15.6)
        return Failing.SERVER
    if _SOCKET.search(request.path) and status in {400, 401, 403, 404, 426}:
        return Failing.SOCKET
    return Failing.REFUSED if status in {401, 403} else None


def is_probe(request: Request) -> bool:
    """Whether a request is a scanner's or a crawler's, whose failures tell nothing of the service."""
    return bool(_PROBE.search(request.path) or _CRAWLER.search(request.user_agent))


def route_of(request: Request) -> str:
    """The path of a request with ids replaced by ``{id}``: ``/users/42/orders`` -> ``/users/{id}/orders``."""
    return route_of_path(request.path)


def route_of_path(path: str) -> str:
    """The same for a path."""
    path = path.split("?", 1)[0]
    return "/".join("{id}" if _ID.match(part) else part for part in path.split("/"))[:200]


def _runs(buckets: list[int]) -> Iterator[list[int]]:
    """Buckets in runs that no pause interrupts."""
    run: list[int] = []
    for bucket in buckets:
        if run and (bucket - run[-1]) * BUCKET > _PAUSE:
            yield run
            run = []
        run.append(bucket)
    if run:
        yield run
