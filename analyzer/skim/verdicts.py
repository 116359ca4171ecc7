"""What is to be made of an entry: under what it is counted, or that it is to be decoded wholly."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from analyzer.traffic import Failing

__all__ = ["WHOLLY", "Verdict", "Verdicts"]

WHOLLY: Final = -1
"""The verdict on an entry that a few fields cannot tell of, or that is worth a closer look."""


class Verdict(NamedTuple):
    """Under what an entry is counted.

    Attributes:
        severity: Its effective severity.
        route: The route of its request; None where it has none, and for a scanner's or crawler's.
        failing: How the request failed, if it did.
    """

    severity: str
    route: str | None = None
    failing: Failing | None = None


class Verdicts:
    """The verdicts so far.

    Attributes:
        found: The verdicts; others name them by their index.
    """

    def __init__(self) -> None:
        self.found: list[Verdict] = []
        self._index: dict[Verdict, int] = {}

    def add(self, verdict: Verdict) -> int:
        """The index of a verdict."""
        index = self._index.setdefault(verdict, len(self.found))
        if index == len(self.found):
            self.found.append(verdict)
        return index
