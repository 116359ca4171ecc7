from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.matching import re2_texts
from analyzer.matching.evaluate import compile_condition
from analyzer.matching.fields import Subject
from analyzer.matching.re2_texts import Re2Texts
from analyzer.matching.scanner import Scanner
from analyzer.matching.textset import TextSet
from analyzer.model import Event, Request
from analyzer.needs import Need, needs
from analyzer.rule import Condition, Operator
from tests.matching.build import both, compare, contains, either, event, negated
from tests.matching.strategies import conditions, events

if TYPE_CHECKING:
    from collections.abc import Sequence

CONDITIONS: list[Condition] = [
    contains("Missing tables"),
    both(contains("missing tables"), negated(contains("no missing"))),
    compare("message", "re", r"fail(?:ed|ure) \d+"),
    compare("http.status", "gte", 500),
    either(contains("refused"), compare("json.code", "equals", "ECONN")),
    compare("message", "re", r"^\d+$"),
]


def scanner() -> Scanner:
    """A scanner for the conditions, and for a correlation, which needs what no event has."""
    return Scanner([*map(needs, CONDITIONS), frozenset()])


def candidates(one: Event) -> list[int]:
    return list(scanner().candidates(Subject(one)))


def test_a_message_nominates_the_rules_that_need_a_text_of_it() -> None:
    one = scanner()
    assert list(one.nominate("✗ MISSING TABLES: ['a']")) == [0, 1, 5]
    assert list(one.nominate("it FAILED 3 times; connection refused")) == [2, 4, 5]
    assert list(one.nominate("all is well")) == [5]
    assert one.always == (5,)
    assert Need("http.status", Operator.GTE, 500) in one.needs
    assert one.literals == ("failed ", "failure ", "missing tables", "refused")


def test_other_fields_nominate_too() -> None:
    assert candidates(event("x", request=Request("GET", "/", 503))) == [3, 5]
    assert candidates(event("x", request=Request("GET", "/", 499))) == [5]
    assert candidates(event("x", raw={"jsonPayload": {"code": "econn"}})) == [4, 5]
    assert candidates(event("x", raw={"jsonPayload": {"code": "other"}})) == [5]
    assert candidates(event("missing tables", raw={"jsonPayload": {"code": 1}})) == [0, 1, 5]


def test_lone_surrogates_do_no_harm() -> None:
    assert list(scanner().nominate("missing tables \ud800")) == [0, 1, 5]


def test_nothing_is_nominated_without_rules() -> None:
    assert list(Scanner([]).nominate("x")) == []
    assert list(Scanner([frozenset()]).candidates(Subject(event("x")))) == []


def test_thousands_of_literals_in_one_text_are_all_found() -> None:
    literals = [f"literal number {index} is here" for index in range(3000)]
    found = TextSet((Operator.CONTAINS, text) for text in literals).find(" ".join(literals).upper())
    assert sorted(found) == list(range(3000))


def test_literals_that_do_not_fit_into_one_set_are_spread_over_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(re2_texts, "_MEMORY", 1 << 18)
    literals = [f"literal number {index} is here" for index in range(2000)]
    several = Re2Texts([(Operator.CONTAINS, text) for text in literals])
    assert len(several._sets) > 1
    assert sorted(several.find("A LITERAL NUMBER 7 IS HERE and literal number 1999 is here")) == [7, 1999]


@pytest.mark.parametrize(
    ("operator", "hits"),
    [
        (Operator.CONTAINS, ["ab", "xab", "abx", "x\nAB"]),
        (Operator.EQUALS, ["ab"]),
        (Operator.STARTSWITH, ["ab", "abx"]),
        (Operator.ENDSWITH, ["ab", "xab", "x\nAB"]),
    ],
)
def test_a_text_is_found_where_it_must_stand(operator: Operator, hits: Sequence[str]) -> None:
    some = TextSet([(operator, "Ab"), (operator, "Ab")])
    assert len(some.texts) == 1
    assert [value for value in ("ab", "xab", "abx", "x\nAB", "", "a b") if some.find(value)] == hits


def test_a_set_of_nothing_finds_nothing() -> None:
    assert list(TextSet([]).find("x")) == []


@settings(max_examples=300)
@given(st.lists(conditions, min_size=1, max_size=6), events)
def test_every_rule_that_holds_was_nominated(some: list[Condition], one: Event) -> None:
    subject = Subject(one)
    nominated = list(Scanner(list(map(needs, some))).candidates(subject))
    assert nominated == sorted(set(nominated))
    holding = {index for index, condition in enumerate(some) if compile_condition(condition)(subject)}
    assert holding <= set(nominated)
