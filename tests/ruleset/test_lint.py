from __future__ import annotations

import pytest

from analyzer.rule import And, Comparison, Condition, Named, Not, Operator, Or
from analyzer.ruleset.contradictions import bare, holds_on_nothing, never_holds
from analyzer.ruleset.findings import FindingSeverity
from analyzer.ruleset.lint import check
from analyzer.ruleset.load import read_rules
from tests.ruleset.examples import BASE, CORRELATION, changed

MISSING = "    message|contains: Missing tables\n"


def findings(text: str) -> list[str]:
    return [f"{finding.line}: {finding.severity}: {finding.text}" for finding in check(read_rules(text, "rule.yml"))]


def test_good_rules_have_no_findings() -> None:
    assert findings(BASE + CORRELATION) == []


def test_a_rule_needs_a_test_that_matches_and_a_look_alike() -> None:
    without = BASE[: BASE.index("  tests:")]
    assert findings(without)[:2] == [
        "1: error: no test shows that the rule matches",
        "1: error: no test shows a look-alike that the rule must not match",
    ]
    only_negative = changed(BASE, ("{match: true, tables: [a]}", "{match: false}"))
    assert findings(only_negative) == ["1: error: no test shows that the rule matches"]
    only_positive = changed(BASE, ("{match: false}", "{match: true}"))
    assert findings(only_positive) == ["1: error: no test shows a look-alike that the rule must not match"]


def test_correlations_need_tests_too() -> None:
    text = BASE + CORRELATION[: CORRELATION.index("  tests:")]
    assert [line for line in findings(text) if "error" in line] == [
        "31: error: no test shows that the rule matches",
        "31: error: no test shows a look-alike that the rule must not match",
    ]


def test_a_rule_needs_an_id() -> None:
    text = changed(BASE, ("id: 3c0c3f4e-0f0e-4c8e-9c43-5a3f1d3f6d11\n", ""))
    assert findings(text) == ["1: error: the rule has no id"]


PATTERN = "the pattern needs no text of 4 characters, so that every entry must be tried"
SERVICE = "'service' is all that some match needs, so that every entry must be decoded"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("message|re: 'ERR[0-9]+'", f"8: warning: {PATTERN}"),
        ("message|re: ['ERROR[0-9]+', '[a-z]+']", f"8: warning: {PATTERN}"),
        ("message|re: 'ERROR[0-9]+'", ""),
        ("message|contains: abc", ""),
        ("json.code|re: '[0-9]+'", ""),
        ("service: orders", SERVICE),
        ("labels.team: shop", SERVICE.replace("service", "labels.team")),
        ("service: orders\n    severity: ERROR", ""),
        ("service: orders\n    message|contains: 'order refused'", ""),
    ],
)
def test_what_costs_every_entry_is_a_finding(value: str, found: str) -> None:
    said = findings(changed(BASE, (MISSING, f"    {value}\n")))
    costly = [one for one in said if "every entry must be" in one]
    assert len(costly) == bool(found)
    assert all(one.endswith(found) for one in costly)


def test_a_costly_pattern_beside_a_text_that_must_stand_is_no_finding() -> None:
    text = changed(BASE, (MISSING, f"{MISSING}    message|re: '[0-9]+'\n"))
    assert findings(text) == []


def test_a_condition_that_contradicts_itself_is_an_error() -> None:
    text = changed(BASE, ("condition: missing and not all_clear", "condition: all_clear and not missing"))
    assert findings(text) == ["1: error: the condition contradicts itself: no entry can match"]


def test_a_condition_that_asks_for_nothing_is_a_warning() -> None:
    text = changed(BASE, ("condition: missing and not all_clear", "condition: not all_clear and not missing"))
    assert findings(text) == ["1: warning: the condition holds on every entry that does not say otherwise"]


