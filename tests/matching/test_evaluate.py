from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.errors import RuleError
from analyzer.matching.evaluate import compile_condition, compile_number_test
from analyzer.matching.fields import Subject
from analyzer.model import Event, Severity
from analyzer.regex import Pattern, PatternError, escape
from analyzer.rule import And, Comparison, Named, Not, Operator, Or
from tests.matching.build import both, compare, contains, either, event, named, negated
from tests.matching.strategies import conditions, events

if TYPE_CHECKING:
    from analyzer.rule import Condition


def holds(condition: Condition, one: Event) -> bool:
    return compile_condition(condition)(Subject(one))


def with_json(**values: Any) -> Event:
    return event("text", raw={"jsonPayload": values})


@pytest.mark.parametrize(
    ("operator", "value", "message", "expected"),
    [
        ("contains", "FAILED", "it failed here", True),
        ("contains", "passed", "it failed here", False),
        ("equals", "It Failed", "it failed", True),
        ("equals", "it failed", "it failed.", False),
        ("startswith", "IT", "it failed", True),
        ("startswith", "failed", "it failed", False),
        ("endswith", "FAILED", "it failed", True),
        ("endswith", "it", "it failed", False),
        ("contains", "✗ Missing", "✗ MISSING tables", True),
        ("contains", "ОШИБКА", "произошла ошибка", True),
        ("equals", "straße", "STRASSE", False),
        ("contains", "kelvin", "\u212aelvin", True),
        ("contains", "pass", "paſſ", True),
        ("startswith", "ſ", "So", True),
        ("contains", "istanbul", "İstanbul", False),
        ("contains", "i\u0307", "İ", False),
        ("contains", "", "", True),
        ("re", r"relation \S+ does", "relation users does", True),
        ("re", "RELATION", "relation", True),
        ("re", "^two$", "one\ntwo", False),
        ("re", "(?m)^two$", "one\ntwo", True),
    ],
)
def test_text_is_compared_as_re2_does_ignoring_case(operator: str, value: str, message: str, *, expected: bool) -> None:
    assert holds(compare("message", operator, value), event(message)) is expected


@pytest.mark.parametrize(
    ("operator", "value", "expected"),
    [
        ("contains", "Failed", True),
        ("contains", "failed", False),
        ("equals", "It Failed", True),
        ("re", "failed", False),
    ],
)
def test_cased_comparisons_see_case(operator: str, value: str, *, expected: bool) -> None:
    assert holds(compare("message", operator, value, cased=True), event("It Failed")) is expected


@pytest.mark.parametrize(
    ("operator", "value", "actual", "expected"),
    [
        ("gte", 500, 500, True),
        ("gt", 500, 500, False),
        ("lt", 500, "499", True),
        ("lte", 500, " 500.0 ", True),
        ("gt", 1, "1e3", True),
        ("gt", "1", 2, True),
        ("gte", 0, "many", False),
        ("gte", 0, "nan", False),
        ("gte", 0, "1_000", False),
        ("gte", 0, True, False),
        ("gte", 0, None, False),
        ("equals", 503, "503", True),
        ("equals", 503, 503.0, True),
        ("equals", "503", 503.0, True),
        ("equals", True, True, True),
        ("equals", True, "TRUE", True),
        ("equals", True, 1, False),
        ("contains", 50, 503, True),
        ("startswith", "5", 503, True),
    ],
)
def test_numbers_compare_with_numbers_and_with_text_that_writes_one(
    operator: str, value: Any, actual: Any, *, expected: bool
) -> None:
    assert holds(compare("json.x", operator, value), with_json(x=actual)) is expected


def test_severity_is_compared_by_name_and_by_number() -> None:
    one = event("x", severity=Severity.ERROR)
    assert holds(compare("severity", "equals", "error"), one)
    assert holds(compare("severity", "gte", 500), one)
    assert not holds(compare("severity", "gt", 500), one)


@pytest.mark.parametrize(
    ("values", "null", "there"),
    [
        ({}, True, False),
        ({"x": None}, True, False),
        ({"x": ""}, True, True),
        ({"x": 0}, False, True),
        ({"x": {}}, False, True),
    ],
)
def test_null_is_absent_or_empty_and_exists_sees_objects_too(
    values: dict[str, Any], *, null: bool, there: bool
) -> None:
    one = with_json(**values)
    assert holds(compare("json.x", "equals", None), one) is null
    assert holds(compare("json.x", "exists", True), one) is there
    assert holds(compare("json.x", "exists", False), one) is not there


@pytest.mark.parametrize(
    ("left", "right", "same", "cased_same"),
    [
        ("a", "a", True, True),
        ("A", "a", True, False),
        ("Ω", "ω", True, False),
        ("\u212a", "k", True, False),
        ("a", "b", False, False),
        ("é", "b", False, False),
        (None, None, False, False),
        (1, "1", True, True),
    ],
)
def test_a_field_is_compared_with_another(left: Any, right: Any, *, same: bool, cased_same: bool) -> None:
    one = with_json(x=left, y=right)
    assert holds(compare("json.x", "fieldref", "json.y"), one) is same
    assert holds(compare("json.x", "fieldref", "json.y", cased=True), one) is cased_same


