"""Audited calls: what one says, where that is no more than which method was called on what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analyzer.coverage import DEPLOY_METHODS
from analyzer.matching.textset import TextSet
from analyzer.rule import TEXT_OPERATORS
from analyzer.sheets import NOTHING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.needs import Need
    from analyzer.sheets import CallGlance

__all__ = ["Calls"]

_METHOD: Final = "proto.methodName"
_MOST: Final = 5_000


class Calls:
    """The methods seen so far.

    Args:
        needs: What the rules look for, in whatever fields.
    """

    def __init__(self, needs: Iterable[Need]) -> None:
        asked = [need for need in needs if need.field.startswith("proto.")]
        self._all_told = all(need.field == _METHOD and need.operator in TEXT_OPERATORS for need in asked)
        self._methods = TextSet((need.operator, str(need.value)) for need in asked)
        self._calm: dict[str, bool] = {}

    def said(self, call: CallGlance) -> str:
        """What a call says; empty for one that deploys, fails or is asked for by a rule, or says it in another way."""
        method, resource = call.methodName, call.resourceName
        if type(method) is not str or not method or type(resource) is not str or not resource:
            return ""
        if call.line is not NOTHING or (call.status is not NOTHING and bytes(call.status) != b"{}"):
            return ""
        if method not in self._calm:
            if len(self._calm) >= _MOST:
                self._calm.clear()
            self._calm[method] = self._is_calm(method)
        return f"{method} {resource}" if self._calm[method] else ""

    def _is_calm(self, method: str) -> bool:
        return self._all_told and not method.endswith(DEPLOY_METHODS) and not self._methods.find(method)
