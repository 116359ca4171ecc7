"""The file that a liveness probe looks at: when the loop last came round, and how its last pass ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.publish.files import write_file
from analyzer.times import format_timestamp

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Health"]


class _Report(msgspec.Struct, frozen=True):
    at: str
    status: str
    last_success: str | None


class Health:
    """Writes the file, whole each time, so that its age and what it says belong together.

    Args:
        path: The file; None for none.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._success: str | None = None

    def tell(self, now: int, status: str) -> None:
        """Say how it stands.

        Args:
            now: Nanoseconds since the epoch.
            status: ``starting``, ``running``, ``ok`` or ``failed``.

        Raises:
            OutputError: The file cannot be written.
        """
        if self._path is None:
            return
        if status == "ok":
            self._success = format_timestamp(now)
        report = _Report(format_timestamp(now), status, self._success)
        write_file(self._path, msgspec.json.encode(report).decode() + "\n")
