"""Where the time of a large read goes: ``python -m benchmarks.phases FILE`` prints microseconds of CPU an entry.

Each line has what all lines before it have, and one phase more; one process, the best of three rounds.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from analyzer.crew import unhurried_collector
from analyzer.matching import Matcher
from analyzer.nomination import nominated
from analyzer.ruleset.load import load_rules
from analyzer.shares import Sharer
from analyzer.sheets import Sheet
from analyzer.skim import Skimmer
from analyzer.skim.pages import Pages
from analyzer.sources.files import Files
from analyzer.sources.reading import skimming
from benchmarks.measure import least_cpu

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.model import Entry


def main(path: str) -> None:
    """Print the phases of reading one file."""
    matcher = Matcher(load_rules([]).rules)
    parts = Files([path]).plan(None).parts

    def worth(entry: Entry) -> bool:
        return nominated(entry, matcher)

    pages = Pages(matcher.scanner.needs, worth, lambda _: None)
    skimmer, sharer = Skimmer(matcher, worth), Sharer(matcher)

    def read() -> int:
        items = (item for part in parts for item in skimming(part).items(part.pieces))
        return sum(len(item) if isinstance(item, Sheet) else 1 for item in items)

    def page() -> int:
        items = (item for part in parts for item in skimming(part).items(part.pieces))
        return sum(len(pages.of_sheet(item)) for item in items if isinstance(item, Sheet))

    def batch() -> int:
        batches = (one for part in parts for one in skimmer.batches(skimming(part).items(part.pieces)))
        return sum(len(one.keys) for one in batches)

    def share() -> int:
        some = (one for part in parts for one in sharer(part))
        return sum(len(one.batch.keys) for one in some if one.batch is not None)

    phases = {
        "a few fields of each record": read,
        "what each is, and the nominated ones whole": page,
        "counts, copies and neighbours": batch,
        "events joined and matched": share,
    }
    with unhurried_collector():
        print(json.dumps({name: _microseconds(phase) for name, phase in phases.items()}, indent=2))


def _microseconds(phase: Callable[[], int]) -> float:
    """Of CPU, an entry."""
    entries, seconds = least_cpu(phase)
    if not entries:
        raise SystemExit("there is nothing to read: a file of at least 2 MiB is wanted")
    return round(seconds / entries * 1_000_000, 2)


if __name__ == "__main__":
    main(sys.argv[1])
