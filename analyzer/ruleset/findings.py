"""What ``rules check`` says about rules that can be read: a place, a severity, a sentence and a hint."""

from __future__ import annotations

import enum

import msgspec

__all__ = ["Finding", "FindingSeverity"]


class FindingSeverity(enum.StrEnum):
    """Whether a finding fails the check."""

    ERROR = "error"
    WARNING = "warning"


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong, or odd, about a rule.

    Attributes:
        path: The rule file as the user named it.
        line: 1-based; 0 when it is not known.
        rule: Name of the rule; empty when it is about a file.
        severity: Whether it fails the check.
        text: What is wrong, in one line without a full stop.
        hint: What to do, in one line; may be empty.
    """

    path: str
    line: int
    rule: str
    severity: FindingSeverity
    text: str
    hint: str = ""

    def __str__(self) -> str:
        """``file:line: warning: text (rule)``."""
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.severity}: {self.text}{f' ({self.rule})' if self.rule else ''}"
