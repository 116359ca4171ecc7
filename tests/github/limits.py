"""Rate limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.github.routes import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Limits"]

_HOUR = 3600
_MINUTE = 60


class Limits:
    """Primary and secondary limits of one account.

    Args:
        clock: Seconds since the epoch.
        quota: Calls in a window; None for 5,000, as a user has.
        window: Seconds of a window of the primary limit.
        content: Issues and comments that may be made in one minute.
        retry_after: The secondary limit says how long to wait.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        quota: int | None = None,
        window: int = _HOUR,
        content: int = 80,
        retry_after: bool = True,
    ) -> None:
        self._clock = clock
        self._quota = quota or 5000
        self._window = window
        self._content = content
        self._retry_after = retry_after
        self._used = 0
        self._reset = clock() + window
        self._made: list[float] = []

    def count(self, method: str) -> None:
        """Count one call.

        Raises:
            Refusal: It is over a limit.
        """
        now = self._clock()
        if now >= self._reset:
            self._used, self._reset = 0, now + self._window
        if self._used >= self._quota:
            raise Refusal(403, "API rate limit exceeded for user ID 1.", headers=self.headers())
        self._used += 1
        if method == "POST":
            self._made = [made for made in self._made if made > now - _MINUTE]
            if len(self._made) >= self._content:
                wait = int(self._made[0] + _MINUTE - now) + 1
                headers = {"Retry-After": str(wait)} if self._retry_after else {}
                message = (
                    "You have exceeded a secondary rate limit and have been temporarily blocked from content creation."
                )
                raise Refusal(403, f"{message} Please retry your request again later.", headers=headers)
            self._made.append(now)

    def headers(self) -> dict[str, str]:
        """What every answer says about the primary limit."""
        return {
            "X-RateLimit-Limit": str(self._quota),
            "X-RateLimit-Remaining": str(self._quota - self._used),
            "X-RateLimit-Used": str(self._used),
            "X-RateLimit-Reset": str(int(self._reset)),
            "X-RateLimit-Resource": "core",
        }
