"""The sections of the benchmark: what each reads, and in which ways."""

from __future__ import annotations

import dataclasses
import functools
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.corpus import write_array, write_shards
from benchmarks.machine import stamp
from benchmarks.paired import Way, figures, script
from benchmarks.varied import Varied

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

__all__ = ["NAMES", "Bench", "run"]

Section = dict[str, Any]

_MIDDLE = 1_000_000
_FEW = 1_000
_ARRAY = 100_000
_SLOW = 100_000
_NOMINATED = 0.2
_BLOCK = 1 << 22


@dataclasses.dataclass(frozen=True)
class Bench:
    """What a benchmark is run with.

    Attributes:
        folder: Where the corpora stand.
        sizes: Numbers of entries, ascending.
        rounds: How often each way is run.
    """

    folder: Path
    sizes: Sequence[int]
    rounds: int

    @property
    def middle(self) -> int:
        """The size of what is measured at one size only: a million, or the largest below."""
        return max((size for size in self.sizes if size <= _MIDDLE), default=self.sizes[0])

    @functools.cached_property
    def texts(self) -> Path:
        """The file with the texts that ripgrep looks for."""
        path = self.folder / "literals"
        path.write_bytes(subprocess.run(_way("literals"), check=True, capture_output=True).stdout)
        return path

    def shards(self, name: str, entries: int, **what: Any) -> Path:
        """A corpus, written when it is not there, and read once so that no way reads it from the disk."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return _read_once(write_shards(self.folder / name, entries, **what)).parent

    def array(self, entries: int) -> Path:
        """One array, in the same manner."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = "array.json" if entries == _ARRAY else f"array-{entries}.json"
        return _read_once([write_array(self.folder / name, entries)]).absolute()

    def figures(self, ways: Iterable[Way], entries: int) -> Section:
        """The ways' figures, with what they were measured on."""
        told = {"rounds": self.rounds, "entries": entries, **stamp()}
        with tempfile.TemporaryDirectory(dir=self.folder) as own:
            return {**told, "rows": figures(list(ways), entries, self.rounds, Path(own))}


def run(bench: Bench, names: Iterable[str]) -> Iterator[tuple[str, Section]]:
    """The sections of these names, one after another; ``sizes`` gives one for each size."""
    for name in names:
        print(f"-- {name}", file=sys.stderr, flush=True)
        if name == "sizes":
            for size in bench.sizes:
                yield f"size {size}", _size(bench, size)
        else:
            yield name, _SECTIONS[name](bench)


def _size(bench: Bench, size: int) -> Section:
    corpus = bench.shards(f"{size}", size)
    mib = sum(path.stat().st_size for path in corpus.iterdir()) / 2**20
    ways = [
        _ripgrep(bench, corpus),
        *_both(corpus),
        *_alone(corpus),
        Way("polars", "polars nominates, `re` decides", _way("polars", corpus), most=_MIDDLE, module="polars"),
        Way("duckdb", "DuckDB nominates, `re` decides", _way("duckdb", corpus), most=_MIDDLE, module="duckdb"),
        Way("naive", "json and every rule's `re.search`", _way("naive", corpus), most=_SLOW),
        Way("sqlite", "Zircolite's method: SQLite, a query a rule", _way("sqlite", corpus), most=_SLOW),
    ]
    return {**bench.figures(ways, size), "mib": round(mib), "shards": len(list(corpus.iterdir()))}


def _packed(bench: Bench) -> Section:
    size = bench.middle
    corpus = bench.shards(f"packed-{size}", size, packed=True)
    return bench.figures([_ripgrep(bench, corpus, "-z"), *_both(corpus)], size)


def _array(bench: Bench) -> Section:
    size = min(_ARRAY, bench.sizes[-1])
    array = bench.array(size)
    return {**bench.figures(_both(array), size), "alone": True}


def _start(bench: Bench) -> Section:
    few = bench.shards(f"{_FEW}", _FEW)
    with tempfile.TemporaryDirectory(dir=bench.folder) as empty:
        cold = f"rm -rf {empty}/loganalyze; exec {script()} file {few} --format json"
        ways = [
            Way("help", "`loganalyze --help`", [script(), "--help"]),
            Way("few", f"whole job, {_FEW:,} entries", _job(few)),
            Way("cold", "the same with nothing in the cache", ["sh", "-c", cold], {"XDG_CACHE_HOME": empty}),
        ]
        return {**bench.figures(ways, _FEW), "alone": True}


