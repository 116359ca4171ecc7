from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer import kept
from analyzer.errors import UsageError
from analyzer.matching import hyperscan_texts as accelerated
from analyzer.matching import re2_texts, textset
from analyzer.matching.hyperscan_texts import HyperscanTexts, hyperscan_texts
from analyzer.matching.re2_texts import Re2Texts
from analyzer.matching.textset import Sought, TextSet
from analyzer.rule import Operator

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Texts = list[tuple[Operator, str]]

OPERATORS = st.sampled_from([Operator.CONTAINS, Operator.EQUALS, Operator.STARTSWITH, Operator.ENDSWITH])
SIMPLE = st.sampled_from(
    [
        "a",
        "k",
        "s",
        "ss",
        "ab",
        "failed",
        "missing table",
        "✗",
        "✗ ｓ",
        "x\ny",
        "\n",
        "[.*",
        "\\",
        "^a$",
        "\x7f",
        "\ufffd",
        "表",
    ]
)
ODD = st.sampled_from(["", "ОШИБКА", "é", "\0", "a\0", "İ", "ı", "ſ", "\u212a", "\ud800", "\ufb00", "ß", "\u0345", "ǅ"])
PIECES = st.sampled_from(
    ["", "a", "A", "b", "K", "\u212a", "s", "ſ", "FAILED", "failed", "missing", " table", "ошибка", "✗", "É", "\n",
     "x\nY", "\0", "\ud800", "\udfff", "\ufffd", "[.*", "\\", "i", "İ", "ı", "/api/items/17", "表", "ｓ", "Ｓ", "ẞ"],
)  # fmt: skip
VALUES = st.lists(st.one_of(PIECES, st.text(max_size=4)), max_size=4).map("".join)


def held(engine: Re2Texts | HyperscanTexts | TextSet, values: Sequence[str]) -> list[int]:
    return [index for index, value in enumerate(values) if engine.find(value)]


@settings(max_examples=400)
@given(st.lists(st.tuples(OPERATORS, st.one_of(SIMPLE, ODD)), max_size=6, unique=True), st.lists(VALUES, max_size=8))
def test_re2_finds_in_many_texts_what_it_finds_in_each(texts: Texts, values: list[str]) -> None:
    some = Re2Texts(texts)
    assert some.holding(values) == held(some, values)


@settings(max_examples=400)
@given(
    st.lists(st.tuples(OPERATORS, st.one_of(SIMPLE, ODD)), min_size=1, max_size=6, unique=True),
    st.lists(VALUES, max_size=8),
)
def test_hyperscan_finds_what_re2_finds(texts: Texts, values: list[str]) -> None:
    plain = Re2Texts(texts)
    some = hyperscan_texts(plain)
    if some is not None:
        assert some.holding(values) == held(plain, values)
        assert [sorted(some.find(value)) for value in values] == [sorted(plain.find(value)) for value in values]


@given(OPERATORS, st.text(min_size=1, max_size=3), st.lists(st.text(max_size=3), max_size=3))
def test_hyperscan_takes_only_literals_of_which_it_knows_the_case(
    operator: Operator, text: str, others: list[str]
) -> None:
    plain = Re2Texts([(operator, text)])
    some = hyperscan_texts(plain)
    if some is not None:
        values = [*others, text, text.upper(), text.lower(), text.swapcase(), text.casefold(), f"{others}{text}"]
        assert some.holding(values) == held(plain, values)


@pytest.mark.parametrize("text", ["missing table", "✗", "K", "[.*", "x\ny", "�"])
def test_hyperscan_takes_the_literals_that_rules_hold(text: str) -> None:
    assert hyperscan_texts(Re2Texts([(Operator.CONTAINS, text)])) is not None


@pytest.mark.parametrize("text", ["", "ОШИБКА", "é", "a\0", "ſ", "x" * 100_000])
def test_re2_takes_what_hyperscan_would_find_otherwise(text: str) -> None:
    assert hyperscan_texts(Re2Texts([(Operator.CONTAINS, text)])) is None


