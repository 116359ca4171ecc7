"""Mutants of rules: one thing changed that a rule's own tests should notice.

Run ``python -m tests.rules.mutants`` for the score of the pack, with the mutants that no test notices.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import msgspec

from analyzer.matching import Matcher
from analyzer.pipeline import matches_of
from analyzer.rule import And, Named, Not, Or
from analyzer.ruleset.load import load_rules
from analyzer.ruleset.selftest import run_tests

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.rule import Condition, Rule

__all__ = ["mutants", "noticed"]

_FILTER = "noise_not_evidence"
"""The pack's filter, joined to every rule of an application; the rules' own tests need not prove it."""


def mutants(rule: Rule) -> Iterator[tuple[str, Rule]]:
    """What was changed, and the changed rule: the condition turned round, an exclusion dropped, a value lost.

    Only detections have mutants; the pack's filters stay as they are.
    """
    if rule.condition is None:
        return
    yield "condition negated", msgspec.structs.replace(rule, condition=Not(rule.condition))
    for what, condition in _exclusions_dropped(rule.condition):
        yield what, msgspec.structs.replace(rule, condition=condition)
    for name in sorted({extract.name for extract in rule.extract}):
        kept = tuple(extract for extract in rule.extract if extract.name != name)
        yield f"{name} not extracted", msgspec.structs.replace(rule, extract=kept)


def noticed(mutant: Rule) -> bool:
    """Whether one of the rule's own tests fails on the mutant."""
    matcher = Matcher([mutant])
    return any(not result.passed for result in run_tests([mutant], lambda entries: matches_of(entries, matcher)))


def _exclusions_dropped(condition: Condition) -> Iterator[tuple[str, Condition]]:
    match condition:
        case And(items):
            for at, item in enumerate(items):
                rest = (*items[:at], *items[at + 1 :])
                if isinstance(item, Not) and rest:
                    yield "exclusion dropped", And(rest) if len(rest) > 1 else rest[0]
                else:
                    for what, changed in _exclusions_dropped(item):
                        yield what, And((*items[:at], changed, *items[at + 1 :]))
        case Or(items):
            for at, item in enumerate(items):
                for what, changed in _exclusions_dropped(item):
                    yield what, Or((*items[:at], changed, *items[at + 1 :]))
        case Named(name, item) if name != _FILTER:
            for what, changed in _exclusions_dropped(item):
                yield what, Named(name, changed)


def main() -> None:
    """Print the score of the pack."""
    made = unseen = 0
    for rule in load_rules([]).rules:
        for what, mutant in mutants(rule):
            made += 1
            if not noticed(mutant):
                unseen += 1
                sys.stdout.write(f"{rule.path}: {what}\n")
    sys.stdout.write(f"{made - unseen} of {made} mutants noticed, {100 * (made - unseen) / made:.1f} %\n")


if __name__ == "__main__":
    main()
