from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from analyzer.columns import NONE, keys, latencies, latency_of, nanoseconds, zeros
from analyzer.entries import decode
from analyzer.times import FURTHEST, SECOND, format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

ALPHABET = string.digits + string.ascii_lowercase
NOW = parse_timestamp("2025-09-10T00:33:54Z")

MOMENTS = st.builds(
    lambda seconds, digits, nanos: (
        format_timestamp(NOW + seconds * SECOND)[:-1] + (f".{nanos:09}"[: digits + 1] if digits else "") + "Z"
    ),
    st.integers(-200, 200) | st.integers(-(10**9), 10**9),
    st.integers(0, 9),
    st.integers(0, 999_999_999),
)
NEARLY = st.from_regex(
    r"(1[0-9]|2[0-9])[0-9]{2}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{0,10})?"
    r"([Zz]|[+-][0-2][0-9]:[0-6][0-9])",
    fullmatch=True,
)
MARRED = st.builds(
    lambda text, place, sign: text[: place % len(text)] + sign + text[place % len(text) + 1 :],
    MOMENTS | NEARLY,
    st.integers(0, 30),
    st.sampled_from([*"0/:.9Zz+- \0é", "٣", "５", "\ud800", ""]),
)
ODD = st.none() | st.integers() | st.booleans() | st.binary(max_size=30) | st.just(["x"]) | st.text(max_size=32)
TIMES = st.lists(MOMENTS, max_size=30) | st.lists(MOMENTS | NEARLY | MARRED | ODD, max_size=30)


def moment(text: Any) -> int:
    """What one timestamp reads as; NONE where it is none, or so far off that 64 bits may not hold it."""
    if not isinstance(text, str):
        return NONE
    try:
        found = parse_timestamp(text)
    except ValueError:
        return NONE
    return found if abs(found) < FURTHEST else NONE


@settings(max_examples=200, deadline=None)
@given(TIMES)
@example(["2025-09-10T00:33:59Z", "2025-09-10T00:33:60Z", "2025-09-10T00:33:61Z", "2025-09-10T00:33:0:Z"])
@example(["2025-09-10T00:33:5٣Z", "2025-09-10T00:33:54.Z", "2025-09-10T00:33:54.1Z", "2025-09-10T00:33:54,1Z", None])
def test_times_of_many_are_read_as_each_by_itself(texts: list[Any]) -> None:
    assert nanoseconds(texts).tolist() == [moment(text) for text in texts]


@given(st.integers(0, 9).flatmap(lambda digits: st.lists(MOMENTS.map(lambda text: f"{text[:19]}.{'7' * digits}Z"))))
def test_times_of_one_length_are_read_as_each_by_itself(texts: list[str]) -> None:
    assert nanoseconds(texts).tolist() == [moment(text) for text in texts]


@pytest.mark.parametrize("year", ["0001", "1677", "1679", "2260", "2263", "9999"])
@pytest.mark.parametrize("end", ["00Z", "00.5Z", "00.123456789Z", "00+01:00", "60Z"])
def test_what_64_bits_cannot_hold_is_left_to_whoever_reads_a_single_time(year: str, end: str) -> None:
    texts = [f"{year}-06-01T00:33:{end}", "2025-09-10T00:33:54Z"]
    assert nanoseconds(texts).tolist() == [moment(texts[0]), NOW]
    assert nanoseconds(texts * 2)[::2].tolist() == [moment(texts[0])] * 2


def test_times_over_more_minutes_than_are_read_together_are_all_read() -> None:
    texts = [format_timestamp(NOW + number * 61 * SECOND) for number in range(300)]
    assert nanoseconds(texts).tolist() == [NOW + number * 61 * SECOND for number in range(300)]
    assert nanoseconds([*texts, "2025-09-10T25:33:54Z"])[-1] == NONE


def test_no_texts_have_no_times() -> None:
    assert nanoseconds([]).tolist() == latencies([]).tolist() == []
    assert nanoseconds(["", None]).tolist() == [NONE, NONE]


SPELLED = st.from_regex(r"[0-9]{1,6}(\.[0-9]{0,10})?s?", fullmatch=True) | st.text("0123456789.se ٢-", max_size=6)
USUAL = st.from_regex(r"[0-9]\.[0-9]{1,9}s", fullmatch=True)
LATENCIES = st.lists(USUAL, max_size=30) | st.lists(USUAL | SPELLED | ODD, max_size=30)


@settings(max_examples=200, deadline=None)
@given(LATENCIES)
def test_latencies_of_many_are_read_as_each_by_itself(values: list[Any]) -> None:
    found = latencies(values).tolist()
    assert found == [NONE if (latency := latency_of(value)) is None else latency for value in values]


