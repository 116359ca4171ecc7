"""Passes of the audit over a capture that grows, in one process: memory and time must stay flat.

Run it from the top of the tree::

    python benchmarks/soak.py --passes 500

Each pass appends a few hundred entries with failures in them to the capture, reads by receive time, records and writes
debug logs; the state and the folder are temporary. What is read again is what was received in the last quarter of an
hour, so a pass costs the same however long the loop has run; reading the file costs more the longer it gets, and is
left out of the time.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from analyzer.audit.lease import Lease
from analyzer.audit.parts import Parts
from analyzer.audit.passes import run_pass
from analyzer.audit.store import open_store
from analyzer.matching import Matcher
from analyzer.publish.files import FilesPublisher
from analyzer.ruleset.load import load_rules
from analyzer.settings import Settings
from analyzer.sources.files import Files
from analyzer.times import SECOND, format_timestamp, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.model import LogEntry, Notice, SourceInfo, Window

_START = parse_timestamp("2025-09-10T00:00:00Z")
_EVERY = 900 * SECOND
_SERVICES = ("api", "web", "worker")
_FAILING = (
    "✗ Missing critical user tables: ['user_sessions', 'grants']",
    'FATAL:  password authentication failed for user "app"',
    "ModuleNotFoundError: No module named 'redis'",
    "ERROR:app.ledger:the ledger is off by 3 cents",
)


class Timed:
    """A source over files that says how long its reads took.

    Attributes:
        seconds: Of all reads so far.
    """

    def __init__(self, path: Path) -> None:
        self._files = Files([path])
        self.seconds = 0.0

    @property
    def info(self) -> SourceInfo:
        """The files'."""
        return self._files.info

    def read(self, window: Window | None) -> Iterator[LogEntry | Notice]:
        """The files' entries, kept in memory first, so that reading is timed alone."""
        begun = time.perf_counter()
        entries = list(self._files.read(window))
        self.seconds += time.perf_counter() - begun
        yield from entries


def _grow(path: Path, number: int, entries: int, draw: random.Random) -> None:
    start = _START + number * _EVERY
    with path.open("a", encoding="utf-8") as file:
        for place in range(entries):
            at = start + place * (_EVERY // entries)
            failing = draw.random() < 0.1  # noqa: PLR2004
            service = draw.choice(_SERVICES)
            one: dict[str, Any] = {
                "insertId": f"{number:06d}{place:06d}",
                "logName": "projects/acme/logs/run.googleapis.com%2Fstderr",
                "timestamp": format_timestamp(at),
                "receiveTimestamp": format_timestamp(at + draw.randrange(2 * SECOND)),
                "resource": {"type": "cloud_run_revision", "labels": {"service_name": service, "project_id": "acme"}},
                "labels": {"instanceId": f"i{number // 40}"},
                "textPayload": draw.choice(_FAILING) if failing else f"INFO:     request {place} took {place % 90} ms",
            }
            file.write(json.dumps(one) + "\n")


def _memory() -> float:
    """Resident memory now, MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def main() -> None:
    """Make the passes and print what they took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passes", type=int, default=500)
    parser.add_argument("--entries", type=int, default=300, help="new entries a pass")
    parser.add_argument("--state", default="", help="file or URL [a temporary file]")
    wanted = parser.parse_args()
    draw = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        capture, now = folder / "capture.ndjson", [_START]
        source = Timed(capture)
        settings = msgspec.structs.replace(Settings(), output=str(folder / "logs"))
        store = open_store(wanted.state or str(folder / "state.db"))
        took: list[float] = []
        with Lease(store, 60 * SECOND) as lease:
            parts = Parts(
                store=store,
                lease=lease,
                source=source,
                matcher=Matcher(load_rules([], pack=True, disable=()).rules),
                settings=settings,
                publishers=lambda: [FilesPublisher(folder / "logs")],
                since=_START,
                clock=lambda: now[0],
            )
            totals = {"entries": 0, "published": 0}
            for number in range(wanted.passes):
                _grow(capture, number, wanted.entries, draw)
                now[0] = _START + (number + 1) * _EVERY + 5 * SECOND
                begun, read = time.perf_counter(), source.seconds
                summary = run_pass(parts).summary
                took.append(time.perf_counter() - begun - (source.seconds - read))
                totals["entries"] += summary.entries
                totals["published"] += summary.published
                if number + 1 in {1, 10, 50} or (number + 1) % 50 == 0:
                    recent = statistics.median(took[-50:]) * 1000
                    size = "" if wanted.state else f", state {(folder / 'state.db').stat().st_size / 2**20:.1f} MiB"
                    print(f"pass {number + 1:4}: {_memory():6.1f} MiB, {recent:6.1f} ms a pass{size}", flush=True)
        store.close()
        print(f"{totals['entries']:,} entries, {totals['published']:,} publications, {summary.incidents}")


if __name__ == "__main__":
    main()
