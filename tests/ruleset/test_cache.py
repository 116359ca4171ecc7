from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
import pytest

from analyzer import kept
from analyzer.needs import needs_of
from analyzer.rule import And, Named, RuleTest
from analyzer.ruleset.cache import keep_rules, recall_rules
from analyzer.ruleset.load import load_collecting, load_rules, read_rules
from analyzer.ruleset.rule_set import Parts
from tests.ruleset.examples import FILTER

if TYPE_CHECKING:
    from pathlib import Path

RULE = """title: Tables are missing
id: 4f959355-3319-41d9-8647-6c8e8eab649b
name: tables_missing
logsource: {product: gcp}
detection:
  line:
    message|contains: missing tables
  condition: line
level: high
loganalyze: {category: schema, role: failure}
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(kept, "_folder", lambda: tmp_path / "cache" / "loganalyze")
    return tmp_path / "cache" / "loganalyze"


def test_the_pack_comes_out_of_the_cache_as_it_went_in(folder: Path) -> None:
    first = load_rules([])
    assert len(list(folder.glob("*.rules"))) == 1
    parts = recall_rules(next(folder.glob("*.rules")).stem)
    assert parts is not None
    assert parts.joined() == first
    assert load_rules([]) == first


def test_what_rules_need_is_kept_with_them_and_is_what_would_be_found_anew(folder: Path) -> None:
    first, second = load_rules([]).rules, load_rules([]).rules
    parts = recall_rules(next(folder.glob("*.rules")).stem)
    assert parts is not None
    assert parts.needs is not None
    assert second.needs == parts.needs == first.needs == tuple(map(needs_of, second))


def test_a_filter_is_kept_once_and_is_one_condition_in_all_rules_that_it_reaches(tmp_path: Path) -> None:
    path = tmp_path / "own.yml"
    other = RULE.replace("4f959355", "5f959355").replace("name: tables_missing", "name: others_missing")
    path.write_text(f"{RULE}---\n{other}---\n{FILTER.replace('[tables_missing]', 'any')}")
    for rules in (load_rules([path], pack=False).rules, load_rules([path], pack=False).rules):
        first, second = (rule.condition for rule in rules)
        assert isinstance(first, And)
        assert isinstance(second, And)
        assert isinstance(first.items[1], Named)
        assert first.items[1] is second.items[1]


def test_a_changed_rule_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "own.yml"
    path.write_text(RULE)
    assert load_rules([path], pack=False).rules[0].title == "Tables are missing"
    path.write_text(RULE.replace("Tables are", "A table is"))
    assert load_rules([path], pack=False).rules[0].title == "A table is missing"
    assert load_rules([path], pack=False, disable=["tables_missing"]).rules == ()


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, b"short"])
def test_a_damaged_file_does_no_harm(tmp_path: Path, folder: Path, damage: bytes) -> None:
    path = tmp_path / "own.yml"
    path.write_text(RULE)
    whole = load_rules([path], pack=False)
    kept = next(folder.glob("*.rules"))
    kept.write_bytes(damage or kept.read_bytes()[:-3])
    assert load_rules([path], pack=False) == whole


def test_a_folder_that_cannot_be_written_does_no_harm(tmp_path: Path, folder: Path) -> None:
    folder.parent.write_text("a file where the folder should be")
    path = tmp_path / "own.yml"
    path.write_text(RULE)
    assert load_rules([path], pack=False).rules[0].name == "tables_missing"


def test_rules_with_faults_are_not_kept(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "own.yml"
    path.write_text(RULE.replace("contains", "contained"))
    assert load_collecting([path], pack=False)[1]
    assert not folder.exists()


def test_only_the_latest_sets_are_kept(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "own.yml"
    for number in range(10):
        path.write_text(RULE.replace("Tables", f"{number} tables"))
        load_rules([path], pack=False)
    assert len(list(folder.glob("*.rules"))) == 8


def test_what_is_whole_but_holds_no_rules_does_no_harm(tmp_path: Path, folder: Path) -> None:
    path = tmp_path / "own.yml"
    path.write_text(RULE)
    whole = load_rules([path], pack=False)
    kept.keep(next(folder.glob("*.rules")).name, b"\xc0", most=8)
    assert load_rules([path], pack=False) == whole


@pytest.mark.parametrize("value", [float("nan"), object(), 1 << 70])
def test_rules_that_would_come_back_as_others_are_not_kept(folder: Path, value: object) -> None:
    (rule,) = read_rules(RULE).rules
    odd = msgspec.structs.replace(rule, tests=(RuleTest("odd", ({"jsonPayload": {"x": value}},), match=True),))
    keep_rules("some", Parts(rules=(rule,)))
    keep_rules("odd", Parts(rules=(odd,)))
    assert [path.name for path in folder.iterdir()] == ["some.rules"]
