"""The rule pack on what the laboratory's tools really printed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.matching import Matcher
from analyzer.pipeline import matches_of
from analyzer.rule import Category, Role
from analyzer.ruleset.load import load_rules
from tests.lab.__main__ import scenarios
from tests.lab.capture import Capture, read_all
from tests.lab.gaps import GAPS
from tests.lab.shapes import NEIGHBOUR, SHAPES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _pytest.mark.structures import ParameterSet

    from analyzer.model import Match

CAPTURES = {f"{capture.tool}/{capture.scenario}": capture for capture in read_all()}
FAULTS = {Role.FAILURE, Role.CONSEQUENCE}
CHECKOUT = Path(__file__).resolve().parents[2]
MACHINE = re.compile(rf"{re.escape(str(CHECKOUT))}|/root\b|/tmp/|\.pyenv|lab-pg-|/\.lab\b")


def cases() -> Iterator[ParameterSet]:
    """Every capture in every shape, the known gaps marked."""
    for name, capture in CAPTURES.items():
        for shape in SHAPES:
            gap = GAPS.get(name) or GAPS.get(f"{name}/{shape}")
            marks = [pytest.mark.xfail(reason=gap, strict=True)] if gap else []
            yield pytest.param(capture, shape, id=f"{name}/{shape}", marks=marks)


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(load_rules([], pack=True).rules)


def faults(capture: Capture, shape: str, matcher: Matcher) -> list[Match]:
    return [match for match in matches_of(SHAPES[shape](capture), matcher) if match.rule.role in FAULTS]


def named(match: Match) -> set[str]:
    """Every value that a match extracted."""
    return {
        value.casefold()
        for field in match.fields.values()
        for value in ((field,) if isinstance(field, str) else field)
    }  # fmt: skip


@pytest.mark.parametrize(("capture", "shape"), list(cases()))
def test_a_capture_is_read_as_a_person_would(capture: Capture, shape: str, matcher: Matcher) -> None:
    found = faults(capture, shape, matcher)
    told = [(match.rule.name, match.rule.category.value, dict(match.fields)) for match in found]
    assert all(not any(i.startswith(NEIGHBOUR) for i in match.insert_ids) for match in found), told
    if capture.expected.quiet:
        assert not found, told
        return
    assert {match.rule.category.value for match in found} & set(capture.expected.categories), told
    wanted = {value.casefold() for values in capture.expected.entities.values() for value in values}
    assert wanted <= {value for match in found for value in named(match)}, told


def test_every_scenario_has_its_capture_and_says_the_same_of_it() -> None:
    declared = {f"{scenario.tool}/{scenario.name}": scenario.expected for scenario in scenarios()}
    assert declared == {name: capture.expected for name, capture in CAPTURES.items()}


def test_expected_categories_are_categories() -> None:
    known = {category.value for category in Category}
    for name, capture in CAPTURES.items():
        assert capture.text.strip(), name
        assert set(capture.expected.categories) <= known, name
        assert capture.expected.quiet != bool(capture.expected.categories), name


def test_no_capture_tells_of_the_machine_it_was_made_on() -> None:
    for name, capture in CAPTURES.items():
        for text in (capture.command, *(line for _, line in capture.lines)):
            assert not MACHINE.search(text), name


def test_gaps_are_those_of_captures() -> None:
    known = {*CAPTURES, *(f"{name}/{shape}" for name in CAPTURES for shape in SHAPES)}
    assert set(GAPS) <= known
