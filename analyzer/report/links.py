"""Links to the Logs Explorer whose query shows what a report quotes.

The form of the address: https://cloud.google.com/logging/docs/view/building-queries#sharing-queries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from analyzer.times import SECOND, format_timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["evidence_query", "explorer_link"]

_MOST_IDS = 40


def explorer_link(project: str, query: str, start: int, end: int) -> str:
    """The address of a query in the Logs Explorer; empty where the project is not known.

    Args:
        project: Google Cloud project id.
        query: In the Logging query language.
        start: Nanoseconds; rounded down to the second.
        end: Nanoseconds; rounded up to the second.
    """
    if not project or not query:
        return ""
    first = format_timestamp(start // SECOND * SECOND)
    last = format_timestamp(-(-end // SECOND) * SECOND)
    return (
        f"https://console.cloud.google.com/logs/query;query={_encoded(query)}"
        f";timeRange={_encoded(f'{first}/{last}')}?project={_encoded(project)}"
    )


def evidence_query(insert_ids: Sequence[str]) -> str:
    """The query that finds exactly these entries, as many as an address holds; empty for none."""
    quoted = [_quoted(insert_id) for insert_id in dict.fromkeys(insert_ids) if insert_id][:_MOST_IDS]
    if not quoted:
        return ""
    return f"insertId={quoted[0]}" if len(quoted) == 1 else f"insertId=({' OR '.join(quoted)})"


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def _encoded(text: str) -> str:
    return quote(text, safe="", errors="replace")
