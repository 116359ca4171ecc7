from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.regex import PatternError, compile_pattern, compile_search

SOURCES = st.sampled_from(["a", "b+$", "^A", r"\bé", "(?i)k", "[^a]", "", "(?P<x>a)|b", "x{2,3}"])


@given(st.lists(SOURCES, min_size=1, max_size=4), st.booleans(), st.text(alphabet="aAbkKé x\n\u212a", max_size=6))
def test_a_search_finds_what_a_pattern_finds(sources: list[str], ignored: bool, text: str) -> None:
    found = [compile_pattern(source, ignore_case=ignored).search(text) for source in sources]
    assert bool(compile_search(*sources, ignore_case=ignored)(text.encode())) is any(found)


def test_a_pattern_too_large_for_a_set_is_searched_for_all_the_same() -> None:
    search = compile_search(r"(?:\pL{1,30}\pN{1,30}){5}z", "x y")
    assert search("é1b2c3d4e5z".encode())
    assert search(b"-x y-")
    assert not search(b"a1b2c3d4z, x-y")


def test_a_search_is_refused_with_the_reason_of_re2() -> None:
    with pytest.raises(PatternError, match="missing"):
        compile_search("(a")


def test_the_values_of_a_group_come_in_order() -> None:
    pattern = compile_pattern(r"(?P<key>\w+)=(?:(?P<word>[a-zé]+)|\d+)")
    text = "a=1 b=é c=xx".encode()
    assert list(pattern.values("key", text)) == ["a", "b", "c"]
    assert list(pattern.values("word", text)) == ["", "é", "xx"]


def test_a_pattern_tells_its_groups_and_where_it_matches() -> None:
    pattern = compile_pattern(r"(?P<key>\w)=(?P<value>\d)?")
    assert pattern.find("é a=1 b=") == {"key": "a", "value": "1"}
    assert pattern.find("none") is None
    assert list(pattern.find_all("a=1 b=")) == [{"key": "a", "value": "1"}, {"key": "b"}]
    assert list(pattern.spans("é a=1")) == [(2, 5)]
