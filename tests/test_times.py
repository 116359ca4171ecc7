"""Timestamps, durations and local times."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.times import (
    SECOND,
    format_duration,
    format_local,
    format_timestamp,
    load_zone,
    local_date,
    parse_duration,
    parse_timestamp,
)

MOMENTS = st.integers(-62_135_596_800 * SECOND, 253_402_300_800 * SECOND - 1)


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("2025-09-10T00:33:54Z", 1_757_464_434 * SECOND),
        ("2025-09-10T00:33:54.5Z", 1_757_464_434 * SECOND + 500_000_000),
        ("2025-09-10T00:33:54.123456789Z", 1_757_464_434 * SECOND + 123_456_789),
        ("2025-09-10t00:33:54.000000001z", 1_757_464_434 * SECOND + 1),
        ("2025-09-10 00:33:54Z", 1_757_464_434 * SECOND),
        ("2025-09-10T00:33:54+00:00", 1_757_464_434 * SECOND),
        ("2025-09-09T17:33:54.25-07:00", 1_757_464_434 * SECOND + 250_000_000),
        ("2025-09-10T06:03:54+05:30", 1_757_464_434 * SECOND),
        ("1969-12-31T23:59:59.999999999Z", -1),
        ("2016-12-31T23:59:60Z", 1_483_228_800 * SECOND),
    ],
)
def test_a_timestamp_is_read_to_the_nanosecond(text: str, ns: int) -> None:
    assert parse_timestamp(text) == ns


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2025-09-10",
        "2025-09-10T00:33:54",
        "2025-13-10T00:33:54Z",
        "2025-02-30T00:33:54Z",
        "2025-09-10T24:00:00Z",
        "2025-09-10T00:60:00Z",
        "2025-09-10T00:33:61Z",
        "2025-09-10T00:33:54.Z",
        "2025-09-10T00:33:54,5Z",
        "2025-09-10T00:33:54x5Z",
        "2025-09-10T00:33:54.1234567891Z",
        "2025-09-10T00:33:54.12ZZ",
        "2025-09-10T00:33:5 Z",
        "2025-09-10T00:33:+5Z",
        "٢٠٢٥-09-10T00:33:54Z",
        "2025-09-10T00:33:54.٥Z",
        "2025-09-10T00:33:54+24:00",
        "2025-09-10T00:33:54+05:99",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "0000-01-01T00:00:00Z",
        "2025-09-10T00:33:54Z\n",
        "yesterday",
    ],
)
def test_what_is_no_timestamp_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_timestamp(text)


@given(MOMENTS)
def test_timestamps_round_trip(ns: int) -> None:
    text = format_timestamp(ns)
    assert parse_timestamp(text) == ns
    assert parse_timestamp(text.replace("Z", "+00:00")) == ns
    assert len(text) in {20, 24, 27, 30}


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.integers(-1439, 1439))  # noqa: DTZ001 - zone is added
def test_every_offset_names_the_same_moment_as_datetime_does(moment: datetime, minutes: int) -> None:
    sign, hours, rest = "-" if minutes < 0 else "+", abs(minutes) // 60, abs(minutes) % 60
    text = f"{moment.isoformat()}{sign}{hours:02d}:{rest:02d}"
    passed = moment.replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC) - timedelta(minutes=minutes)
    assert parse_timestamp(text) == passed // timedelta(microseconds=1) * 1_000


@given(st.text())
def test_any_text_is_read_or_refused_with_a_value_error(text: str) -> None:
    try:
        parse_timestamp(text)
    except ValueError:
        return


def test_only_the_digits_needed_are_written() -> None:
    assert format_timestamp(0) == "1970-01-01T00:00:00Z"
    assert format_timestamp(120_000_000) == "1970-01-01T00:00:00.120Z"
    assert format_timestamp(1_000) == "1970-01-01T00:00:00.000001Z"
    assert format_timestamp(1) == "1970-01-01T00:00:00.000000001Z"


def test_a_time_beyond_the_calendar_is_refused() -> None:
    with pytest.raises(ValueError, match="years 1 to 9999"):
        format_timestamp(10**30)


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("30s", 30 * SECOND),
        ("1.5s", 1_500_000_000),
        ("0.012345678s", 12_345_678),
        ("0.0000000019s", 1),
        ("90m", 5_400 * SECOND),
        ("1h30m", 5_400 * SECOND),
        ("2d", 172_800 * SECOND),
        ("1w", 604_800 * SECOND),
        (" 250ms ", 250_000_000),
        ("0s", 0),
    ],
)
def test_a_duration_is_read_exactly(text: str, ns: int) -> None:
    assert parse_duration(text) == ns


@pytest.mark.parametrize(
    "text", ["", "90", "h", "-1h", "1h 30", "30m1h", "1h1h", "1.h", ".5h", "1H", "1y", "1e3s", "٣s"]
)
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("ns", "text"),
    [
        (107 * SECOND, "1 min 47 s"),
        (0, "0 ms"),
        (1_500, "1500 ns"),
        (250_000_000, "250 ms"),
        (3_240_000_000, "3.2 s"),
        (59_999_999_999, "59.9 s"),
        (30 * SECOND, "30 s"),
        (720 * SECOND, "12 min"),
        (3_900 * SECOND, "1 h 5 min"),
        (3_600 * SECOND, "1 h"),
        (183_600 * SECOND, "2 d 3 h"),
        (172_800 * SECOND, "2 d"),
        (-30 * SECOND, "-30 s"),
    ],
)
def test_a_duration_is_said_as_people_say_it(ns: int, text: str) -> None:
    assert format_duration(ns) == text


def test_local_time_follows_the_zone_and_its_summer() -> None:
    failure = parse_timestamp("2025-09-10T00:33:54.9Z")
    assert format_local(failure, "America/Los_Angeles") == "2025-09-09 17:33:54 PDT"
    assert format_local(failure + 90 * 86_400 * SECOND, "America/Los_Angeles").endswith("PST")
    assert format_local(failure, "UTC") == "2025-09-10 00:33:54 UTC"
    assert local_date(failure, "America/Los_Angeles") == "20250909"
    assert local_date(failure, "UTC") == "20250910"


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../etc/passwd", "America", "\0"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="not a time zone"):
        load_zone(name)


def test_local_time_at_the_end_of_the_calendar_is_refused_clearly() -> None:
    with pytest.raises(ValueError, match="years 1 to 9999"):
        local_date(parse_timestamp("9999-12-31T23:59:59Z"), "Asia/Tokyo")
