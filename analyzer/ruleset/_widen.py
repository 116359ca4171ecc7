"""Fewer and shorter texts that find at least as much: for queries that may only be so long."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["minimal", "widened"]

_LENGTHS = (32, 24, 20, 16, 14, 12, 11, 10, 9, 8, 7, 6, 5)
"""Lengths to shorten to, in characters; below the last one parts are words that stand everywhere."""


def minimal(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts without those that hold another one, sorted."""
    kept: list[str] = []
    for text in sorted(set(texts), key=lambda text: (len(text), text)):
        if not any(shorter in text for shorter in kept):
            kept.append(text)
    return tuple(sorted(kept))


def widened(texts: Sequence[str], fits: Callable[[Sequence[str]], bool]) -> tuple[tuple[str, ...] | None, int | None]:
    """Texts of which one stands in everything that one of ``texts`` stands in, and that fit.

    Returns:
        The texts and the length they were shortened to: None when they are as they were. None for the texts when even
        the shortest do not fit.
    """
    if fits(texts):
        return tuple(texts), None
    for length in _LENGTHS:
        shorter = _shared_parts(texts, length)
        if fits(shorter):
            return shorter, length
    return None, None


def _shared_parts(texts: Sequence[str], length: int) -> tuple[str, ...]:
    """Parts of ``length`` characters such that each longer text holds one: greedily those that most texts share."""
    holders: dict[str, set[int]] = defaultdict(set)
    found = {text for text in texts if len(text) <= length}
    for index, text in enumerate(texts):
        if len(text) > length:
            for start in range(len(text) - length + 1):
                part = text[start : start + length]
                if part == part.strip():
                    holders[part].add(index)
    open_texts = {index for index, text in enumerate(texts) if len(text) > length}
    for part in sorted(holders, key=lambda part: (-len(holders[part]), part)):
        if not open_texts:
            break
        if holders[part] & open_texts:
            open_texts -= holders[part]
            found.add(part)
    return minimal(found | {texts[index] for index in open_texts})
