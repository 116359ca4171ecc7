"""Markdown that is already safe, taken apart and shortened without becoming unsafe: fences stay closed, spans whole."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from analyzer.safe import SafeText

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Line", "cut", "lines_of", "section"]

_FENCE = re.compile(r"[ \t]*(?P<marks>`{3,}(?=[^`]*$)|~{3,})")
_HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})[ \t]+(?P<text>.*)$")
_NOTE = 160
"""Characters kept for the note on what was cut."""
_LEAST = 40
"""Characters of a line within a fence that are worth showing."""


class Line(NamedTuple):
    """One line without its line feed.

    Attributes:
        text: The line.
        fenced: It stands in a fence, or opens or closes one.
        fence: Marks of the fence that is open after it; empty for none.
    """

    text: str
    fenced: bool
    fence: str


def lines_of(markdown: str) -> Iterator[Line]:
    """The lines; what makes a fence: https://spec.commonmark.org/0.31.2/#fenced-code-blocks."""
    marks = ""
    for line in markdown.split("\n"):
        if marks:
            tail = line.strip(" \t\r")
            closes = len(tail) >= len(marks) and not tail.strip(marks[0])
            marks = "" if closes else marks
            yield Line(line, True, marks)
        else:
            found = _FENCE.match(line)
            marks = found["marks"] if found else ""
            yield Line(line, bool(found), marks)


def section(markdown: str, heading: str, *, deep: bool = True) -> SafeText:
    """What stands under the first heading that begins with ``heading``, to the next of its level or above; or nothing.

    Args:
        markdown: Safe Markdown, such as a debug log.
        heading: Its words: ``Primary Problem``.
        deep: With the sections below it; else it ends at any heading.
    """
    level = 0
    kept: list[str] = []
    for line in lines_of(markdown):
        found = None if line.fenced else _HEADING.match(line.text)
        if level and found and (not deep or len(found["marks"]) <= level):
            break
        if level:
            kept.append(line.text)
        elif found and found["text"].startswith(heading):
            level = len(found["marks"])
    return SafeText("\n".join(kept).strip("\n"))


def cut(markdown: str, limit: int) -> SafeText:
    """At most ``limit`` characters of safe Markdown, from its beginning, and how much was left out.

    Whole lines are kept, for a part of one could end within a code span and leave live what the span held; only within
    a fence a long line is parted. A fence that is open where it is cut gets closed.

    Args:
        markdown: Safe Markdown.
        limit: Characters, at least some hundreds.
    """
    if len(markdown) <= limit:
        return SafeText(markdown)
    kept: list[str] = []
    left = limit - _NOTE
    fence = ""
    for line in lines_of(markdown):
        # What this line leaves open must still be closed after it.
        closing = len(line.fence) + 1 if line.fence else 0
        if len(line.text) + 1 + closing > left:
            room = left - closing - 2
            if fence and line.fence and room >= _LEAST:
                kept.append(line.text[:room] + "…")
            break
        kept.append(line.text)
        left -= len(line.text) + 1
        fence = line.fence
    lines = markdown.count("\n") + 1
    note = f"**Cut here:** {lines - len(kept):,} of {lines:,} lines are left out."
    return SafeText("\n".join([*kept, *([fence] if fence else []), "", note]))
