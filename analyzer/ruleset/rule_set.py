"""What loading gives: rules, what was odd about them, and the same in the parts that are kept between runs.

A pack's filters add the same conditions to most of its rules. In parts each stands once, and joined it is one object in
all the rules that it reaches: that is a fraction of the text to keep, and shows the matcher what its rules share.
"""

from __future__ import annotations

import msgspec

from analyzer.needs import CheckedRules, Needs
from analyzer.rule import And, Condition, Named, Rule
from analyzer.ruleset.findings import Finding

__all__ = ["AppliedFilter", "Parts", "RuleSet"]


class RuleSet(msgspec.Struct, frozen=True, kw_only=True):
    """The rules of a run.

    Attributes:
        rules: In the order of their files; detections and correlations.
        filters: Names of the filter documents that were applied.
        warnings: What was odd about the files.
        files: The rule files that were read, as the user named them.
    """

    rules: CheckedRules
    filters: tuple[str, ...] = ()
    warnings: tuple[Finding, ...] = ()
    files: tuple[str, ...] = ()


class AppliedFilter(msgspec.Struct, frozen=True):
    """A filter document, and whom it reaches.

    Attributes:
        name: Its name.
        condition: What must hold beside a rule's own condition.
        rules: Names of the rules.
    """

    name: str
    condition: Condition
    rules: frozenset[str]


class Parts(msgspec.Struct, frozen=True, kw_only=True):
    """A set of rules before its filters are joined to them.

    Attributes:
        rules: The rules, each with its own condition only.
        filters: The filters, in the order that they are joined in.
        warnings: What was odd about the files.
        files: The rule files that were read.
        needs: What each rule needs together with its filters; None where it has not been asked for.
    """

    rules: tuple[Rule, ...]
    filters: tuple[AppliedFilter, ...] = ()
    warnings: tuple[Finding, ...] = ()
    files: tuple[str, ...] = ()
    needs: tuple[Needs | None, ...] | None = None

    def joined(self) -> RuleSet:
        """The set of rules."""
        reaching: dict[str, list[Condition]] = {}
        for item in self.filters:
            extra = Named(item.name, item.condition)
            for name in item.rules:
                reaching.setdefault(name, []).append(extra)
        rules = [
            msgspec.structs.replace(rule, condition=And((rule.condition, *reaching[rule.name])))
            if rule.condition is not None and rule.name in reaching
            else rule
            for rule in self.rules
        ]
        return RuleSet(
            rules=CheckedRules(rules, self.needs),
            filters=tuple(item.name for item in self.filters),
            warnings=self.warnings,
            files=self.files,
        )
