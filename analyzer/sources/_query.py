"""Queries in the Logging query language: the window, the user's scope and what nominates entries, put together.

Each part stands on lines of its own, so that a place the server names can be found again in the user's filter.
Language: https://cloud.google.com/logging/docs/view/logging-query-language.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

import msgspec

from analyzer.errors import UsageError
from analyzer.model import Window
from analyzer.times import SECOND, format_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterable

    from analyzer.sources._language import Origin

__all__ = [
    "ALL_TIME",
    "LONGEST",
    "SERVICE_LABELS",
    "Query",
    "Scope",
    "any_of",
    "check_filter",
    "full_log_name",
    "quoted",
    "stamped",
    "within",
]

LONGEST = 20_000
"""Characters a filter may have: https://cloud.google.com/logging/quotas."""

ALL_TIME = Window(0, 253_402_300_799_999_999_999)
"""What "no window" means: to a query without bounds clients and servers add their own."""

OLDEST = 30 * 86_400 * SECOND
NEWEST = 86_400 * SECOND
"""How long before and after its arrival an entry may be stamped, nanoseconds."""

_WIDEST = Window(ALL_TIME.end - 1, ALL_TIME.end)
"""The window that takes the most characters to write."""

SERVICE_LABELS = ("service_name", "job_name", "container_name", "module_id", "function_name")
"""The resource labels that name a service: Cloud Run (services, jobs), GKE, App Engine, functions."""

_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_PLACE = re.compile(r"line (\d+), column (\d+)")
_TOKEN = re.compile(r"'([^']+)'")
_PIECE = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\'|(?<![\w.-])--[^\n]*|["()]', re.DOTALL)
_SHOWN = 100


def quoted(text: str) -> str:
    """``text`` as a string of the language."""
    return '"' + "".join(_ESCAPES.get(char, char) for char in text) + '"'


def any_of(field: str, values: Iterable[str]) -> str:
    """The field has one of the values (at least one), exactly."""
    texts = [quoted(value) for value in dict.fromkeys(values)]
    return f"{field}={texts[0]}" if len(texts) == 1 else f"{field}=({' OR '.join(texts)})"


def within(window: Window) -> str:
    """The time lies in the window: start included, end not, to the nanosecond.

    One by receive time is bounded by timestamp too, as far as the API takes entries: without such bounds servers search
    all that is kept, or add bounds of their own.
    """
    if window.received:
        start, end = format_timestamp(window.start), format_timestamp(window.end)
        return f'{within(stamped(window))} AND receiveTimestamp>="{start}" AND receiveTimestamp<"{end}"'
    return f'timestamp>="{format_timestamp(window.start)}" AND timestamp<"{format_timestamp(window.end)}"'


def stamped(window: Window) -> Window:
    """When entries may be stamped that were received in ``window``: https://cloud.google.com/logging/quotas."""
    if not window.received:
        return window
    return Window(max(window.start - OLDEST, ALL_TIME.start), min(window.end + NEWEST, ALL_TIME.end))


def full_log_name(name: str, project: str) -> str:
    """The full name of a log, short or full, with its id percent-encoded, as entries have it."""
    parent, between, log = name.rpartition("/logs/")
    return f"{parent if between else f'projects/{project}'}/logs/{quote(unquote(log), safe='')}"


