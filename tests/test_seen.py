from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import analyzer.seen
from analyzer.seen import Seen

KEYS = st.integers(-(1 << 63), (1 << 63) - 1)


@settings(max_examples=100)
@given(st.lists(st.lists(KEYS | st.integers(-3, 3), max_size=30), max_size=12), st.sampled_from([0, 5, 1000]))
def test_only_what_came_for_the_first_time_is_new(batches: list[list[int]], few: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analyzer.seen, "_FEW", few)
        seen = Seen()
        known: set[int] = set()
        for batch in batches:
            expected = []
            for key in batch:
                expected.append((key & (1 << 64) - 1 or 1) not in known)
                known.add(key & (1 << 64) - 1 or 1)
            assert list(seen.add_all([key or 1 for key in batch])) == expected
        assert len(seen) == len(known)


def test_many_hashes_are_counted_exactly() -> None:
    numbers = random.Random(1)
    keys = [numbers.getrandbits(64) - (1 << 63) for _ in range(300_000)]
    seen = Seen()
    new = 0
    for start in range(0, len(keys), 1_000):
        new += sum(seen.add_all(keys[start : start + 1_000]))
    assert new == len(set(keys)) == len(seen)
    assert not seen.add(keys[0])
    assert seen.add_all([]) == []
