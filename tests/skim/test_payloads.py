from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.entries import decode
from analyzer.events import is_part
from analyzer.lines import marks_error
from analyzer.model import Severity
from analyzer.needs import Need
from analyzer.rule import Operator
from analyzer.sheets import Glance
from analyzer.skim.payloads import Payloads
from analyzer.skim.texts import Texts
from analyzer.skim.verdicts import WHOLLY, Verdict, Verdicts
from tests.skim.lines import TEXTS as LINES

if TYPE_CHECKING:
    from collections.abc import Sequence

NEEDS = (
    Need("message", Operator.CONTAINS, "critical tables"),
    Need("message", Operator.CONTAINS, "42501"),
    Need("message", Operator.CONTAINS, "bad config"),
    Need("json.code.inner", Operator.EXISTS, value=True),
)


class Judge:
    """Payloads with the severities that they name; None for those to be decoded wholly."""

    def __init__(self) -> None:
        self._verdicts = Verdicts()
        self.payloads = Payloads(Texts(NEEDS), NEEDS, self._verdicts)

    def find(self, glances: Sequence[Glance]) -> list[str | None]:
        found = self.payloads.find(glances)
        verdicts = [None if verdict == WHOLLY else self._verdicts.found[verdict] for verdict in found]
        assert all(verdict == Verdict(verdict.severity) for verdict in verdicts if verdict is not None)
        return [None if verdict is None else verdict.severity for verdict in verdicts]


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
        ({"textPayload": "fine", "severity": ["INFO"]}, None),
        ({"textPayload": "fine", "jsonPayload": {"message": "fine"}}, None),
        ({"textPayload": "ERROR: not fine"}, None),
        ({"textPayload": '  File "x.py", line 1'}, None),
        ({"textPayload": "Critical TABLES"}, None),
        ({"textPayload": "took 42501 ms"}, None),
        ({"textPayload": "took 42502 ms"}, "DEFAULT"),
        ({"textPayload": "[3f2504e0-4f89-41d3-9a0c-0305e82c3301] INFO: done"}, "INFO"),
        ({"textPayload": "took 42501 ms, 3f2504e0c301a"}, None),
        ({"textPayload": "critical tables 3f2504e0c301a"}, None),
        ({"textPayload": "order 3f2504e0c301add"}, "DEFAULT"),
        ({"textPayload": "order 3f2504e0c30bad config"}, None),
        ({"textPayload": "took 42\x1b[0m501 ms"}, None),
        ({"textPayload": "took 42\x1b[0m502 ms"}, "DEFAULT"),
        ({"textPayload": "<11>a syslog line"}, None),
        ({"textPayload": "<14>a syslog line"}, "INFO"),
        ({"textPayload": '{"level": "error"}'}, None),
        ({"textPayload": ""}, None),
        ({"textPayload": 3}, None),
        ({}, None),
        ({"jsonPayload": {"message": "fine"}, "severity": "INFO"}, "INFO"),
        ({"jsonPayload": {"message": "fine", "level": "warn"}}, "WARNING"),
        ({"jsonPayload": {"message": "fine", "level": 30}}, "INFO"),
        ({"jsonPayload": {"message": "fine", "level": "error"}}, None),
        ({"jsonPayload": {"message": "fine", "level": ["x"]}}, None),
        ({"jsonPayload": {"message": "fine", "level": True}}, None),
        ({"jsonPayload": {"message": "fine", "Level": "info"}}, "INFO"),
        ({"jsonPayload": {"Message": "fine", "requestId": "r"}}, "DEFAULT"),
        ({"jsonPayload": {"Message": "fine", "message": "fine"}}, None),
        ({"jsonPayload": {"message": "fine", "level": "info", "severity": "notice"}}, "NOTICE"),
        ({"jsonPayload": {"message": "fine", "level": "info", "severity": "error"}}, None),
        ({"jsonPayload": {"message": "fine", "level": "info", "severity": ""}}, "INFO"),
        ({"jsonPayload": {"message": "fine", "level": {"name": "info"}}}, None),
        ({"jsonPayload": {"message": "fine", "error": "none"}}, "DEFAULT"),
        ({"jsonPayload": {"message": "fine", "error": None, "stack": ""}}, "DEFAULT"),
        ({"jsonPayload": {"message": "fine", "stack": "none"}}, None),
        ({"jsonPayload": {"message": "fine", "Err": "x\ny"}}, None),
        ({"jsonPayload": {"message": "fine", "err": "x\\ny"}}, None),
        ({"jsonPayload": {"message": "fine", "err": {}}}, None),
        ({"jsonPayload": {"message": "fine", "@type": "x"}}, "DEFAULT"),
        ({"jsonPayload": {"message": "fine", "@type": "x.ReportedErrorEvent"}}, None),
        ({"jsonPayload": {"message": "fine", "@type": 3}}, None),
        ({"jsonPayload": {"message": "fine", "serviceContext": {"service": "x"}}}, None),
        ({"jsonPayload": {"message": "fine", "log": "x"}}, None),
        ({"jsonPayload": {"message": 3, "text": "fine"}}, "DEFAULT"),
        ({"jsonPayload": {"statusDetails": "sent"}}, "DEFAULT"),
        ({"jsonPayload": {"message": "fine", "code": 1}}, None),
        ({"jsonPayload": {"message": " "}}, None),
        ({"jsonPayload": {"message": 3}}, None),
        ({"jsonPayload": {"message": "took 42501 ms"}}, None),
        ({"jsonPayload": {"rows": 1}}, None),
        ({"jsonPayload": {"rows": 1}, "severity": "NOTICE"}, "NOTICE"),
        ({"jsonPayload": {"rows": 1, "level": "info"}}, "INFO"),
        ({"jsonPayload": {"rows": 1, "Level": "info"}}, None),
        ({"jsonPayload": {"rows": 42501}, "severity": "INFO"}, None),
        ({"jsonPayload": {"path": "critical tables"}, "severity": "INFO"}, None),
        ({"jsonPayload": {"path": "a\\b"}, "severity": "INFO"}, None),
        ({"jsonPayload": {"rows": 1, "data": {"msg": "fine"}}, "severity": "INFO"}, None),
        ({"jsonPayload": {"rows": 1, "err": "x"}, "severity": "INFO"}, None),
        ({"jsonPayload": {"rows": 1}, "severity": "INFO", "httpRequest": {"status": 200}}, None),
        ({"textPayload": "SELECT 1\nFROM orders"}, "DEFAULT"),
        ({"textPayload": "SELECT 1\n<11>x"}, None),
        ({"textPayload": "SELECT 1\n<14>x"}, "INFO"),
        ({"jsonPayload": {}}, None),
        ({"jsonPayload": "fine"}, None),
    ],
)  # fmt: skip
def test_what_says_nothing_has_a_severity_and_the_rest_is_decoded(fields: dict[str, Any], severity: str | None) -> None:
    judge = Judge()
    assert judge.find([glance(**fields)]) == [severity]
    assert judge.find([glance(**fields)]) == [severity]
    usual = glance(textPayload="a\0b", severity="NOTICE")
    assert judge.find([usual, glance(**fields), usual]) == ["NOTICE", severity, "NOTICE"]


