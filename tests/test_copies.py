from __future__ import annotations

import tracemalloc
from collections import Counter

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import analyzer.copies
from analyzer.copies import Copies

MASK = 2**64 - 1
KEYS = st.integers(0, MASK) | st.integers(0, 5) | st.sampled_from([1 << 56, (1 << 56) - 1, 255 << 56, MASK])
BATCHES = st.lists(st.dictionaries(KEYS, st.integers(0, 3), max_size=20), max_size=8)


def copies_of(batches: list[dict[int, int]]) -> Copies:
    copies = Copies()
    for batch in batches:
        keys = sorted(batch)
        copies.add(np.array(keys, np.uint64), np.array([batch[key] for key in keys], np.int64))
    return copies


@settings(deadline=None)
@given(BATCHES, st.sampled_from([1, 10, 100_000]))
@example([{0: 1, MASK: 2}, {0: 1, MASK: 2}, {0: 3}], 1)
def test_all_but_the_first_of_equal_keys_are_copies_and_counted_by_their_own_code(
    batches: list[dict[int, int]], together: int
) -> None:
    known: set[int] = set()
    expected: Counter[int] = Counter()
    for batch in batches:
        expected.update(code for key, code in batch.items() if key in known)
        known.update(batch)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyzer.copies, "_TOGETHER", together)
        found: Counter[int] = Counter()
        for codes, numbers in copies_of(batches).counted():
            found.update(dict(zip(codes.tolist(), numbers.tolist(), strict=True)))
    assert found == expected


def test_what_millions_of_keys_take_is_not_in_memory() -> None:
    numbers = np.random.default_rng(3)
    batches = [np.unique(numbers.integers(0, MASK, 10_000, np.uint64)) for _ in range(200)]
    codes = np.zeros(10_000, np.int64)
    tracemalloc.start()
    try:
        copies = Copies()
        for batch in batches:
            copies.add(batch, codes[: len(batch)])
        copies.add(batches[5], codes[: len(batches[5])] + 7)
        held, _ = tracemalloc.get_traced_memory()
        found = list(copies.counted())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert {code for codes, _ in found for code in codes.tolist()} == {7}
    assert sum(int(numbers.sum()) for _, numbers in found) == len(batches[5])
    assert held < 4 << 20
    assert peak < 24 << 20
