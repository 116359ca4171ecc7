"""A capture as LogEntry records in the three shapes in which Cloud Run hands output on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.lab.capture import Capture

__all__ = ["SHAPES", "json", "split", "text"]

NEIGHBOUR = "neighbour"
ORDINARY = (
    'INFO:     10.4.0.9:51034 - "GET /health HTTP/1.1" 200 OK',
    "INFO  [shop.cart] basket of 3 items priced",
    "request finished status=200 path=/v1/products",
    "cache refreshed: 412 products, 0 stale",
    'INFO:     10.4.0.12:51077 - "POST /v1/orders HTTP/1.1" 201 Created',
)  # fmt: skip
STREAM_LOGS = {"stdout": "run.googleapis.com%2Fstdout", "stderr": "run.googleapis.com%2Fstderr"}


def text(capture: Capture) -> list[dict[str, Any]]:
    """All of it in the textPayload of one entry."""
    return [{**_frame(0, "stderr", "itself"), "textPayload": capture.text}]


def json(capture: Capture) -> list[dict[str, Any]]:
    """All of it in the message of one structured entry."""
    return [{**_frame(0, "stderr", "itself"), "jsonPayload": {"message": capture.text, "component": "release"}}]


def split(capture: Capture) -> list[dict[str, Any]]:
    """A line an entry, as the agent reads a stream, while another instance of the service goes on with its work."""
    entries = []
    for number, (stream, line) in enumerate(capture.lines):
        if line:  # the agent drops empty lines
            entries.append({**_frame(3 * number, stream, "itself"), "textPayload": line})
        ordinary = ORDINARY[number % len(ORDINARY)]
        entries.append({**_frame(3 * number + 1, "stderr", NEIGHBOUR), "textPayload": ordinary})
    return entries


SHAPES = {"text": text, "json": json, "split": split}


def _frame(milliseconds: int, stream: str, instance: str) -> dict[str, Any]:
    seconds, rest = divmod(milliseconds, 1000)
    return {
        "insertId": f"{instance}-{milliseconds:06d}",
        "timestamp": f"2026-03-02T09:30:{seconds:02d}.{rest:03d}Z",
        "logName": f"projects/shop-staging/logs/{STREAM_LOGS[stream]}",
        "labels": {"instanceId": instance},
        "resource": {
            "type": "cloud_run_revision",
            "labels": {"service_name": "shop", "revision_name": "shop-00042-lab", "project_id": "shop-staging"},
        },
    }
