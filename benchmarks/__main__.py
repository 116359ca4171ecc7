"""``make bench``: read a seeded corpus in several ways, and write docs/performance.md.

The figures are kept beside the page, in docs/performance.json, from which it is written: a section that is run again
replaces its own figures, and the others keep their date.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.page import page
from benchmarks.sections import NAMES, Bench, run

if TYPE_CHECKING:
    from collections.abc import Sequence

_DOCS = Path(__file__).parent.parent / "docs"
_NOTES = Path(__file__).with_name("notes.md")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the benchmark; 0."""
    options = _options(arguments)
    kept = options.output.with_suffix(".json")
    sections: dict[str, Any] = (
        json.loads(kept.read_text(encoding="utf-8")) if kept.exists() and not options.anew else {}
    )
    bench = Bench(options.folder, sorted(set(options.entries)), options.rounds)
    for name, section in run(bench, [] if options.page_only else options.only or NAMES):
        sections[name] = section
        _write(kept, json.dumps(sections, indent=1, ensure_ascii=False) + "\n")
    _write(options.output, page(sections, _NOTES.read_text(encoding="utf-8")))
    print(options.output)
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure, and write the page.")
    parser.add_argument("--entries", type=int, nargs="+", default=[100_000], help="sizes of the corpus")
    parser.add_argument("--rounds", type=int, default=3, help="how often each way is run")
    parser.add_argument("--only", nargs="+", choices=NAMES, metavar="SECTION", help=f"of {', '.join(NAMES)}")
    parser.add_argument("--anew", action="store_true", help="forget the figures of earlier runs")
    parser.add_argument("--page-only", action="store_true", help="run nothing; write the page from the figures")
    folder = Path(tempfile.gettempdir()) / "loganalyze-bench"
    parser.add_argument("--folder", type=Path, default=folder, help="where the corpora stand, or are written")
    parser.add_argument("--output", type=Path, default=_DOCS / "performance.md", help="the page; figures beside it")
    return parser.parse_args(arguments)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.rename(path)


if __name__ == "__main__":
    sys.exit(main())
