"""Entries to serve, and ListLogEntries calls by Google's real client without its own retries."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from google.cloud.logging_v2.services.logging_service_v2 import LoggingServiceV2Client

__all__ = ["all_pages", "ids", "lines", "page"]


def lines(count: int, *, project: str = "shop") -> list[dict[str, Any]]:
    """Text entries a second apart, in no order."""
    entries = [
        {
            "logName": f"projects/{project}/logs/run.googleapis.com%2Fstderr",
            "insertId": f"id{number:05d}",
            "timestamp": f"2025-09-10T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}.{number:09d}Z",
            "resource": {"type": "cloud_run_revision", "labels": {"service_name": "api"}},
            "textPayload": f"line {number}",
        }
        for number in range(count)
    ]
    random.Random(7).shuffle(entries)
    return entries


def page(client: LoggingServiceV2Client, token: str = "", **fields: Any) -> Any:
    """One ListLogEntries call, without the client's own retries; the raw response."""
    request = {"resource_names": ["projects/shop"], "order_by": "timestamp asc", "page_token": token} | fields
    timeout = request.pop("timeout", 10.0)
    return next(client.list_log_entries(request, retry=None, timeout=timeout).pages)


def ids(response: Any) -> list[str]:
    return [entry.insert_id for entry in response.entries]


def all_pages(client: LoggingServiceV2Client, **fields: Any) -> list[list[str]]:
    pages, token = [], ""
    while True:
        response = page(client, token, **fields)
        pages.append(ids(response))
        token = response.next_page_token
        if not token:
            return pages
