"""Faults of the API, scripted by the number of the call: errors, hangs, empty pages, token loops, late entries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import grpc

from tests.emulator.refusals import VIEWS_TEXT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Fault"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, and at which calls.

    Several faults may hit one call; entries arrive first, then it waits, then it fails, then its page is changed.

    Args:
        call: Number of the first ListLogEntries call it hits, 1 for the first; retries count as calls.
        times: How many calls in a row it hits; None for all that follow.
        code: The call fails with this status.
        text: Text of the status; empty for the real API's usual words.
        delay: Seconds until the call is answered.
        hangs: The call is never answered; it ends with the client's deadline or with the emulator.
        empties: The page is empty and carries a token, and nothing of the data is passed over.
        repeats_token: The page's token is the one it was asked with, for ever the same.
        size: The page holds at most this many entries.
        again: The page begins with this many entries of the page before it, once more.
        arriving: These LogEntry objects are stored just before the call is answered.
    """

    call: int = 1
    code: grpc.StatusCode | None = None
    times: int | None = 1
    text: str = ""
    delay: float = 0.0
    hangs: bool = False
    empties: bool = False
    repeats_token: bool = False
    size: int | None = None
    again: int = 0
    arriving: tuple[Mapping[str, Any], ...] = ()

    def hits(self, number: int) -> bool:
        """Whether the call of this number is hit."""
        return number >= self.call and (self.times is None or number < self.call + self.times)

    @classmethod
    def unavailable(cls, call: int = 1, *, times: int | None = 1) -> Fault:
        """503, as in the middle of a long read."""
        return cls(call, grpc.StatusCode.UNAVAILABLE, times)

    @classmethod
    def exhausted(cls, call: int = 1, *, times: int | None = 1) -> Fault:
        """429, as when someone else has used the project's quota."""
        return cls(call, grpc.StatusCode.RESOURCE_EXHAUSTED, times)

    @classmethod
    def permission_denied(cls, call: int = 1, *, times: int | None = None, text: str = VIEWS_TEXT) -> Fault:
        """403, for this call and all that follow; the usual text, or the one that names the permission."""
        return cls(call, grpc.StatusCode.PERMISSION_DENIED, times, text)

    @classmethod
    def not_found(cls, project: str, call: int = 1, *, times: int | None = None) -> Fault:
        """404 for a project that does not exist."""
        return cls(call, grpc.StatusCode.NOT_FOUND, times, f"Project '{project}' not found or deleted.")

    @classmethod
    def empty_page(cls, call: int = 1, *, times: int | None = 1) -> Fault:
        """A page without entries that carries a token, which the API may send at any time."""
        return cls(call, times=times, empties=True)

    @classmethod
    def short_page(cls, size: int, call: int = 1, *, times: int | None = 1) -> Fault:
        """A page with fewer entries than were asked for, although there are more."""
        return cls(call, times=times, size=size)

    @classmethod
    def token_loop(cls, call: int = 1, *, times: int | None = None) -> Fault:
        """From this call on the answer's token is the one that was sent: the same page for ever."""
        return cls(call, times=times, repeats_token=True)

    @classmethod
    def hang(cls, call: int = 1, *, times: int | None = 1) -> Fault:
        """A call that is never answered."""
        return cls(call, times=times, hangs=True)

    @classmethod
    def slow(cls, seconds: float, call: int = 1, *, times: int | None = 1) -> Fault:
        """A call that is answered after this time."""
        return cls(call, times=times, delay=seconds)

    @classmethod
    def duplicates(cls, count: int = 1, call: int = 2, *, times: int | None = 1) -> Fault:
        """A page that begins with the last entries of the page before it."""
        return cls(call, times=times, again=count)

    @classmethod
    def late(cls, entries: Iterable[Mapping[str, Any]], call: int = 2) -> Fault:
        """Entries that arrive between two calls, whatever their timestamps."""
        return cls(call, arriving=tuple(entries))
