"""The ways to read the corpus, a process each: ``python -m benchmarks.ways WAY FOLDER`` prints what it found.

``fast`` and ``plain`` read, classify and count as a report does, without building incidents. ``naive`` is what most
people write first: ``json`` and every pattern of every rule on every message. ``polars`` looks for the rules' texts in
messages, which says less than a rule, but in one vectorised pass.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analyzer.coverage import Ledger
from analyzer.matching import Matcher
from analyzer.pipeline import classify
from analyzer.rule import And, Comparison, Named, Operator, Or
from analyzer.ruleset.load import load_rules
from analyzer.sources.files import Files

if TYPE_CHECKING:
    from collections.abc import Iterator

    from analyzer.rule import Condition

__all__ = ["literals", "main"]


def literals() -> list[str]:
    """The texts of which every entry that a rule of the pack finds by its message holds one."""
    return [text for text in Matcher(load_rules([]).rules).scanner.literals if text.isascii()]


def main(way: str, folder: Path) -> None:
    """Read a folder in one way; print a line of JSON with what was found, and the seconds of CPU of its stages."""
    print(json.dumps({"fast": _fast, "plain": _plain, "naive": _naive, "polars": _polars}[way](folder)))


def _fast(folder: Path) -> dict[str, Any]:
    source = Files([folder])
    return _classified(source.skim(None))


def _plain(folder: Path) -> dict[str, Any]:
    source = Files([folder])
    return _classified(source.read(None))


def _classified(records: Any) -> dict[str, Any]:
    ledger = Ledger()
    begun = time.process_time()
    matcher = Matcher(load_rules([]).rules)
    ready = time.process_time()
    found = classify(records, matcher, ledger)
    return {
        "entries": ledger.coverage().entries,
        "found": len(found.matches),
        "unknown": len(found.unknown),
        "seconds to load rules": ready - begun,
        "seconds to classify": time.process_time() - ready,
    }


def _naive(folder: Path) -> dict[str, Any]:
    rules = [list(_patterns(rule.condition)) for rule in load_rules([]).rules if rule.condition is not None]
    entries = found = 0
    for path in sorted(folder.glob("*.json")):
        with path.open(encoding="utf-8") as file:
            for line in file:
                entry = json.loads(line)
                entries += 1
                text = entry.get("textPayload") or (entry.get("jsonPayload") or {}).get("message") or ""
                found += sum(any(pattern.search(text) for pattern in patterns) for patterns in rules)
    return {"entries": entries, "found": found}


def _patterns(condition: Condition) -> Iterator[re.Pattern[str]]:
    """What makes a condition true, as patterns of Python; exceptions are left out, as a first script does."""
    match condition:
        case Comparison(field="message", operator=operator, value=str(text)):
            source = text if operator is Operator.RE else re.escape(text)
            source = re.sub(r"\\z", r"\\Z", source)
            try:
                yield re.compile(source, 0 if condition.cased else re.IGNORECASE)
            except re.error:
                return
        case Named(item=item):
            yield from _patterns(item)
        case And(items=items) | Or(items=items):
            for item in items:
                yield from _patterns(item)


def _polars(folder: Path) -> dict[str, Any]:
    import polars as pl  # noqa: PLC0415 - only here

    payload = pl.Struct({"message": pl.String})
    schema: Any = {"severity": pl.String, "textPayload": pl.String, "jsonPayload": payload}
    said = pl.coalesce("textPayload", pl.col("jsonPayload").struct.field("message"))
    texts = [text for text in literals() if len(text) > 3]  # noqa: PLR2004 - polars knows no weak texts
    frame = pl.scan_ndjson(sorted(folder.glob("*.json")), schema=schema).select(
        pl.len().alias("entries"), said.str.contains_any(texts, ascii_case_insensitive=True).sum().alias("found")
    )
    row = frame.collect(engine="streaming").row(0, named=True)
    return {"entries": int(row["entries"]), "found": int(row["found"])}


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
