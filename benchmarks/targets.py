"""What the figures have to be, and whether they are."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Judged", "judge"]

_LINEAR = 1.1
_SAME = "differ"
_ENTRIES = {"size": 5_000_000, "array": 100_000, "packed": 1_000_000, "scanners": 1_000_000, "nominated": 1_000_000}
"""How many entries the targets of a section are for."""
_OWN = {"match": "`rules match`", "job": "whole job"}


class Judged(NamedTuple):
    """One target.

    Attributes:
        target: What was wanted.
        limit: The figure it must not pass.
        figure: What was measured; None where nothing was.
        unit: Of both.
        about: Where it was measured.
        most: The limit is the most that is allowed, not the least.
        few: It was measured on fewer entries than the target is for.
    """

    target: str
    limit: float
    figure: float | None
    unit: str
    about: str
    most: bool = True
    few: bool = False

    @property
    def measured(self) -> str:
        """The figure as the page has it."""
        if self.figure is None:
            return "–"
        if self.unit == _SAME:
            return f"{'not the same' if self.figure else 'the same'} ({self.about})"
        return f"{_number(self.figure)}{self.unit} ({self.about})"

    @property
    def verdict(self) -> str:
        """``met``, or by how much not."""
        if self.figure is None:
            return f"not measured: {self.about}"
        over = self.figure - self.limit if self.most else self.limit - self.figure
        if over <= 0:
            return "met, but on fewer entries than wanted" if self.few else "met"
        return "missed" if self.unit == _SAME else f"missed by {_number(over)}{self.unit}"


def judge(sections: Mapping[str, Mapping[str, Any]]) -> Iterator[Judged]:
    """Each target, with what was measured for it.

    Args:
        sections: The sections' figures by name, as :func:`benchmarks.sections.run` gives them.
    """
    sizes = sorted((section["entries"], name) for name, section in sections.items() if name.startswith("size "))
    largest = sizes[-1][1] if sizes else ""
    figures = _Figures(sections)
    wanted = "ripgrep's time, shards of NDJSON"
    yield figures.judged(f"`rules match` ≤ 1.0× {wanted}", 1.0, largest, "match", "ratio", "×")
    yield figures.judged(f"whole job ≤ 1.5× {wanted}", 1.5, largest, "job", "ratio", "×")
    for key, name in _OWN.items():
        yield figures.judged(f"`.gz` shards, {name} ≤ 0.6× `rg -z`", 0.6, "packed", key, "ratio", "×")
    for key, name in _OWN.items():
        yield figures.judged(f"a gcloud array, {name} ≤ 1.5 s", 1.5, "array", key, "wall", " s")
    for key, name in _OWN.items():
        yield _linear(figures, key, name, [section for _, section in sizes])
    yield figures.told("1000 rules ≤ 1.3× the time of 10", 1.3, "rules", "ratio", "×")
    for key, name in _OWN.items():
        target = f"20 % nominated, {name} ≥ 200,000 entries/s a core"
        yield figures.judged(target, 200_000, "nominated", f"{key}-1", "rate_core", "", most=False)
    yield figures.peak("a process ≤ 128 MiB, whatever it reads", 128)
    for key, name in _OWN.items():
        yield figures.relative(f"without Hyperscan, {name} ≤ 3.5× the time", 3.5, "scanners", f"{key}-re2", key)
    for key, name in _OWN.items():
        yield figures.same(f"without Hyperscan, {name}: the same found", "scanners", f"{key}-re2", key)
    yield figures.judged("whole job over 1,000 entries ≤ 0.4 s", 0.4, "start", "few", "wall", " s")
    yield figures.judged("`--help` ≤ 0.15 s of CPU", 0.15, "start", "help", "cpu", " s")
    yield figures.told("Cloud Logging's reader ≤ 10 µs of CPU an entry", 10, "reader", "microseconds", " µs")


class _Figures:
    """The figures, by section, way and name.

    Args:
        sections: The sections' figures.
    """

    def __init__(self, sections: Mapping[str, Mapping[str, Any]]) -> None:
        self._sections = sections

    def row(self, section: str, key: str) -> Mapping[str, Any]:
        """A way's figures; empty where it was not run."""
        rows = self._sections.get(section, {}).get("rows", ())
        return next((row for row in rows if row["key"] == key and "wall" in row), {})

    def about(self, section: str) -> str:
        """How much was read."""
        entries = self._sections.get(section, {}).get("entries")
        return "no run" if entries is None else f"{entries:,} entries"

    def few(self, section: str) -> bool:
        """Whether less was read than the targets are for."""
        wanted = _ENTRIES.get(section.partition(" ")[0], 0)
        return bool(self._sections.get(section, {}).get("entries", 0) < wanted)

    def judged(  # noqa: PLR0913, PLR0917 - a target is made of these
        self, target: str, limit: float, section: str, key: str, name: str, unit: str, *, most: bool = True
    ) -> Judged:
        """A target for one figure of one way."""
        figure = self.row(section, key).get(name)
        return Judged(target, limit, figure, unit, self.about(section), most, self.few(section))

    def relative(self, target: str, limit: float, section: str, key: str, base: str) -> Judged:
        """A target for how much longer one way takes than another."""
        one, other = self.row(section, key).get("wall"), self.row(section, base).get("wall")
        figure = one / other if one and other else None
        return Judged(target, limit, figure, "×", self.about(section), few=self.few(section))

    def same(self, target: str, section: str, key: str, base: str) -> Judged:
        """A target for finding the same: how many of two results differ."""
        one, other = self.row(section, key).get("digest"), self.row(section, base).get("digest")
        return Judged(target, 0, float(one != other) if one and other else None, _SAME, self.about(section))

    def peak(self, target: str, limit: float) -> Judged:
        """A target for the memory of loganalyze's largest process, wherever it was largest."""
        seen = [
            (row["peak"], f"{row['way']}, {section['entries']:,} entries")
            for section in self._sections.values()
            for row in section.get("rows", ())
            if "peak" in row and row["key"].partition("-")[0] in {*_OWN, "few", "cold", "help"}
        ]
        peak, about = max(seen, default=(None, "no run"))
        return Judged(target, limit, peak, " MiB", about)

    def told(self, target: str, limit: float, section: str, name: str, unit: str) -> Judged:
        """A target for a figure that a module of its own measures."""
        figure = self._sections.get(section, {}).get("told", {}).get(name)
        return Judged(target, limit, figure, unit, f"section {section}" if figure is not None else "no run")


def _linear(figures: _Figures, key: str, name: str, sections: list[str]) -> Judged:
    """Whether an entry of a larger corpus costs what one of a smaller does, but for a tenth; of all pairs the worst."""
    target = f"linear, {name}: an entry of a larger corpus ≤ {_LINEAR}× one of a smaller"
    rows = [(figures.about(section), row) for section in sections if (row := figures.row(section, key))]
    if len(rows) < 2:  # noqa: PLR2004 - a line has two ends
        return Judged(target, _LINEAR, None, "×", "one size")
    about = ", ".join(f"{1e6 / row['rate']:.2f} µs of {entries}" for entries, row in rows)
    worst = max(few["rate"] / many["rate"] for (_, few), (_, many) in itertools.combinations(rows, 2))
    return Judged(target, _LINEAR, worst, "×", about, few=figures.few(sections[-1]))


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"  # noqa: PLR2004
