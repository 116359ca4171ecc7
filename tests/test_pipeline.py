from __future__ import annotations

import pytest

from analyzer.matching import Matcher
from analyzer.pipeline import finding
from analyzer.ruleset.load import load_rules
from tests.cli.conftest import text_entry


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(load_rules([]).rules)


@pytest.mark.parametrize(
    "text",
    [
        "✗ Missing critical user tables: ['orders']",
        "ERROR:app:odd",
        '" does not exist',
        "Traceback (most recent call last):",
    ],
)
def test_a_failure_an_error_and_a_part_of_one_are_findings(matcher: Matcher, text: str) -> None:
    assert finding(text_entry(1, text), matcher)


@pytest.mark.parametrize(
    "text", ["INFO:app:0 failed, 12 passed", "why is my error gone? asks a guest", "Step 3: Migrations completed"]
)
def test_what_only_holds_a_rules_words_draws_no_context(matcher: Matcher, text: str) -> None:
    assert not finding(text_entry(1, text), matcher)


def test_a_failed_request_is_a_finding_and_what_is_no_entry_is_not(matcher: Matcher) -> None:
    request = {**text_entry(1, ""), "httpRequest": {"requestMethod": "GET", "requestUrl": "/me", "status": 401}}
    assert finding(request, matcher)
    assert not finding({}, matcher)
