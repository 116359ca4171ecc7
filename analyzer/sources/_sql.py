"""Queries in SQL over the view of a log bucket: the window, the scope and what nominates entries, put together.

Columns: https://cloud.google.com/logging/docs/analyze/query-and-view. Times there are microseconds. A row is asked for
as JSON, ``log_entry``, which has all columns whatever the view is going to have.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import msgspec

from analyzer.errors import UsageError
from analyzer.googlesql import literal
from analyzer.model import Window
from analyzer.sources._query import ALL_TIME, SERVICE_LABELS, full_log_name
from analyzer.times import SECOND, format_timestamp

if TYPE_CHECKING:
    from analyzer.sources._language import Origin

__all__ = ["SqlQuery", "SqlScope", "full_name", "project_of", "size_of"]

_LONGEST = 500_000
"""Characters a query may have; BigQuery takes a million: https://cloud.google.com/bigquery/quotas#query_jobs."""

_DAY = 86_400 * SECOND
_MICRO = 1_000
_WIDEST = Window(ALL_TIME.end - 1, ALL_TIME.end, received=True)
"""The window that takes the most characters to write."""

_VIEW = "_AllLogs"
_UNITS = ("bytes", "kB", "MB", "GB", "TB", "PB")
_TABLE = re.compile(
    r"(?:(?:(?P<project>(?:[a-z0-9.-]+:)?[a-z][a-z0-9-]+)\.)?(?P<dataset>\w+)\.(?P<view>[\w-]+))|(?P<alone>\w+)",
    re.ASCII,
)


def full_name(table: str, project: str) -> str:
    """``PROJECT.DATASET.VIEW`` of that, of ``DATASET.VIEW`` or of a dataset alone, whose view is ``_AllLogs``.

    Raises:
        UsageError: It is no such name.
    """
    found = _TABLE.fullmatch(table.strip("`"))
    if found is None:
        said = f"{table!r} is no view's name" if table else "which view has the entries?"
        raise UsageError(
            f"--source bigquery: {said}",
            hint=f"give --table [PROJECT.]DATASET.{_VIEW}: the linked dataset of a log bucket with Log Analytics",
        )
    return f"{found['project'] or project}.{found['dataset'] or found['alone']}.{found['view'] or _VIEW}"


def project_of(table: str) -> str:
    """The project that a table's name begins with; empty where it has none."""
    found = _TABLE.fullmatch(table.strip("`"))
    return (found and found["project"]) or ""


def size_of(number: int) -> str:
    """A number of bytes in three digits and a unit, as BigQuery bills it: powers of ten."""
    size, unit = float(number), 0
    while size >= 999.5 and unit < len(_UNITS) - 1:  # noqa: PLR2004 - three digits
        size, unit = size / 1_000, unit + 1
    return f"{size:.3g} {_UNITS[unit]}"


class SqlQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query that was put together.

    Attributes:
        table: Full name of the view.
        scope: What is asked of each row by its columns.
        needed: What is asked of it by ``log_entry`` too; empty for nothing.
        newest_first: The entries come newest first.
        most: So many rows at most; 0 for all.
    """

    table: str
    scope: tuple[str, ...]
    needed: str = ""
    newest_first: bool = False
    most: int = 0

    @property
    def text(self) -> str:
        """All of it."""
        order = " DESC" if self.newest_first else ""
        lines = [
            "SELECT UNIX_MICROS(timestamp) AS stamped, UNIX_MICROS(receive_timestamp) AS received, log_entry",
            "FROM (",
            "  SELECT *, TO_JSON_STRING(log) AS log_entry",
            f"  FROM `{self.table}` AS log",
            f"  WHERE {self.scope[0]}",
            *(f"    AND {part}" for part in self.scope[1:]),
            ")",
            *([f"WHERE {self.needed}"] if self.needed else []),
            f"ORDER BY timestamp{order}, insert_id{order}",
            *([f"LIMIT {self.most}"] if self.most else []),
        ]
        return "\n".join(lines)

    def reverse(self) -> SqlQuery:
        """The same query, its entries newest first."""
        return msgspec.structs.replace(self, newest_first=not self.newest_first)

    def only(self, number: int) -> SqlQuery:
        """The same query, of which no more than so many rows are wanted."""
        return msgspec.structs.replace(self, most=number)


class SqlScope(msgspec.Struct, frozen=True, kw_only=True):
    """What the user asked for beside the window.

    Attributes:
        table: Full name of the view.
        project: Project id that short log names belong to.
        services: Only these; empty for all.
        log_names: Only these, short or full; empty for all.
    """

    table: str
    project: str
    services: tuple[str, ...] = ()
    log_names: tuple[str, ...] = ()

    def query(self, window: Window, needed: str = "") -> SqlQuery:
        """The query for the entries of ``window`` in this scope for which ``needed`` holds.

        Raises:
            UsageError: It is longer than BigQuery takes.
        """
        parts = (_within(window), self._services(), self._logs())
        query = SqlQuery(table=self.table, scope=tuple(part for part in parts if part), needed=needed)
        if len(query.text) > _LONGEST:
            raise UsageError(
                f"the query has {len(query.text):,} characters and may have {_LONGEST:,}",
                hint="read with --no-pushdown, use fewer rules, or name fewer services and logs",
            )
        return query

    def stretch(self, origin: Origin, window: Window) -> str:
        """What holds on the entries of one service in a stretch of time."""
        own = (f"{_column(field)} = {literal(value)}" for field, value in origin)
        return f"({' AND '.join([*own, _within(window)])})"

    def room(self) -> int:
        """How many characters ``needed`` may have, whatever the window; 0 when there is no room."""
        return max(0, _LONGEST + 1 - len(self.query(_WIDEST, "x").text))

    def _services(self) -> str:
        if not self.services:
            return ""
        columns = (_column(f"resource.labels.{label}") for label in SERVICE_LABELS)
        return f"({' OR '.join(_among(column, self.services) for column in columns)})"

    def _logs(self) -> str:
        names = tuple(full_log_name(name, self.project) for name in self.log_names)
        return _among("log_name", names) if names else ""


def _among(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(map(literal, dict.fromkeys(values)))})"


def _column(field: str) -> str:
    """Where a field of a resource stands; its labels are JSON."""
    label = field.removeprefix("resource.labels.")
    if label == field:
        return field
    path = f'$."{label}"'
    return f"JSON_VALUE(resource.labels, {literal(path)})"


def _within(window: Window) -> str:
    """The time lies in the window, as far as microseconds tell: start included, end not.

    One by receive time is bounded by timestamp too: rows are billed by the days that they are stamped with, and those
    that come more than a day late are not waited for.
    """
    if not window.received:
        return f"timestamp >= {_timestamp(window.start)} AND timestamp < {_timestamp(window.end)}"
    stamped = Window(max(window.start - _DAY, ALL_TIME.start), min(window.end + _DAY, ALL_TIME.end))
    received = f"receive_timestamp >= {_timestamp(window.start)} AND receive_timestamp < {_timestamp(window.end)}"
    return f"{_within(stamped)} AND {received}"


def _timestamp(time: int) -> str:
    """The first microsecond that is not before a time, nanoseconds, as far as there are such."""
    micros = min(-(-time // _MICRO), ALL_TIME.end // _MICRO)
    return f"TIMESTAMP {literal(format_timestamp(micros * _MICRO))}"
