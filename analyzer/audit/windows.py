"""Which stretch of receive times to read next, and how far what was read moves the cursor.

Everything received before the *floor* has been read and is never read again; of everything received since, the keys are
kept, so that an entry counts once however often it comes. The next window goes from the floor to now: it begins a
*reach* before the latest entry that was seen, which finds the entries that came late and gives records, chains and
correlations their beginning.

The floor follows what was *seen* (the latest receive time), not what the clock says: a clock that runs a day ahead
would else close windows whose entries are yet to come. Only where nothing came for longer than any clock is wrong by,
it follows the clock.
"""

from __future__ import annotations

import msgspec

from analyzer.model import Window
from analyzer.times import SECOND

__all__ = ["CLOCK_ERROR", "CONTEXT", "Cursor", "advance", "heard_until", "next_window", "retreat"]

CONTEXT = 600 * SECOND
"""How much before new entries is read again: what a rule names as a cause may lie this far before its effect."""

CLOCK_ERROR = 26 * 3_600 * SECOND
"""How wrong a clock may be without an entry being lost: a day, and what time zones do to it."""

_LONGEST_STEP = 64 * 86_400 * SECOND
_SHORTEST_STEP = 60 * SECOND


class Cursor(msgspec.Struct, frozen=True):
    """How far the audit has read.

    Attributes:
        floor: Receive time before which everything has been read, nanoseconds.
        reached: The end of the last window.
        proof: The latest receive time seen; 0 when nothing was.
        step: How much further than ``reached`` the next window may go, nanoseconds.
    """

    floor: int
    reached: int
    proof: int
    step: int


def next_window(cursor: Cursor, now: int) -> Window | None:
    """The window to read at ``now`` (nanoseconds); None when the clock stands before everything that was read."""
    end = min(now, _base(cursor) + cursor.step)
    return Window(cursor.floor, end, received=True) if end > cursor.floor else None


def advance(  # noqa: PLR0913 - what a read amounts to
    cursor: Cursor, window: Window, latest: int, *, silent: bool, now: int, overlap: int, step: int
) -> Cursor:
    """The cursor after a window was read to its last page.

    Args:
        cursor: As it was.
        window: What was read.
        latest: The latest receive time in it; 0 when it was empty.
        silent: Nothing in it was new.
        now: The time, nanoseconds.
        overlap: How late entries may be, nanoseconds.
        step: The usual longest step, nanoseconds.
    """
    proof = max(cursor.proof, latest)
    floor = heard_until(proof, window.end) - max(overlap, CONTEXT)
    # Through a long silence the steps get longer, so that a pause of a year ends soon.
    longest = _LONGEST_STEP if silent and window.end < now else step
    return Cursor(max(cursor.floor, floor), window.end, proof, min(cursor.step * 2, longest))


def retreat(cursor: Cursor, window: Window) -> Cursor:
    """The cursor after a window whose read was cut short: where it was, with a shorter step to try."""
    ahead = max(window.end - _base(cursor), 0)
    return msgspec.structs.replace(cursor, step=max(min(ahead, cursor.step) // 2, _SHORTEST_STEP))


def heard_until(proof: int, end: int) -> int:
    """Up to when it is certain that everything which came has been read, whatever the clock said."""
    return min(end, max(proof, end - CLOCK_ERROR))


def _base(cursor: Cursor) -> int:
    return max(cursor.floor, cursor.reached)
