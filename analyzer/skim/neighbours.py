"""The entries right before and behind those that are nominated, where the rest of a record may stand."""

from __future__ import annotations

from typing import Final

import numpy as np

from analyzer.columns import Flags, Integers
from analyzer.selection import NEAR, NEIGHBOURS

__all__ = ["NO_STREAM", "Flags", "neighbours", "open_rows"]

NO_STREAM: Final = -1
"""Stands for the stream of an entry that is never a part of another: a request's."""


def neighbours(streams: Integers, times: Integers, nominated: Flags) -> Flags:
    """Which entries that nothing nominates stand near one that is.

    Args:
        streams: Of each entry, which log of which instance it stands in; :data:`NO_STREAM` for none.
        times: When it happened, nanoseconds.
        nominated: Whether it is worth a closer look by itself.
    """
    found = np.zeros(len(streams), bool)
    if not nominated.any():
        return found
    order = np.argsort(streams, kind="stable")
    stream, time, calls = streams[order], times[order], nominated[order]
    passed = np.cumsum(~calls, dtype=np.int64)
    rows = np.arange(len(order))
    before = np.maximum.accumulate(np.where(calls, rows, -1))
    behind = np.minimum.accumulate(np.where(calls, rows, len(rows))[::-1])[::-1]
    near = _calls(before, passed - 1, stream, time, passed) | _calls(behind, passed, stream, time, passed)
    found[order] = near & ~calls & (stream != NO_STREAM)
    return found


def _calls(caller: Integers, own: Integers, stream: Integers, time: Integers, passed: Integers) -> Flags:
    """Whether the nominated entry ``caller`` is there, and is of the same stream, near in place and in time."""
    there = (caller >= 0) & (caller < len(stream))
    caller = np.where(there, caller, 0)
    near = (np.abs(passed[caller] - own) < NEIGHBOURS) & (np.abs(time[caller] - time) <= NEAR)
    found: Flags = there & near & (stream[caller] == stream)
    return found


def open_rows(streams: Integers, nominated: Flags, *, at_end: bool) -> Integers:
    """The entries that what follows (or came before) may turn out to be near to: the outermost of each stream.

    Returns:
        Their places in ascending order, the outermost nominated entry of each stream among them.
    """
    step = -1 if at_end else 1
    order = np.argsort(streams[::step], kind="stable")
    stream, calls = streams[::step][order], nominated[::step][order]
    begins = np.flatnonzero(np.append(True, stream[1:] != stream[:-1]))
    begin = np.repeat(begins, np.diff(np.append(begins, len(stream))))
    passed = np.cumsum(~calls, dtype=np.int64) - ~calls
    called = np.cumsum(calls, dtype=np.int64) - calls
    outer = (passed - passed[begin] < NEIGHBOURS) & (~calls | (called == called[begin])) & (stream != NO_STREAM)
    rows = order[outer]
    found: Integers = np.sort(len(streams) - 1 - rows if at_end else rows)
    return found