def test_an_extracted_name_that_nobody_looks_at_is_a_warning() -> None:
    text = changed(BASE, ("  title:", "    host: 'on (?P<host>.*)'\n  title:"))
    assert findings(text) == ["20: warning: 'host' is extracted, but no template uses it and no test expects it"]
    grouped = changed(text + CORRELATION, ("group-by: [service, tables]", "group-by: [service, host]"))
    assert findings(grouped) == []


def test_rules_that_say_the_same_are_a_warning() -> None:
    twin = changed(BASE, ("3c0c", "5c0c"), ("name: tables_missing", "name: twin"), ("Missing tables", "MISSING TABLES"))
    assert findings(f"{BASE}---\n{twin}") == [
        "31: warning: the condition is the same as that of 'tables_missing'",
        "31: warning: the title is the same as that of 'tables_missing'",
    ]


def test_warnings_of_the_loader_are_findings_with_rule_and_severity() -> None:
    text = changed(BASE, ("level: critical", "level: critical\ncustom: 1"))
    (finding,) = check(read_rules(text, "rule.yml"))
    assert finding.severity is FindingSeverity.WARNING
    assert str(finding) == "rule.yml:13: warning: the key 'custom' is not Sigma's and is not used (tables_missing)"


def text(
    value: str, operator: Operator = Operator.CONTAINS, *, cased: bool = False, field: str = "message"
) -> Condition:
    return Comparison(field, operator, value, cased)


A, B, AB = text("a"), text("b"), text("ab")


@pytest.mark.parametrize(
    "condition",
    [
        And((A, Not(A))),
        And((AB, Not(A))),
        And((text("ab", Operator.STARTSWITH), Not(A))),
        And((text("ab", Operator.EQUALS), Not(text("b", Operator.ENDSWITH)))),
        And((text("ab", Operator.STARTSWITH), Not(text("A", Operator.STARTSWITH)))),
        And((text("AB", cased=True), Not(A))),
        And((text("a", Operator.EQUALS, field="log"), text("b", Operator.EQUALS, field="log"))),
        And((Or((AB, text("ba"))), Not(Or((text("x"), A))))),
        And((A, Named("x", Or((And((B, Not(B))), Not(A)))))),
        And((Not(And((Not(A), Not(B)))), Not(A), Not(B))),
        Or((And((A, Not(A))), And((B, Not(B))))),
        Not(Or((A, Not(A)))),
    ],
)
def test_contradictions_that_are_found(condition: Condition) -> None:
    assert never_holds(condition)


@pytest.mark.parametrize(
    "condition",
    [
        A,
        And((A, Not(AB))),
        And((A, Not(B))),
        And((AB, Not(text("A", cased=True)))),
        And((A, Not(text("a", field="log")))),
        And((text("a", Operator.ENDSWITH), Not(text("a", Operator.STARTSWITH)))),
        And((text("a", Operator.EQUALS, field="log"), text("A", Operator.EQUALS, field="log"))),
        And((Comparison("log", Operator.EQUALS, None), Comparison("log", Operator.EQUALS, ""))),
        Or((And((A, Not(A))), B)),
        Not(And((A, Not(A)))),
    ],
)
def test_conditions_that_can_hold_are_left_alone(condition: Condition) -> None:
    assert not never_holds(condition)


def test_two_conditions_in_another_order_are_the_same() -> None:
    left = And((A, Named("x", Or((B, Named("y", AB))))))
    right = And((Or((AB, text("B"))), And((A, A))))
    assert bare(left) == bare(right)
    assert bare(Not(Not(A))) == A


def test_what_holds_on_an_entry_that_says_nothing() -> None:
    assert holds_on_nothing(Not(A))
    assert holds_on_nothing(Comparison("log", Operator.EQUALS, None))
    assert holds_on_nothing(And((Comparison("log", Operator.EXISTS, False), Not(Or((A, Named("b", B)))))))
    assert not holds_on_nothing(Or((A, Comparison("log", Operator.EXISTS, True))))
