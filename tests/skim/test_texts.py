from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzer.entries.request import path_of, request_line
from analyzer.model import Request
from analyzer.needs import Need
from analyzer.rule import Operator
from analyzer.skim.texts import METHODS, Texts

TEXTS = Texts([Need("message", Operator.CONTAINS, "/items/42"), Need("message", Operator.CONTAINS, "admin")])


def test_texts_with_digits_and_without_are_told_apart() -> None:
    assert TEXTS.numbered("GET /ITEMS/42 200")
    assert not TEXTS.numbered("GET /items/4 200")
    assert not TEXTS.numbered("no digit, admin")
    assert TEXTS.steady("3 Admins")
    assert not TEXTS.steady("GET /items/42 200")


def test_of_many_texts_those_are_named_that_hold_one_with_digits() -> None:
    assert list(TEXTS.with_numbered(["admin", "x /Items/42", "/items/43", "", "/items/42"])) == [1, 4]
    assert list(TEXTS.with_paths(["/admin", "https://h.example/items/42?x=1", "/items/43"])) == [1]


SIGNS = "aétT/42.09ſ"
PATHS = st.sampled_from(["/", "/items/42", "/t4", "42", "", "/api/v2/x"]) | st.text(SIGNS, max_size=6)
STATUSES = st.sampled_from([200, 204, 404, 503, 42, 0, 7]) | st.integers(0, 999)
REQUESTS = st.builds(Request, st.sampled_from(METHODS), PATHS.map(path_of), STATUSES)
URLS = st.sampled_from(["{}", "https://h.example{}", "{}?q=5", "{}#9"])
PARTS = st.tuples(st.integers(0, 20), st.integers(1, 20))
SHAPES = st.sampled_from([str.upper, str.lower, str])


@settings(max_examples=400, deadline=None)
@given(REQUESTS, URLS, PARTS, SHAPES, st.sampled_from(list(Operator)[:4]))
@example(Request("POST", "/x42", 200), "{}", (2, 20), str, Operator.CONTAINS)
@example(Request("GET", "/x42", 503), "{}", (5, 20), str, Operator.CONTAINS)
@example(Request("GET", "/x42", 0), "{}", (2, 20), str, Operator.ENDSWITH)
@example(Request("DELETE", "42", 200), "{}", (6, 3), str, Operator.CONTAINS)
def test_a_path_is_named_where_a_digit_of_it_lies_in_what_a_rule_looks_for(
    request: Request, url: str, part: tuple[int, int], shape: type[str], operator: Operator
) -> None:
    line = request_line(request)
    begin = len(request.method) + 1
    start, stop = part[0], min(sum(part), len(line))
    within = line[max(start, begin) : min(stop, begin + len(request.path))]
    if any(sign in "0123456789" for sign in within):
        texts = Texts([Need("message", operator, shape(line[start:stop]))])
        named = url.format(request.path)
        assert path_of(named) == request.path or "://" in named
        assert list(texts.with_paths(["/calm", named])) == [1]


@given(st.lists(st.text(SIGNS + " ", max_size=5), max_size=4), st.lists(st.text(SIGNS + " ", max_size=9), max_size=6))
def test_many_texts_are_searched_as_each_by_itself(literals: list[str], some: list[str]) -> None:
    texts = Texts([Need("message", Operator.CONTAINS, literal) for literal in literals])
    assert list(texts.with_numbered(some)) == [row for row, text in enumerate(some) if texts.numbered(text)]
