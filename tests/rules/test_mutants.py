"""The rules' own tests notice a negated condition, a dropped exclusion and a name that is no longer extracted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.rules.mutants import mutants, noticed

if TYPE_CHECKING:
    from analyzer.ruleset.load import RuleSet

_SHARE = 0.97
"""Of all mutants, how many some test has to notice."""


def test_the_inline_tests_notice_nearly_every_mutant_of_their_rules(pack: RuleSet) -> None:
    made = [(rule.name, what, noticed(mutant)) for rule in pack.rules for what, mutant in mutants(rule)]
    missed = [f"{name}: {what}" for name, what, seen in made if not seen]
    assert len(made) > len(pack.rules)
    assert len(missed) <= (1 - _SHARE) * len(made), missed