@pytest.mark.parametrize(
    ("network", "address", "expected"),
    [
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.1/8", "10.9.9.9", True),
        ("10.0.0.0/8", "::ffff:10.1.2.3", True),
        ("fd00::/8", "fd00::1", True),
        ("fd00::/8", "10.1.2.3", False),
        ("10.0.0.0/8", "fd00::1", False),
        ("10.0.0.0/8", "not an address", False),
        ("10.0.0.0/8", None, False),
    ],
)
def test_an_address_lies_in_a_network(network: str, address: str | None, *, expected: bool) -> None:
    assert holds(compare("json.ip", "cidr", network), with_json(ip=address)) is expected


def test_conditions_nest() -> None:
    condition = both(
        named("selection", either(contains("missing"), contains("extra"))),
        negated(contains("no missing")),
        contains("table"),
    )
    assert holds(condition, event("Missing tables: a"))
    assert holds(condition, event("extra table"))
    assert not holds(condition, event("no missing tables"))
    assert not holds(condition, event("missing columns"))
    assert holds(both(contains("a")), event("a"))
    assert holds(either(contains("a")), event("a"))


@pytest.mark.parametrize(
    "item",
    [
        compare("message", "re", "(unclosed"),
        compare("message", "gte", "many"),
        compare("message", "gte", None),
        compare("message", "contains", None),
        compare("message", "exists", "yes"),
        compare("message", "cidr", "not a network"),
        compare("message", "cidr", 10),
        compare("message", "fieldref", "nowhere"),
        compare("nowhere", "equals", "x"),
    ],
)
def test_what_cannot_be_compared_is_refused_when_compiled(item: Comparison) -> None:
    with pytest.raises(RuleError):
        compile_condition(item)


def test_bounds_hold_together() -> None:
    between = compile_number_test(((Operator.GTE, 2), (Operator.LT, 4)))
    assert [number for number in range(6) if between(number)] == [2, 3]


_LETTERS = "aAbBkKsSiIſ\u212aİıßẞ✗⚠️éÉΩωςσΣ \n.*\\(ǅdž"


@given(
    st.text(alphabet=_LETTERS, max_size=12),
    st.text(alphabet=_LETTERS, max_size=4),
    st.sampled_from(["contains", "equals", "startswith", "endswith"]),
)
def test_the_plain_way_and_re2_agree(message: str, wanted: str, operator: str) -> None:
    start = r"\A" if operator in {"equals", "startswith"} else ""
    end = r"\z" if operator in {"equals", "endswith"} else ""
    expected = Pattern(f"{start}(?:{escape(wanted)}){end}", ignore_case=True).search(message)
    assert holds(compare("message", operator, wanted), event(message)) is expected


_PIECES = st.sampled_from(
    ("fail", "FAILED", "(?i:tab)le", "[st]", "[^x]", ".", "\\d+", "é", "(?:ab|cd)", "(?P<n>relation)", "\\b", "^", "$",
     "\u212a", "ſ", "\\.", "x{2,3}", "o?", "n*", "(?i)", "\\Qa.b\\E", "(one|two)+", "\\x41", "[[:alpha:]]", "İ", "\\s"),
)  # fmt: skip
_WORDS = st.sampled_from(
    ["fail", "failed", "TABLE", "table", "ab", "cd", "relation", "xx", "a.b", "onetwo", "A", " ", "é"]
)


@settings(max_examples=500)
@given(st.lists(_PIECES, min_size=1, max_size=5), st.lists(_WORDS, max_size=5), st.sampled_from([True, False]))
def test_a_pattern_holds_exactly_where_re2_finds_it(pieces: list[str], words: list[str], cased: bool) -> None:
    source, message = "".join(pieces), "".join(words) + "\u212aSİ"
    try:
        pattern = Pattern(source, ignore_case=not cased)
    except PatternError:
        return
    item = compare("message", "re", source, cased=cased)
    assert holds(item, event(message)) is pattern.search(message)


@given(conditions, events)
def test_what_joins_is_taken_apart_without_a_change_of_meaning(condition: Condition, one: Event) -> None:
    """Each part by itself, joined by Python, says what the whole says."""
    subject = Subject(one)

    def plainly(part: Condition) -> bool:
        match part:
            case And(items=items):
                return all(map(plainly, items))
            case Or(items=items):
                return any(map(plainly, items))
            case Not(item=item):
                return not plainly(item)
            case Named(item=item):
                return plainly(item)
            case _:
                return compile_condition(part)(subject)

    assert compile_condition(condition)(subject) is plainly(condition)
