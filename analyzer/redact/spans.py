"""What a detector reports: where in a text something secret stands, and what kind of thing it is."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["KINDS", "Span"]

KINDS = (
    "api-key",
    "cookie",
    "credentials",
    "email",
    "ip",
    "jwt",
    "key",
    "password",
    "password-hash",
    "private-key",
    "secret",
    "service-account",
    "signature",
    "token",
)
"""Every kind a surrogate can name."""


class Span(NamedTuple):
    """A stretch of text to replace: ``text[start:end]``."""

    start: int
    end: int
    kind: str
