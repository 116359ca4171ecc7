"""WriteLogEntries: the request's defaults spread over its entries, which then stand in the store like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.emulator.messages import EntryError, to_json
from tests.emulator.times import format_time

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["written"]


def written(request: Any, now: float) -> list[dict[str, Any]]:
    """The LogEntry mappings of a WriteLogEntriesRequest (raw protobuf), received ``now`` (seconds).

    Raises:
        EntryError: An entry has no log name or no resource, neither of its own nor from the request.
    """
    return list(_written(request, format_time(int(now * 10**6) * 1000)))


def _written(request: Any, received: str) -> Iterator[dict[str, Any]]:
    for entry in request.entries:
        filled = type(entry)()
        filled.CopyFrom(entry)
        filled.log_name = entry.log_name or request.log_name
        if not entry.HasField("resource"):
            filled.resource.CopyFrom(request.resource)
        for key, value in request.labels.items():
            if key not in entry.labels:
                filled.labels[key] = value
        if not filled.log_name:
            raise EntryError("a log_name is required, in the entry or in the request")
        if not filled.resource.type:
            raise EntryError("a resource is required, in the entry or in the request")
        data = to_json(filled)
        data["receiveTimestamp"] = received
        data.setdefault("timestamp", received)
        yield data
