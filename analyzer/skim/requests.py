"""Requests: what is to be made of one, found once for all that are alike but for the digits in their paths.

The texts of rules that hold digits are looked for in each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from analyzer.columns import zeros
from analyzer.entries import decode
from analyzer.entries.request import path_of
from analyzer.skim.texts import METHODS
from analyzer.skim.verdicts import WHOLLY, Verdict
from analyzer.traffic import is_probe, route_of, route_of_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from analyzer.model import Entry
    from analyzer.sheets import Glance, HttpGlance
    from analyzer.skim.texts import Texts
    from analyzer.skim.verdicts import Verdicts

__all__ = ["Requests"]

_ANY_TIME: Final = "2025-09-10T00:33:54Z"
_MOST = 20_000
_LARGEST_STATUS: Final = 999


class Requests:
    """The verdicts so far.

    Args:
        texts: What the rules look for.
        verdicts: Where verdicts are kept.
        nominated: Whether an entry is worth a closer look.
    """

    def __init__(self, texts: Texts, verdicts: Verdicts, nominated: Callable[[Entry], bool]) -> None:
        self._texts = texts
        self._verdicts = verdicts
        self._nominated = nominated
        self._alike: dict[tuple[Any, ...], int] = {}
        self._routes: dict[tuple[int, str], int] = {}
        self._own: set[int] = set()

    def find(self, glances: Sequence[Glance], asked: Sequence[HttpGlance]) -> list[int]:
        """What the requests are; :data:`WHOLLY` for one worth a closer look, or that a few fields cannot tell of.

        Args:
            glances: Entries with a request.
            asked: Their requests.
        """
        try:
            alike = zeros([http.requestUrl for http in asked])
        except TypeError:
            return [self._one(glance, http) for glance, http in zip(glances, asked, strict=True)]
        if len(self._alike) + len(self._routes) > _MOST:
            self._alike.clear()
            self._routes.clear()
        keys = [
            (glance.severity, http.requestMethod, url, http.status, http.userAgent)
            for glance, http, url in zip(glances, asked, alike, strict=True)
        ]
        found = self._known(keys)
        for row, (verdict, http) in enumerate(zip(found, asked, strict=True)):
            if verdict in self._own:
                found[row] = self._with_own_route(verdict, http.requestUrl)
            if type(http.status) is not int:
                found[row] = WHOLLY
        for row in self._numbered([http.requestUrl for http in asked], asked):
            found[row] = WHOLLY
        return found

    def _known(self, keys: Sequence[tuple[Any, ...]]) -> list[int]:
        """The verdicts on requests that are like earlier ones, or on the first of their kind."""
        known = self._alike
        try:
            return [known[key] for key in keys]
        except (KeyError, TypeError):
            return [self._first(key) for key in keys]

    def _first(self, key: tuple[Any, ...]) -> int:
        try:
            return self._alike[key]
        except TypeError:  # a list where a text should be
            return WHOLLY
        except KeyError:
            verdict = self._alike[key] = self._judged(*key)
            return verdict

    def _numbered(self, urls: Sequence[str], asked: Sequence[HttpGlance]) -> Iterator[int]:
        """The requests whose digits are what a rule looks for."""
        for row in self._texts.with_paths(urls):
            if self._texts.numbered(f"{asked[row].requestMethod} {path_of(urls[row])} {asked[row].status}"):
                yield row
        if self._texts.asks_for_paths:
            yield from self._texts.with_asked_paths(list(map(path_of, urls)))

    def _one(self, glance: Glance, http: HttpGlance) -> int:
        return self.find([glance], [http])[0] if type(http.requestUrl) is str else WHOLLY

    def _with_own_route(self, verdict: int, url: str) -> int:
        key = (verdict, url)
        if key not in self._routes:
            route = route_of_path(path_of(url))
            self._routes[key] = self._verdicts.add(Verdict(self._verdicts.found[verdict].severity, route))
        return self._routes[key]

    def _judged(self, severity: Any, method: Any, url: str, status: int, agent: Any) -> int:
        if method not in METHODS or " " in url or not isinstance(agent, str | None):
            return WHOLLY
        if type(status) is not int or not 0 <= status <= _LARGEST_STATUS:
            return WHOLLY
        request = {"requestMethod": method, "requestUrl": url, "status": status, "userAgent": agent}
        entry = decode({"timestamp": _ANY_TIME, "severity": severity, "httpRequest": request})
        if entry.request is None or self._nominated(entry) or self._texts.numbered(entry.message):
            return WHOLLY
        route = None if is_probe(entry.request) else route_of(entry.request)
        verdict = self._verdicts.add(Verdict(entry.severity.name, route))
        if route is not None and "0" in route:
            # Where a digit is no part of an id, the route is each path's own.
            self._own.add(verdict)
        return verdict
