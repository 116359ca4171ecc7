"""How grave an event of several entries is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.lines import gravest, stated_level
from analyzer.model import Severity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.model import Entry

__all__ = ["joined_severity"]


def joined_severity(entries: Sequence[Entry], message: str) -> Severity:
    """The gravest severity among ``entries`` and in the joined text.

    A record that states WARNING and prints a traceback stays a warning: seen alone its traceback's lines look like
    errors, but the application has said what it thinks of them.
    """
    stated = gravest(message)
    first = stated_level(entries[0].message.partition("\n")[0])
    if first is not None and first.certain and first.severity >= Severity.WARNING:
        return max(first.severity, stated.severity if stated is not None and stated.certain else Severity.DEFAULT)
    severity = max(entry.severity for entry in entries)
    return severity if stated is None else max(severity, stated.severity)
