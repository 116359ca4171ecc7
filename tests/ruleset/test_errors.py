"""Each folder of ``data/ruleset_with_errors`` holds one faulty rule file and what must be said about it.

Written anew, to be read in review, with ``python -m tests.ruleset.test_errors``.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from analyzer.errors import RuleError
from analyzer.ruleset.load import load_collecting, load_rules

FOLDER = Path(__file__).parent / "data" / "ruleset_with_errors"
FAULTS = sorted(path.name for path in FOLDER.iterdir())


def said(name: str) -> str:
    path = FOLDER / name / "rule.yml"
    _, errors = load_collecting([path], pack=False)
    lines = [line for error in errors for line in (str(error), *(f"    {hint}" for hint in error.hint.splitlines()))]
    return "".join(f"{line.replace(f'{path.parent}{os.sep}', '')}\n" for line in lines)


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_rule_file_is_reported_with_its_place_and_what_to_do(name: str) -> None:
    expected = (FOLDER / name / "expected.txt").read_text(encoding="utf-8")
    assert expected.startswith("rule.yml:")
    assert said(name) == expected


@pytest.mark.parametrize("name", FAULTS)
def test_a_run_refuses_to_start_on_a_faulty_rule_file(name: str) -> None:
    with pytest.raises(RuleError):
        load_rules([FOLDER / name], pack=False)


def test_all_faults_of_a_folder_are_collected_and_other_rules_still_load(tmp_path: Path) -> None:
    for name in ("unknown_field", "unknown_level"):
        content = (FOLDER / name / "rule.yml").read_bytes()
        (tmp_path / f"{name}.yml").write_bytes(content)
    good = (FOLDER / "correlation_unknown_rule" / "rule.yml").read_text(encoding="utf-8")
    (tmp_path / "good.yml").write_text(good, encoding="utf-8")
    ruleset, errors = load_collecting([tmp_path], pack=False)
    assert [Path(error.path).stem for error in errors] == ["good", "unknown_field", "unknown_level"]
    assert [rule.name for rule in ruleset.rules] == ["tables_missing"]


if __name__ == "__main__":
    for fault in FAULTS:
        (FOLDER / fault / "expected.txt").write_text(said(fault), encoding="utf-8")
