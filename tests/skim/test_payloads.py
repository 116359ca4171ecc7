from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.entries import decode
from analyzer.lines import continues, marks_error
from analyzer.model import Severity
from analyzer.needs import Need
from analyzer.rule import Operator
from analyzer.sheets import Glance
from analyzer.skim.payloads import Payloads
from analyzer.skim.texts import Texts
from tests.skim.lines import TEXTS as LINES

NEEDS = (
    Need("message", Operator.CONTAINS, "critical tables"),
    Need("message", Operator.CONTAINS, "42501"),
    Need("json.code.inner", Operator.EXISTS, value=True),
)


def payloads() -> Payloads:
    return Payloads(Texts(NEEDS), NEEDS)


def glance(**fields: Any) -> Glance:
    return Glance(insertId="i", **fields)


@pytest.mark.parametrize(
    ("fields", "severity"),
    [
        ({"textPayload": "INFO: fine"}, "INFO"),
        ({"textPayload": "fine"}, "DEFAULT"),
        ({"textPayload": "fine", "severity": "NOTICE"}, "NOTICE"),
        ({"textPayload": "fine", "severity": "ERROR"}, None),
        ({"textPayload": "fine", "severity": 200}, None),
        ({"textPayload": "ERROR: not fine"}, None),
        ({"textPayload": '  File "x.py", line 1'}, None),
        ({"textPayload": "Critical TABLES"}, None),
        ({"textPayload": "took 42501 ms"}, None),
        ({"textPayload": "took 42502 ms"}, "DEFAULT"),
        ({"textPayload": '{"level": "error"}'}, None),
        ({"textPayload": ""}, None),
        ({"textPayload": 3}, None),
        ({}, None),
        ({"jsonPayload": {"message": "fine"}, "severity": "INFO"}, "INFO"),
        ({"jsonPayload": {"message": "fine", "level": "warn"}}, "WARNING"),
        ({"jsonPayload": {"message": "fine", "level": 30}}, "INFO"),
        ({"jsonPayload": {"message": "fine", "level": "error"}}, None),
        ({"jsonPayload": {"message": "fine", "level": ["x"]}}, None),
        ({"jsonPayload": {"message": "fine", "Level": "info"}}, None),
        ({"jsonPayload": {"message": "fine", "error": "none"}}, None),
        ({"jsonPayload": {"message": "fine", "code": 1}}, None),
        ({"jsonPayload": {"message": " "}}, None),
        ({"jsonPayload": {"rows": 1}}, None),
        ({"jsonPayload": {}}, None),
        ({"jsonPayload": "fine"}, None),
    ],
)  # fmt: skip
def test_what_says_nothing_has_a_severity_and_the_rest_is_decoded(fields: dict[str, Any], severity: str | None) -> None:
    found = payloads()
    assert found.severity(glance(**fields)) == severity
    assert found.severity(glance(**fields)) == severity


KEPT = payloads()


@settings(max_examples=400)
@given(LINES, st.sampled_from([None, "INFO", "WARNING", "DEBUG"]), st.booleans())
def test_what_is_passed_over_would_have_said_nothing(text: str, severity: str | None, structured: bool) -> None:
    fields: dict[str, Any] = {"jsonPayload": {"message": text}} if structured else {"textPayload": text}
    if severity is not None:
        fields["severity"] = severity
    found = KEPT.severity(glance(**fields))
    if found is not None:
        entry = decode({"timestamp": "2025-09-10T00:33:54Z", **fields})
        assert found == entry.severity.name
        assert entry.severity < Severity.ERROR
        assert not continues(entry.message)
        assert not marks_error(entry.message)
        assert not any(str(need.value) in entry.message.lower() for need in NEEDS[:2])


def test_many_different_texts_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.skim.payloads._MOST", 2)
    found = payloads()
    for name in "abcdef":
        assert found.severity(glance(jsonPayload={"message": name, f"x{name}": 1}, severity="INFO")) == "INFO"
