"""What ``rules explain`` prints: which parts of which rules hold on an entry, and why the rest do not."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyzer.errors import UsageError
from analyzer.matching import Matcher, explain
from analyzer.pipeline import events_of
from analyzer.redact import Redactor
from analyzer.safe import visible

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from analyzer.matching import Explanation
    from analyzer.model import Event, LogEntry
    from analyzer.rule import Rule

__all__ = ["print_explanations"]

_MOST_EXPLAINED = 20
"""Entries of one record, and a few around it; an explanation is long."""


def print_explanations(path: str, rules: Sequence[Rule], name: str) -> None:
    """Explain the entries of a file to standard output, redacted.

    Args:
        path: A file with LogEntry objects or plain text; ``-`` for standard input.
        rules: The rules.
        name: Only this rule, whether it is near or not; empty for those that match or come near.

    Raises:
        UsageError: The file cannot be read, or holds nothing to explain.
    """
    matcher = Matcher(rules)
    redactor = Redactor()
    for event in events_of(_records(path)):
        redact = redactor.within([event.message])
        print(visible(f"{redact(event.first.service) or '-'} {event.severity.name}: {redact(event.message)}"))
        told = [explain(one, event) for one in _near(matcher, event, name)]
        for part in sorted(told, key=lambda part: not part.held):
            if name or part.held or _touched(part):
                _print_explanation(part, redact)


def _near(matcher: Matcher, event: Event, name: str) -> Iterator[Rule]:
    """The rules worth explaining: the named one, or those that match, or whose literals stand in the message."""
    nominated = set(matcher.scanner.nominate(event.message))
    matched = {match.rule.name for match in matcher.match_event(event)}
    for index, rule in enumerate(matcher.rules):
        if (name and rule.name == name) or (not name and (rule.name in matched or index in nominated)):
            yield rule


def _touched(part: Explanation) -> bool:
    """Whether something that a rule looks for stands in the entry, besides what it wants to be absent."""
    if part.text == "not":
        return False
    return any(map(_touched, part.parts)) if part.parts else part.held


def _print_explanation(part: Explanation, redact: Callable[[str], str], depth: int = 0) -> None:
    # The message stands above; what other fields have does not.
    tell = part.actual is not None and not part.held and not part.text.startswith("message ")
    actual = f"  (is {redact(part.actual or '')!r})" if tell else ""
    print(f"{'  ' * depth}{'✓' if part.held else '✗'} {part.text}{actual}")
    for inner in part.parts:
        _print_explanation(inner, redact, depth + 1)


def _records(path: str) -> list[LogEntry]:
    """One or more LogEntry objects out of a file, or its whole text as one text entry.

    Raises:
        UsageError: It cannot be read, or is JSON of something else.
    """
    try:
        text = sys.stdin.read() if path == "-" else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{path}: cannot be read: {error}") from error
    if not text.strip():
        raise UsageError(f"{path}: there is nothing in it to explain", hint="give one LogEntry, or plain text")
    value = _json_of(text)
    if value is None:
        return [{"textPayload": text.rstrip("\n"), "timestamp": "1970-01-01T00:00:00Z", "insertId": "1"}]
    records = value if isinstance(value, list) else [value]
    if not all(isinstance(record, dict) for record in records):
        raise UsageError(f"{path}: it is JSON, but holds no log entry", hint="give one LogEntry, or plain text")
    if len(records) > _MOST_EXPLAINED:
        message = f"{path}: {len(records):,} entries are too many to explain"
        raise UsageError(message, hint="give the one in question; rules match shows what is found in a capture")
    return records


def _json_of(text: str) -> Any:
    """What a JSON text or one with a JSON object a line holds; None for any other."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    lines = [line for line in text.splitlines() if line.strip()]
    try:
        return [json.loads(line) for line in lines] if lines and lines[0].startswith("{") else None
    except (ValueError, RecursionError):
        return None
