from __future__ import annotations

from hypothesis import given

from analyzer.matching import Explanation, explain
from analyzer.matching.evaluate import compile_condition
from analyzer.matching.fields import Subject
from analyzer.model import Event  # noqa: TC001 - hypothesis reads the annotations
from analyzer.rule import Comparison, Condition, CorrelationType, Operator
from tests.matching.build import both, compare, contains, correlation, either, event, named, negated, rule
from tests.matching.strategies import conditions, events


def test_each_part_says_what_came_of_it() -> None:
    condition = both(named("missing", contains("Missing")), negated(named("clear", contains("no missing"))))
    found = explain(rule("tables", condition), event("no missing tables"))
    assert found == Explanation(
        "tables",
        held=False,
        line=1,
        parts=(
            Explanation(
                "and",
                held=False,
                parts=(
                    Explanation(
                        "missing",
                        held=True,
                        parts=(Explanation("message contains 'Missing'", held=True, actual="no missing tables"),),
                    ),
                    Explanation(
                        "not",
                        held=False,
                        parts=(
                            Explanation(
                                "clear",
                                held=True,
                                parts=(
                                    Explanation("message contains 'no missing'", held=True, actual="no missing tables"),
                                ),
                            ),
                        ),
                    ),
                ),
            ),
        ),
    )


def test_comparisons_are_put_in_words() -> None:
    condition = either(
        compare("json.x", "exists", True),
        compare("json.x", "exists", False),
        compare("json.x", "equals", None),
        compare("message", "startswith", "X", cased=True),
        Comparison("http.status", Operator.GTE, 500, line=7),
    )
    parts = explain(rule("one", condition), event("x" * 1000)).parts[0].parts
    assert [(part.text, part.held) for part in parts] == [
        ("json.x is there", False),
        ("json.x is absent", True),
        ("json.x is absent or empty", True),
        ("message startswith 'X', case matters", False),
        ("http.status gte 500", False),
    ]
    assert parts[3].actual == "x" * 199 + "…"
    assert parts[4].line == 7


def test_a_correlation_is_said_to_need_its_rules() -> None:
    found = explain(correlation(CorrelationType.TEMPORAL, "a b", span=1), event("x"))
    assert not found.held
    assert [part.text for part in found.parts] == ["needs matches of a", "needs matches of b"]


@given(conditions, events)
def test_the_root_says_whether_the_rule_holds(condition: Condition, one: Event) -> None:
    assert explain(rule("one", condition), one).held is compile_condition(condition)(Subject(one))
