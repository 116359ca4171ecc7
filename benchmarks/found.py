"""What a way found, told from what it printed: ``python -m benchmarks.found FILE`` prints it as JSON.

A process of its own, so that the one that measures stays small: a child's peak is never below its parent's.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["found_in"]

_VARYING = ("generated_at", "version")


def found_in(path: Path) -> dict[str, Any]:
    """What stands in the file.

    Returns:
        ``text``, for people; for matches and reports also ``digest``, equal where the same was found in whatever
        order; for matches ``rules``, the number of matches of each rule.
    """
    with path.open(encoding="utf-8") as file:
        head = file.read(1)
        file.seek(0)
        if head != "{":
            return _counted(file)
        first = file.readline()
        file.seek(0)
        if first.startswith('{"rule"'):
            return _matches(file)
        return _report(json.load(file))


def _counted(lines: Iterable[str]) -> dict[str, Any]:
    """The counts of ripgrep, one a file; nothing for anything else."""
    counts = [int(count) for line in lines if (count := line.rpartition(":")[2].strip()).isdigit()]
    return {"text": f"{sum(counts):,} lines"} if counts else {"text": ""}


def _matches(lines: Iterable[str]) -> dict[str, Any]:
    rules: Counter[str] = Counter()
    total = 0
    for line in lines:
        row = json.loads(line)
        rules[row["rule"]] += 1
        total += _hash(row)
    return {
        "text": f"{rules.total():,} matches",
        "count": rules.total(),
        "rules": dict(sorted(rules.items())),
        "digest": f"{total % 2**64:016x}",
    }


def _report(document: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in document.items() if key not in _VARYING}
    incidents, entries = len(document["incidents"]), document["coverage"]["entries"]
    return {
        "text": f"{incidents:,} incidents, {entries:,} entries",
        "count": incidents,
        "entries": entries,
        "digest": f"{_hash(kept):016x}",
    }


def _hash(value: Any) -> int:
    return int.from_bytes(blake2b(json.dumps(value, sort_keys=True).encode(), digest_size=8).digest())


if __name__ == "__main__":
    print(json.dumps(found_in(Path(sys.argv[1]))))
