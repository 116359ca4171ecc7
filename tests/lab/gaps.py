"""Captures that the rule pack does not read right yet, each with the rule that is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["GAPS"]

GAPS: Mapping[str, str] = {}
"""``tool/scenario`` or ``tool/scenario/shape`` to what is missing; one that is closed fails until it is taken out."""