def test_levels_that_are_written_alike_are_told_apart() -> None:
    levels = [glance(jsonPayload={"message": "fine", "level": level}) for level in (30, "30", "info", 20, "20")]
    alone = [found for one in levels for found in Judge().find([one])]
    assert alone[0] != alone[1]
    assert Judge().find(levels) == alone
    assert Judge().find(levels[::-1]) == alone[::-1]


def test_no_payloads_have_no_verdicts() -> None:
    assert Judge().find([]) == []


KEPT = Judge()
PAYLOADS = st.builds(
    lambda text, severity, structured: {
        **({"jsonPayload": {"message": text}} if structured else {"textPayload": text}),
        **({} if severity is None else {"severity": severity}),
    },
    LINES | st.builds("{:.<2500}".format, LINES),
    st.sampled_from([None, "INFO", "WARNING", "DEBUG"]),
    st.booleans(),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(PAYLOADS, min_size=1, max_size=4))
def test_what_is_passed_over_would_have_said_nothing(some: list[dict[str, Any]]) -> None:
    for fields, found in zip(some, KEPT.find([glance(**fields) for fields in some]), strict=True):
        if found is not None:
            entry = decode({"timestamp": "2025-09-10T00:33:54Z", **fields})
            assert found == entry.severity.name
            assert entry.severity < Severity.ERROR
            assert not is_part(entry)
            assert not marks_error(entry.message)
            assert not any(str(need.value) in entry.message.lower() for need in NEEDS[:3])


@settings(max_examples=100, deadline=None)
@given(st.lists(PAYLOADS, max_size=8))
def test_payloads_are_judged_together_as_each_by_itself(some: list[dict[str, Any]]) -> None:
    glances = [glance(**fields) for fields in some]
    assert Judge().find(glances) == [found for one in glances for found in Judge().find([one])]


def test_many_different_texts_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.skim.payloads._MOST", 2)
    judge = Judge()
    for name in "abcdef":
        assert judge.find([glance(jsonPayload={"message": name, f"x{name}": 1}, severity="INFO")]) == ["INFO"]
        assert judge.find([glance(jsonPayload={"message": name, "level": f"info{name}"}, severity=name)]) == [None]
        assert judge.find([glance(textPayload=name, severity=name)]) == ["DEFAULT"]
    kept = judge.payloads
    assert max(len(kept._known), len(kept._shapes), len(kept._levels), len(kept._plain)) <= 3


def test_texts_that_differ_in_names_only_are_judged_once() -> None:
    judge = Judge()
    texts = [f"order {uuid.UUID(int=number << 90 | 0xA)} placed, {number}" for number in range(16, 400)]
    assert judge.find([glance(textPayload=text) for text in texts]) == ["DEFAULT"] * len(texts)
    assert len(judge.payloads._known) <= 4


def test_long_texts_are_not_kept() -> None:
    judge = Judge()
    assert judge.find([glance(textPayload=f"{number} {'x' * 2_500}") for number in range(5)]) == ["DEFAULT"] * 5
    assert len(judge.payloads._known) == 0


def test_what_is_kept_of_texts_has_an_end_however_long_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.skim.payloads._ROOM", 5_000)
    judge = Judge()
    for name in "abcdefgh":
        assert judge.find([glance(textPayload=f"{name} {'x' * 1_900}")]) == ["DEFAULT"]
    assert sum(len(mask) for mask, _ in judge.payloads._known) <= 5_000 + 1_902
