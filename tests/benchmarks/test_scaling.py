"""More rules find the same: the copies that the measurement of scaling adds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.matching import Matcher
from analyzer.needs import needs_of
from analyzer.ruleset.load import load_rules
from benchmarks.corpus import write_shards
from benchmarks.scaling import copies, measure

if TYPE_CHECKING:
    from pathlib import Path


def test_copies_look_for_other_words_and_as_many() -> None:
    pack = load_rules([]).rules
    made = copies(pack, len(pack) + 1)
    assert len({rule.name for rule in (*pack, *made)}) == 2 * len(pack) + 1
    literals = len(Matcher(pack).scanner.literals)
    assert len(Matcher([*pack, *made[: len(pack)]]).scanner.literals) > 1.8 * literals
    assert [needs_of(rule) is None for rule in pack] == [needs_of(rule) is None for rule in made[: len(pack)]]


def test_a_thousand_rules_find_what_ten_and_what_the_pack_find(tmp_path: Path) -> None:
    write_shards(tmp_path, 2000)
    found = measure(tmp_path, 1)
    few, with_few, pack, with_pack = found["rows"]
    assert (few["rules"], with_few["rules"], with_pack["rules"]) == (10, 1000, 1000)
    assert 0 < few["matches"] == with_few["matches"] <= pack["matches"] == with_pack["matches"]
    assert found["entries"] == 2000
    assert found["ratio"] > 0
