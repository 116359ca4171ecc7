"""Faults of the API, scripted by kind and number of the call: refusal, hang, reset, before the effect or after it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Fault"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong, and at which calls.

    Args:
        method: Only calls of this method; empty for any.
        path: Only calls whose path (with its query) this regular expression finds; empty for any.
        call: Number of the first matching call it hits, 1 for the first; retries count as calls.
        times: How many matching calls in a row it hits; None for all that follow.
        after: The request takes effect first, and only its answer suffers.
        status: The call is answered with this status.
        message: ``message`` of the answer.
        headers: Headers of the answer.
        text: The answer's body as it is, instead of JSON with ``message``.
        delay: Seconds until the call is answered.
        hangs: The call is never answered; it ends with the client or with the server.
        resets: The connection is reset instead of an answer.
    """

    method: str = ""
    path: str = ""
    call: int = 1
    times: int | None = 1
    after: bool = False
    status: int = 0
    message: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str | None = None
    delay: float = 0.0
    hangs: bool = False
    resets: bool = False

    def matches(self, method: str, target: str) -> bool:
        """Whether it concerns this kind of call."""
        return self.method in ("", method) and re.search(self.path, target) is not None

    def hits(self, number: int) -> bool:
        """Whether the matching call of this number is hit."""
        return number >= self.call and (self.times is None or number < self.call + self.times)

    @classmethod
    def unavailable(cls, method: str = "", path: str = "", *, call: int = 1, times: int | None = 1) -> Fault:
        """502, with the page that the load balancer sends."""
        page = "<html><title>502 Bad Gateway</title></html>"
        return cls(method, path, call, times, status=502, text=page, headers={"Content-Type": "text/html"})

    @classmethod
    def secondary_limit(cls, seconds: int | None, method: str = "", path: str = "", *, times: int | None = 1) -> Fault:
        """403 of a secondary rate limit, with Retry-After unless ``seconds`` is None."""
        message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
        headers = {} if seconds is None else {"Retry-After": str(seconds)}
        return cls(method, path, times=times, status=403, message=message, headers=headers)

    @classmethod
    def lost_answer(cls, method: str = "", path: str = "", *, call: int = 1, times: int | None = 1) -> Fault:
        """The connection is reset after the request took effect."""
        return cls(method, path, call, times, after=True, resets=True)

    @classmethod
    def reset(cls, method: str = "", path: str = "", *, call: int = 1, times: int | None = 1) -> Fault:
        """The connection is reset before anything happened."""
        return cls(method, path, call, times, resets=True)
