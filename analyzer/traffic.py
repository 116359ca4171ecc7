"""How the requests of each service and path fared over time: enough to say what share of them failed, and when."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from analyzer.times import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analyzer.columns import Integers
    from analyzer.model import Entry, Request

__all__ = ["BUCKET", "Failing", "Place", "Stretch", "Traffic", "failing", "is_probe", "route_of", "route_of_path"]

BUCKET: Final = 10 * SECOND
"""Requests are counted by so many nanoseconds."""

_BUCKETS: Final = 1 << 32
"""More than there are buckets in the times that are believed, before 1970 and after."""

_MOST_ROWS: Final = 200_000
"""So many counts at least are kept singly until they are added up."""

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
    """The requests of one route of a service, by ten seconds.

    Args:
        number: Its place among all.
    """

    __slots__ = ("failed", "number", "total")

    def __init__(self, number: int) -> None:
        self.number = number
        self.total: dict[int, int] = {}
        self.failed: dict[Failing, dict[int, list[int]]] = {}


class Traffic:
    """Counts requests by service, route and ten seconds; what scanners and crawlers ask for does not count."""

    def __init__(self) -> None:
        self._routes: dict[tuple[str, str], Place] = {}
        self._many: list[tuple[Integers, Integers]] = []
        self._rows, self._most = 0, _MOST_ROWS

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
            place = self._routes[service, route] = Place(len(self._routes))
        return place

    def count(self, place: Place, times: tuple[int, int], way: Failing | None, number: int = 1) -> None:
        """Count requests that ended within the same ten seconds.

        Args:
            place: Where.
            times: When the first and the last of them ended, nanoseconds.
            way: How they failed; None when they did not.
            number: How many.
        """
        bucket = times[0] // BUCKET
        place.total[bucket] = place.total.get(bucket, 0) + number
        if way is not None:
            self.fail(place, times, way, number)

    def count_many(self, places: Integers, buckets: Integers, numbers: Integers) -> None:
        """Count requests, those that failed among them, of many places and times.

        Args:
            places: The numbers of their places.
            buckets: Within which ten seconds they ended.
            numbers: How many; less than none for those that were counted twice.
        """
        self._many.append((places * _BUCKETS + buckets, numbers))
        self._rows += len(numbers)
        if self._rows > self._most:
            self._many = [_added_up(self._many)]
            self._rows = len(self._many[0][0])
            self._most = max(_MOST_ROWS, 2 * self._rows)

    def fail(self, place: Place, times: tuple[int, int], way: Failing, number: int) -> None:
        """Note the failures among requests that are counted already, all within the same ten seconds.

        Args:
            place: Where.
            times: When the first and the last of them ended, nanoseconds.
            way: How they failed.
            number: How many; less than none takes those back that were counted twice, whose times are others' as well.
        """
        first, last = times
        failed = place.failed.setdefault(way, {})
        seen = failed.setdefault(first // BUCKET, [0, first, last])
        seen[0] += number
        if number > 0:
            seen[1], seen[2] = min(seen[1], first), max(seen[2], last)
        elif not seen[0]:
            del failed[first // BUCKET]

    def stretches(self) -> Iterator[Stretch]:
        """Every stretch of failures, however short, of every route; what is worth telling is the caller's to judge."""
        many = _added_up(self._many) if self._many else None
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
                        total=_total(known, buckets[0], buckets[-1], many),
                    )


def _added_up(many: Sequence[tuple[Integers, Integers]]) -> tuple[Integers, Integers]:
    """The counts of each place and time together, in order of place and time."""
    import numpy as np  # noqa: PLC0415 - small runs do without it

    codes, numbers = (np.concatenate(column) for column in zip(*many, strict=True))
    order = codes.argsort(kind="stable")
    codes, numbers = codes[order], numbers[order]
    begins = np.flatnonzero(np.diff(codes, prepend=codes[:1] - 1))
    return codes[begins], np.add.reduceat(numbers, begins) if len(begins) else numbers


def _total(place: Place, first: int, last: int, many: tuple[Integers, Integers] | None) -> int:
    """How many requests of a route there were from one bucket to another."""
    total = sum(number for bucket, number in place.total.items() if first <= bucket <= last)
    if many is None:
        return total
    codes, numbers = many
    begin, end = codes.searchsorted([place.number * _BUCKETS + first, place.number * _BUCKETS + last + 1])
    return total + int(numbers[begin:end].sum())


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
