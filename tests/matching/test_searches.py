from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import RuleError
from analyzer.matching import searches
from analyzer.matching.fields import Subject
from analyzer.matching.searches import AnyFound, Sought, guards, may_be_found, sought
from analyzer.regex import compile_pattern
from tests.matching.build import compare, event
from tests.matching.strategies import messages

PATTERNS = [
    "(?i)missing (?:critical )?user", r"relation \S+", "fail(?:ed|ure)", r"\d+ failed", "^x", "[a-c]", "(?i)KELVIN",
    "table|✗", "critical.*tables", r"(?:^|\s)failed\b", "", "(?:refused|denied): ?db", "x{0,2}", "(?i)ошибка", "é",
]  # fmt: skip
some = st.lists(st.tuples(st.sampled_from(PATTERNS), st.booleans()), min_size=1, max_size=6)


def made(source: str, *, ignore_case: bool = False) -> Sought:
    return sought(compare("message", "re", source), source, ignore_case=ignore_case)


@pytest.mark.parametrize("few", [0, 1000])
@given(some, messages)
def test_a_pattern_is_found_where_re2_finds_it(few: int, patterns: list[tuple[str, bool]], message: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(searches, "_FEW", few)
        holds = AnyFound("message", [made(source, ignore_case=ignored) for source, ignored in patterns])
        held = holds(Subject(event(message)))
    found = [compile_pattern(source, ignore_case=ignored).search(message) for source, ignored in patterns]
    assert held is any(found)


@given(st.sampled_from(PATTERNS), messages)
def test_a_text_that_is_spared_a_pattern_does_not_hold_it(source: str, message: str) -> None:
    subject = Subject(event(message))
    assert may_be_found(guards(source), subject.folded("message") or "") or not compile_pattern(source).search(message)


def test_an_absent_field_holds_no_pattern() -> None:
    assert not AnyFound("json.x", [made("")])(Subject(event("text")))


def test_a_pattern_with_too_many_literals_has_none() -> None:
    assert guards("|".join(f"word{index} " for index in range(9))) != ()
    assert guards("|".join(f"{index:04d} " for index in range(1000))) == ()


def test_a_refused_pattern_names_its_line() -> None:
    with pytest.raises(RuleError, match="RE2 refuses"):
        made("(?=x)")
