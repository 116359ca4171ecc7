from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer import matching
from analyzer.errors import RuleError
from analyzer.matching import Matcher
from analyzer.matching.evaluate import compile_condition
from analyzer.matching.fields import Subject
from analyzer.model import Event, Request, Severity
from analyzer.needs import CheckedRules
from analyzer.rule import Condition, CorrelationType, Extract
from tests.matching.build import both, compare, contains, correlation, event, negated, rule
from tests.matching.strategies import conditions, events

MISSING = rule(
    "missing",
    both(contains("missing tables"), negated(contains("no missing tables"))),
    extract=(Extract("tables", (r"tables: (?P<tables>\[.*\])",)),),
)
MIGRATED = rule("migrated", contains("migrations completed"))
SLOW = rule("server_error", compare("http.status", "gte", 500))
DESPITE = correlation(CorrelationType.TEMPORAL_ORDERED, "migrated missing", span=60, group_by="service")
RULES = (DESPITE, MISSING, MIGRATED, SLOW)


def names(*some: Event) -> list[tuple[str, int]]:
    return [(match.rule.name, match.time) for match in Matcher(RULES).match(some)]


def test_an_event_is_matched_and_its_fields_are_extracted() -> None:
    (match,) = Matcher(RULES).match_event(event("✗ Missing tables: ['users', 'roles']"))
    assert match.rule is MISSING
    assert match.fields == {"tables": ("users", "roles")}
    assert match.parts == ()


def test_the_exception_of_a_rule_keeps_its_look_alike_out() -> None:
    assert Matcher(RULES).match_event(event("✓ No missing tables: []")) == []


def test_all_rules_that_hold_are_kept_in_their_order() -> None:
    one = event("missing tables after migrations completed", request=Request("GET", "/", 500))
    assert [match.rule.name for match in Matcher(RULES).match_event(one)] == ["missing", "migrated", "server_error"]


def test_a_correlation_follows_the_match_that_completed_it() -> None:
    some = (event("migrations completed", time=1), event("missing tables", time=3), event("missing tables", time=4))
    assert names(*some) == [("migrated", 1), ("missing", 3), ("correlated", 3), ("missing", 4)]


def test_a_correlation_rests_on_its_parts() -> None:
    some = (event("migrations completed", time=1, insert_id="a"), event("missing tables: ['x']", time=3, insert_id="b"))
    match = Matcher(RULES).match(some)[-1]
    assert match.rule is DESPITE
    assert match.event is some[1]
    assert match.insert_ids == ("a", "b")
    assert match.fields == {"tables": ("x",)}


def test_rules_that_serve_only_correlations_report_nothing_themselves() -> None:
    hidden = correlation(CorrelationType.TEMPORAL, "migrated missing", span=60, generate=False)
    some = [event("migrations completed", time=1), event("missing tables", time=3)]
    assert [match.rule.name for match in Matcher([hidden, MISSING, MIGRATED]).match(some)] == ["correlated"]
    shown = msgspec.structs.replace(DESPITE, name="shown")
    both_ways = Matcher([hidden, shown, MISSING, MIGRATED]).match(some)
    assert [match.rule.name for match in both_ways] == ["migrated", "missing", "correlated", "shown"]


def test_a_text_is_nominated_by_what_rules_need_of_it() -> None:
    matcher = Matcher(RULES)
    assert matcher.nominates("No MISSING TABLES")
    assert not matcher.nominates("all is well")


def test_an_entry_is_nominated_by_its_other_fields_too() -> None:
    matcher = Matcher(RULES)
    assert matcher.nominates_entry(event("missing tables").first)
    assert matcher.nominates_entry(event("x", request=Request("GET", "/", 500)).first)
    assert not matcher.nominates_entry(event("x", request=Request("GET", "/", 200)).first)


@pytest.mark.parametrize(
    "broken",
    [
        rule("broken", compare("nowhere", "equals", "x")),
        rule("broken", contains("x"), extract=(Extract("tables", ("(?P<other>x)",)),)),
    ],
)
def test_a_rule_that_cannot_be_compiled_is_named_with_its_file(broken: object) -> None:
    with pytest.raises(RuleError, match=r"^broken\.yml:1: "):
        Matcher([broken])  # type: ignore[list-item]


def test_checked_rules_are_compiled_when_an_event_first_asks_for_them() -> None:
    matcher = Matcher(CheckedRules(RULES))
    assert not matcher._rules
    assert [match.rule.name for match in matcher.match_event(event("missing tables"))] == ["missing"]
    assert [matcher.rules[index].name for index in matcher._rules] == ["missing"]
    assert len(Matcher(list(CheckedRules(RULES)))._rules) == len(RULES)


def test_needs_that_come_with_rules_are_not_found_again() -> None:
    matcher = Matcher(CheckedRules([rule("any", contains("tables"))], [None]))
    assert matcher.scanner.always == (0,)
    assert Matcher([*matcher.rules]).scanner.always == ()


@given(st.lists(conditions, min_size=1, max_size=5), st.lists(events, max_size=4))
def test_the_matcher_and_every_rule_on_every_event_agree(some: list[Condition], stream: list[Event]) -> None:
    rules = [rule(f"r{index}", condition) for index, condition in enumerate(some)]
    expected = [
        (one, event_)
        for event_ in stream
        for one, condition in zip(rules, some, strict=True)
        if compile_condition(condition)(Subject(event_))
    ]
    found = [(match.rule, match.event) for match in Matcher(rules).match(stream)]
    assert [(one.name, id(event_)) for one, event_ in found] == [(one.name, id(event_)) for one, event_ in expected]


@given(
    st.lists(conditions, min_size=1, max_size=5),
    st.lists(st.tuples(events, st.sampled_from(["Missing x 503", "failed to connect", "table"])), max_size=6),
)
def test_equal_messages_of_unlike_events_are_told_apart(some: list[Condition], stream: list[tuple[Event, str]]) -> None:
    rules = [rule(f"r{index}", condition) for index, condition in enumerate(some)]
    matcher = Matcher(rules)
    for one, message in stream:
        again = msgspec.structs.replace(one, message=message)
        found = [match.rule.name for match in matcher.match_event(again)]
        assert found == [match.rule.name for match in Matcher(rules).match_event(again)]


def test_what_came_of_a_message_is_found_once_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "_MOST", 2)
    matcher = Matcher(RULES)
    for number in range(5):
        (match,) = matcher.match_event(event(f"Missing tables: ['t{number}', 'x']", insert_id="a"))
        (other,) = matcher.match_event(event(f"Missing tables: ['t{number}', 'x']", insert_id="b"))
        assert (match.fields, other.insert_ids) == ({"tables": (f"t{number}", "x")}, ("b",))
        assert other.fields is match.fields
        assert len(matcher._outcomes) <= 2


def test_what_other_fields_have_a_say_in_is_found_each_time() -> None:
    matcher = Matcher([rule("grave", both(contains("tables"), compare("severity", "gte", 500)))])
    assert matcher.match_event(event("tables", severity=Severity.ERROR))
    assert not matcher.match_event(event("tables", severity=Severity.INFO))
    assert matcher._outcomes == {}
