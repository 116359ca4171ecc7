"""What a read has found comes back in order of time, whatever order it came in."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.chronicle import Chronicle
from analyzer.finds import Found, Trait, sealed
from tests.matching.build import event

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@pytest.fixture(autouse=True, scope="module")
def _small_runs() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("analyzer.chronicle._RUN", 5)
        patch.setattr("analyzer.chronicle._BLOCK", 2)
        yield


def found(time: int, number: int, *, alone: bool = False, **raw: Any) -> Found:
    one = event(f"ERROR: {number}", time=time, raw=raw, insert_id=f"i{number:03}")
    return Found(one, ((3, {"n": str(number)}),), alone=alone)


def kind_of(found: Found) -> int:
    """Of every third find that it is unknown, of the others that rules match it."""
    return (Trait.MATCHED if int(found.event.first.insert_id[1:]) % 3 else Trait.UNKNOWN).value


def chronicle_of(finds: Sequence[Found]) -> Chronicle:
    chronicle = Chronicle()
    chronicle.add(sealed(one, kind_of(one)) for one in finds)
    return chronicle


def all_of(chronicle: Chronicle) -> Iterator[Found]:
    return (one for _, one in chronicle.some(Trait.MATCHED | Trait.UNKNOWN))


@given(st.lists(st.integers(0, 9), max_size=40))
def test_finds_come_in_order_of_time_and_equal_ones_as_they_came(times: list[int]) -> None:
    finds = [found(time, number) for number, time in enumerate(times)]
    assert [*all_of(chronicle_of(finds))] == sorted(finds, key=lambda one: one.event.time)


@given(st.lists(st.integers(0, 2), max_size=40), st.randoms(use_true_random=False))
def test_what_stands_alone_comes_in_the_order_of_insert_ids_behind_the_rest(times: list[int], random: Any) -> None:
    finds = [found(time, number, alone=number % 2 == 0) for number, time in enumerate(times)]
    ordered = sorted(finds, key=lambda one: (one.event.time, one.alone))
    random.shuffle(alone := [one for one in finds if one.alone])
    assert [*all_of(chronicle_of([*alone, *(one for one in finds if not one.alone)]))] == ordered


def test_finds_may_be_gone_through_again_and_by_several_at_once_and_more_may_come() -> None:
    finds = [found(time, time) for time in range(0, 40, 2)]
    chronicle = chronicle_of(finds)
    assert list(zip(all_of(chronicle), all_of(chronicle), strict=True)) == list(zip(finds, finds, strict=True))
    chronicle.add([sealed(found(7, 7), kind_of(found(7, 7)))])
    assert [one.event.time for one in all_of(chronicle)] == sorted([7, *range(0, 40, 2)])


@given(st.lists(st.integers(0, 9), max_size=40), st.sampled_from(list(Trait)))
def test_some_finds_come_with_the_number_of_hits_before_them(times: list[int], wanted: Trait) -> None:
    finds = [found(time, number) for number, time in enumerate(times)]
    finds = [msgspec.structs.replace(one, hits=one.hits * (one.event.time % 3)) for one in finds]
    expected, hits = [], 0
    for one in sorted(finds, key=lambda one: one.event.time):
        if kind_of(one) & wanted:
            expected.append((hits, one))
        hits += len(one.hits)
    assert [*chronicle_of(finds).some(wanted)] == expected


def test_nothing_found_is_nothing() -> None:
    assert [*all_of(chronicle_of([]))] == []


def test_numbers_too_large_to_be_packed_come_back_too() -> None:
    finds = [found(time, time, order=10 ** (3 * time)) for time in range(12)]
    assert [*all_of(chronicle_of(finds))] == finds


def test_few_finds_are_unpacked_at_a_time() -> None:
    chronicle = chronicle_of([found(time, time) for time in range(500)])
    finds = all_of(chronicle)
    next(finds)
    gc.collect()
    assert sum(isinstance(one, Found) for one in gc.get_objects()) <= 2
