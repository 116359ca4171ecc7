"""Many values as one text, so that what looks for literals is called once for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analyzer.regex import scrub

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BOUND", "bounded"]

BOUND: Final = "\0"
"""Stands before and behind each value; nearly none holds it."""


def bounded(values: Sequence[str]) -> bytes | None:
    """The values between bounds, in UTF-8; None where one holds a bound itself."""
    joined = f"{BOUND}{BOUND.join(values)}{BOUND}" if values else BOUND
    if joined.count(BOUND) > len(values) + 1:
        return None
    try:
        return joined.encode()
    except UnicodeEncodeError:
        return scrub(joined).encode()
