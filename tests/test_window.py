"""What people type for a stretch of time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import UsageError
from analyzer.model import Window
from analyzer.times import SECOND, format_timestamp, parse_timestamp
from analyzer.window import parse_window

NOW = parse_timestamp("2025-09-10T01:00:00.5Z")
HOUR = 3_600 * SECOND


@pytest.mark.parametrize(
    ("since", "back"),
    [("1h", HOUR), ("90m", 3 * HOUR // 2), ("2d", 48 * HOUR), ("1h30m", 3 * HOUR // 2), (" 30s ", 30 * SECOND)],
)
def test_a_duration_reaches_back_from_now(since: str, back: int) -> None:
    assert parse_window(since, None, NOW) == Window(NOW - back, NOW)


@pytest.mark.parametrize(
    ("since", "start"),
    [
        ("2025-09-10T00:00Z", "2025-09-10T00:00:00Z"),
        ("2025-09-10 00:00z", "2025-09-10T00:00:00Z"),
        ("2025-09-10T00:33:51.25Z", "2025-09-10T00:33:51.25Z"),
        ("2025-09-09T17:33-07:00", "2025-09-10T00:33:00Z"),
        ("2025-09-10", "2025-09-10T00:00:00Z"),
    ],
)
def test_a_moment_is_taken_as_it_stands(since: str, start: str) -> None:
    assert parse_window(since, None, NOW) == Window(parse_timestamp(start), NOW)


def test_the_end_may_be_a_moment_a_duration_or_now() -> None:
    midnight = parse_timestamp("2025-09-10T00:00:00Z")
    assert parse_window("2d", "2025-09-10", NOW).end == midnight
    assert parse_window("2d", "30m", NOW).end == NOW - HOUR // 2
    assert parse_window("2d", "now", NOW).end == NOW


@pytest.mark.parametrize(
    ("since", "until", "said", "hinted"),
    [
        ("90", None, "cannot understand '90'", "90m for minutes, 90h for hours"),
        ("1.5", None, "cannot understand", "1.5m for minutes"),
        ("", None, "cannot understand", "write 1h"),
        ("yesterday", None, "cannot understand", "write 1h"),
        ("-1h", None, "cannot understand", "write 1h"),
        ("-", None, "cannot understand", "write 1h, 90m"),
        ("1 hour", None, "cannot understand", "write 1h"),
        ("90 min", None, "cannot understand", "write 90m"),
        ("2D", None, "cannot understand", "write 2d"),
        ("2M", None, "cannot understand", "months differ"),
        ("3fortnights", None, "cannot understand", "write 1h, 90m"),
        ("0h", None, "is empty", "it is 2025-09-10T01:00:00.500Z now"),
        ("now", None, "is empty", "now"),
        ("1000000w", None, "before 1970", "write 1h"),
        ("2025-09-10T00:00", None, "does not say its time zone", "2025-09-10T00:00Z"),
        ("2025-13-10", None, "no such time", "write 1h"),
        ("2025-09-10T25:00Z", None, "no such time", "write 1h"),
        ("2025-09-11", None, "starts in the future", "it is 2025-09-10"),
        ("1h", "2h", "not after its start", "swap"),
        ("2025-09-10", "2025-09-10", "not after its start", "swap"),
        ("1h", "later", "cannot understand 'later'", "write 1h"),
    ],
)
def test_what_names_no_window_is_refused_with_a_hint(since: str, until: str | None, said: str, hinted: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_window(since, until, NOW)
    assert said in caught.value.message
    assert hinted in caught.value.hint
    assert "\n" not in caught.value.message


@given(st.text(max_size=30), st.none() | st.text(max_size=30))
def test_any_text_gives_a_window_or_a_usage_error(since: str, until: str | None) -> None:
    try:
        window = parse_window(since, until, NOW)
    except UsageError:
        return
    assert window.start < window.end


@given(st.integers(1, NOW - 1), st.integers(1, 10**18))
def test_two_timestamps_give_the_window_between_them(start: int, length: int) -> None:
    window = parse_window(format_timestamp(start), format_timestamp(start + length), NOW)
    assert window == Window(start, start + length)
    assert start in window
    assert start + length not in window
