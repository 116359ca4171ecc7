from __future__ import annotations

import fnmatch
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.rule import And, Comparison, Condition, Named, Not, Operator, Or
from analyzer.ruleset.conditions import ConditionSyntaxError, parse_condition

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMES = ("sel", "sel_a", "sel_b", "filter_x", "_hidden")
DETECTIONS = {name: Comparison("message", Operator.CONTAINS, name) for name in NAMES}


def named(name: str) -> Named:
    return Named(name, DETECTIONS[name])


def parsed(text: str) -> Condition:
    return parse_condition(text, DETECTIONS)[0]


def test_not_binds_closer_than_and_which_binds_closer_than_or() -> None:
    assert parsed("sel or sel_a and not sel_b") == Or((named("sel"), And((named("sel_a"), Not(named("sel_b"))))))
    assert parsed("not (sel or sel_a)") == Not(Or((named("sel"), named("sel_a"))))
    assert parsed("not not sel") == Not(Not(named("sel")))


def test_patterns_name_several_detections() -> None:
    assert parsed("1 of sel_*") == Or((named("sel_a"), named("sel_b")))
    assert parsed("any of sel*") == Or((named("sel"), named("sel_a"), named("sel_b")))
    assert parsed("all of sel_*") == And((named("sel_a"), named("sel_b")))
    assert parsed("1 of *_x") == named("filter_x")
    assert parsed("1 of sel") == named("sel")


def test_them_are_all_detections_but_those_with_an_underscore() -> None:
    assert parsed("all of them") == And(tuple(named(name) for name in NAMES[:-1]))
    assert parsed("1 of _*") == named("_hidden")


def test_the_names_that_were_used_come_with_the_condition() -> None:
    assert parse_condition("1 of sel_* or sel", DETECTIONS)[1] == {"sel", "sel_a", "sel_b"}


def test_a_detection_may_be_called_like_a_quantifier() -> None:
    detections = {"all": DETECTIONS["sel"], "1": DETECTIONS["sel_a"]}
    assert parse_condition("all or 1", detections)[0] == Or(
        (Named("all", DETECTIONS["sel"]), Named("1", DETECTIONS["sel_a"]))
    )


@pytest.mark.parametrize(
    ("text", "message", "position"),
    [
        ("sel sel_a", "'sel_a' does not belong here", 4),
        ("sel and", "not the end", 7),
        ("and sel", "not 'and'", 0),
        ("(sel", "never closed", 0),
        ("sel)", "')' does not belong here", 3),
        ("sel | count() > 5", "'|' does not belong here", 4),
        ("sel AND sel_a", "'AND' does not belong here", 4),
        ("sell", "no detection 'sell'", 0),
        ("1 of nothing*", "no detection is called 'nothing*'", 5),
        ("all of", "'of' wants", 6),
        ("all of (sel)", "'of' wants", 7),
        ("", "not the end", 0),
        ("()", "not ')'", 1),
        ("not", "not the end", 3),
        ("sel and §", "not '§'", 8),
    ],
)
def test_an_error_points_at_its_place(text: str, message: str, position: int) -> None:
    with pytest.raises(ConditionSyntaxError) as caught:
        parsed(text)
    assert message in caught.value.message
    assert caught.value.position == position
    shown, caret = caught.value.hint.split("\n")[:2]
    assert shown == text
    assert caret.index("^") == position


def test_parentheses_and_negations_have_a_depth() -> None:
    for text in ("(" * 51 + "sel" + ")" * 51, "not " * 51 + "sel", "(" * 100_000):
        with pytest.raises(ConditionSyntaxError, match="deeper"):
            parsed(text)


def test_a_condition_over_several_lines_shows_its_caret_on_one() -> None:
    with pytest.raises(ConditionSyntaxError) as caught:
        parsed("sel and\n  nothing")
    assert caught.value.hint.startswith("sel and   nothing\n          ^")


class _Tree:
    """A generated condition: how it is written, and what it means for a set of detections that hold."""

    def __init__(self, text: str, precedence: int, evaluate: str) -> None:
        self.text = text
        self.precedence = precedence
        self.evaluate = evaluate


def _write(tree: _Tree, least: int, extra: bool) -> str:
    return f"({tree.text})" if extra or tree.precedence < least else tree.text


def _joined(word: str, precedence: int) -> st.SearchStrategy[_Tree]:
    def build(items: list[tuple[_Tree, bool]]) -> _Tree:
        text = f" {word} ".join(_write(tree, precedence + 1, extra) for tree, extra in items)
        return _Tree(text, precedence, f"({f' {word} '.join(tree.evaluate for tree, _ in items)})")

    return st.lists(st.tuples(st.deferred(lambda: TREES), st.booleans()), min_size=2, max_size=3).map(build)


def _quantified(kind: str, pattern: str) -> _Tree:
    wanted = "*" if pattern == "them" else pattern
    names = [name for name in NAMES if fnmatch.fnmatchcase(name, wanted) and name != "_hidden"]
    word = "all" if kind == "all" else "any"
    return _Tree(f"{kind} of {pattern}", 4, f"{word}([{', '.join(f'holds[{name!r}]' for name in names)}])")


LEAVES = st.one_of(
    st.sampled_from(NAMES).map(lambda name: _Tree(name, 4, f"holds[{name!r}]")),
    st.builds(_quantified, st.sampled_from(["1", "any", "all"]), st.sampled_from(["them", "sel*", "sel_*", "*x"])),
)
NEGATIONS = st.tuples(st.deferred(lambda: TREES), st.booleans()).map(
    lambda pair: _Tree(f"not {_write(pair[0], 3, pair[1])}", 3, f"(not {pair[0].evaluate})")
)
TREES: st.SearchStrategy[_Tree] = st.one_of(LEAVES, LEAVES, NEGATIONS, _joined("and", 2), _joined("or", 1))


def holds_on(condition: Condition, holds: Mapping[str, bool]) -> bool:
    match condition:
        case Named(name=name):
            return holds[name]
        case Not(item=item):
            return not holds_on(item, holds)
        case And(items=items):
            return all(holds_on(item, holds) for item in items)
        case Or(items=items):
            return any(holds_on(item, holds) for item in items)
    raise AssertionError(condition)


@given(TREES, st.fixed_dictionaries(dict.fromkeys(NAMES, st.booleans())))
def test_any_condition_means_what_python_makes_of_it(tree: _Tree, holds: dict[str, bool]) -> None:
    expected = eval(tree.evaluate, {"holds": holds})  # noqa: S307 - the reference, written by this test
    assert holds_on(parsed(tree.text), holds) is expected


@given(st.text("sel_ab() notrd1f*|", max_size=30))
def test_any_text_is_a_condition_or_an_error_inside_it(text: str) -> None:
    position = 0
    try:
        parsed(text)
    except ConditionSyntaxError as error:
        position = error.position
    assert 0 <= position <= len(text)
