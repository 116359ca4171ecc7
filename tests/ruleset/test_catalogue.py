from __future__ import annotations

from pathlib import Path

from analyzer.ruleset.catalogue import catalogue
from analyzer.ruleset.load import load_rules

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "rule-catalogue.md"


def test_the_catalogue_lists_every_rule_of_the_pack_as_it_is() -> None:
    rules = load_rules([]).rules
    text = catalogue(rules)
    assert all(f"| `{rule.name}` |" in text for rule in rules)
    assert DOCUMENT.read_text(encoding="utf-8") == text, "run `make catalogue`"
