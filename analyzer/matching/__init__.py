"""Events and rules to matches: a scanner nominates, conditions decide, patterns extract, correlations join.

The boundary is strict: what nominates (scanner, text sets, the needs of a condition) may let too much through and
never too little; :mod:`analyzer.matching.evaluate` alone decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from analyzer.matching.correlate import Correlated, kept_rules
from analyzer.matching.explain import Explanation, explain
from analyzer.matching.fields import FIELDS, Subject, field, is_field
from analyzer.matching.scanner import Scanner
from analyzer.matching.sharing import CompiledRules
from analyzer.model import Event, Fields, Match
from analyzer.needs import CheckedRules, needs_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.model import Entry
    from analyzer.rule import Rule

_MOST: Final = 4096
_LONGEST: Final = 1000
"""How many messages, of how many characters, are remembered with what came of them."""

_Outcome = Sequence[tuple[int, Fields]]
"""The rules that hold, by their index, with what they extract."""

__all__ = ["FIELDS", "Correlated", "Explanation", "Matcher", "Scanner", "explain", "field", "is_field", "kept_rules"]


class Matcher:
    """All rules, compiled together: those that a loader has checked when they are first asked for, others at once.

    Args:
        rules: Detections and correlations; a match names the rule itself.

    Raises:
        RuleError: A rule names an unknown field or has a value or pattern that cannot be used.
    """

    __slots__ = ("_outcomes", "_rules", "rules", "scanner")

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._rules = CompiledRules(self.rules)
        if isinstance(rules, CheckedRules):
            self.scanner = Scanner(rules.needs)
        else:
            self._rules.complete()
            self.scanner = Scanner([needs_of(rule) for rule in self.rules])
        self._outcomes: dict[str, _Outcome] = {}

    def __reduce__(self) -> tuple[type[Matcher], tuple[tuple[Rule, ...]]]:
        """What is compiled does not travel between processes."""
        return Matcher, (self.rules,)

    def nominates(self, text: str) -> bool:
        """Whether a message may match some rule for what it says; quick, and True too often rather than too seldom.

        Rules that go by other fields alone are not asked: see :meth:`nominates_entry`.
        """
        return bool(self.scanner.nominate(text))

    def nominates_entry(self, entry: Entry) -> bool:
        """Whether an entry by itself may match some rule, for its message or its other fields."""
        alone = Event(entries=(entry,), message=entry.message, severity=entry.severity)
        return bool(self.scanner.candidates(Subject(alone)))

    def match_event(self, event: Event) -> list[Match]:
        """The matches of detections on ``event``, in the order of the rules."""
        return [Match(rule=self.rules[index], event=event, fields=fields) for index, fields in self._outcome(event)]

    def _outcome(self, event: Event) -> _Outcome:
        """What holds on an event; found once for a message that comes again and again, where nothing else is asked."""
        message = event.message
        by_message = self.scanner.by_message(event.entries[0])
        if by_message and (known := self._outcomes.get(message)) is not None:
            return known
        subject = Subject(event)
        found = []
        for index in self.scanner.candidates(subject):
            holds, extract = self._rules[index]
            if holds(subject):
                found.append((index, extract(subject)))
        if by_message and subject.is_message and len(message) <= _LONGEST:
            if len(self._outcomes) >= _MOST:
                self._outcomes.clear()
            self._outcomes[message] = found
        return found

    def match(self, events: Iterable[Event]) -> list[Match]:
        """All matches: detections in the order of the events, each correlation after the match that completed it.

        Matches of rules that serve only correlations (``generate: false``) are left out.
        """
        detections = [match for event in events for match in self.match_event(event)]
        told = Correlated(self.rules, enumerate(detections)).told
        return [one for order, match in enumerate(detections) for one in told(order, match)]
