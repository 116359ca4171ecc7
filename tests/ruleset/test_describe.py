from __future__ import annotations

import msgspec

from analyzer.rule import And, Comparison, Correlation, CorrelationType, Named, Not, Operator, Or
from analyzer.ruleset.describe import describe
from tests.incidents.builders import rule as build


def test_a_condition_is_told_as_a_nested_list_with_the_names_of_its_detections() -> None:
    missing = Named("missing", Comparison("message", Operator.CONTAINS, "is missing"))
    clear = Named(
        "clear", Or((Comparison("severity", Operator.LT, 400.0), Comparison("json.ok", Operator.EXISTS, True)))
    )
    one = msgspec.structs.replace(build("table_missing"), condition=And((missing, Not(clear))))
    told = [
        "- all of",
        "  - missing: message contains `is missing`",
        "  - not",
        "    - clear: any of",
        "      - severity < 400.0",
        "      - json.ok exists",
    ]
    lines = describe(one).splitlines()
    start = lines.index(told[0])
    assert lines[start : start + len(told)] == told


def test_absence_and_field_references_are_told_in_words() -> None:
    one = msgspec.structs.replace(
        build("odd"),
        condition=Or(
            (
                Comparison("trace", Operator.EQUALS, None),
                Comparison("json.ok", Operator.EXISTS, False),
                Comparison("json.a", Operator.FIELDREF, "json.b"),
            )
        ),
    )
    text = describe(one)
    assert "trace is absent" in text
    assert "json.ok does not exist" in text
    assert "json.a equals the field `json.b`" in text


def test_a_correlation_tells_its_rules_window_and_grouping() -> None:
    pair = Correlation(CorrelationType.TEMPORAL_ORDERED, ("a", "b"), group_by=("service",), timespan=600_000_000_000)
    one = msgspec.structs.replace(build("pair"), condition=None, correlation=pair)
    assert "temporal_ordered of a, b within 600 s, by service" in describe(one)
