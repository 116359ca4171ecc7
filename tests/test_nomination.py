from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analyzer.matching import Matcher
from analyzer.nomination import tells
from tests.matching.build import both, compare, contains, rule

if TYPE_CHECKING:
    from analyzer.rule import Condition


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        (contains("x"), True),
        (compare("http.path", "contains", "x"), True),
        (compare("http.path", "contains", "v2"), True),
        (compare("http.path", "gt", 2), False),
        (compare("http.status", "gt", 2), True),
        (compare("json.code", "equals", "x"), True),
        (compare("proto.methodName", "equals", "x"), True),
        (compare("severity", "equals", "WARNING"), True),
        (compare("service", "equals", "x"), False),
        (both(compare("service", "equals", "orders"), compare("severity", "gte", 400)), True),
        (compare("labels.x", "equals", "x"), False),
        (compare("message", "exists", False), False),
    ],
)
def test_a_few_fields_tell_unless_rules_ask_for_others(condition: Condition, told: bool) -> None:
    assert tells(Matcher([rule("r", condition)])) is told
