from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import RuleError
from analyzer.matching.evaluate import compile_condition
from analyzer.matching.fields import Subject
from analyzer.matching.sharing import compiler
from analyzer.model import Event  # noqa: TC001 - hypothesis reads the annotations
from analyzer.rule import And, Condition
from tests.matching.build import both, compare, contains, either, event, negated
from tests.matching.strategies import conditions, events

NOISE = either(contains("pytest"), contains("echo"))


def test_what_rules_share_is_decided_once_an_event() -> None:
    first, second = both(contains("a"), negated(NOISE)), both(contains("b"), negated(NOISE))
    part = compiler([first, second])
    subject = Subject(event("a b"))
    assert [part(first)(subject), part(second)(subject)] == [True, True]
    assert list(subject.known.values()) == [False]
    noisy = Subject(event("a b pytest"))
    assert [part(first)(noisy), part(second)(noisy)] == [False, False]


def test_true_and_one_are_not_the_same() -> None:
    number, truth = (both(compare("json.x", "equals", value), contains("")) for value in (1, True))
    part = compiler([number, truth, number, truth])
    subject = Subject(event(raw={"jsonPayload": {"x": 1}}))
    assert [part(number)(subject), part(truth)(subject)] == [True, False]


def test_what_cannot_be_compiled_is_refused() -> None:
    broken = both(contains("a"), compare("nowhere", "equals", "x"))
    with pytest.raises(RuleError):
        compiler([broken])(broken)


@given(st.lists(conditions, min_size=1, max_size=4), events)
def test_compiled_together_or_alone_conditions_say_the_same(some: list[Condition], one: Event) -> None:
    shared: list[Condition] = [And((one_of, some[0])) for one_of in some] + some
    part = compiler(shared)
    subject = Subject(one)
    assert [part(item)(subject) for item in shared] == [compile_condition(item)(Subject(one)) for item in shared]
