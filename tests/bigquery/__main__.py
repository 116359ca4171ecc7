"""Serve a capture by hand, until interrupted: ``python -m tests.bigquery CAPTURE``."""

from __future__ import annotations

import contextlib
import sys
import threading
from pathlib import Path

from tests.bigquery.server import TABLE, Server
from tests.emulator.__main__ import load


def main(capture: str) -> None:
    """Serve, and say how to ask."""
    with contextlib.suppress(KeyboardInterrupt), Server() as server:
        server.fill(load(Path(capture)))
        sys.stdout.write(
            f"BIGQUERY_EMULATOR_HOST={server.host} loganalyze since 1h --source bigquery --table {TABLE}\n"
        )
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(sys.argv[1])
