"""What a publisher writes into an issue and its comments to know them again: comments of HTML, which GitHub hides.

Log text stands in the same bodies, so a marker counts only as a line of its own outside of fences, which no text that
was made safe can be; and who reads markers asks first who wrote the body.
"""

from __future__ import annotations

import re

import msgspec

from analyzer.publish.markdown import lines_of

__all__ = ["Markers", "delivery_marker", "fingerprint_marker", "markers_of"]

_FINGERPRINT = re.compile(r"<!-- loganalyze:fingerprint=([0-9a-zA-Z_-]{1,64}) -->")
_DELIVERY = re.compile(r"<!-- loganalyze:key=([0-9a-zA-Z_-]{1,64}) run=([0-9a-zA-Z_-]{0,64}) -->")


class Markers(msgspec.Struct, frozen=True):
    """The markers of one body: its incident's fingerprint, the keys delivered with it, the passes they came from."""

    fingerprint: str = ""
    keys: frozenset[str] = frozenset()
    runs: frozenset[str] = frozenset()


def fingerprint_marker(fingerprint: str) -> str:
    """The line that says which incident an issue is about."""
    return f"<!-- loganalyze:fingerprint={fingerprint} -->"


def delivery_marker(key: str, run_id: str) -> str:
    """The line that says which publication a body delivers."""
    return f"<!-- loganalyze:key={key} run={run_id} -->"


def markers_of(body: str) -> Markers:
    """The markers of a body; where there are several fingerprints the first counts."""
    if "<!-- loganalyze:" not in body:
        return Markers()
    fingerprint = ""
    keys, runs = set(), set()
    for line in lines_of(body):
        if line.fenced or "<!-- loganalyze:" not in line.text:
            continue
        bare = line.text.rstrip("\r")
        if found := _FINGERPRINT.fullmatch(bare):
            fingerprint = fingerprint or found[1]
        elif found := _DELIVERY.fullmatch(bare):
            keys.add(found[1])
            runs.add(found[2])
    return Markers(fingerprint, frozenset(keys), frozenset(runs))
