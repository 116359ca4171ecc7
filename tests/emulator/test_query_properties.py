"""What holds of every query, whatever its words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.emulator.query import FilterError
from tests.emulator.query.text import fold
from tests.emulator.samples import TEXT, holds

names = st.sampled_from(["api", "nightly", "unicorn", "phoenix", "migrate"])
TRUTH = {"api": True, "nightly": True, "unicorn": False, "phoenix": False, "migrate": True}


@st.composite
def expressions(draw: st.DrawFn, depth: int = 3) -> tuple[str, bool]:
    """A query of bare terms, fully parenthesized, and its truth on ENTRY."""
    kind = draw(st.sampled_from(["term", "not", "and", "or"])) if depth else "term"
    if kind == "term":
        name = draw(names)
        return draw(st.sampled_from([name, f'"{name}"', f"'{name.upper()}'"])), TRUTH[name]
    if kind == "not":
        text, truth = draw(expressions(depth - 1))
        return draw(st.sampled_from([f"(NOT {text})", f"(-{text})"])), not truth
    parts = draw(st.lists(expressions(depth - 1), min_size=2, max_size=3))
    joint = draw(st.sampled_from([" AND ", "\n", " -- and\n "])) if kind == "and" else " OR "
    truths = [truth for _, truth in parts]
    return f"({joint.join(text for text, _ in parts)})", all(truths) if kind == "and" else any(truths)


@given(expressions())
def test_every_combination_has_the_truth_of_its_parts(expression: tuple[str, bool]) -> None:
    text, truth = expression
    assert holds(text) is truth


@given(st.lists(st.tuples(st.booleans(), names), min_size=1, max_size=6), st.data())
def test_without_parentheses_the_query_is_a_conjunction_of_disjunctions(
    terms: list[tuple[bool, str]], data: st.DataObject
) -> None:
    text = ""
    groups: list[list[bool]] = [[]]
    for index, (negated, name) in enumerate(terms):
        joint = data.draw(st.sampled_from([" AND ", " OR ", " "])) if index else ""
        if joint in (" AND ", " "):
            groups.append([])
        text += joint + ("NOT " if negated else "") + name
        groups[-1].append(TRUTH[name] is not negated)
    assert holds(text) is all(any(group) for group in groups)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_can_be_searched_for_when_it_is_quoted(text: str) -> None:
    quoted = '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
    entry = {**TEXT, "textPayload": f"before {text} after"}
    assert holds(f"textPayload:{quoted}", entry)
    assert holds(f'textPayload=~"{_pattern(text)}"', entry)
    assert holds(f'textPayload="before {quoted[1:-1]} after"', entry)


def _pattern(text: str) -> str:
    return "".join(f"\\\\x{{{ord(char):x}}}" for char in text)


@given(st.text(max_size=60) | st.text(alphabet="abAND ORT()\"':=~<>!-.*\\\n,1", max_size=40))
def test_a_query_is_understood_or_refused_and_nothing_else(text: str) -> None:
    try:
        holds(text)
    except FilterError as error:
        assert str(error).startswith("Unparseable filter: ")  # noqa: PT017 - both ways out are right


@given(st.text(max_size=40))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)
