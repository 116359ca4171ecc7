from __future__ import annotations

import time

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import RuleError
from analyzer.ruleset.files import MAX_BYTES
from analyzer.ruleset.guard import MAX_DOCUMENTS, MAX_NODES, read_bytes, read_text


def values(text: str) -> object:
    return [node.plain_value() for node in read_text(text, "rule.yml")]


def test_scalars_are_what_an_author_writes_and_not_what_yaml_1_1_makes_of_them() -> None:
    text = """
    yes: yes
    on: off
    octal: 010
    hexadecimal: 0x1F
    sexagesimal: 12:30
    date: 2025-09-10
    underscore: 1_000
    infinity: .inf
    merge: <<
    integer: -5
    float: 2.5
    exponent: 1e3
    true: True
    nothing: ~
    empty:
    quoted: '5'
    """
    assert values(text) == [
        {
            "yes": "yes",
            "on": "off",
            "octal": "010",
            "hexadecimal": "0x1F",
            "sexagesimal": "12:30",
            "date": "2025-09-10",
            "underscore": "1_000",
            "infinity": ".inf",
            "merge": "<<",
            "integer": -5,
            "float": 2.5,
            "exponent": 1000.0,
            "true": True,
            "nothing": None,
            "empty": None,
            "quoted": "5",
        }
    ]


def test_numbers_too_large_for_a_number_stay_text() -> None:
    digits = "9" * 5000
    assert values(f"a: {digits}\nb: 1e999\nc: -{digits}.5") == [{"a": digits, "b": "1e999", "c": f"-{digits}.5"}]


def test_every_value_and_key_knows_its_place() -> None:
    (node,) = read_text("a: 1\nb:\n  - c: 'two'\n    d: >-\n      folded\n", "rule.yml")
    assert isinstance(node.value, dict)
    (item,) = node.value["b"]
    assert node.keys == {"a": (1, 1), "b": (2, 1)}
    assert item.keys == {"c": (3, 5), "d": (4, 5)}
    two, folded = item
    assert (two.line, two.column, two.text) == (3, 9, "two")
    assert (folded.line, folded.text, folded.plain) == (4, "folded", False)


def test_several_documents_and_empty_ones() -> None:
    assert values("---\na: 1\n---\n---\nb: 2\n...\n# nothing\n") == [{"a": 1}, {"b": 2}]
    assert values("") == []
    assert values("\ufeff# only a comment") == []


def test_a_byte_order_mark_is_no_content() -> None:
    assert [node.plain_value() for node in read_bytes(b"\xef\xbb\xbfa: 1", "rule.yml")] == [{"a": 1}]


@pytest.mark.parametrize(
    "opening",
    ["[", "{", "{a: ", "- ", "? ", "[{a: ", "? - "],
)
def test_deep_nesting_is_an_error_and_quickly(opening: str) -> None:
    start = time.perf_counter()
    with pytest.raises(RuleError, match="deeper than 40 levels"):
        read_text(opening * 200_000, "rule.yml")
    assert time.perf_counter() - start < 2


def test_brackets_in_texts_do_not_count() -> None:
    assert values("a: '" + "[" * 5000 + "'") == [{"a": "[" * 5000}]


def test_sizes_have_an_end() -> None:
    with pytest.raises(RuleError, match="bytes"):
        read_bytes(b"#" * (MAX_BYTES + 1), "rule.yml")
    with pytest.raises(RuleError, match="characters"):
        read_text("#" * (MAX_BYTES + 1), "rule.yml")
    with pytest.raises(RuleError, match="documents"):
        read_text("--- a\n" * (MAX_DOCUMENTS + 1), "rule.yml")
    with pytest.raises(RuleError, match="values"):
        read_text("- a\n" * (MAX_NODES + 1), "rule.yml")


def test_half_a_surrogate_pair_is_an_error_with_its_line() -> None:
    with pytest.raises(RuleError, match=r"rule.yml:2: half of a surrogate pair"):
        read_text("a: 1\nb: \ud800", "rule.yml")


def test_what_cannot_be_decoded_is_an_error_with_line_and_column() -> None:
    with pytest.raises(RuleError, match=r"rule.yml:2:4: not UTF-8"):
        read_bytes(b"a: 1\nb: \xff", "rule.yml")


@given(st.text(st.characters(codec="utf-8"), max_size=60) | st.text(" \n\t:-?[]{},#&*!|>'\"%@`ab", max_size=60))
def test_any_text_is_values_or_an_error_with_a_place(text: str) -> None:
    place = ""
    try:
        read_text(text, "rule.yml")
    except RuleError as error:
        place = str(error)
    assert place == "" or place.startswith("rule.yml:")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1, max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", min_size=1, max_size=3), JSON, min_size=1, max_size=4))
def test_what_yaml_writes_is_read_back(value: dict[str, object]) -> None:
    written = yaml.dump(value, allow_unicode=True, default_style='"' if "'" in str(value) else None)
    loaded = yaml.safe_load(written)
    # A default style of " quotes numbers too, with tags; those documents are refused and say so.
    if "!!" in written:
        with pytest.raises(RuleError, match="tags"):
            read_text(written, "rule.yml")
        return
    assert loaded == value
    assert values(written) == [value]
