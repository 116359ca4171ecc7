from __future__ import annotations

from typing import Any

import pytest

from analyzer.events import join
from tests.events.building import entry


def part(index: object, text: str, uid: object = "u-1", instance: str = "i-1") -> Any:
    split = {"uid": uid, "index": index, "totalSplits": 3}
    return entry(text, instance=instance, insert_id=f"{instance}-{index}", split=split)


def test_the_parts_of_a_split_record_become_one_event_in_their_order() -> None:
    (event,) = join([part(2, "C."), part(0, "A "), part(1, "B\n")])
    assert event.message == "A B\nC."
    assert event.insert_ids == ("i-1-0", "i-1-1", "i-1-2")


def test_missing_parts_are_marked() -> None:
    (event,) = join([part(2, "C"), part(0, "A")])
    assert event.message == "A\n[...]\nC"
    (headless,) = join([part(1, "B"), part(2, "C")])
    assert headless.message == "[...]\nBC"


def test_parts_of_two_instances_or_two_records_stay_apart() -> None:
    assert len(join([part(0, "A"), part(1, "B", instance="i-2")])) == 2
    assert len(join([part(0, "A"), part(1, "B", uid="u-2")])) == 2


@pytest.mark.parametrize("split", [None, [], "x", {}, {"uid": 7}, {"uid": "", "index": 1}, {"uid": "u", "index": "1"}])
def test_a_split_of_a_wrong_shape_is_an_ordinary_entry(split: object) -> None:
    assert len(join([entry("A", split=split), entry("B", 1, split=split)])) == 2


def test_an_index_that_came_over_grpc_as_a_double_counts() -> None:
    (event,) = join([part(1.0, "B"), part(0.0, "A")])
    assert event.message == "AB"


def test_a_structured_record_that_was_split_is_joined_by_its_messages() -> None:
    split = {"uid": "u", "totalSplits": 2}
    parts = [
        entry("", textPayload=None, jsonPayload={"message": text}, split={**split, "index": at}, insert_id=str(at))
        for at, text in enumerate(["one ", "two"])
    ]
    (event,) = join(parts)
    assert event.insert_ids == ("0", "1")
    assert "two" in event.message