def _scanners(bench: Bench) -> Section:
    size = bench.middle
    corpus = bench.shards(f"{size}", size)
    fast, plain = ({"LOGANALYZE_SCANNER": name} for name in ("hyperscan", "re2"))
    ways = [
        Way("match", "`rules match`, Hyperscan nominates", _match(corpus), fast, module="hyperscan"),
        Way("match-re2", "`rules match`, google-re2 nominates", _match(corpus), plain),
        Way("job", "whole job, Hyperscan nominates", _job(corpus), fast, module="hyperscan"),
        Way("job-re2", "whole job, google-re2 nominates", _job(corpus), plain),
    ]
    return bench.figures(ways, size)


def _nominated(bench: Bench) -> Section:
    size = bench.middle
    corpus = bench.shards(f"nominated-{size}", size, failing=_NOMINATED)
    return bench.figures([*_both(corpus), *_alone(corpus)], size)


def _varied(bench: Bench) -> Section:
    size = bench.middle
    corpus = bench.shards(f"varied-{size}", size, make=Varied)
    return bench.figures([_ripgrep(bench, corpus), *_both(corpus), *_alone(corpus)], size)


def _printed_by(module: str) -> Callable[[Bench], Section]:
    """A section that a module of its own measures, and prints: as JSON, or for people.

    Targets ask for ``ratio`` of scaling (the time of 1000 rules by that of 10) and ``microseconds`` of the reader.
    """

    def section(bench: Bench) -> Section:
        told = {"rounds": bench.rounds, **stamp()}
        if not Path(__file__).with_name(f"{module}.py").exists():
            return {**told, "note": f"there is no benchmarks/{module}.py"}
        command = [sys.executable, "-m", f"benchmarks.{module}"]
        printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        try:
            return {**told, "told": json.loads(printed)}
        except json.JSONDecodeError:
            return {**told, "printed": printed.rstrip()}

    return section


_SECTIONS: dict[str, Callable[[Bench], Section]] = {
    "packed": _packed,
    "array": _array,
    "start": _start,
    "scanners": _scanners,
    "nominated": _nominated,
    "varied": _varied,
    "rules": _printed_by("scaling"),
    "incidents": _printed_by("incidents"),
    "reader": _printed_by("reader"),
}

NAMES = ("sizes", *_SECTIONS)
"""The sections there are."""


def _ripgrep(bench: Bench, corpus: Path, *further: str) -> Way:
    options = [*further, "-c", "-j2", "-F", "-i", "-f"]
    missing = "" if shutil.which("rg") else "not installed: ripgrep"
    name = f"ripgrep, `rg {' '.join(options)} texts`"
    return Way("rg", name, ["rg", *options, str(bench.texts), str(corpus)], missing=missing)


def _both(path: Path) -> list[Way]:
    """What is measured, as it is called."""
    return [
        Way("match", "loganalyze, `rules match`", _match(path)),
        Way("job", "loganalyze, whole job, `file --format json`", _job(path)),
    ]


def _alone(path: Path) -> list[Way]:
    """The same in one process."""
    one = _one_process()
    return [
        Way("match-1", "`rules match`, one process", _match(path, "--jobs", "1"), missing=one),
        Way("job-1", "whole job, one process", _job(path, "--jobs", "1"), missing=one),
    ]


def _match(path: Path, *options: str) -> list[str]:
    return [script(), "rules", "match", str(path), "--format", "json", *options]


def _job(path: Path, *options: str) -> list[str]:
    return [script(), "file", str(path), "--format", "json", *options]


def _way(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "benchmarks.ways", *map(str, arguments)]


@functools.cache
def _one_process() -> str:
    """Why one process cannot be asked for; empty when it can."""
    helped = subprocess.run([script(), "file", "--help"], check=True, capture_output=True, text=True).stdout
    return "" if "--jobs" in helped else "this version has no --jobs"


def _read_once(paths: Sequence[Path]) -> Path:
    for path in paths:
        with path.open("rb") as file:
            while file.read(_BLOCK):
                pass
    return paths[0]
