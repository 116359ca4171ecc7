"""What looks like a part of a larger record, and what never joins one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.entries import decode
from analyzer.events import is_part, join
from tests.skim.lines import TEXTS

if TYPE_CHECKING:
    from analyzer.model import Entry

BASE = {"logName": "projects/p/logs/stdout", "labels": {"instanceId": "i"}}


def entry(number: int, **fields: Any) -> Entry:
    return decode({**BASE, "insertId": f"i{number}", "timestamp": f"2025-09-10T00:33:05.{number:09}Z", **fields})


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"textPayload": "{'users', 'orders'}"}, True),
        ({"textPayload": 'he said "hello'}, True),
        ({"textPayload": "fine"}, False),
        ({"jsonPayload": {"path": "/x"}}, True),
        ({"jsonPayload": {"path": "/x"}, "severity": "INFO"}, False),
        ({"jsonPayload": {"path": "/x", "level": "info"}}, False),
        ({"jsonPayload": {"message": 'he said "hello'}, "severity": "INFO"}, False),
        ({"jsonPayload": {"message": 'he said "hello'}}, True),
        ({"jsonPayload": {"message": '  File "x.py", line 3'}, "severity": "INFO"}, True),
        ({"jsonPayload": {"message": "[SQL: SELECT 1]"}, "severity": "INFO"}, True),
        ({"jsonPayload": {"message": "  indented"}, "httpRequest": {"status": 200}}, False),
        ({"protoPayload": {"methodName": '{"x'}}, False),
    ],
)
def test_a_part_is_known_by_its_text_unless_it_is_a_record_of_its_own(fields: dict[str, Any], expected: bool) -> None:
    assert is_part(entry(1, **fields)) is expected


@settings(max_examples=300, deadline=None)
@given(
    TEXTS, st.dictionaries(st.sampled_from(["message", "path"]), TEXTS, min_size=1), st.sampled_from(["INFO", "ERROR"])
)
def test_a_record_that_is_no_part_joins_nothing_before_it(before: str, payload: dict[str, str], severity: str) -> None:
    record = entry(2, jsonPayload=payload, severity=severity)
    events = join([entry(1, textPayload=before), record])
    if not is_part(record):
        assert [event.first for event in events if record in event.entries] == [record]
