from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.matching import textset
from analyzer.matching.textset import TextSet
from analyzer.rule import Operator

LITERALS = st.sampled_from(
    ["", "a", "k", "ss", "ab", "failed", "missing table", "ОШИБКА", "✗", "é", "x\ny", "\n", "\0", "a\0", "[.*", "\\", "İ",
     "\ud800"]
)  # fmt: skip
OPERATORS = st.sampled_from([Operator.CONTAINS, Operator.EQUALS, Operator.STARTSWITH, Operator.ENDSWITH])
PIECES = st.sampled_from(
    ["", "a", "A", "b", "K", "\u212a", "s", "ſ", "FAILED", "failed", "missing", " table", "ошибка", "✗", "É", "\n",
     "x\nY", "\0", "\ud800", "\udfff", "\ufffd", "[.*", "\\", "i", "İ", "ı", "/api/items/17"],
)  # fmt: skip
VALUES = st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=4).map("".join)


@settings(max_examples=500)
@given(st.lists(st.tuples(OPERATORS, LITERALS), max_size=6), st.lists(VALUES, max_size=8))
def test_many_texts_hold_what_each_of_them_holds(texts: list[tuple[Operator, str]], values: list[str]) -> None:
    some = TextSet(texts)
    assert some.holding(values) == [index for index, value in enumerate(values) if some.find(value)]


@pytest.mark.parametrize(
    ("operator", "held"),
    [
        (Operator.CONTAINS, [1, 2, 4, 5]),
        (Operator.EQUALS, [2]),
        (Operator.STARTSWITH, [2, 4]),
        (Operator.ENDSWITH, [1, 2]),
    ],
)
def test_a_text_ends_where_the_next_begins(operator: Operator, held: list[int]) -> None:
    values = ["", "x\nAB", "ab", "a", "abb", "xabx", "a", "b", ""]
    assert TextSet([(operator, "ab")]).holding(values) == held


def test_a_text_that_holds_many_literals_is_named_once() -> None:
    some = TextSet([(Operator.CONTAINS, "failed"), (Operator.CONTAINS, "fail"), (Operator.CONTAINS, "error")])
    assert some.holding(["error: failed, failed to fail", "fine", "an error, an error"]) == [0, 2]


def test_texts_that_hold_the_bound_itself_are_told_apart() -> None:
    some = TextSet([(Operator.STARTSWITH, "b"), (Operator.CONTAINS, "z")])
    assert some.holding(["a\0b", "b\0a", "\0", "z"]) == [1, 3]
    assert TextSet([(Operator.CONTAINS, "a\0b")]).holding(["a", "b", "xA\0B"]) == [2]


def test_nothing_is_held_of_an_empty_set_and_by_no_texts() -> None:
    assert TextSet([]).holding(["x"]) == []
    assert TextSet([(Operator.CONTAINS, "")]).holding([]) == []
    assert TextSet([(Operator.CONTAINS, "")]).holding(["", "x"]) == [0, 1]


def test_literals_too_many_for_one_pattern_are_spread_over_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textset, "_LARGEST", 5000)
    some = TextSet((Operator.CONTAINS, f"literal number {index} is here") for index in range(1000))
    values = ["LITERAL NUMBER 999 IS HERE", "literal number 1000 is here", "a literal number 0 is here", "x"]
    assert len(some._patterns) > 1
    assert some.holding(values) == [0, 2]
