"""What the rules say of a read: matches, errors that no rule knows, and failed requests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from analyzer.finds import Trait
from analyzer.incidents import Outages
from analyzer.matching import Correlated
from analyzer.model import Event, Match

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from analyzer.finds import Found, Kept
    from analyzer.rule import Rule
    from analyzer.traffic import Stretch

__all__ = ["Classified"]

_Noun = TypeVar("_Noun")


class _Again(Generic[_Noun]):
    """Something that is made anew whenever it is gone through."""

    def __init__(self, make: Callable[[], Iterator[_Noun]]) -> None:
        self._make = make

    def __iter__(self) -> Iterator[_Noun]:
        return self._make()


class Classified:
    """What the rules say of what was found; each part in order of time, and made anew whenever it is gone through.

    Args:
        finds: What was found, in order of time.
        rules: The rules that its hits name by their indexes.
        correlated: What correlations make of the hits, where that is known already.
        outages: When so many requests failed that they are matches of built-in rules.

    Attributes:
        matches: Matches of the rules.
        unknown: Errors that no rule knows.
        refused: Requests that failed, whatever a rule says of them.
    """

    def __init__(
        self,
        finds: Kept,
        rules: Sequence[Rule],
        correlated: Correlated | None = None,
        outages: Outages | None = None,
    ) -> None:
        self._finds = finds
        self._rules = rules
        self._correlated = correlated or Correlated(rules, self._placed())
        self._outages = outages or Outages(())
        self.matches: Iterable[Match] = _Again(self._matches)
        self.unknown: Iterable[Event] = _Again(self._unknown)
        self.refused: Iterable[Event] = _Again(self._refused)

    def with_outages(self, stretches: Iterable[Stretch]) -> Classified:
        """The same with requests that failed for a stretch as matches, and no longer as unknown errors."""
        return Classified(self._finds, self._rules, self._correlated, Outages(stretches))

    def _matches(self) -> Iterator[Match]:
        """Of one time, the requests that failed come after what rules say."""
        requests: list[Match] = []
        for event, matches in self._told(Trait.MATCHED | Trait.REFUSED):
            if requests and event.time > requests[0].time:
                yield from requests
                requests.clear()
            yield from matches
            if (request := self._outages.match(event, matches)) is not None:
                requests.append(request)
        yield from requests

    def _unknown(self) -> Iterator[Event]:
        for event, matches in self._told(Trait.UNKNOWN):
            if not matches and self._outages.match(event) is None:
                yield event

    def _refused(self) -> Iterator[Event]:
        return (found.event for _, found in self._finds.some(Trait.REFUSED))

    def _told(self, wanted: Trait) -> Iterator[tuple[Event, Sequence[Match]]]:
        """Each event that has one of some traits, with what is said of it."""
        for first, found in self._finds.some(wanted):
            matches: list[Match] = []
            for order, hit in enumerate(self._hits(found), first):
                matches += self._correlated.told(order, hit)
            yield found.event, matches

    def _placed(self) -> Iterator[tuple[int, Match]]:
        """The hits that correlations may be made of, each with its place among all."""
        for first, found in self._finds.some(Trait.PART):
            yield from enumerate(self._hits(found), first)

    def _hits(self, found: Found) -> Iterator[Match]:
        for index, fields in found.hits:
            yield Match(rule=self._rules[index], event=found.event, fields=fields)
