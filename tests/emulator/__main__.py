"""Serve a capture by hand: ``python -m tests.emulator CAPTURE --port 8085``."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from pathlib import Path
from typing import Any

from tests.emulator.server import Emulator

__all__ = ["load", "main"]


def load(path: Path) -> list[dict[str, Any]]:
    """The LogEntry mappings of a JSON array or of newline-delimited JSON.

    Raises:
        ValueError: The file is neither; the text says where.
    """
    text = path.read_text(encoding="utf-8")
    if text.lstrip().startswith("["):
        entries = json.loads(text)
    else:
        entries = []
        for number, line in enumerate(text.splitlines(), 1):
            if line.strip():
                try:
                    entries.append(json.loads(line))
                except ValueError as error:
                    raise ValueError(f"line {number}: {error}") from error
    if not all(isinstance(entry, dict) for entry in entries):
        raise ValueError("a capture holds LogEntry objects and nothing else")
    return list(entries)


def main(arguments: list[str] | None = None, *, until: threading.Event | None = None) -> int:
    """Serve until interrupted (or until the event is set); returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulator", description=__doc__)
    parser.add_argument("capture", type=Path, help="JSON array (gcloud logging read --format=json) or NDJSON")
    parser.add_argument("--port", type=int, default=8085, help="port on 127.0.0.1; 0 for any free one")
    parser.add_argument("--quota", type=int, help="calls answered in a minute; the real API's is 60")
    parser.add_argument("--scan", type=int, help="entries looked at for one page, so that pages come short or empty")
    options = parser.parse_args(arguments)
    try:
        entries = load(options.capture)
        emulator = Emulator(entries, port=options.port, quota=options.quota, scan=options.scan)
        emulator.start()
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{options.capture}: {error}\n")
        return 2
    except RuntimeError as error:
        sys.stderr.write(f"port {options.port}: {error}\n")
        return 2
    projects = sorted(
        {str(entry.get("logName", "")).split("/")[1] for entry in entries if "/" in entry.get("logName", "")}
    )
    sys.stdout.write(
        f"{len(emulator)} entries of {', '.join(projects) or 'no project'} on {emulator.host}\n"
        f"  export LOGGING_EMULATOR_HOST={emulator.host}\n"
        f"  loganalyze since 30d --project {projects[0] if projects else 'PROJECT'}\n"
        "Ctrl-C ends it.\n"
    )
    sys.stdout.flush()
    try:
        (until or threading.Event()).wait()
    except KeyboardInterrupt:
        sys.stdout.write("\n")
    finally:
        emulator.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
