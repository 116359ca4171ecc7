"""The one error of the query language."""

from __future__ import annotations

__all__ = ["FilterError"]


class FilterError(ValueError):
    """A filter the API refuses with INVALID_ARGUMENT; the text is for the client.

    Args:
        reason: What is wrong: ``syntax error``, or a sentence.
        text: The whole filter; empty when there is no place to point at.
        position: Offset of the offending token in it.
        token: The offending token.
    """

    def __init__(self, reason: str, text: str = "", position: int = 0, token: str = "") -> None:
        if text:
            line = text.count("\n", 0, position) + 1
            column = position - (text.rfind("\n", 0, position) + 1) + 1
            reason = f"{reason} at line {line}, column {column}, token '{token}'"
        super().__init__(f"Unparseable filter: {reason}")
