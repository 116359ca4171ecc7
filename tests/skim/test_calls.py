"""Audited calls of which a few fields tell enough, and those of which they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from analyzer.coverage import DEPLOY_METHODS
from analyzer.needs import Need
from analyzer.rule import Operator
from analyzer.sheets import CallGlance
from analyzer.skim.calls import Calls

if TYPE_CHECKING:
    from collections.abc import Iterable


def said(call: dict[str, Any], needs: Iterable[Need] = ()) -> str:
    return Calls(needs).said(msgspec.json.decode(msgspec.json.encode(call), type=CallGlance))


CALM = {"methodName": "storage.objects.get", "resourceName": "projects/_/buckets/b/objects/1", "serviceName": "s"}


def test_a_call_says_which_method_was_called_on_what() -> None:
    assert said(CALM) == "storage.objects.get projects/_/buckets/b/objects/1"
    assert said({**CALM, "status": {}}) == said(CALM)


@pytest.mark.parametrize(
    "other",
    [
        {"methodName": None},
        {"methodName": ["get"]},
        {"resourceName": ""},
        {"resourceName": 7},
        {"status": {"message": "PERMISSION_DENIED"}},
        {"status": {"code": 7}},
        {"line": [{"logMessage": "ERROR: said in a line"}]},
        *({"methodName": f"google.cloud.run.v1.Services.{name}"} for name in DEPLOY_METHODS),
    ],
)
def test_a_call_that_may_say_something_else_has_to_be_decoded(other: dict[str, Any]) -> None:
    assert said({**CALM, **other}) == ""


def test_a_call_that_a_rule_asks_for_has_to_be_decoded() -> None:
    asked = Need("proto.methodName", Operator.ENDSWITH, "OBJECTS.get")
    assert said(CALM, [asked]) == ""
    assert said({**CALM, "methodName": "storage.objects.list"}, [asked])


@pytest.mark.parametrize(
    "need",
    [
        Need("proto.methodName", Operator.EXISTS, value=True),
        Need("proto.serviceName", Operator.EQUALS, "run.googleapis.com"),
    ],
)
def test_where_a_rule_asks_for_what_is_not_looked_at_every_call_has_to_be_decoded(need: Need) -> None:
    assert said(CALM, [need]) == ""


def test_many_methods_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analyzer.skim.calls._MOST", 3)
    calls = Calls([])
    for number in range(10):
        assert calls.said(CallGlance(f"method {number}", "thing")) == f"method {number} thing"
    assert len(vars(calls)["_calm"]) <= 3