def check_filter(text: str) -> None:
    """Refuse a filter whose brackets or quotes do not close: joined with others it would mean something else.

    Raises:
        UsageError: With the place in the hint.
    """
    opened: list[int] = []
    for piece in _PIECE.finditer(text):
        if piece[0] == '"':
            raise _wrong("the filter has a quote that is not closed", text, piece.start())
        if piece[0] == "(":
            opened.append(piece.start())
        elif piece[0] == ")" and not opened:
            raise _wrong("the filter has a bracket that closes nothing", text, piece.start())
        elif piece[0] == ")":
            opened.pop()
    if opened:
        raise _wrong("the filter has a bracket that is not closed", text, opened[-1])


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """What the user asked for beside the window.

    Attributes:
        project: Project id that short log names belong to.
        services: Only these; empty for all.
        log_names: Only these, short or full; empty for all.
        filter: The user's own text; empty for none.
    """

    project: str
    services: tuple[str, ...] = ()
    log_names: tuple[str, ...] = ()
    filter: str = ""

    def query(self, window: Window, needed: str = "") -> Query:
        """The query for the entries of ``window`` in this scope for which ``needed`` holds.

        Raises:
            UsageError: It is longer than the API takes; the text says which part is too long.
        """
        parts = {"services": self._services(), "log names": self._logs()}
        lines = [within(window), *(f"AND {text}" for text in parts.values() if text)]
        first = 0
        if self.filter.strip():
            # The closing bracket has its own line: the filter's last one may end in a comment.
            first = len(lines) + 2
            lines += ["AND (", *self.filter.split("\n"), ")"]
        if needed:
            lines.append(f"AND ({needed})")
        text = "\n".join(lines)
        if len(text) > LONGEST:
            raise _too_long(len(text), {**parts, "filter": self.filter, "text that the rules need": needed})
        return Query(text=text, filter=self.filter, first=first)

    def stretch(self, origin: Origin, window: Window) -> str:
        """What holds on the entries of one service in a stretch of time."""
        own = (any_of(field, [value]) for field, value in origin)
        return f"({' AND '.join([*own, within(window)])})"

    def room(self, *, received: bool = False) -> int:
        """How many characters ``needed`` may have, whatever the window; 0 when there is no room.

        Args:
            received: The window is one of receive times.

        Raises:
            UsageError: The scope alone is too long.
        """
        widest = msgspec.structs.replace(_WIDEST, received=received)
        return max(0, LONGEST - len(self.query(widest).text) - len("\nAND ()"))

    def _services(self) -> str:
        if not self.services:
            return ""
        return f"({' OR '.join(any_of(f'resource.labels.{label}', self.services) for label in SERVICE_LABELS)})"

    def _logs(self) -> str:
        return (
            any_of("logName", (full_log_name(name, self.project) for name in self.log_names)) if self.log_names else ""
        )


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """A query that was put together.

    Attributes:
        text: All of it.
        filter: The user's part.
        first: The 1-based line of ``text`` the user's part begins on; 0 when it has none.
        newest_first: The entries come newest first.
    """

    text: str
    filter: str = ""
    first: int = 0
    newest_first: bool = False

    def reverse(self) -> Query:
        """The same query, its entries newest first."""
        return msgspec.structs.replace(self, newest_first=not self.newest_first)

    def only(self, number: int) -> Query:  # noqa: ARG002 - for languages that say it
        """The same query, of which no more than so many entries are wanted: pages end where nobody asks for more."""
        return self

    def refused(self, reason: str) -> UsageError:
        """What to tell the user about the server's ``reason``: the place in the filter where it lies in there."""
        message = f"Cloud Logging refuses the filter: {reason}"
        if self.first:
            lines = self.filter.split("\n")
            for line, column in ((int(line) - self.first, int(column)) for line, column in _PLACE.findall(reason)):
                if 0 <= line < len(lines) and 0 < column <= len(lines[line]) + 1:
                    start = sum(len(text) + 1 for text in lines[:line])
                    place = f"{line + 1}, column {column}"
                    return _wrong(_PLACE.sub(f"line {place}", message, count=1), self.filter, start + column - 1)
                if line == len(lines):
                    # The server got as far as the bracket that closes the user's part: something is missing at its end.
                    return _wrong(f"{_PLACE.split(message)[0]}its end", self.filter, len(self.filter.rstrip()))
            if not _PLACE.search(reason):
                for token in _TOKEN.findall(reason):
                    if self.filter.count(token) == 1:
                        return _wrong(message, self.filter, self.filter.index(token))
        return UsageError(message, hint="check the services, log names and filter, or read with --no-pushdown")


def _wrong(message: str, text: str, position: int) -> UsageError:
    """The error with the line of ``text`` and a caret under ``position`` in its hint."""
    start = text.rfind("\n", 0, position) + 1
    line = text[start:].split("\n", 1)[0]
    column = position - start
    cut = max(0, column - _SHOWN // 2)
    before = "".join("\t" if char == "\t" else " " for char in line[cut:column])
    return UsageError(message, hint=f"{line[cut : cut + _SHOWN]}\n{before}^")


def _too_long(size: int, parts: dict[str, str]) -> UsageError:
    name = max(parts, key=lambda part: len(parts[part]))
    return UsageError(
        f"the query has {size:,} characters and Cloud Logging takes {LONGEST:,}: "
        f"the {name} alone {'have' if name.endswith('s') else 'has'} {len(parts[name]):,}",
        hint="read with --no-pushdown, or use fewer rules"
        if name.endswith("need")
        else f"give a shorter {name}"
        if name == "filter"
        else f"name fewer {name}",
    )
