"""The whole pack, loaded once for all tests of rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analyzer.matching import Matcher
from analyzer.ruleset.load import RuleSet, load_collecting

if TYPE_CHECKING:
    from analyzer.errors import RuleError


@pytest.fixture(scope="session")
def loaded() -> tuple[RuleSet, list[RuleError]]:
    """The pack and the faults of what could not be loaded."""
    return load_collecting([])


@pytest.fixture(scope="session")
def pack(loaded: tuple[RuleSet, list[RuleError]]) -> RuleSet:
    """The pack."""
    return loaded[0]


@pytest.fixture(scope="session")
def matcher(pack: RuleSet) -> Matcher:
    """All rules of the pack, compiled together."""
    return Matcher(pack.rules)
