from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import re2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analyzer.googlesql import literal, pattern

if TYPE_CHECKING:
    from tests.bigquery import Server

TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\t\r'\"\\`"), max_size=12)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_a_literal_means_the_text_that_it_was_written_for(bigquery_server: Server, texts: list[str]) -> None:
    assert bigquery_server.run(f"SELECT {', '.join(map(literal, texts))}") == [tuple(texts)]


@given(TEXTS, TEXTS)
def test_a_pattern_finds_the_text_and_no_other(text: str, other: str) -> None:
    found = re2.compile(pattern(text)).search(f"a{text}b")
    assert found is not None
    assert (re2.compile(rf"\A{pattern(text)}\z").search(other) is None) == (text != other)


def test_what_has_no_bytes_is_written_as_a_question_mark() -> None:
    assert literal("a\ud800b") == "'a?b'"


@pytest.mark.parametrize("text", ["it's", "\\", "a\nb"])
def test_a_literal_ends_where_it_ends(text: str) -> None:
    assert re.fullmatch(r"'(?:[^'\\\n]|\\.)*'", literal(text))
