from __future__ import annotations

from typing import Any

import pytest

from analyzer.entries import OWN_LABEL, is_own


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"labels": {OWN_LABEL: "audit"}}, True),
        ({"jsonPayload": {"logging.googleapis.com/labels": {OWN_LABEL: "audit"}}}, True),
        ({"jsonPayload": {"message": f"{OWN_LABEL} is named here"}}, False),
        ({"labels": {"app": OWN_LABEL}, "textPayload": "x"}, False),
        ({"labels": 7, "jsonPayload": 7}, False),
    ],
)
def test_only_its_own_label_marks_an_entry_as_loganalyze_s(raw: dict[str, Any], *, expected: bool) -> None:
    assert is_own(raw) is expected
