"""Runs the tests that rules carry, and writes what came out as JUnit XML for CI.

The matcher comes in as a function, because stages do not import one another: whoever composes them hands it over.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

import msgspec

from analyzer.errors import LoganalyzeError
from analyzer.model import Fields, LogEntry, Match

if TYPE_CHECKING:
    from analyzer.rule import Rule, RuleTest

__all__ = ["Matcher", "TestResult", "junit", "run_tests"]

Matcher = Callable[[Sequence[LogEntry]], Sequence[Match]]
"""Entries to the matches of all rules on them."""

# XML 1.0 has no way to write these characters: https://www.w3.org/TR/xml/#charsets.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class TestResult(msgspec.Struct, frozen=True, kw_only=True):
    """What one inline test of one rule came to.

    Attributes:
        rule: Name of the rule.
        test: Name of the test.
        path: The rule file.
        line: Where the test stands in it, 1-based.
        failure: Why it failed, in one line; empty when it passed.
    """

    __test__: ClassVar[bool] = False  # pytest collects classes by their name

    rule: str
    test: str
    path: str
    line: int
    failure: str = ""

    @property
    def passed(self) -> bool:
        """Whether the rule did what the test expects."""
        return not self.failure


def run_tests(rules: Sequence[Rule], match: Matcher) -> list[TestResult]:
    """Run every test of every rule.

    Args:
        rules: The rules.
        match: Evaluates all loaded rules, so that correlations see the matches of their parts.
    """
    return [
        TestResult(rule=rule.name, test=test.name, path=rule.path, line=test.line, failure=_failure(rule, test, match))
        for rule in rules
        for test in rule.tests
    ]


def junit(results: Sequence[TestResult]) -> str:
    """The results as JUnit XML, one suite a rule; files and lines are attributes of the cases."""
    by_rule: dict[tuple[str, str], list[TestResult]] = {}
    for result in results:
        by_rule.setdefault((result.path, result.rule), []).append(result)
    failed = sum(not result.passed for result in results)
    root = ET.Element("testsuites", name="loganalyze rules", tests=str(len(results)), failures=str(failed))
    for (path, rule), cases in by_rule.items():
        failures = sum(not case.passed for case in cases)
        counts = {"tests": str(len(cases)), "failures": str(failures), "errors": "0", "skipped": "0"}
        suite = ET.SubElement(root, "testsuite", {"name": rule, "file": _xml(path), **counts})
        for case in cases:
            place = {"classname": rule, "name": _xml(case.test), "file": _xml(path), "line": str(case.line)}
            element = ET.SubElement(suite, "testcase", place)
            if not case.passed:
                failure = ET.SubElement(element, "failure", message=_xml(case.failure))
                failure.text = _xml(f"{path}:{case.line}: {case.failure}")
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _failure(rule: Rule, test: RuleTest, match: Matcher) -> str:
    try:
        matches = match(test.entries)
    except LoganalyzeError as error:
        return f"cannot be run: {error}"
    own = [found for found in matches if found.rule.name == rule.name]
    if not test.match:
        return "matches, but must not" if own else ""
    if not own:
        others = sorted({found.rule.name for found in matches})
        return "does not match" + (f"; {', '.join(others)} did" if others else "")
    # A test of several entries may match more than once: one match must have all that is expected.
    differences = [_difference(test.fields, found.fields) for found in own]
    return "" if "" in differences else differences[0]


def _difference(expected: Mapping[str, str | list[str]], found: Fields) -> str:
    wrong = []
    for name, value in expected.items():
        got = found.get(name)
        if _comparable(value) != _comparable(got):
            shown = "nothing" if got is None else _shown(got)
            wrong.append(f"{name} is {shown}, not {_shown(value)}")
    return "; ".join(wrong)


def _comparable(value: object) -> object:
    return tuple(value) if isinstance(value, list | tuple) else value


def _shown(value: object) -> str:
    return repr(list(value)) if isinstance(value, list | tuple) else repr(value)


def _xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
