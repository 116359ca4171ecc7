"""What is wrong with rules that load: tests that are missing, conditions that cannot hold, patterns that cost much."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from analyzer.literals import pattern_literals, required_literals, weight
from analyzer.needs import is_told, needs
from analyzer.rule import And, Comparison, Condition, Named, Not, Operator, Or
from analyzer.ruleset.contradictions import bare, holds_on_nothing, never_holds
from analyzer.ruleset.findings import Finding, FindingSeverity

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analyzer.rule import Rule
    from analyzer.ruleset.rule_set import RuleSet

__all__ = ["SHORTEST_LITERAL", "SHORTEST_WEIGHT", "check"]

SHORTEST_LITERAL: Final = 4
"""Characters of the shortest text that is rare enough to look for in every line."""

SHORTEST_WEIGHT: Final = 2
"""Weight of a text that does not stand in the labels and names of nearly every entry."""


def check(ruleset: RuleSet) -> list[Finding]:
    """All that is wrong or odd about the rules of a set, in the order of their files; its load warnings included.

    Faults that keep a rule from loading (unknown keys and names, duplicate names and ids, patterns that RE2 refuses)
    are errors of :func:`~analyzer.ruleset.load.load_collecting` and do not come here.
    """
    findings = list(ruleset.warnings)
    used = _used_names(ruleset.rules)
    for rule in ruleset.rules:
        findings += _tests(rule)
        findings += _identity(rule)
        findings += _extracts(rule, used)
        if rule.condition is not None:
            findings += _condition(rule, rule.condition)
    findings += _twins(ruleset.rules)
    return sorted(findings, key=lambda finding: (finding.path, finding.line, finding.severity))


def _error(rule: Rule, text: str, *, line: int = 0, hint: str = "") -> Finding:
    return _finding(rule, FindingSeverity.ERROR, text, line, hint)


def _warning(rule: Rule, text: str, *, line: int = 0, hint: str = "") -> Finding:
    return _finding(rule, FindingSeverity.WARNING, text, line, hint)


def _finding(rule: Rule, severity: FindingSeverity, text: str, line: int, hint: str) -> Finding:
    return Finding(path=rule.path, line=line or rule.line, rule=rule.name, severity=severity, text=text, hint=hint)


def _tests(rule: Rule) -> Iterator[Finding]:
    if not any(test.match for test in rule.tests):
        yield _error(rule, "no test shows that the rule matches", hint="add a test with expect: {match: true}")
    if all(test.match for test in rule.tests):
        yield _error(
            rule,
            "no test shows a look-alike that the rule must not match",
            hint="add a line that is nearly the same, with expect: {match: false}",
        )


def _identity(rule: Rule) -> Iterator[Finding]:
    if not rule.id:
        hint = "python -c 'import uuid; print(uuid.uuid4())'"
        yield _error(rule, "the rule has no id", hint=hint)


def _extracts(rule: Rule, used: dict[str, frozenset[str]]) -> Iterator[Finding]:
    expected = {name for test in rule.tests for name in test.fields}
    for extract in rule.extract:
        if extract.name not in expected and rule.name not in used.get(extract.name, frozenset()):
            text = f"'{extract.name}' is extracted, but no template uses it and no test expects it"
            yield _warning(rule, text, line=extract.line)


def _used_names(rules: Sequence[Rule]) -> dict[str, frozenset[str]]:
    """Word to the rules whose templates, or whose correlations' templates and groups, hold it."""
    used: dict[str, set[str]] = {}
    for rule in rules:
        texts = (rule.headline, rule.problem, rule.impact, *rule.next_steps)
        words = {word for text in texts if "{" in text for word in re.findall(r"\w+", text)}
        readers = {rule.name}
        if rule.correlation is not None:
            words |= {*rule.correlation.group_by, rule.correlation.field}
            words |= {field for fields in rule.correlation.aliases.values() for field in fields.values()}
            readers |= set(rule.correlation.rules)
        for word in words:
            used.setdefault(word, set()).update(readers)
    return {word: frozenset(names) for word, names in used.items()}


def _condition(rule: Rule, condition: Condition) -> Iterator[Finding]:
    if never_holds(condition):
        yield _error(rule, "the condition contradicts itself: no entry can match", hint="see rules explain")
    if holds_on_nothing(condition):
        yield _warning(
            rule,
            "the condition holds on every entry that does not say otherwise",
            hint="ask for something that must be there",
        )
    literals = required_literals(condition, shortest=SHORTEST_LITERAL)
    if literals is not None:
        everywhere = sorted(literal for literal in literals if weight(literal) < SHORTEST_WEIGHT)
        if everywhere:
            text = f"{everywhere[0]!r} is all that some match needs, and it stands in the metadata of most entries"
            yield _warning(rule, text, hint="write out a text that only these messages have")
        return
    for comparison in _comparisons(condition):
        if comparison.operator is not Operator.RE or comparison.field != "message":
            continue
        if pattern_literals(str(comparison.value), shortest=SHORTEST_LITERAL) is None:
            text = f"the pattern needs no text of {SHORTEST_LITERAL} characters, so that every entry must be tried"
            yield _warning(rule, text, line=comparison.line, hint="write out a word that every match has")
    costly = sorted({need.field for need in needs(condition) or () if not is_told(need)})
    if costly:
        text = f"{costly[0]!r} is all that some match needs, so that every entry must be decoded"
        yield _warning(rule, text, hint="ask for a severity as well, or for a text of the message")


def _comparisons(condition: Condition) -> Iterator[Comparison]:
    """The comparisons that make a condition true; not those that must not hold."""
    match condition:
        case Comparison():
            yield condition
        case Named(item=item):
            yield from _comparisons(item)
        case And(items=items) | Or(items=items):
            for item in items:
                yield from _comparisons(item)
        case Not():
            return


def _twins(rules: Sequence[Rule]) -> Iterator[Finding]:
    """Rules that say the same as an earlier one."""
    conditions: dict[Condition, Rule] = {}
    titles: dict[str, Rule] = {}
    for rule in rules:
        if rule.condition is not None:
            other = conditions.setdefault(bare(rule.condition), rule)
            if other is not rule:
                text = f"the condition is the same as that of '{other.name}'"
                yield _warning(rule, text, hint=f"see {other.path}:{other.line}")
        other = titles.setdefault(rule.title.casefold(), rule)
        if other is not rule:
            yield _warning(rule, f"the title is the same as that of '{other.name}'", hint="sigma check refuses it")
