"""Requests: what is to be made of one, found once for all whose paths have one mask, and whose payloads, if any, have.

The texts of rules that may lie in what is masked are looked for in each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from analyzer.columns import zeros
from analyzer.entries import decode
from analyzer.entries.request import path_of
from analyzer.skim.masks import digits_count, masked
from analyzer.skim.texts import METHODS
from analyzer.skim.verdicts import WHOLLY, Verdict
from analyzer.traffic import is_probe, route_of, route_of_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from analyzer.model import Entry
    from analyzer.sheets import Glance, HttpGlance
    from analyzer.skim.payloads import Manner
    from analyzer.skim.texts import Texts
    from analyzer.skim.verdicts import Verdicts

__all__ = ["Requests"]

_ANY_TIME: Final = "2025-09-10T00:33:54Z"
_MOST = 20_000
_LARGEST_STATUS: Final = 999

_Key = tuple[Any, ...]
"""What an :class:`_Asked` has; a plain tuple, since one is made for each request. Without a payload it ends sooner."""


class _Asked(NamedTuple):
    """What counts in a request.

    Attributes:
        severity: The severity that its entry carries.
        method: Its method.
        url: The mask of its URL.
        status: Its status.
        agent: Its user agent.
        text: The mask of what the entry's payload says.
        manner: In which manner it says that; None where there is no payload.
    """

    severity: Any
    method: Any
    url: str
    status: Any
    agent: Any
    text: str = ""
    manner: Manner | None = None


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
        self._routes: dict[tuple[Any, ...], int] = {}
        self._own: dict[int, Sequence[int]] = {}

    def find(
        self,
        glances: Sequence[Glance],
        asked: Sequence[HttpGlance],
        said: Sequence[tuple[str, Manner] | None],
    ) -> list[int]:
        """What the requests are; :data:`WHOLLY` for one worth a closer look, or that a few fields cannot tell of.

        Args:
            glances: Entries with a request.
            asked: Their requests.
            said: What their payloads say, and how; None for those without one.
        """
        try:
            alike = zeros([http.requestUrl for http in asked])
        except TypeError:
            return [self._one(*one) for one in zip(glances, asked, said, strict=True)]
        if len(self._alike) + len(self._routes) > _MOST:
            self._alike.clear()
            self._routes.clear()
        keys: list[_Key] = [
            (glance.severity, http.requestMethod, url, http.status, http.userAgent)
            for glance, http, url in zip(glances, asked, alike, strict=True)
        ]
        spoken = [row for row, one in enumerate(said) if one is not None]
        texts = [one[0] for one in said if one is not None]
        manners = [one[1] for one in said if one is not None]
        for row, text, manner in zip(spoken, zeros(texts), manners, strict=True):
            keys[row] = (*keys[row], text, manner)
        found = self._known(keys)
        for row, (verdict, http) in enumerate(zip(found, asked, strict=True)):
            if verdict in self._own:
                found[row] = self._with_own_route(verdict, http.requestUrl)
            if type(http.status) is not int:
                found[row] = WHOLLY
        for row in self._numbered([http.requestUrl for http in asked], asked):
            found[row] = WHOLLY
        for place in self._texts.with_numbered(texts):
            found[spoken[place]] = WHOLLY
        return found

    def _known(self, keys: Sequence[_Key]) -> list[int]:
        """The verdicts on requests: on those that are like earlier ones, and on the first of their kind."""
        try:
            found = [self._alike.get(key) for key in keys]
        except TypeError:  # a list where a text should be
            return [verdict for key in keys for verdict in (self._known([key]) if _is_plain(key) else [WHOLLY])]
        new = [row for row, verdict in enumerate(found) if verdict is None]
        for row, url in zip(new, masked([keys[row][2] for row in new]), strict=True):
            severity, method, _, status, agent, *said = keys[row]
            mask = (severity, method, url, status, agent, *masked(said[:1]), *said[1:])
            if mask not in self._alike:
                self._alike[mask] = self._judged(_Asked(*mask))
            found[row] = self._alike[mask]
        return [WHOLLY if verdict is None else verdict for verdict in found]

    def _numbered(self, urls: Sequence[str], asked: Sequence[HttpGlance]) -> Iterator[int]:
        """The requests whose digits are what a rule looks for."""
        for row in self._texts.with_paths(urls):
            if self._texts.numbered(f"{asked[row].requestMethod} {path_of(urls[row])} {asked[row].status}"):
                yield row
        if self._texts.asks_for_paths:
            yield from self._texts.with_asked_paths(list(map(path_of, urls)))

    def _one(self, glance: Glance, http: HttpGlance, said: tuple[str, Manner] | None) -> int:
        return self.find([glance], [http], [said])[0] if type(http.requestUrl) is str else WHOLLY

    def _with_own_route(self, verdict: int, url: str) -> int:
        """The same verdict under the route of a path, which has a few parts of its own."""
        path = path_of(url)
        parts = path.split("/")
        key = (verdict, *[parts[place] for place in self._own[verdict]])
        if key not in self._routes:
            route = route_of_path(path)
            self._routes[key] = self._verdicts.add(Verdict(self._verdicts.found[verdict].severity, route))
        return self._routes[key]

    def _judged(self, asked: _Asked) -> int:
        """The verdict on all requests that are alike in this."""
        method, status, agent = asked.method, asked.status, asked.agent
        if method not in METHODS or " " in asked.url or not isinstance(agent, str | None):
            return WHOLLY
        if type(status) is not int or not 0 <= status <= _LARGEST_STATUS:
            return WHOLLY
        request = {"requestMethod": method, "requestUrl": asked.url, "status": status, "userAgent": agent}
        record = {"timestamp": _ANY_TIME, "severity": asked.severity, "httpRequest": request}
        if (manner := asked.manner) is not None:
            if digits_count(asked.text):
                return WHOLLY
            level = {} if manner.level is None else {"level": manner.level.name}
            record["jsonPayload"] = {"message": asked.text, **level}
        entry = decode(record)
        if entry.request is None or self._nominated(entry) or self._texts.numbered(entry.message):
            return WHOLLY
        route = None if is_probe(entry.request) else route_of(entry.request)
        verdict = self._verdicts.add(Verdict(entry.severity.name, route))
        if route is not None and "0" in route:
            # Where a digit is no part of an id, the route is each path's own.
            self._own[verdict] = [place for place, part in enumerate(route.split("/")) if "0" in part]
        return verdict


def _is_plain(key: _Key) -> bool:
    """Whether a key can be looked up."""
    try:
        hash(key)
    except TypeError:
        return False
    return True
