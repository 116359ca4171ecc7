"""What an audit is made of, put together by the command line."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analyzer.audit.lease import Lease
    from analyzer.audit.store import Store
    from analyzer.matching import Matcher
    from analyzer.publish import Publisher
    from analyzer.settings import Settings
    from analyzer.sources import Source

__all__ = ["Parts", "Stopped"]


class Stopped(BaseException):
    """The process was asked to end; raised wherever it stands."""


def _no_step(_name: str) -> None:
    """Steps interest nobody but tests."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What passes are made with.

    Attributes:
        store: The state; a copy of it for a dry run.
        lease: Is held; None for a dry run.
        source: Where entries come from; read by windows of receive time.
        matcher: The rules.
        settings: What a run can be told.
        publishers: Makes the publishers of one pass.
        since: Where the first pass of a state begins, nanoseconds.
        dry_run: Record in the copy and say what would be published.
        clock: The time, nanoseconds since the epoch.
        step: Told the name of every step as it is reached.
    """

    store: Store
    lease: Lease | None
    source: Source
    matcher: Matcher
    settings: Settings
    publishers: Callable[[], Sequence[Publisher]]
    since: int
    dry_run: bool = False
    clock: Callable[[], int] = time.time_ns
    step: Callable[[str], None] = _no_step
