"""One match as one JSON line, for ``rules match`` and for what people pipe it into."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analyzer.times import format_timestamp

if TYPE_CHECKING:
    from analyzer.model import Match
    from analyzer.redact import Redactor

__all__ = ["match_line"]


def match_line(match: Match, redactor: Redactor) -> dict[str, Any]:
    """A match as plain JSON values, redacted.

    Args:
        match: The match.
        redactor: Replaces secrets.
    """
    redact = redactor.within(match.event.texts)
    return {
        "rule": match.rule.name,
        "category": match.rule.category.value,
        "role": match.rule.role.value,
        "severity": match.event.severity.name,
        "timestamp": format_timestamp(match.time),
        "service": redact(match.event.first.service),
        "insert_ids": [redact(insert_id) for insert_id in match.insert_ids],
        "fields": {
            name: redact(value) if isinstance(value, str) else [redact(item) for item in value]
            for name, value in match.fields.items()
        },
        "message": redact(match.event.message),
    }
