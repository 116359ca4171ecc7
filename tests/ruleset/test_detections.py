from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import RuleError
from analyzer.regex import compile_pattern
from analyzer.rule import And, Comparison, Condition, Not, Operator, Or
from analyzer.ruleset.contradictions import bare
from analyzer.ruleset.detections import detection
from analyzer.ruleset.guard import read_text

Value = str | float | bool | None


def read(text: str) -> Condition:
    (node,) = read_text(text, "rule.yml")
    return bare(detection(node))


def one(operator: Operator, value: Value, *, field: str = "message", cased: bool = False) -> Condition:
    return Comparison(field, operator, value, cased)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("message: Abc", one(Operator.EQUALS, "abc")),
        ("message|cased: Abc", one(Operator.EQUALS, "Abc", cased=True)),
        ("message|contains: abc", one(Operator.CONTAINS, "abc")),
        ("message|startswith: abc", one(Operator.STARTSWITH, "abc")),
        ("message|endswith: abc", one(Operator.ENDSWITH, "abc")),
        ("message: '*abc*'", one(Operator.CONTAINS, "abc")),
        ("message: 'abc*'", one(Operator.STARTSWITH, "abc")),
        ("message: '*abc'", one(Operator.ENDSWITH, "abc")),
        ("message|startswith: '*abc'", one(Operator.CONTAINS, "abc")),
        ("message|contains: '*abc*'", one(Operator.CONTAINS, "abc")),
        ("message: '*'", one(Operator.EXISTS, True)),
        ("message: 'a*c'", one(Operator.RE, "(?s)^a.*c$")),
        ("message|contains: 'a?c'", one(Operator.RE, "(?s)a.c")),
        ("message|startswith: 'a.b*c'", one(Operator.RE, r"(?s)^a\.b.*c")),
        ("message|cased: 'a?'", one(Operator.RE, "(?s)^a.$", cased=True)),
        (r"message: 'really\?'", one(Operator.EQUALS, "really?")),
        (r"message: '\*a\*'", one(Operator.EQUALS, "*a*")),
        (r"message: 'C:\temp'", one(Operator.EQUALS, r"c:\temp")),
        (r"message: 'C:\\temp'", one(Operator.EQUALS, r"c:\temp")),
        (r"message: 'C:\temp\\*'", one(Operator.STARTSWITH, "c:\\temp\\")),
        ("message: 'a\\'", one(Operator.EQUALS, "a\\")),
        ("message: ''", one(Operator.EQUALS, "")),
        ("json.error: null", one(Operator.EQUALS, None, field="json.error")),
        ("json.code: 010", one(Operator.EQUALS, "010", field="json.code")),
        ("json.ok: yes", one(Operator.EQUALS, "yes", field="json.ok")),
        ("json.ok: true", one(Operator.EQUALS, "true", field="json.ok")),
        ("http.status: 503", one(Operator.EQUALS, "503", field="http.status")),
        ("http.status|gte: 500", one(Operator.GTE, 500, field="http.status")),
        ("severity|gte: error", one(Operator.GTE, 500.0, field="severity")),
        ("labels.x|exists: false", one(Operator.EXISTS, False, field="labels.x")),
        ("json.ip|cidr: 10.1.2.3/8", one(Operator.CIDR, "10.0.0.0/8", field="json.ip")),
        ("json.a|fieldref: json.b", one(Operator.FIELDREF, "json.b", field="json.a")),
        ("message|re: a+", one(Operator.RE, "a+", cased=True)),
        ("message|re|i: A+", one(Operator.RE, "A+")),
        ("message|re|s|m|i: A+", one(Operator.RE, "(?ms)A+")),
        ("message|neq: a", Not(one(Operator.EQUALS, "a"))),
        ("[a, b]", Or((one(Operator.CONTAINS, "a"), one(Operator.CONTAINS, "b")))),
        ("just a keyword", one(Operator.CONTAINS, "just a keyword")),
        ("[42]", one(Operator.CONTAINS, "42")),
        ("'': [a, b]", Or((one(Operator.CONTAINS, "a"), one(Operator.CONTAINS, "b")))),
        ("'|all': [a, b]", And((one(Operator.CONTAINS, "a"), one(Operator.CONTAINS, "b")))),
        ("message|contains: [a, b]", Or((one(Operator.CONTAINS, "a"), one(Operator.CONTAINS, "b")))),
        ("message|contains|all: [a, b]", And((one(Operator.CONTAINS, "a"), one(Operator.CONTAINS, "b")))),
        ("message|all|contains: [a]", one(Operator.CONTAINS, "a")),
        ("{message: a, log: b}", And((one(Operator.EQUALS, "b", field="log"), one(Operator.EQUALS, "a")))),
        ("[{message: a}, b]", Or((one(Operator.CONTAINS, "b"), one(Operator.EQUALS, "a")))),
    ],
)
def test_a_detection_is_the_comparison_that_says_the_same(text: str, condition: Condition) -> None:
    assert read(text) == condition


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("message|contains|contains: a", "stands twice"),
        ("message|exists|cased: true", "'cased' means nothing beside 'exists'"),
        ("message|re|cased: a", "'cased' means nothing beside 're'"),
        ("message|re: ''", "an empty pattern"),
        ("['']", "an empty keyword"),
        ("[null]", "an empty keyword"),
        ("{}", "an empty detection"),
        ("severity|gte: louder", "no severity 'louder'"),
        ("message|contains: [[a]]", "not a list"),
        ("message|expand: '%x%'", "no meaning for log entries"),
        ("labels.: a", "no field 'labels.'"),
        ("resource.labels.zone: a", "no field 'resource.labels.zone'"),
        (f"message|contains: {'É' * 10_001}", "may hold 10,000 characters, this one has 10,001"),
    ],
)
def test_what_cannot_be_meant_is_refused(text: str, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        read(text)


def wildcard_match(pattern: list[str], text: str) -> bool:
    """The reference: ``*`` is any run, ``?`` any one character, all else itself without case."""
    if not pattern:
        return not text
    head, *rest = pattern
    if head == "*":
        return any(wildcard_match(rest, text[cut:]) for cut in range(len(text) + 1))
    return bool(text) and (head == "?" or head.lower() == text[0].lower()) and wildcard_match(rest, text[1:])


@given(st.lists(st.sampled_from(["*", "?", "a", "B", ".", "\n"]), max_size=6), st.text("abAB.\n", max_size=6))
def test_wildcards_mean_what_sigma_says(pattern: list[str], message: str) -> None:
    text = "".join("\\n" if char == "\n" else char for char in pattern)
    condition = read(f'message: "{text}"')
    assert isinstance(condition, Comparison)
    value, lower = str(condition.value), message.lower()
    found = condition.operator is Operator.RE and compile_pattern(value, ignore_case=True).search(message)
    holds = {
        Operator.EQUALS: lower == value,
        Operator.CONTAINS: value in lower,
        Operator.STARTSWITH: lower.startswith(value),
        Operator.ENDSWITH: lower.endswith(value),
        Operator.EXISTS: True,
        Operator.RE: found,
    }[condition.operator]
    assert holds is wildcard_match(pattern, message)
