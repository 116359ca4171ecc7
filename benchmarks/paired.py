"""Ways run in paired rounds, and the figures that come of them.

Each round runs every way once, one after another, so that what else the machine does falls on all of them; figures are
medians, and the median of each round's ratio to the first way.
"""

from __future__ import annotations

import dataclasses
import statistics
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.measure import measure

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.measure import Run

__all__ = ["Way", "figures", "script"]

Row = dict[str, Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Way:
    """One way to do something.

    Attributes:
        key: What targets know it by.
        name: What the page calls it.
        command: What to run.
        env: Variables of the environment.
        module: A package that it needs.
        most: The number of entries up to which it ends in reasonable time.
        missing: Why it cannot be run; empty when it can.
    """

    key: str
    name: str
    command: Sequence[str]
    env: Mapping[str, str] = dataclasses.field(default_factory=dict)
    module: str = ""
    most: int = sys.maxsize
    missing: str = ""

    def reason_not_to_run(self, entries: int) -> str:
        """Why it is not run on so many entries; empty when it is."""
        if self.missing:
            return self.missing
        if self.module and find_spec(self.module) is None:
            return f"not installed: {self.module}"
        return f"takes too long: run up to {self.most:,} entries" if entries > self.most else ""


def script() -> str:
    """The command line of the environment that this runs in."""
    return str(Path(sys.executable).with_name("loganalyze"))


def figures(ways: Sequence[Way], entries: int, rounds: int, folder: Path) -> list[Row]:
    """Run the ways in paired rounds.

    Args:
        ways: The first is what the others are compared with.
        entries: How many entries each reads.
        rounds: How often.
        folder: For what they print.

    Returns:
        A row a way: its medians, in seconds and MiB, and what it found; or ``note``, why it was not run. ``differs``
        says in what it differs from the first that found something of the kind, and is empty where they are equal.
    """
    reasons = {way.key: way.reason_not_to_run(entries) for way in ways}
    runs: dict[str, list[Run]] = {way.key: [] for way in ways if not reasons[way.key]}
    for number in range(rounds):
        for way in ways:
            if reasons[way.key]:
                continue
            try:
                run = measure(way.command, folder, way.env)
            except subprocess.CalledProcessError as error:
                reasons[way.key] = f"failed with status {error.returncode}"
                continue
            runs[way.key].append(run)
            print(f"{entries:>9,} {number + 1}/{rounds} {way.name}: {run.wall:.2f} s", file=sys.stderr, flush=True)
    base = () if reasons[ways[0].key] else runs[ways[0].key]
    told = _Agreement()
    return [
        {"key": way.key, "way": way.name, "note": reasons[way.key]}
        if reasons[way.key]
        else {"key": way.key, "way": way.name, **_row(runs[way.key], base, entries), **told.of(runs[way.key])}
        for way in ways
    ]


def _row(runs: Sequence[Run], base: Sequence[Run], entries: int) -> Row:
    wall = statistics.median(run.wall for run in runs)
    cpu = statistics.median(run.cpu for run in runs)
    ratios = [run.wall / first.wall for run, first in zip(runs, base, strict=False)]
    return {
        "wall": round(wall, 4),
        "cpu": round(cpu, 4),
        "rate": round(entries / wall),
        "rate_core": round(entries / cpu),
        "ratio": round(statistics.median(ratios), 3) if ratios else None,
        "peak": round(max(run.peak for run in runs), 1),
        "together": round(max(run.together for run in runs), 1),
        "rounds": len(runs),
    }


class _Agreement:
    """Whether ways that evaluate rules found the same: the first that gives a form of result is what others must equal.

    Matches are compared one by one where they come from loganalyze, and by the number of each rule's where they come
    from a way that neither joins split records nor knows correlations.
    """

    def __init__(self) -> None:
        self._first: dict[str, Mapping[str, Any]] = {}

    def of(self, runs: Sequence[Run]) -> Row:
        """What a way found, and how that compares."""
        found = runs[0].found
        row: Row = {"found": found["text"]}
        if len({run.found["text"] + run.found.get("digest", "") for run in runs}) > 1:
            row["differs"] = "not the same in each round"
        if "digest" not in found:
            return row
        kind = "matches" if "rules" in found else "report"
        first = self._first.setdefault(kind, found)
        row["count"], row["digest"] = found["count"], found["digest"]
        if first is not found and "differs" not in row:
            row["differs"] = "" if found["digest"] == first["digest"] else _difference(first, found)
        return row


def _difference(first: Mapping[str, Any], other: Mapping[str, Any]) -> str:
    """What two results do not agree in; empty for matches that are as many of each rule."""
    if "rules" not in first:
        return "another report"
    mine, theirs = first["rules"], other["rules"]
    names = [name for name in sorted({*mine, *theirs}) if mine.get(name, 0) != theirs.get(name, 0)]
    some = ", ".join(f"{name} {mine.get(name, 0):,} / {theirs.get(name, 0):,}" for name in names[:3])
    return f"{len(names)} rules differ: {some}" if names else ""
