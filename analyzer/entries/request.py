"""httpRequest of a LogEntry: https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#HttpRequest."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analyzer.entries.values import is_mapping, number_of, text_of
from analyzer.model import LogEntry, Request
from analyzer.times import SECOND, parse_duration

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["path_of", "read_duration", "read_request", "request_line"]

_LONGEST = 7 * 86_400 * SECOND


def read_request(raw: LogEntry) -> Request | None:
    """The request of an entry; None where it has none."""
    found = raw.get("httpRequest")
    if not is_mapping(found) or not found:
        return None
    status = number_of(found.get("status"))
    return Request(
        method=text_of(found.get("requestMethod")),
        path=path_of(text_of(found.get("requestUrl"))),
        status=int(status) if status is not None else 0,
        latency=_latency(found.get("latency")),
        user_agent=text_of(found.get("userAgent")),
        remote_ip=text_of(found.get("remoteIp")),
    )


def request_line(request: Request) -> str:
    """The request in one line: ``GET /path 503``."""
    status = str(request.status) if request.status else ""
    return " ".join(part for part in (request.method, request.path, status) if part)


def read_duration(value: Mapping[str, Any], name: str, unit: int) -> int | None:
    """One part of a protobuf Timestamp or Duration, in nanoseconds; None where it is no number."""
    number = number_of(value.get(name))
    return None if number is None else int(number) * unit


def path_of(url: str) -> str:
    """The path of a URL, without its query."""
    # urlsplit raises on a bad IPv6 host and costs more than the whole rest.
    _, scheme, rest = url.partition("://")
    if scheme:
        slash = rest.find("/")
        url = rest[slash:] if slash >= 0 else "/"
    for sign in "?#":
        url = url.partition(sign)[0]
    return url


def _latency(value: Any) -> int:
    nanos: int | None = None
    if isinstance(value, str):
        try:
            nanos = parse_duration(value)
        except ValueError:
            return 0
    elif is_mapping(value):
        nanos = (read_duration(value, "seconds", SECOND) or 0) + (read_duration(value, "nanos", 1) or 0)
    return nanos if nanos is not None and 0 <= nanos <= _LONGEST else 0
