from __future__ import annotations

import random
import tracemalloc
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import analyzer.seen
from analyzer.seen import Seen

if TYPE_CHECKING:
    from analyzer.columns import Flags, Keys

MASK = 2**64 - 1
EDGES = [0, 1, 2**58 - 1, 2**58, 2**58 + 1, 2**63 - 1, 2**63, 2**63 + 1, 63 << 58, MASK - 1, MASK]
KEYS = st.integers(-(1 << 63), MASK) | st.integers(-3, 3) | st.sampled_from(EDGES)


def array(keys: list[int]) -> Keys:
    return np.unique(np.array([key & MASK for key in keys], np.uint64))


def add_all(seen: Seen, keys: list[int]) -> list[int]:
    """Those that are new, of some to add."""
    some = array(keys)
    new: Flags = seen.add_all(some)
    assert new.dtype == bool
    found: list[int] = some[new].tolist()
    return found


@settings(max_examples=200, deadline=None)
@given(st.lists(KEYS | st.lists(KEYS, max_size=30), max_size=20), st.sampled_from([0, 1, 5, 1000]))
@example([5, [5, 6], 6, 7, [], [5, 6, 7, 8], 8], 1)
@example([[MASK], -1, MASK, [0], 0, 2**64 - 1], 1000)
def test_only_what_came_for_the_first_time_is_new(steps: list[int | list[int]], few: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyzer.seen, "_FEW", few)
        seen = Seen()
        known: set[int] = set()
        for step in steps:
            if isinstance(step, int):
                assert seen.add(step) is (step & MASK not in known)
                known.add(step & MASK)
            else:
                assert add_all(seen, step) == sorted({key & MASK for key in step} - known)
                known.update(key & MASK for key in step)
            assert len(seen) == len(known)


def test_many_hashes_are_counted_exactly() -> None:
    numbers = random.Random(1)
    keys = [numbers.getrandbits(64) for _ in range(100_000)]
    seen = Seen()
    new = 0
    for start in range(0, len(keys), 1_000):
        new += len(add_all(seen, keys[start : start + 1_000]))
    assert new == len(set(keys)) == len(seen)
    assert not seen.add(keys[0])
    assert not seen.add(keys[-1] - (1 << 64))
    assert add_all(seen, []) == []
    assert add_all(seen, keys) == []


def test_hashes_that_come_one_by_one_are_counted_exactly_when_they_become_many() -> None:
    numbers = random.Random(2)
    keys = [numbers.getrandbits(64) for _ in range(2_000)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyzer.seen, "_FEW", 300)
        seen = Seen()
        assert all(seen.add(key) for key in keys)
        assert not any(seen.add(key) for key in keys)
    assert len(seen) == len(keys)
    assert add_all(seen, keys) == []


def test_many_hashes_take_little_more_than_eight_bytes_each() -> None:
    numbers = np.random.default_rng(3)
    batches = [np.unique(numbers.integers(0, MASK, 10_000, np.uint64)) for _ in range(50)]
    tracemalloc.start()
    try:
        seen = Seen()
        for batch in batches:
            seen.add_all(batch)
        size, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    hashes, marks, at_work = 8 * len(seen), 2 << 20, 2 << 20
    assert size <= hashes * 1.05 + marks
    assert peak <= hashes * 1.05 + marks + at_work
