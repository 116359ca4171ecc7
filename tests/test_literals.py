from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.literals import pattern_clauses, pattern_literals, required_literals, weight
from analyzer.regex import PatternError, compile_pattern
from analyzer.rule import And, Comparison, Condition, Named, Not, Operator, Or


def text(value: str, operator: Operator = Operator.CONTAINS, field: str = "message") -> Comparison:
    return Comparison(field, operator, value)


@pytest.mark.parametrize(
    ("pattern", "literals"),
    [
        ("Missing tables", {"missing tables"}),
        ("(?i)MISSING tables?", {"missing table"}),
        ("table is (?:locked|busy)", {"table is locked", "table is busy"}),
        (r"relation \"(?P<table>[^\"]+)\" does not exist", {'" does not exist'}),
        (r"(?:FATAL|ERROR):\s+password", {"password"}),
        (r"[Ee]rror \d+", {"error "}),
        (r"\Qa.b*c\E d", {"a.b*c d"}),
        (r"\QError 1\E+", {"error "}),
        (r"port \x41\x{42}\103 x", {"port abc x"}),
        (r"a{2}bcd{x", {"bcd{x"}),
        (r"(?:abcd)+", {"abcd"}),
        (r"\pL+ lock", {" lock"}),
        ("x[[:alpha:]]+yes]", {"yes]"}),
        ("[]a]bcd", {"]bcd", "abcd"}),
        (r"line\nfeed here", {"feed here"}),
        ("straße fehlt", {"e fehlt"}),
        ("✗ missing", {"✗ missing"}),
        ("error|sqlerror", {"error"}),
    ],
)
def test_a_pattern_gives_the_texts_that_every_match_holds(pattern: str, literals: set[str]) -> None:
    assert pattern_literals(pattern) == frozenset(literals)


@pytest.mark.parametrize(
    "pattern",
    [
        "",
        ".*",
        "ab",
        "error|.",
        "(?:error)?",
        "(?:error)*",
        "(?:error){0,3}",
        "[^e]",
        "(",
        "a)",
        "[a",
        "\\",
        "*a",
        r"\z\8",
        r"\x{110000}",
        r"\x{FFFFFFFFFFFFFFFF}",
        "(?<=a)bcd",
        "(" * 200 + "error" + ")" * 200,
        "|".join(f"word{n:04}" for n in range(1000)),
    ],
)
def test_a_pattern_without_a_sure_text_gives_none(pattern: str) -> None:
    assert pattern_literals(pattern) is None


def test_conditions_give_what_no_match_can_do_without() -> None:
    both = And((text("migration"), Named("x", Or((text("failed"), text("aborted"))))))
    assert required_literals(both) == frozenset({"failed", "aborted"})
    assert required_literals(And((both, Not(text("succeeded at last"))))) == frozenset({"failed", "aborted"})
    assert required_literals(Or((text("Failed"), text("ABORTED", Operator.ENDSWITH)))) == frozenset(
        {"failed", "aborted"}
    )
    assert required_literals(Or((text("failed"), text("oops", field="json.error")))) is None
    assert required_literals(And((text("failed"), text("oops", field="json.error")))) == frozenset({"failed"})
    assert required_literals(text("42[0-9]+ rows", Operator.RE)) == frozenset({" rows"})
    assert required_literals(Comparison("message", Operator.EQUALS, None)) is None


def test_a_condition_that_never_holds_needs_nothing() -> None:
    assert required_literals(Or(())) == frozenset()


WORDS = st.text("abKs.✗ß\n", max_size=6)
LEAVES = st.builds(
    Comparison,
    st.just("message"),
    st.sampled_from([Operator.EQUALS, Operator.CONTAINS, Operator.STARTSWITH, Operator.ENDSWITH]),
    WORDS,
)
CONDITIONS: st.SearchStrategy[Condition] = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(And, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Or, st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, inner),
    ),
    max_leaves=6,
)


