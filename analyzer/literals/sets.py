"""Sets of literals of which one must occur: joined, compared, and cut down to what can be looked for.

None stands for no knowledge: any text may match. What must occur is a set of clauses, at least one of which is met; a
clause is met by a text that holds all of its literals. A clause has a second literal only where the first is weak:
short, or a word that stands in the labels of every entry.
"""

from __future__ import annotations

import functools
import re
from typing import Final

__all__ = [
    "GOOD",
    "Clause",
    "Clauses",
    "Literals",
    "alone",
    "best",
    "joined",
    "key",
    "long_enough",
    "minimal",
    "reduced",
    "simplest",
    "strength",
    "union",
    "weight",
]

Literals = frozenset[str]
"""Lower-case texts of which at least one occurs."""

Clause = frozenset[str]
"""Lower-case texts that all occur."""

Clauses = frozenset[Clause]
"""Clauses of which at least one is met."""

GOOD: Final = 8
"""Weight from which on a literal is rare enough to be looked for alone."""

_MOST_CLAUSES = 256
_MOST_PARTNERS = 8
_EVERYWHERE: Final = 1
_FREQUENT: Final = 4
_COMMON: Final = 2
_CUT = re.compile(r"""["\\/<>&='\x00-\x1f\x7f]+""")
_METADATA = (
    "configuration_name container_name execution_name gcb-trigger-region insertid instanceid job_name jsonpayload"
    " labels latency location logging.googleapis.com logname managed-by migration migrations organization payload"
    " project_id receivetimestamp remoteip request requestmethod resource response responsesize revision_name"
    " run.googleapis.com service_name severity severity_number spanid stderr stdout textpayload timestamp trace type"
    " traces useragent userlabels version cloud_run_revision httprequest requesturl protocol http https"
    " status message default info"
)
"""Names and words that stand in the metadata of nearly every entry; a literal that is a part of one finds them all."""

_WORDS = (
    "check checks column command completed config connect connection database error errors exception fail failed"
    " failure file find found import invalid line list load missing model module open path ready read reading"
    " running server started starting startup statement table tables validation value warning write"
)
_OFTEN = frozenset(_WORDS.split())
"""Words of many messages that say nothing wrong."""

_SMALL_WORDS = (
    "about after again and are been before but cannot could does for from had has have into its more new not now off"
    " one only other out over some than that the then they this time too under was were what when which while will"
    " with"
)
_LITTLE = frozenset(_SMALL_WORDS.split())
"""Words of nearly every English sentence."""


@functools.lru_cache(maxsize=16384)
def weight(literal: str) -> int:
    """How much a literal narrows a search, 0 to 8: its length, or less where it is a word that stands everywhere.

    What JSON may spell in several ways (quotation marks, backslashes, what HTML escapes) is not counted.
    """
    return max(map(_piece_weight, _CUT.split(literal)))


def _piece_weight(part: str) -> int:
    piece = part.strip(" :|")
    if len(piece) > 1 and piece in _METADATA:
        return _EVERYWHERE
    return min(len(piece), _COMMON if piece in _LITTLE else _FREQUENT if piece in _OFTEN else GOOD)


def key(clause: Clause) -> str:
    """The literal of a clause that narrows most."""
    if len(clause) == 1:
        (only,) = clause
        return only
    return max(clause, key=lambda literal: (weight(literal), len(literal), literal))


def alone(literals: Literals | None) -> Clauses | None:
    """A clause for each literal."""
    return None if literals is None else frozenset(frozenset({literal}) for literal in literals)


def union(found: list[Clauses | None]) -> Clauses | None:
    """What every one of several alternatives needs; None when one of them needs nothing, or they are too many."""
    every: set[Clause] = set()
    for clauses in found:
        if clauses is None:
            return None
        every |= clauses
    return simplest(every) if len(every) <= _MOST_CLAUSES else None


def simplest(clauses: set[Clause] | Clauses) -> Clauses:
    """Without the clauses that are met only where another one is."""
    if len(clauses) <= 1:
        return frozenset(clauses)
    if all(len(clause) == 1 for clause in clauses):
        return frozenset([frozenset({literal}) for literal in minimal(frozenset().union(*clauses))])
    kept: list[Clause] = []
    for clause in sorted(clauses, key=lambda one: (len(one), sum(map(len, one)), sorted(one))):
        if not any(all(any(part in literal for literal in clause) for part in other) for other in kept):
            kept.append(clause)
    return frozenset(kept)


def minimal(literals: set[str] | Literals) -> Literals:
    """Without those that hold another one."""
    if len(literals) <= 1:
        return frozenset(literals)
    kept: list[str] = []
    for literal in sorted(literals, key=len):
        if not any(shorter in literal for shorter in kept):
            kept.append(literal)
    return frozenset(kept)


def best(found: list[Clauses]) -> Clauses | None:
    """The set that nominates least: no clause in it is weak, and they are few."""
    return found[0] if len(found) == 1 else max(found, key=strength, default=None)


def joined(found: list[Clauses]) -> Clauses | None:
    """The best of several sets, all of which must be met; its weak clauses are joined with those of the next best."""
    if len(found) <= 1:
        return found[0] if found else None
    first, second = sorted(found, key=strength, reverse=True)[:2]
    if len(second) > _MOST_PARTNERS:
        return first
    clauses: set[Clause] = set()
    for clause in first:
        if weight(key(clause)) >= GOOD or len(clause) > 1:
            clauses.add(clause)
        else:
            clauses |= {frozenset({key(clause), key(other)}) for other in second}
    return simplest(clauses) if len(clauses) <= _MOST_CLAUSES else first


@functools.lru_cache(maxsize=16384)
def strength(clauses: Clauses) -> tuple[int, int, int]:
    """How little a set of clauses nominates, to compare them by."""
    keys = [key(clause) for clause in clauses]
    least = min(map(weight, keys), default=GOOD + 1)
    return (least, -len(keys), sum(map(len, keys)))


def reduced(texts: set[str] | frozenset[str]) -> Literals | None:
    """Each text's longest run of simple characters; None when one of them has none."""
    runs = {_longest_run(text) for text in texts}
    return None if "" in runs else minimal(runs)


def _longest_run(text: str) -> str:
    text = text.lower()
    if text.isascii() and text.isprintable():
        return text
    cut = "".join(char if _simple(char) else "\n" for char in text)
    return max(cut.split("\n"), key=len)


def _simple(char: str) -> bool:
    if char.isascii():
        return char >= " "
    return char.upper() == char and not char.isspace()


def long_enough(clauses: Clauses | None, shortest: int) -> Clauses | None:
    """The set itself; None when the longest literal of one of its clauses has fewer than ``shortest`` characters."""
    if clauses is None or any(max(map(len, clause), default=0) < shortest for clause in clauses):
        return None
    return clauses
