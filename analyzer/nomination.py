"""What makes an entry worth a closer look, and whether a few of its fields are enough to tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from analyzer.events import is_part, marks_error
from analyzer.model import Severity
from analyzer.needs import is_told
from analyzer.traffic import failing

if TYPE_CHECKING:
    from analyzer.matching import Matcher
    from analyzer.model import Entry

__all__ = ["nominated", "tells"]


def nominated(entry: Entry, matcher: Matcher) -> bool:
    """Whether an entry is worth a closer look by itself."""
    if entry.request is not None and failing(entry.request) is not None:
        return True
    return (
        entry.severity >= Severity.ERROR
        or matcher.nominates_entry(entry)
        or is_part(entry)
        or marks_error(entry.message)
        or "split" in entry.raw
    )


def tells(matcher: Matcher) -> bool:
    """Whether a few fields tell which entries the rules nominate; else each entry has to be decoded wholly."""
    scanner = matcher.scanner
    return not scanner.always and all(map(is_told, scanner.needs))
