"""How long a publisher waits, for what."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

__all__ = ["Timing"]


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """Times of one publisher, in seconds.

    Attributes:
        patience: What one call may take in all, with its repetitions and what the other side asks to wait.
            GitHub's secondary limits ask for a minute.
        timeout: Silence after which an attempt is given up; GitHub itself ends calls after ten seconds.
        pace: Between calls that change something; GitHub asks for one second at least.
        sleep: Waits; may raise to end the wait, and the pass.
        monotonic: A clock that is never set, for patience.
        now: Since the epoch: what a rate limit's reset is told in.
    """

    patience: float = 90.0
    timeout: int = 10
    pace: float = 1.0
    sleep: Callable[[float], None] = time.sleep
    monotonic: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time
