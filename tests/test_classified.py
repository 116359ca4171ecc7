"""What the rules say of a read is the same however often it is gone through."""

from __future__ import annotations

from analyzer.classified import Classified
from analyzer.finds import Finder, Listed, traits_of
from analyzer.matching import Matcher
from analyzer.model import Request, Severity
from analyzer.rule import CorrelationType, Operator
from analyzer.traffic import Failing, Stretch
from tests.matching.build import SECOND, contains, correlation, event, rule

TWICE = correlation(
    CorrelationType.EVENT_COUNT, "lost", span=60 * SECOND, bounds=((Operator.GTE, 2.0),), generate=False
)
MATCHER = Matcher([rule("lost", contains("lost")), rule("late", contains("late")), TWICE])
REQUEST = Request("GET", "/me", 503)
EVENTS = [
    event("lost", time=1, severity=Severity.ERROR),
    event("odd", time=2, severity=Severity.ERROR),
    event("GET /me 503", time=3, severity=Severity.ERROR, request=REQUEST),
    event("lost, and late", time=3, severity=Severity.ERROR),
    event("calm", time=4),
    event("GET /me 503", time=9, severity=Severity.ERROR, request=REQUEST),
]
STRETCH = Stretch("backend", "/me", Failing.SERVER, first=3, last=5, failed=20, total=20)


def classified() -> Classified:
    return Classified(Listed(Finder(MATCHER).found(EVENTS), traits_of(MATCHER.rules)), MATCHER.rules)


def test_an_error_of_which_only_a_hidden_match_tells_is_unknown() -> None:
    found = classified()
    for _ in range(2):
        assert [(match.rule.name, match.time) for match in found.matches] == [("correlated", 3), ("late", 3)]
        assert [one.time for one in found.unknown] == [1, 2, 3, 9]
        assert [one.time for one in found.refused] == [3, 9]


def test_requests_of_an_outage_come_after_what_rules_say_of_the_same_time_and_are_no_unknown_errors() -> None:
    found = classified().with_outages([STRETCH])
    names = ["correlated", "late", "requests_failing"]
    assert [(match.rule.name, match.time) for match in found.matches] == [(name, 3) for name in names]
    assert [one.time for one in found.unknown] == [1, 2, 9]
    assert [one.time for one in found.refused] == [3, 9]


def test_matches_of_one_event_share_it() -> None:
    first, second = classified().matches
    assert first.event is second.event
