from __future__ import annotations

import random
import tracemalloc

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import analyzer.seen
from analyzer.seen import Seen

MASK = 2**64 - 1
EDGES = [0, 1, 2**58 - 1, 2**58, 2**58 + 1, 2**63 - 1, 2**63, 2**63 + 1, 63 << 58, MASK - 1, MASK]
KEYS = st.integers(-(1 << 63), MASK) | st.integers(-3, 3) | st.sampled_from(EDGES)


@settings(max_examples=200, deadline=None)
@given(st.lists(KEYS, max_size=60), st.sampled_from([0, 1, 5, 1000]))
@example([5, 5, 6, 6, 7, 5, 8, 8], 1)
@example([MASK, -1, 0, 2**64 - 1], 0)
def test_only_what_came_for_the_first_time_is_new(keys: list[int], few: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyzer.seen, "_FEW", few)
        seen = Seen()
        known: set[int] = set()
        for key in keys:
            assert seen.add(key) is (key & MASK not in known)
            known.add(key & MASK)
            assert len(seen) == len(known)


def test_many_hashes_are_counted_exactly() -> None:
    numbers = random.Random(1)
    keys = [numbers.getrandbits(64) for _ in range(100_000)]
    seen = Seen()
    assert sum(map(seen.add, keys)) == len(set(keys)) == len(seen)
    assert not any(map(seen.add, keys))
    assert not seen.add(keys[-1] - (1 << 64))


def test_many_hashes_take_little_more_than_eight_bytes_each() -> None:
    numbers = random.Random(3)
    few = analyzer.seen._FEW
    keys = [numbers.getrandbits(64) for _ in range(10 * (few + 1))]
    tracemalloc.start()
    try:
        seen = Seen()
        added = sum(map(seen.add, keys))
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert added == len(seen) == len(keys)
    marks = 2 << 20
    emptied = few * 128  # a set that is emptied keeps nothing; what comes next needs it again
    assert size <= 8 * len(seen) * 1.05 + marks + emptied