@settings(max_examples=200)
@given(USUAL | SPELLED | ODD)
def test_a_latency_is_read_as_when_decoded_wholly_or_not_at_all(value: Any) -> None:
    found = latency_of(value)
    if found is not None:
        entry = decode({"timestamp": "2025-09-10T00:33:54Z", "httpRequest": {"status": 200, "latency": value}})
        assert entry.request is not None
        assert found == entry.request.latency


@pytest.mark.parametrize(
    ("value", "latency"),
    [
        (None, 0),
        ("0.5s", 500_000_000),
        ("2s", 2 * SECOND),
        ("99999.000000001s", 99_999 * SECOND + 1),
        ("0.000000001s", 1),
        (3, None),
        ("2", None),
        ("2ms", None),
        ("0.s", None),
        (".5s", None),
        ("100000s", None),
        ("0.1234567890s", None),
        ("٢s", None),
        ("0.٢s", None),
        ("", None),
    ],
)
def test_latencies(value: Any, latency: int | None) -> None:
    assert latency_of(value) == latency
    assert latencies([value, "0.25s"]).tolist() == [NONE if latency is None else latency, SECOND // 4]


IDS = st.text(max_size=20) | st.text("abc0129", max_size=20) | st.text("a\0é\ud800😀", max_size=10)
ROWS = st.lists(st.tuples(st.integers(0, 2**64 - 1), st.integers(-(2**63), 2**63 - 1), IDS), max_size=20)


def keys_of(rows: Sequence[tuple[int, int, str]]) -> list[int]:
    salts = np.array([salt for salt, _, _ in rows], np.uint64)
    times = np.array([time for _, time, _ in rows], np.int64)
    found: list[int] = keys(salts, times, [text for _, _, text in rows]).tolist()
    return found


@settings(max_examples=200, deadline=None)
@given(ROWS)
def test_a_key_is_the_same_whatever_others_are_made_with_it(rows: list[tuple[int, int, str]]) -> None:
    assert keys_of(rows) == [key for row in rows for key in keys_of([row])]


@settings(max_examples=200, deadline=None)
@given(ROWS)
def test_what_differs_in_log_time_or_id_has_another_key(rows: list[tuple[int, int, str]]) -> None:
    different = {(salt ^ time % 2**64, text): (salt, time, text) for salt, time, text in rows}
    assert len(set(keys_of(list(different.values())))) == len(different)


@pytest.mark.parametrize(
    "texts",
    [
        [f"{number}" for number in range(50_000)],
        [f"65f0a1b2{number:08x}0000{number % 7}" for number in range(50_000)],
        ["a" * number + "\0" * more for number in range(40) for more in range(40)],
        [f"aaaaaaa{a}aaa{b}aaa{c}" for a in ALPHABET for b in ALPHABET for c in ALPHABET],
    ],
    ids=["numbers", "hexadecimal", "zeros", "alike"],
)
def test_ids_of_one_moment_have_keys_of_their_own(texts: list[str]) -> None:
    same = len(texts)
    assert len(set(texts)) == same
    found = keys(np.full(same, 0x1234567890ABCDEF, np.uint64), np.full(same, NOW, np.int64), texts)
    assert len(np.unique(found)) == same


def test_ids_that_utf_8_cannot_write_have_keys_of_their_own() -> None:
    texts = ["\ud800", "\udc00", "\ufffd", "?", "??", ""]
    assert len(set(keys_of([(1, NOW, text) for text in texts]))) == len(texts)


ZEROS = str.maketrans("123456789", "000000000")


@settings(max_examples=200)
@given(st.lists(st.text(max_size=10) | st.text("a1\0\ud800٣9", max_size=6), max_size=10))
def test_only_digits_of_ascii_become_zeros(texts: list[str]) -> None:
    assert zeros(texts) == [text.translate(ZEROS) for text in texts]


@pytest.mark.parametrize(
    "texts",
    [
        [],
        [""],
        ["", ""],
        ["\0"],
        ["a1\0", "2"],
        ["\0" * 3, "", "9\0"],
        ["\ud8001", "2"],
        ["\ud800", "\udc00"],
        ["٣4é5"],
    ],
)
def test_texts_that_cannot_simply_be_joined_come_back_in_their_places(texts: list[str]) -> None:
    assert zeros(texts) == [text.translate(ZEROS) for text in texts]


@pytest.mark.parametrize("texts", [[None], ["a", 3], [b"a"]])
def test_zeros_of_what_is_no_text_are_refused(texts: list[Any]) -> None:
    with pytest.raises(TypeError):
        zeros(texts)
