from __future__ import annotations

import pytest
from hypothesis import given, settings

from analyzer.matching.evaluate import compile_condition
from analyzer.matching.fields import Subject
from analyzer.model import Event  # noqa: TC001 - hypothesis reads the annotations
from analyzer.needs import Need, needs
from analyzer.rule import Comparison, Condition, Operator
from tests.matching.build import both, compare, contains, either, named, negated
from tests.matching.strategies import conditions, events


def message(text: str) -> Need:
    return Need("message", Operator.CONTAINS, text)


def json(operator: Operator, value: str | bool) -> Need:
    return Need("json.x", operator, value)


SERVER_ERROR = Need("http.status", Operator.GTE, 500)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (contains("Missing tables"), {message("missing tables")}),
        (named("one", both(contains("ab"), contains("abcdef"))), {message("abcdef")}),
        (either(contains("one"), compare("http.status", "gte", 500)), {message("one"), SERVER_ERROR}),
        (either(contains("one"), negated(contains("two"))), None),
        (both(contains("one"), negated(contains("two"))), {message("one")}),
        (both(compare("severity", "equals", "ERROR"), contains("one")), {message("one")}),
        (both(compare("service", "equals", "backend"), compare("http.status", "gte", 500)), {SERVER_ERROR}),
        (
            both(compare("service", "equals", "backend"), compare("severity", "gte", 400)),
            {Need("severity", Operator.GTE, 400)},
        ),
        (both(compare("json.x", "equals", "E100"), compare("json.y", "exists", True)), {json(Operator.EQUALS, "E100")}),
        (both(negated(contains("x"))), None),
        (compare("message", "re", "."), None),
        (compare("message", "contains", "İx"), None),
        (compare("message", "exists", True), None),
        (
            compare("json.x", "re", "(?i)timed? out"),
            {json(Operator.CONTAINS, "time out"), json(Operator.CONTAINS, "timed out")},
        ),
        (compare("json.x", "re", "."), {json(Operator.EXISTS, True)}),
        (compare("json.x", "equals", True), {json(Operator.EXISTS, True)}),
        (compare("json.x", "equals", ""), {json(Operator.EXISTS, True)}),
        (compare("json.x", "fieldref", "json.y"), {json(Operator.EXISTS, True)}),
        (compare("json.x", "equals", None), None),
        (compare("json.x", "exists", False), None),
    ],
)
def test_a_condition_is_weakened_to_what_an_event_must_have(condition: Condition, expected: set[Need] | None) -> None:
    found = needs(condition)
    assert (found if found is None else set(found)) == expected


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("pod \\S+ evicted", [(" evicted", "pod ")]),
        ("(?:error|warning): .* too few", [(" too few", "error: "), (" too few", "warning: ")]),
        ("error: [^x]* too few", [(" too few", "")]),
        ("a rare thing .* error", [("a rare thing ", "")]),
    ],
)
def test_a_weak_text_is_looked_for_with_what_stands_in_its_line(pattern: str, expected: list[tuple[str, str]]) -> None:
    found = needs(compare("message", "re", pattern))
    assert found is not None
    assert sorted((str(need.value), need.beside) for need in found) == expected


def meets(subject: Subject, need: Need) -> bool:
    """Whether an event has what a need asks for."""
    beside = need.beside in (subject.text("message") or "").casefold()
    return beside and compile_condition(Comparison(need.field, need.operator, need.value))(subject)


@settings(max_examples=300)
@given(conditions, events)
def test_every_event_that_a_condition_holds_on_meets_a_need(condition: Condition, event: Event) -> None:
    subject = Subject(event)
    if not compile_condition(condition)(subject):
        return
    found = needs(condition)
    assert found is None or any(meets(subject, need) for need in found)
