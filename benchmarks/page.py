"""docs/performance.md, written from the figures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.targets import judge

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["page"]

_HEAD = """# Performance

Written by `make bench` from the figures in `performance.json`; do not edit by hand.

The corpus is seeded (`benchmarks/corpus.py`): 60 % requests, 25 % JSON at INFO, 10 % text on stderr, 3 % audited calls,
1.5 % failures of sixty kinds, and split tracebacks; emoji, `\\u` escapes, colons with and without a blank. Figures are
medians of paired rounds: each round runs every way once, one after another. *Times* is the median of the rounds' ratios
to the first way. *Peak* is the largest process, *together* all processes of a way at once, shared pages counted once
(looked at five times a second, so not known of short runs).

ripgrep counts the lines that hold one of the texts that the rules need. The other ways evaluate the rules; what they
found stands beside their time, and *same as the first* says whether it is the same: match by match between runs of
loganalyze, by the number of each rule's matches for the others, which neither join split records nor know correlations.
The whole job also counts every entry by effective severity and service, leaves out duplicates, joins tracebacks, finds
unknown errors and builds the incidents."""


class Column(NamedTuple):
    """A column of a table of ways.

    Attributes:
        figure: What of a row stands in it.
        form: How, as :func:`format` has it.
    """

    figure: str
    form: str


_ALONE = {
    "wall, s": Column("wall", ".2f"),
    "CPU, s": Column("cpu", ".2f"),
    "peak, MiB": Column("peak", ".0f"),
    "together": Column("together", ".0f"),
}
_COMPARED = {
    "wall, s": Column("wall", ".2f"),
    "times": Column("ratio", ".2f"),
    "entries/s": Column("rate", ",d"),
    "CPU, s": Column("cpu", ".2f"),
    "entries/s a core": Column("rate_core", ",d"),
    "peak, MiB": Column("peak", ".0f"),
    "together": Column("together", ".0f"),
}
_TITLES = {
    "packed": "Compressed shards",
    "array": "An array as gcloud prints it",
    "start": "Start-up",
    "scanners": "With and without Hyperscan",
    "nominated": "A fifth of all entries nominated",
    "varied": "Entries that all differ",
    "rules": "From ten to a thousand rules",
    "incidents": "Incidents",
    "reader": "The reader of Cloud Logging",
}


def page(sections: Mapping[str, Mapping[str, Any]], notes: str) -> str:
    """The page.

    Args:
        sections: The figures of each section by its name.
        notes: What they mean, Markdown.
    """
    sizes = sorted((name for name in sections if name.startswith("size ")), key=lambda name: int(name.split()[1]))
    parts = [_HEAD, *_machines(sections.values()), "## Targets", _targets(sections)]
    for name in (*sizes, *_TITLES):
        if name in sections:
            parts += _section(_title(name, sections[name]), sections[name])
    return "\n\n".join([*parts, notes.strip()]) + "\n"


def _machines(sections: Iterable[Mapping[str, Any]]) -> list[str]:
    """What the sections were measured on, mostly one machine."""
    return [
        f"Measured on {one}." for one in dict.fromkeys(f"{each['machine']}; {each['versions']}" for each in sections)
    ]


def _targets(sections: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [(one.target, one.measured, one.verdict) for one in judge(sections)]
    return _table(["target", "measured", ""], rows, "lll")


def _title(name: str, section: Mapping[str, Any]) -> str:
    if "mib" in section:
        return f"{section['entries']:,} entries, {section['mib']:,} MiB, {section['shards']} shards"
    return f"{_TITLES[name]}, {section['entries']:,} entries" if "entries" in section else _TITLES[name]


def _section(title: str, section: Mapping[str, Any]) -> list[str]:
    rounds = section["rounds"]
    told = f"{section['date']}; load before {section['load']}; {rounds} round{'s' * (rounds != 1)}."
    parts = [f"## {title}", told]
    if "note" in section:
        parts.append(section["note"])
    if "rows" in section:
        parts.append(_ways(section["rows"], _ALONE if section.get("alone") else _COMPARED))
    if "told" in section:
        parts += _anything(section["told"])
    if "printed" in section:
        parts.append(f"```text\n{section['printed']}\n```")
    return parts


def _ways(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Column]) -> str:
    cells = [[row["way"], *(_cell(row, column) for column in columns.values()), *_found(row)] for row in rows]
    return _table(["way", *columns, "found", "same as the first"], cells, f"l{'r' * len(columns)}ll")


def _cell(row: Mapping[str, Any], column: Column) -> str:
    value = row.get(column.figure)
    return format(value, column.form) if value else ""


def _found(row: Mapping[str, Any]) -> tuple[str, str]:
    same = row["differs"] or "yes" if "differs" in row else ""
    return row.get("note") or row.get("found", ""), same


def _anything(told: Mapping[str, Any]) -> list[str]:
    """Figures of any form: lists of rows as tables, the rest as a list."""
    single = [f"- {_words(name)}: {_value(value)}" for name, value in told.items() if not _is_rows(value)]
    tables = []
    for value in filter(_is_rows, told.values()):
        heads = list(dict.fromkeys(name for row in value for name in row))
        cells = [[_value(row.get(name, "")) for name in heads] for row in value]
        sides = "".join("r" if _is_number(value[0].get(name)) else "l" for name in heads)
        tables.append(_table([_words(name) for name in heads], cells, sides))
    return [*(["\n".join(single)] if single else []), *tables]


def _is_rows(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(row, dict) for row in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _words(name: str) -> str:
    return name.replace("_", " ")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4g}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: PLR2004
    return f"{value:,}" if isinstance(value, int) else str(value)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], sides: str) -> str:
    rule = "|" + "|".join("---:" if side == "r" else "---" for side in sides) + "|"
    return "\n".join([f"| {' | '.join(heads)} |", rule, *(f"| {' | '.join(row)} |" for row in rows)])
