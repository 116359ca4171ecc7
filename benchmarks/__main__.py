"""``make bench``: read a seeded corpus in several ways, in paired runs, and write docs/performance.md.

Each round runs every way once, one after another, so that what else the machine does falls on all of them; the table
has medians, and the median of each round's ratio to ripgrep.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from analyzer.version import __version__
from benchmarks.corpus import write_array, write_shards
from benchmarks.ways import literals

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
_MOST_NAIVE = 20_000
_MOST_PLAIN = 300_000
_MIB = 1024


class Run(NamedTuple):
    """One run of one way.

    Attributes:
        wall: Seconds on the clock.
        cpu: Seconds of CPU, its children's included.
        peak: MiB of memory of its largest process.
        found: What it printed.
    """

    wall: float
    cpu: float
    peak: float
    found: str


def main() -> int:
    """Run the benchmark; 0, or 2 where a tool is missing."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--entries", type=int, nargs="+", default=[100_000], help="sizes of the corpus")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "loganalyze-bench")
    options = parser.parse_args()
    if shutil.which("rg") is None:
        sys.stderr.write("ripgrep is missing: apt-get install ripgrep\n")
        return 2
    texts = options.folder / "literals"
    options.folder.mkdir(parents=True, exist_ok=True)
    texts.write_text("\n".join(literals()) + "\n", encoding="utf-8")
    parts = [_size(options.folder, size, options.rounds, texts) for size in options.entries]
    parts.append(_small(options.folder, options.rounds))
    _PAGE.parent.mkdir(exist_ok=True)
    _PAGE.write_text(_head(options.rounds) + "\n".join(parts) + _tail(), encoding="utf-8")
    print(_PAGE)
    return 0


def _size(folder: Path, size: int, rounds: int, texts: Path) -> str:
    """The section about a corpus of one size."""
    corpus = folder / f"{size}"
    shards = write_shards(corpus, size)
    python = [sys.executable, "-m", "benchmarks.ways"]
    ways: dict[str, Sequence[str]] = {
        "ripgrep, `rg -c -j2 -F -i -f texts`": ["rg", "-c", "-j2", "-F", "-i", "-f", str(texts), str(corpus)],
        "loganalyze, read and classify": [*python, "fast", str(corpus)],
        "loganalyze, whole job, `file --format json`": [_script(), "file", str(corpus), "--format", "json"],
        "polars, the same texts in messages": [*python, "polars", str(corpus)],
    }
    if size <= _MOST_PLAIN:
        ways["loganalyze, every entry decoded"] = [*python, "plain", str(corpus)]
    if size <= _MOST_NAIVE:
        ways["json and every rule's `re.search`"] = [*python, "naive", str(corpus)]
    runs: dict[str, list[Run]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, command in ways.items():
            runs[name].append(_run(command))
    mib = sum(shard.stat().st_size for shard in shards) / _MIB / _MIB
    head = f"## {size:,} entries, {mib:,.0f} MiB, {len(shards)} shards\n"
    return "\n".join([head, *_table(runs, size), ""])


def _table(runs: Mapping[str, Sequence[Run]], size: int) -> list[str]:
    base = next(iter(runs.values()))
    rows = [
        "| way | wall, s | CPU, s | entries/s | times ripgrep | peak MiB | found |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for name, some in runs.items():
        wall = statistics.median(run.wall for run in some)
        cpu = statistics.median(run.cpu for run in some)
        ratio = statistics.median(run.wall / first.wall for run, first in zip(some, base, strict=True))
        peak = max(run.peak for run in some)
        rows.append(
            f"| {name} | {wall:.2f} | {cpu:.2f} | {size / wall:,.0f} | {ratio:.1f} | {peak:.0f} | {some[0].found} |"
        )
    return rows


def _small(folder: Path, rounds: int) -> str:
    """The section about start-up, arrays and packed shards."""
    few = write_shards(folder / "1000", 1_000)[0].parent
    array = write_array(folder / "array.json", 100_000)
    packed = write_shards(folder / "packed", 100_000, packed=True)[0].parent
    python = [sys.executable, "-m", "benchmarks.ways", "fast"]
    commands = {
        "`loganalyze --help`": [_script(), "--help"],
        "`loganalyze file`, 1,000 entries": [_script(), "file", str(few), "--format", "json"],
        "read and classify, a gcloud array of 100,000 entries": [*python, str(array)],
        "read and classify, `.gz` shards of 100,000 entries": [*python, str(packed)],
    }
    rows = ["| command | wall, s | CPU, s | peak MiB |", "|---|---:|---:|---:|"]
    for name, command in commands.items():
        some = [_run(command) for _ in range(rounds)]
        wall, cpu = statistics.median(run.wall for run in some), statistics.median(run.cpu for run in some)
        rows.append(f"| {name} | {wall:.2f} | {cpu:.2f} | {max(run.peak for run in some):.0f} |")
    return "\n".join(["## Start-up and other forms\n", *rows, ""])


def _run(command: Sequence[str]) -> Run:
    begun = time.perf_counter()
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode not in {0, 1}:
            raise subprocess.CalledProcessError(process.returncode, command)
        out.seek(0)
        printed = out.read().decode()
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / _MIB, _found(printed))


def _found(printed: str) -> str:
    """What a way found, in a few words."""
    if not printed.startswith("{"):
        counts = [int(line.rpartition(":")[2]) for line in printed.splitlines() if line.rpartition(":")[2].isdigit()]
        return f"{sum(counts):,} lines"
    document = json.loads(printed)
    if "incidents" in document:
        return f"{len(document['incidents']):,} incidents, {document['coverage']['entries']:,} entries"
    return f"{document['found']:,} matches"


def _script() -> str:
    return str(Path(sys.executable).with_name("loganalyze"))


def _head(rounds: int) -> str:
    model = next(
        (line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")), platform.processor()
    )
    ripgrep = subprocess.run(["rg", "--version"], capture_output=True, text=True, check=True).stdout.split("\n")[0]
    return (
        "# Performance\n\nWritten by `make bench`; do not edit by hand.\n\n"
        f"{datetime.now(UTC):%Y-%m-%d}; {os.cpu_count()} cores, {model}; {platform.system()}, Python"
        f" {platform.python_version()}, loganalyze {__version__}, {ripgrep}; load of the machine before the runs:"
        f" {os.getloadavg()[1]:.1f}.\n\n"
        f"Medians of {rounds} paired rounds. The corpus is seeded (`benchmarks/corpus.py`): 60 % requests, 25 % JSON at"
        " INFO, 10 % text on stderr, 3 % audited calls, 1.5 % failures of sixty kinds and split tracebacks. What a way"
        " found stands beside its speed, since they do not do the same: ripgrep and polars count lines or messages that"
        " hold one of the texts that rules need; loganalyze evaluates the rules, counts every entry by effective"
        " severity and service, leaves out duplicates and joins tracebacks.\n\n"
    )


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _tail() -> str:
    notes = Path(__file__).with_name("notes.md")
    return "\n" + notes.read_text(encoding="utf-8") if notes.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
