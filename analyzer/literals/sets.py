"""Sets of literals of which one must occur: joined, compared, and cut down to what can be looked for.

None stands for no knowledge: any text may match.
"""

from __future__ import annotations

__all__ = ["Literals", "best", "long_enough", "minimal", "reduced", "union"]

Literals = frozenset[str]
"""Lower-case texts of which at least one occurs."""

_MOST_LITERALS = 256
_GOOD_LENGTH = 8


def union(found: list[Literals | None]) -> Literals | None:
    """What every one of several alternatives needs; None when one of them needs nothing, or they are too many."""
    every: set[str] = set()
    for literals in found:
        if literals is None:
            return None
        every |= literals
    return minimal(every) if len(every) <= _MOST_LITERALS else None


def minimal(literals: set[str]) -> Literals:
    """Without those that hold another one."""
    kept: list[str] = []
    for literal in sorted(literals, key=len):
        if not any(shorter in literal for shorter in kept):
            kept.append(literal)
    return frozenset(kept)


def best(found: list[Literals]) -> Literals | None:
    """The set that nominates least: no literal in it is short, and they are few."""
    return max(found, key=_strength, default=None)


def _strength(literals: Literals) -> tuple[int, int, int]:
    least = min(map(len, literals), default=_GOOD_LENGTH + 1)
    return (min(least, _GOOD_LENGTH), -len(literals), sum(map(len, literals)))


def reduced(texts: set[str] | frozenset[str]) -> Literals | None:
    """Each text's longest run of simple characters; None when one of them has none."""
    runs = {_longest_run(text) for text in texts}
    return None if "" in runs else minimal(runs)


def _longest_run(text: str) -> str:
    cut = "".join(char if _simple(char) else "\n" for char in text.lower())
    return max(cut.split("\n"), key=len)


def _simple(char: str) -> bool:
    if char.isascii():
        return char >= " "
    return char.upper() == char and not char.isspace()


def long_enough(literals: Literals | None, shortest: int) -> Literals | None:
    """The set itself; None when one of its literals has fewer than ``shortest`` characters."""
    if literals is None or any(len(literal) < shortest for literal in literals):
        return None
    return literals
