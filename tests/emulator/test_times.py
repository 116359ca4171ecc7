"""Times and durations against protobuf's own reading of them."""

from __future__ import annotations

import pytest
from google.protobuf.duration_pb2 import Duration
from google.protobuf.timestamp_pb2 import Timestamp
from hypothesis import given
from hypothesis import strategies as st

from tests.emulator.times import format_time, parse_duration, parse_time

TIMES = st.integers(-62_135_596_800 * 10**9, 253_402_300_799 * 10**9)


@given(TIMES)
def test_a_time_is_written_and_read_back(nanoseconds: int) -> None:
    text = format_time(nanoseconds)
    stamp = Timestamp()
    stamp.FromNanoseconds(nanoseconds)
    assert parse_time(text) == nanoseconds
    assert parse_time(stamp.ToJsonString()) == nanoseconds


@given(st.integers(0, 2 * 10**18), st.sampled_from(["Z", "z", "+00:00", "+05:30", "-08:00"]), st.integers(0, 9))
def test_zones_and_any_number_of_digits_are_read_as_protobuf_reads_them(
    nanoseconds: int, zone: str, digits: int
) -> None:
    whole, _, fraction = format_time(nanoseconds)[:-1].partition(".")
    text = whole + (f".{fraction[:digits]}" if digits else "") + zone
    stamp = Timestamp()
    stamp.FromJsonString(text.replace("z", "Z"))
    assert parse_time(text) == stamp.ToNanoseconds()


@pytest.mark.parametrize(
    "text", ["", "now", "2025-02-30", "2025-1-1", "2025-09-10T25:00:00Z", "2025-09-10T00:00:00.1234567890Z"]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert parse_time(text) is None


def test_a_date_is_its_midnight_and_a_leap_second_the_next_minute() -> None:
    assert parse_time("2025-09-10") == parse_time("2025-09-10T00:00:00Z")
    assert parse_time("2016-12-31T23:59:60Z") == parse_time("2017-01-01T00:00:00Z")


@given(st.integers(-(10**17), 10**17))
def test_a_duration_is_read_as_protobuf_writes_it(nanoseconds: int) -> None:
    duration = Duration()
    duration.FromNanoseconds(nanoseconds)
    assert parse_duration(duration.ToJsonString()) == nanoseconds


def test_durations_have_units() -> None:
    assert [parse_duration(text) for text in ("1ns", "1us", "1ms", "-1.5s", "2m", "1h")] == [
        1,
        10**3,
        10**6,
        -1_500_000_000,
        120 * 10**9,
        3600 * 10**9,
    ]
    assert parse_duration("5") is None
    assert parse_duration("5 s") is None
