"""Which rules an event may match, found without evaluating them: over all rules at once, by what they need.

A scanner nominates and never decides: whatever it leaves out cannot match, whatever it names is evaluated. The time an
event costs hardly grows with the number of rules.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, NamedTuple

from analyzer.matching.evaluate import Predicate, compile_condition
from analyzer.matching.fields import PAYLOADS, Subject, plain, reader, text_of
from analyzer.matching.textset import Sought, TextSet
from analyzer.rule import TEXT_OPERATORS, Comparison

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from analyzer.model import Entry
    from analyzer.needs import Need, Needs

__all__ = ["Scanner"]

Rules = tuple[int, ...]


class Scanner:
    """All rules, by what they need.

    Args:
        wanted: The needs of each rule: an empty set for one that no single event can match (a correlation), None for
            one that any event may match.

    Attributes:
        needs: What is looked for: an event that meets none of these can match only the rules of ``always``.
    """

    __slots__ = ("_always", "_fields", "_message", "needs")

    def __init__(self, wanted: Sequence[Needs | None]) -> None:
        always: list[int] = []
        message: dict[Need, list[int]] = defaultdict(list)
        others: dict[str, dict[Need, list[int]]] = defaultdict(lambda: defaultdict(list))
        for index, some in enumerate(wanted):
            if some is None:
                always.append(index)
                continue
            for need in some:
                (message if need.field == "message" else others[need.field])[need].append(index)
        self._always: Rules = tuple(always)
        self._message = _Texts(message)
        self.needs: frozenset[Need] = frozenset(message).union(*others.values())
        self._fields = _gated({name: _FieldTest(name, found) for name, found in others.items()})

    @property
    def literals(self) -> tuple[str, ...]:
        """The lower-case literals looked for in messages, sorted."""
        return tuple(sorted(str(need.value) for need in self.needs if need.field == "message"))

    @property
    def always(self) -> Rules:
        """Indexes of the rules that nothing can rule out, which every event is evaluated for."""
        return self._always

    def nominate(self, text: str) -> Sequence[int]:
        """Indexes, ascending, of the rules that an event with this message may match for what the message says.

        Rules that go by other fields alone are not among them: see :meth:`candidates`.
        """
        found = self._message.find(text)
        if not found:
            return self._always
        return sorted(found.union(self._always))

    def by_message(self, entry: Entry) -> bool:
        """Whether only its message can nominate an event that begins with ``entry``."""
        for is_there, _ in self._fields:  # noqa: SIM110 - a generator takes longer
            if is_there(entry):
                return False
        return True

    def candidates(self, subject: Subject) -> Sequence[int]:
        """Indexes, ascending, of the rules that this event may match."""
        found = self._message.find(subject.text("message") or "")
        entry = subject.event.entries[0]
        for is_there, tests in self._fields:
            if is_there(entry):
                for test in tests:
                    found = found | test.find(subject)
        if not found:
            return self._always
        return sorted(found.union(self._always))


class _Texts:
    """Literals of one field, and the rules that need each."""

    __slots__ = ("_rules", "_set")

    def __init__(self, wanted: Mapping[Need, Iterable[int]]) -> None:
        ordered = sorted(wanted, key=lambda need: (need.operator, str(need.value), need.beside))
        self._set = TextSet(Sought(need.operator, str(need.value), need.beside) for need in ordered)
        self._rules = [frozenset(wanted[need]) for need in ordered]

    def find(self, text: str) -> frozenset[int]:
        found = self._set.find(text)
        if not found:
            return _NONE
        rules = self._rules
        return rules[found[0]] if len(found) == 1 else frozenset().union(*[rules[index] for index in found])


_NONE: frozenset[int] = frozenset()


class _FieldTest:
    """The needs of one field other than the message."""

    __slots__ = ("_name", "_others", "_texts")

    def __init__(self, name: str, wanted: Mapping[Need, Iterable[int]]) -> None:
        texts = {
            need: rules
            for need, rules in wanted.items()
            if need.operator in TEXT_OPERATORS and isinstance(need.value, str)
        }
        self._name = name
        self._texts = _Texts(texts) if texts else None
        self._others: list[tuple[Predicate, frozenset[int]]] = [
            (compile_condition(Comparison(need.field, need.operator, need.value)), frozenset(rules))
            for need, rules in wanted.items()
            if need not in texts
        ]

    def find(self, subject: Subject) -> frozenset[int]:
        raw = subject.raw(self._name)
        if raw is None:
            return _NONE
        text = None if self._texts is None else text_of(plain(raw))
        found = _NONE if text is None or self._texts is None else self._texts.find(text)
        for holds, rules in self._others:
            if holds(subject):
                found = found | rules
        return found


class _Gate(NamedTuple):
    """Tests that are idle unless an event's first entry has what their fields live in."""

    is_there: Callable[[Entry], object]
    tests: tuple[_FieldTest, ...]


def _gated(tests: Mapping[str, _FieldTest]) -> tuple[_Gate, ...]:
    found: dict[str, list[_FieldTest]] = defaultdict(list)
    for name, test in tests.items():
        reader(name)
        head = name.partition(".")[0]
        found[head if head == "http" or head in PAYLOADS else ""].append(test)
    return tuple(_Gate(_gate(head), tuple(some)) for head, some in found.items())


def _gate(head: str) -> Callable[[Entry], object]:
    if not head:
        return bool
    if head == "http":
        return lambda entry: entry.request
    usual, other = PAYLOADS[head][0], PAYLOADS[head][-1]
    return lambda entry: usual in entry.raw or other in entry.raw
