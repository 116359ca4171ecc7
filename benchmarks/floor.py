"""What a scan of raw blocks takes before it has decoded anything: ``python -m benchmarks.floor FILE``.

Prints microseconds of CPU an entry for what no such design can do without, each by itself, and the share of lines that
it would have to decode. FILE holds an entry a line; Hyperscan has to be installed.
"""

from __future__ import annotations

import functools
import json
import re
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from analyzer.literals import weight
from analyzer.matching import Matcher
from analyzer.ruleset.load import load_rules
from analyzer.sheets import Glance
from benchmarks.measure import least_cpu

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BLOCK: Final = 256 * 1024
_SHORTEST: Final = 4
_SPELLED: Final = re.compile(r"[\"\\/<>&='\x00-\x1f\x7f-\U0010ffff]")
"""What writers of JSON may spell in several ways: a text is looked for without it."""


class Counted(msgspec.Struct, gc=False):
    """The least that tells a line from a broken one and counts it."""

    severity: Any = None
    timestamp: Any = None
    insertId: Any = None  # noqa: N815 - the API's name


def main(path: str) -> None:
    """Print the figures for one file."""
    file = Path(path)
    entries = sum(block.count(b"\n") for block in _blocks(file))
    scan = _scanner()

    def decoded(kind: type[msgspec.Struct]) -> int:
        decoder = msgspec.json.Decoder(kind)
        return sum(len(decoder.decode_lines(block)) for block in _blocks(file))

    phases: dict[str, Callable[[], int]] = {
        "blocks scanned for the rules' texts": lambda: sum(map(scan, _blocks(file))),
        "three fields of each line": functools.partial(decoded, Counted),
        "the fields that entries are counted by": functools.partial(decoded, Glance),
    }
    taken = {name: least_cpu(phase) for name, phase in phases.items()}
    figures = {name: round(seconds / entries * 1_000_000, 2) for name, (_, seconds) in taken.items()}
    lines, _ = taken["blocks scanned for the rules' texts"]
    print(json.dumps({**figures, "share of lines with a text": round(lines / entries, 3)}, indent=2))


def _blocks(path: Path) -> Iterator[bytes]:
    """Whole lines, as many as a block holds."""
    rest = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            end = block.rfind(b"\n") + 1
            yield rest + block[:end]
            rest = block[end:]


def _scanner() -> Callable[[bytes], int]:
    """Says in how many lines of a block a text of the rules stands, as it may stand in JSON."""
    needs = Matcher(load_rules([]).rules).scanner.needs
    pieces = {max(_SPELLED.split(str(need.value)), key=_worth) for need in needs if need.field == "message"}
    texts = sorted(piece for piece in pieces if len(piece) >= _SHORTEST)
    hyperscan: Any = import_module("hyperscan")
    database = hyperscan.Database()
    database.compile(
        expressions=[re.escape(text).encode() for text in texts],
        ids=list(range(len(texts))),
        flags=[hyperscan.HS_FLAG_CASELESS] * len(texts),
    )

    def scan(block: bytes) -> int:
        ends: list[int] = []
        database.scan(block, lambda _which, _start, end, _flags, found: found.append(end), 0, ends)
        lines, last = 0, -1
        for end in ends:
            if end > last:
                lines, last = lines + 1, block.find(b"\n", end)
        return lines

    return scan


def _worth(piece: str) -> tuple[int, int]:
    return weight(piece), len(piece)


if __name__ == "__main__":
    main(sys.argv[1])