def holds(condition: Condition, message: str) -> bool:
    match condition:
        case And(items=items):
            return all(holds(item, message) for item in items)
        case Or(items=items):
            return any(holds(item, message) for item in items)
        case Not(item=item):
            return not holds(item, message)
        case Comparison(operator=operator, value=str(value)):
            needle, hay = value.lower(), message.lower()
            return {
                Operator.EQUALS: hay == needle,
                Operator.CONTAINS: needle in hay,
                Operator.STARTSWITH: hay.startswith(needle),
                Operator.ENDSWITH: hay.endswith(needle),
            }[operator]
    raise AssertionError(condition)


@given(CONDITIONS, st.text("aAbKs.✗ß\n", max_size=12))
def test_a_message_without_the_literals_never_matches(condition: Condition, message: str) -> None:
    literals = required_literals(condition, shortest=1)
    if literals is not None and not any(literal in message.lower() for literal in literals):
        assert not holds(condition, message)


PIECES = st.sampled_from(
    [
        "a",
        "B",
        "ab",
        ".",
        "[ab]",
        "[^a]",
        "[a-z]",
        r"\d",
        r"\n",
        r"\bab",
        "a|b",
        "(?:ab|c)",
        "(?i)",
        "x?",
        "b*",
        "c+",
        "a{2}",
        "a{1,2}",
        "(?P<n>ab)",
        r"\.",
        r"\Qa.\E",
        "{",
        r"\x61",
        "^",
        "$",
        "(?:a|bb|)?",
        r"\pL",
        "[[:digit:]]",
        "(?i:aB)",
    ],
)


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=6).map("".join), st.text("aAbBcx.1\n", max_size=10))
def test_re2_finds_no_pattern_in_a_text_without_its_literals(pattern: str, message: str) -> None:
    try:
        compiled = compile_pattern(pattern, ignore_case=True)
    except PatternError:
        return
    literals = pattern_literals(pattern, shortest=1)
    if literals is not None and not any(literal in message.lower() for literal in literals):
        assert not compiled.search(message)


def test_long_patterns_are_read_in_linear_time() -> None:
    assert pattern_literals("(?:[ab][cd]x)" * 2000) is not None
    assert pattern_literals(re.escape("word ") * 5000) is not None


@pytest.mark.parametrize(
    ("pattern", "clauses"),
    [
        (r"revision \S+ ran", {("revision ", " ran")}),
        (r"revision [^\n]*ran", {("revision ", "ran")}),
        (r"revision\s+ran", {("ran",)}),
        (r"(?s)revision.*ran", {("ran",)}),
        (r"revision[^:]*ran", {("ran",)}),
        (r"revision(?:\n|:)ran", {("ran",)}),
        (r"revision \S+ (?:overlaps with|is present)", {(" overlaps with",), (" is present",)}),
        (r"error \d+ in (?:a|b)", {("error ", " in a"), ("error ", " in b")}),
    ],
)
def test_a_weak_literal_is_joined_by_one_of_the_same_line(pattern: str, clauses: set[tuple[str, ...]]) -> None:
    assert pattern_clauses(pattern, shortest=1) == frozenset(map(frozenset, clauses))


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=6).map("".join), st.text("aAbBcx.1\n", max_size=10))
def test_a_match_meets_a_clause_within_one_line(pattern: str, message: str) -> None:
    try:
        compiled = compile_pattern(pattern, ignore_case=True)
    except PatternError:
        return
    clauses = pattern_clauses(pattern, shortest=1)
    if clauses is not None and compiled.search(message):
        lines = message.lower().split("\n")
        assert any(all(literal in line for literal in clause) for clause in clauses for line in lines)


@pytest.mark.parametrize(
    ("literal", "expected"),
    [("revision ", 1), ("error: ", 4), ("does not exist", 8), ('" (', 1), ('message: "must be', 7), ("[ ] 0", 5)],
)
def test_words_of_metadata_and_of_many_messages_weigh_little(literal: str, expected: int) -> None:
    assert weight(literal) == expected
