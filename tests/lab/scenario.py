"""The noun Scenario: one way to run a tool, with what the rules have to say of its output."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["Expected", "Scenario", "Tool"]

Play = Callable[["Bench"], None]


class Expected(msgspec.Struct, frozen=True):
    """What a reader of the output would say.

    Attributes:
        categories: Categories of failure that fit; empty for a good run.
        quiet: A good run: no rule of role failure or consequence may match.
        entities: Values that a report should name, by kind.
    """

    categories: tuple[str, ...] = ()
    quiet: bool = False
    entities: Mapping[str, tuple[str, ...]] = {}


class Scenario(msgspec.Struct, frozen=True):
    """One scenario.

    Attributes:
        tool: The folder its capture stands in.
        name: The capture's name.
        parts: Distributions (``alembic``, ``npm:knex``, ``postgresql``) whose versions the capture states.
        about: What was done to the tool, in one sentence.
        expected: What a reader would say.
        play: Runs it on a bench.
    """

    tool: str
    name: str
    parts: tuple[str, ...]
    about: str
    expected: Expected
    play: Play


class Tool:
    """The scenarios of one tool, collected by decorators.

    Args:
        name: The folder of its captures, and what ``make lab LAB=name`` takes.
        parts: Distributions whose versions its captures state.
    """

    def __init__(self, name: str, *parts: str) -> None:
        self.name = name
        self.parts = parts or (name,)
        self.scenarios: list[Scenario] = []

    def fails(self, *categories: str, **entities: str | tuple[str, ...]) -> Callable[[Play], Play]:
        """Declare a scenario that fails.

        Args:
            categories: Those that fit, the best one first.
            entities: Values that a report should name, by kind.
        """
        named = {kind: (value,) if isinstance(value, str) else value for kind, value in entities.items()}
        return self._add(Expected(categories=categories, entities=named))

    def quiet(self, play: Play) -> Play:
        """Declare a good run."""
        return self._add(Expected(quiet=True))(play)

    def _add(self, expected: Expected) -> Callable[[Play], Play]:
        def declare(play: Play) -> Play:
            about = (play.__doc__ or "").strip().partition("\n")[0]
            if not about:
                raise ValueError(f"{self.name}: {play.__name__} does not say what it does")
            name = play.__name__
            if any(scenario.name == name for scenario in self.scenarios):
                raise ValueError(f"{self.name}: {name} is there twice")
            self.scenarios.append(Scenario(self.name, name, self.parts, about, expected, play))
            return play

        return declare
