"""Literals looked for by Hyperscan, with RE2 beside it for the few values where the two ignore case differently.

Hyperscan folds the letters of ASCII only. RE2 also folds the Kelvin sign onto k and the long s onto s: values that hold
one of these are left to RE2, and so are whole sets with a literal that has case beyond ASCII.
https://intel.github.io/hyperscan/dev-reference/.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
from typing import TYPE_CHECKING, Final

from analyzer.kept import keep, recall
from analyzer.matching.bounds import BOUND, bounded
from analyzer.regex import scrub
from analyzer.rule import Operator

if TYPE_CHECKING:
    from collections.abc import Sequence

    import hyperscan

    from analyzer.matching.re2_texts import Re2Texts

__all__ = ["HyperscanTexts", "hyperscan_texts"]

_FOLDED_BY_RE2: Final = ("\u212a".encode(), "\u017f".encode())
_BOUNDED: Final = {
    Operator.CONTAINS: "{}",
    Operator.EQUALS: BOUND + "{}" + BOUND,
    Operator.STARTSWITH: BOUND + "{}",
    Operator.ENDSWITH: "{}" + BOUND,
}
_NO_WORD: Final = re.compile(rb"\W", re.ASCII)
"""Bytes that may mean something in a pattern, or end it: a zero would end even what is said to be a literal."""

_MANY: Final = 200
"""Literals from which on a database takes longer to compile than to read."""

_KEPT: Final = 16
"""Databases that are kept: a few for each set of rules that someone works with."""


class HyperscanTexts:
    """Literals, each of which must stand in a value in one way, whatever the case.

    Args:
        plain: The same literals, looked for by RE2.
        database: The literals, in order, with their bounds, and behind them what RE2 is to be asked for.
        busy: What is raised while another thread scans, since the memory for it is the database's; RE2 takes its place.
    """

    def __init__(self, plain: Re2Texts, database: hyperscan.Database, busy: type[Exception]) -> None:
        self._plain = plain
        self._scan = database.scan
        self._busy = busy
        self._literals = len(plain.texts)
        self._anchored = any(sign is not Operator.CONTAINS for sign, _ in plain.texts)

    def find(self, value: str) -> Sequence[int]:
        """Indexes into the literals of those that ``value`` holds, in no order."""
        found: list[int] = []
        try:
            data = bounded([value]) if self._anchored else value.encode()
            if data is None:
                return self._plain.find(value)
            self._scan(data, _note_which, 0, found)
        except (UnicodeEncodeError, self._busy):
            return self._plain.find(value)
        if not found:
            return ()
        which = set(found)
        return tuple(which) if max(which) < self._literals else self._plain.find(value)

    def holding(self, values: Sequence[str]) -> list[int]:
        """Indexes, ascending, of the ``values`` that hold one at least."""
        joined = bounded(values)
        if joined is None:
            return self._plain.holding(values)
        found: list[tuple[int, int]] = []
        try:
            self._scan(joined, _note_where, 0, found)
        except self._busy:
            return self._plain.holding(values)
        found.sort()
        bound = BOUND.encode()
        held: list[int] = []
        at, index = 0, -1
        for end, which in found:
            last = end - 1
            if last <= at:
                continue
            index += joined.count(bound, at, last)
            at = joined.find(bound, last)
            if which < self._literals or self._plain.find(values[index]):
                held.append(index)
        return held


def _note_which(which: int, _start: int, _end: int, _flags: int, found: list[int]) -> None:
    found.append(which)


def _note_where(which: int, _start: int, end: int, _flags: int, found: list[tuple[int, int]]) -> None:
    found.append((end, which))


def hyperscan_texts(plain: Re2Texts) -> HyperscanTexts | None:
    """The literals of ``plain``, looked for by Hyperscan; None where it cannot find them as RE2 does, or not here."""
    if not all(_suited(text) for _, text in plain.texts):
        return None
    literals = [_BOUNDED[sign].format(scrub(text)).encode() for sign, text in plain.texts]
    try:
        import hyperscan  # noqa: PLC0415 - only where it is installed, and something is looked for
    except ImportError:  # not for this machine
        return None
    try:
        return HyperscanTexts(plain, _database([*literals, *_FOLDED_BY_RE2]), hyperscan.ScratchInUseError)
    except hyperscan.error:  # a literal that is too long
        return None


def _suited(text: str) -> bool:
    """Whether Hyperscan finds a literal exactly where RE2 does, in values without what RE2 folds onto ASCII."""
    if not text or BOUND in text:
        return False
    return text.isascii() or all(char.isascii() or char.lower() == char == char.upper() for char in text)


def _database(literals: Sequence[bytes]) -> hyperscan.Database:
    """The literals compiled, or as they were compiled before."""
    import hyperscan  # noqa: PLC0415 - its caller has found that it is there

    made_of = b"\xff".join([hyperscan.__version__.encode(), *literals])
    name = f"{hashlib.blake2b(made_of, digest_size=16).hexdigest()}.hyperscan"
    count = len(literals)
    if count >= _MANY and (kept := recall(name)) is not None:
        with contextlib.suppress(hyperscan.error):  # made on another kind of machine
            database = hyperscan.loadb(kept, hyperscan.HS_MODE_BLOCK)
            database.scratch = hyperscan.Scratch(database)
            return database
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    patterns = [_NO_WORD.sub(_spelled, literal) for literal in literals]
    database.compile(expressions=patterns, ids=range(count), elements=count, flags=hyperscan.HS_FLAG_CASELESS)
    if count >= _MANY:
        keep(name, hyperscan.dumpb(database), most=_KEPT)
    return database


def _spelled(found: re.Match[bytes]) -> bytes:
    return b"\\x" + found[0].hex().encode()
