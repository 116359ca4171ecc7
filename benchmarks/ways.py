"""Other ways to find what the rules find, a process each: ``python -m benchmarks.ways WAY FOLDER``.

Each prints its matches as ``loganalyze rules match --format json`` does, one a line, with the rule and the insertId:

- ``naive`` is what most people write first: ``json`` and every rule's ``re.search`` on every message;
- ``polars`` and ``duckdb`` look for the rules' texts in a column of messages, and leave the few rows that these
  nominate to ``re``;
- ``sqlite`` is how Zircolite works: each entry flattened to a row of a table in memory, and a query for each rule.

``python -m benchmarks.ways literals`` prints the texts that ripgrep is given.
"""

from __future__ import annotations

import functools
import json
import re
import sqlite3
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyzer.matching import Matcher
from analyzer.ruleset.load import load_rules
from benchmarks.plain import flat, python_rules, row_of, sql_rules

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from analyzer.needs import Need

__all__ = ["WAYS", "connected", "literals", "main"]


def literals() -> list[str]:
    """The texts of which every entry that a rule of the pack finds by its message holds one."""
    return [str(need.value) for need in _needs("message") if str(need.value).isascii()]


def naive(folder: Path) -> Iterator[tuple[str, str]]:
    """Every rule on every entry."""
    rules = list(python_rules(_matcher().rules))
    for entry in _entries(folder):
        row = row_of(entry)
        for rule, holds in rules:
            if holds(row):
                yield rule, row["insertId"]


def polars(folder: Path) -> Iterator[tuple[str, str]]:
    """Nominated by polars, in a streaming query."""
    pl: Any = import_module("polars")
    schema = {
        "insertId": pl.String,
        "textPayload": pl.String,
        "jsonPayload": pl.Struct({"message": pl.String}),
        "httpRequest": pl.Struct({"status": pl.Int64}),
        "protoPayload": pl.Struct({"methodName": pl.String}),
    }
    rows = pl.scan_ndjson(sorted(folder.glob("*.json")), schema=schema).select(
        "insertId",
        pl.coalesce("textPayload", pl.col("jsonPayload").struct.field("message")).alias("message"),
        pl.col("httpRequest").struct.field("status").alias("http_status"),
        pl.col("protoPayload").struct.field("methodName").alias("proto_methodName"),
    )
    methods, least = _others()
    nominated = rows.filter(
        pl.col("message").str.contains_any(literals(), ascii_case_insensitive=True)
        | pl.col("proto_methodName").str.contains_any(methods, ascii_case_insensitive=True)
        | (pl.col("http_status") >= least)
    )
    return _decided(nominated.collect(engine="streaming").iter_rows(named=True))


def duckdb(folder: Path) -> Iterator[tuple[str, str]]:
    """Nominated by DuckDB, in one query with one pattern of all texts."""
    connection: Any = import_module("duckdb").connect()
    columns = {
        "insertId": "VARCHAR",
        "textPayload": "VARCHAR",
        "jsonPayload": "STRUCT(message VARCHAR)",
        "httpRequest": "STRUCT(status BIGINT)",
        "protoPayload": "STRUCT(methodName VARCHAR)",
    }
    methods, least = _others()
    connection.execute(
        "SELECT * FROM (SELECT insertId, coalesce(textPayload, jsonPayload.message) AS message,"
        " httpRequest.status AS http_status, protoPayload.methodName AS proto_methodName"
        " FROM read_ndjson($files, columns = $columns)) WHERE regexp_matches(lower(message), $texts)"
        " OR regexp_matches(lower(proto_methodName), $methods) OR http_status >= $least",
        {
            "files": str(folder / "*.json"),
            "columns": columns,
            "texts": "|".join(map(re.escape, literals())),
            "methods": "|".join(map(re.escape, methods)),
            "least": least,
        },
    )
    names = [column[0] for column in connection.description]
    return _decided(dict(zip(names, row, strict=True)) for row in iter(connection.fetchone, None))


def sqlite(folder: Path) -> Iterator[tuple[str, str]]:
    """Zircolite's method: https://github.com/wagga40/Zircolite."""
    rows = [dict(flat(entry)) for entry in _entries(folder)]
    columns = sorted({name for row in rows for name in row})
    connection = connected()
    connection.execute(f"CREATE TABLE logs ({', '.join(f'{_quoted(name)} COLLATE NOCASE' for name in columns)})")
    marks = ", ".join("?" * len(columns))
    connection.executemany(
        f"INSERT INTO logs VALUES ({marks})",  # noqa: S608 - only question marks
        ([row.get(name) for name in columns] for row in rows),
    )
    del rows
    for rule, clause, values in sql_rules(_matcher().rules):
        for (insert_id,) in connection.execute(f"SELECT insertId FROM logs WHERE {clause}", values):  # noqa: S608
            yield rule, insert_id


WAYS = {"naive": naive, "polars": polars, "duckdb": duckdb, "sqlite": sqlite}
"""The ways by name."""


def connected() -> sqlite3.Connection:
    """A database in memory that knows REGEXP, by Python's ``re``."""
    connection = sqlite3.connect(":memory:")
    connection.create_function("REGEXP", 2, _regexp, deterministic=True)
    return connection


def main(way: str, folder: str = "") -> None:
    """Read a folder in one way, and print its matches; or the literals."""
    if way == "literals":
        print(*literals(), sep="\n")
        return
    write = sys.stdout.write
    for rule, insert_id in WAYS[way](Path(folder)):
        write(json.dumps({"rule": rule, "insert_ids": [insert_id]}) + "\n")


def _entries(folder: Path) -> Iterator[Mapping[str, Any]]:
    for path in sorted(folder.glob("*.json")):
        with path.open(encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)


def _decided(rows: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    """What holds on nominated rows: of the rules whose texts a message holds, or of all where there is no message."""
    matcher = _matcher()
    rules = list(python_rules(matcher.rules))
    for row in rows:
        message = row["message"]
        for place in matcher.scanner.nominate(message) if message else range(len(rules)):
            rule, holds = rules[place]
            if holds(row):
                yield rule, row["insertId"]


@functools.cache
def _matcher() -> Matcher:
    return Matcher(load_rules([]).rules)


def _needs(field: str) -> list[Need]:
    wanted = (need for need in _matcher().scanner.needs if need.field == field)
    return sorted(wanted, key=lambda need: str(need.value))


def _others() -> tuple[list[str], int]:
    """What rules need that is not about messages: ends of methods' names, and the least status."""
    methods = [str(need.value).lower() for need in _needs("proto.methodName")]
    return methods, min(int(float(str(need.value))) for need in _needs("http.status"))


@functools.lru_cache(maxsize=2048)
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source)


def _regexp(source: str, text: Any) -> bool:
    """What SQLite calls for ``text REGEXP source``."""
    return text is not None and _compiled(source).search(str(text)) is not None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


if __name__ == "__main__":
    main(*sys.argv[1:])
