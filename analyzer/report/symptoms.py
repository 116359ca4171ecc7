"""The blocks under "Error Symptoms": what failed, what warned, what state the system was in, quoted."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.report.wording import count_of
from analyzer.rule import Level

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.report.document import ReportedIncident, ReportedQuote

__all__ = ["Block", "excerpt", "symptom_blocks"]

_WORDS = {
    "schema": "SCHEMA VALIDATION",
    "migration": "MIGRATION",
    "validation": "VALIDATION",
    "configuration": "CONFIGURATION",
    "startup": "START-UP",
    "connectivity": "CONNECTIVITY",
    "auth": "AUTHENTICATION",
    "lock": "DATABASE LOCK",
    "dependency": "DEPENDENCY",
    "crash": "CRASH",
    "http": "REQUEST",
    "other": "OTHER",
}
_WHOLE_LINES = 12
_HEAD_LINES = 3
_TAIL_LINES = 2
_LONGEST_LINE = 600


class Block(msgspec.Struct, frozen=True):
    """A heading and the quoted text below it."""

    heading: str
    text: str


def symptom_blocks(incident: ReportedIncident) -> list[Block]:
    """CRITICAL FAILURES (high and critical), a WARNINGS block for each category below that, SYSTEM STATE."""
    failing = [quote for quote in incident.quotes if quote.role in ("failure", "consequence")]
    grave = [quote for quote in failing if Level[quote.level.upper()] >= Level.HIGH]
    blocks = [Block("CRITICAL FAILURES", _lines(grave))] if grave else []
    lesser: dict[str, list[ReportedQuote]] = {}
    for quote in failing:
        if quote not in grave:
            lesser.setdefault(_WORDS[quote.category], []).append(quote)
    blocks += [Block(f"{words} WARNINGS", _lines(quotes)) for words, quotes in lesser.items()]
    states = [quote for quote in incident.quotes if quote.role == "state"]
    if states:
        blocks.append(Block("SYSTEM STATE", "\n".join(_dashed(text) for text in _texts(states))))
    return blocks


def _texts(quotes: Iterable[ReportedQuote]) -> list[str]:
    return list(dict.fromkeys(excerpt(quote.text, quote.root) for quote in quotes))


def _lines(quotes: Iterable[ReportedQuote]) -> str:
    return "\n".join(_texts(quotes))


def _dashed(text: str) -> str:
    return text if text.lstrip().startswith(("-", "•", "*")) else f"- {text}"


def excerpt(text: str, root: str = "") -> str:
    """A text as it is, or of a long one the head, the line that names the root, and the tail.

    What is left out is marked in brackets; a line of more than 600 characters is cut.
    """
    lines = [_cut(line) for line in text.rstrip().splitlines()]
    if len(lines) <= _WHOLE_LINES:
        return "\n".join(lines)
    tail = lines[-_TAIL_LINES:]
    left_out = lines[_HEAD_LINES:-_TAIL_LINES]
    told = [_cut(root)] if root and any(root in line for line in left_out) else []
    mark = f"[... {count_of(len(left_out) - len(told), 'line')} left out ...]"
    return "\n".join([*lines[:_HEAD_LINES], mark, *told, *tail])


def _cut(line: str) -> str:
    if len(line) <= _LONGEST_LINE:
        return line
    half = _LONGEST_LINE // 2
    return f"{line[:half]} [... {count_of(len(line) - 2 * half, 'character')} left out ...] {line[-half:]}"
