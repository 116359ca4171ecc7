"""Requests: what is to be made of one, found once for all that are alike but for the digits in their paths.

The texts of rules that hold digits are looked for in each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from analyzer.entries import decode
from analyzer.entries.request import path_of
from analyzer.skim.texts import without_digits
from analyzer.traffic import is_probe, route_of, route_of_path

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.model import Entry
    from analyzer.sheets import Glance
    from analyzer.skim.texts import Texts

__all__ = ["Requests", "Verdict", "latency_of"]

_MOST = 20_000
_ANY_TIME: Final = "2025-09-10T00:33:54Z"
_NANO_DIGITS: Final = 9
_LONGEST_SECONDS: Final = 5
"""Digits of fewer seconds than a week has, from which on a latency is not believed."""


class Verdict(NamedTuple):
    """What a request is that is passed over.

    Attributes:
        severity: Its effective severity.
        route: Under which it is counted; None for a scanner's or crawler's.
    """

    severity: str
    route: str | None


class Requests:
    """The verdicts so far.

    Args:
        texts: What the rules look for.
        nominated: Whether an entry is worth a closer look.
    """

    def __init__(self, texts: Texts, nominated: Callable[[Entry], bool]) -> None:
        self._texts = texts
        self._nominated = nominated
        self._known: dict[tuple[Any, ...], Verdict | None] = {}
        self._alike: dict[tuple[Any, ...], Verdict | None] = {}

    def verdict(self, glance: Glance) -> Verdict | None:
        """What the request is; None for one that is worth a closer look, or that a few fields cannot tell of."""
        http = glance.httpRequest
        if http is None or type(http.status) is not int:
            return None
        key = (glance.severity, http.requestMethod, http.requestUrl, http.status, http.userAgent)
        try:
            if key in self._known:
                return self._known[key]
        except TypeError:
            return None
        if len(self._known) >= _MOST:
            self._known.clear()
        verdict = self._known[key] = self._judged(*key)
        return verdict

    def _judged(self, severity: Any, method: Any, url: Any, status: int, agent: Any) -> Verdict | None:
        if type(url) is not str or type(method) is not str or not (agent is None or type(agent) is str):
            return None
        if self._texts.numbered(f"{method} {path_of(url)} {status}"):
            return None
        key = (severity, method, without_digits(url), status, agent)
        if key not in self._alike:
            if len(self._alike) >= _MOST:
                self._alike.clear()
            self._alike[key] = self._found(*key)
        verdict = self._alike[key]
        # Where a digit is no part of an id, the route is this path's own.
        if verdict is None or verdict.route is None or "0" not in verdict.route:
            return verdict
        return verdict._replace(route=route_of_path(path_of(url)))

    def _found(self, severity: Any, method: str, url: str, status: int, agent: str | None) -> Verdict | None:
        request = {"requestMethod": method, "requestUrl": url, "status": status, "userAgent": agent}
        entry = decode({"timestamp": _ANY_TIME, "severity": severity, "httpRequest": request})
        if entry.request is None or self._nominated(entry):
            return None
        return Verdict(entry.severity.name, None if is_probe(entry.request) else route_of(entry.request))


def latency_of(value: Any) -> int | None:
    """The nanoseconds of a latency such as ``0.012s``; 0 where there is none, None where it is written otherwise."""
    if value is None:
        return 0
    if type(value) is not str or value[-1:] != "s":
        return None
    whole, point, fraction = value[:-1].partition(".")
    if not (whole.isdecimal() and whole.isascii() and len(whole) <= _LONGEST_SECONDS):
        return None
    if not point:
        return int(whole) * 10**_NANO_DIGITS
    if not (fraction.isdecimal() and fraction.isascii() and len(fraction) <= _NANO_DIGITS):
        return None
    return int(whole + fraction.ljust(_NANO_DIGITS, "0"))