@pytest.mark.parametrize("scanner", ["re2", "hyperscan"])
@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        (Operator.CONTAINS, [1, 2, 4, 5]),
        (Operator.EQUALS, [2]),
        (Operator.STARTSWITH, [2, 4]),
        (Operator.ENDSWITH, [1, 2]),
    ],
)
def test_a_text_ends_where_the_next_begins(
    scanner: str, operator: Operator, expected: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOGANALYZE_SCANNER", scanner)
    monkeypatch.setattr(textset, "_MANY", 1)
    values = ["", "x\nAB", "ab", "a", "abb", "xabx", "a", "b", ""]
    assert TextSet([(operator, "ab")]).holding(values) == expected


def test_a_text_that_holds_many_literals_is_named_once() -> None:
    some = TextSet([(Operator.CONTAINS, "failed"), (Operator.CONTAINS, "fail"), (Operator.ENDSWITH, "error")])
    assert some.holding(["error: failed, failed to fail", "fine", "an error, failed, an error"]) == [0, 2]


def test_texts_that_hold_the_bound_itself_are_told_apart() -> None:
    some = TextSet([(Operator.STARTSWITH, "b"), (Operator.CONTAINS, "z")])
    assert some.holding(["a\0b", "b\0a", "\0", "z"]) == [1, 3]
    assert TextSet([(Operator.CONTAINS, "a\0b")]).holding(["a", "b", "xA\0B"]) == [2]


@pytest.mark.parametrize("scanner", ["re2", "hyperscan"])
def test_a_text_that_is_looked_for_beside_another_is_not_enough(scanner: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGANALYZE_SCANNER", scanner)
    monkeypatch.setattr(textset, "_MANY", 1)
    some = TextSet(
        [
            Sought(Operator.CONTAINS, "evicted", "pod "),
            Sought(Operator.CONTAINS, "fine"),
            Sought(Operator.CONTAINS, "Evicted", "task"),
            Sought(Operator.CONTAINS, "evicted", "node"),
        ]
    )
    values = ["a cache: EVICTED", "POD x: evicted", "evicted", "fine", "evicted ta\u017f\u212a of a node", "pod "]
    assert [sorted(some.find(value)) for value in values] == [[], [0], [], [1], [2, 3], []]
    assert some.holding(values) == [1, 3, 4]


def test_nothing_is_held_of_an_empty_set_and_by_no_texts() -> None:
    assert TextSet([]).holding(["x"]) == []
    assert TextSet([(Operator.CONTAINS, "a")]).holding([]) == []
    assert TextSet([(Operator.CONTAINS, "")]).holding([]) == []
    assert TextSet([(Operator.CONTAINS, "")]).holding(["", "x"]) == [0, 1]


def test_literals_too_many_for_one_pattern_are_spread_over_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(re2_texts, "_LARGEST", 5000)
    some = Re2Texts([(Operator.CONTAINS, f"literal number {index} is here") for index in range(1000)])
    values = ["LITERAL NUMBER 999 IS HERE", "literal number 1000 is here", "a literal number 0 is here", "x"]
    assert len(some._patterns) > 1
    assert some.holding(values) == [0, 2]


def test_a_large_database_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_folder", lambda: tmp_path)
    texts = [(Operator.CONTAINS, f"literal number {index} is here") for index in range(accelerated._MANY)]
    for _ in range(2):
        some = hyperscan_texts(Re2Texts(texts))
        assert some is not None
        assert list(some.find("LITERAL number 7 is here")) == [7]
        (file,) = tmp_path.iterdir()
        made = file.stat().st_ino
    assert file.stat().st_ino == made


def test_a_damaged_database_is_compiled_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_folder", lambda: tmp_path)
    texts = [(Operator.CONTAINS, f"literal number {index} is here") for index in range(accelerated._MANY)]
    hyperscan_texts(Re2Texts(texts))
    (file,) = tmp_path.iterdir()
    name, whole = file.name, file.read_bytes()
    kept.keep(name, b"no database at all", most=1)
    some = hyperscan_texts(Re2Texts(texts))
    assert some is not None
    assert list(some.find("literal number 8 is here")) == [8]
    assert file.read_bytes() == whole


def test_the_environment_chooses_the_scanner(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [(Operator.CONTAINS, f"literal {index}") for index in range(textset._MANY)]
    monkeypatch.delenv("LOGANALYZE_SCANNER", raising=False)
    assert isinstance(TextSet(texts)._engine, HyperscanTexts)
    assert isinstance(TextSet(texts[1:])._engine, Re2Texts)
    monkeypatch.setenv("LOGANALYZE_SCANNER", "re2")
    assert isinstance(TextSet(texts)._engine, Re2Texts)
    monkeypatch.setenv("LOGANALYZE_SCANNER", "grep")
    with pytest.raises(UsageError, match="grep"):
        TextSet(texts)


def test_a_scanner_that_is_asked_for_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(textset, "find_spec", lambda name: None)
    monkeypatch.setattr(textset, "_wants_hyperscan", textset._wants_hyperscan.__wrapped__)
    monkeypatch.setenv("LOGANALYZE_SCANNER", "hyperscan")
    with pytest.raises(UsageError) as error:
        TextSet([])
    assert "loganalyze[fast]" in error.value.hint
    monkeypatch.delenv("LOGANALYZE_SCANNER")
    monkeypatch.setattr(textset, "_MANY", 1)
    assert isinstance(TextSet([(Operator.CONTAINS, "a")])._engine, Re2Texts)


def test_what_hyperscan_cannot_be_asked_is_asked_of_re2() -> None:
    some = hyperscan_texts(Re2Texts([(Operator.ENDSWITH, "k"), (Operator.CONTAINS, "ss")]))
    assert some is not None
    values = ["a\0k", "\ud800k", "\u212a", "paſſ", "k\0", "none"]
    for value in values:
        assert list(some.find(value)) == ([] if value in {"k\0", "none"} else [int(value == "paſſ")])
        assert some.holding([value]) == ([] if value in {"k\0", "none"} else [0])
    assert some.holding(values) == [0, 1, 2, 3]
    assert some.holding(values[1:4]) == [0, 1, 2]


def test_re2_takes_its_place_while_another_thread_scans() -> None:
    class BusyError(Exception):
        """Another thread scans."""

    class Database:
        def scan(self, *_: object) -> None:
            raise BusyError

    plain = Re2Texts([(Operator.CONTAINS, "failed")])
    some = HyperscanTexts(plain, cast("Any", Database()), BusyError)
    assert list(some.find("it FAILED")) == [0]
    assert some.holding(["fine", "it FAILED"]) == [1]


def test_a_machine_that_hyperscan_cannot_work_on_has_re2(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hyperscan", None)
    assert hyperscan_texts(Re2Texts([(Operator.CONTAINS, "failed")])) is None
