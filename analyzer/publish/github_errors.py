"""What an answer of GitHub's means for the call: try again and when, has it perhaps taken effect, what to tell people.

Rate limits: https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api. A secondary limit without
Retry-After is waited out for a minute, as that page asks.
"""

from __future__ import annotations

import email.utils
from typing import TYPE_CHECKING

import msgspec

from analyzer.safe import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    import github
    import requests

__all__ = ["Verdict", "judge_answer", "judge_transport"]

_SECONDARY_WAIT = 60.0
_FORBIDDEN, _NOT_FOUND, _GONE, _TOO_MANY = 403, 404, 410, 429
_UNAUTHORIZED, _INVALID, _SERVER = 401, 422, 500
_LONGEST = 300


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """A failed call, judged.

    Attributes:
        message: What is wrong, one line.
        hint: What to do about it.
        wait: Seconds after which a repetition makes sense: 0.0 for soon; None for never.
        limited: It is a rate limit: no other call makes sense before that either.
        taken: It may have taken effect.
        status: HTTP status; 0 when there was no answer.
    """

    message: str
    hint: str = ""
    wait: float | None = None
    limited: bool = False
    taken: bool = False
    status: int = 0


def judge_answer(error: github.GithubException, now: float) -> Verdict:
    """Judge an answer of 4xx or 5xx.

    Args:
        error: As PyGithub raises it.
        now: Seconds since the epoch.
    """
    status = error.status
    headers = {str(name).lower(): str(value) for name, value in (error.headers or {}).items()}
    said = _said(error.data)
    limit = _limit(status, headers, said, now)
    if limit is not None:
        return Verdict(message="GitHub's rate limit is reached", wait=limit, limited=True, status=status)
    if status >= _SERVER:
        return Verdict(message=f"GitHub answered {status}", wait=0.0, taken=True, status=status)
    hints = {
        _UNAUTHORIZED: "GITHUB_TOKEN is wrong or has expired",
        _FORBIDDEN: "the token needs the permission Issues: read and write",
        _NOT_FOUND: "check the repository, and that the token may see it",
        _GONE: "issues must be enabled in the repository's settings",
        _INVALID: "check your own templates and labels",
    }
    words = f"GitHub refused with {status}" + (f": {said}" if said else "")
    return Verdict(message=words, hint=hints.get(status, ""), status=status)


def judge_transport(error: requests.exceptions.RequestException) -> Verdict:
    """Judge a call without an answer. The error's own words are left out, for they may hold a proxy's password."""
    import requests  # noqa: PLC0415 (comes with the extra)
    import urllib3  # noqa: PLC0415

    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
        kind = "certificate" if isinstance(error, requests.exceptions.SSLError) else "proxy"
        return Verdict(message=f"GitHub cannot be reached: the {kind} is refused", hint=f"check the {kind}")
    reason = getattr(error.args[0], "reason", None) if error.args else None
    if isinstance(error, requests.exceptions.ConnectTimeout) or isinstance(
        reason, urllib3.exceptions.NewConnectionError | urllib3.exceptions.ConnectTimeoutError
    ):
        return Verdict(message="GitHub cannot be reached", hint="check the network and GITHUB_API_URL", wait=0.0)
    if isinstance(error, requests.exceptions.Timeout):
        return Verdict(message="GitHub did not answer in time", wait=0.0, taken=True)
    return Verdict(message="the connection to GitHub broke", wait=0.0, taken=True)


def _limit(status: int, headers: Mapping[str, str], said: str, now: float) -> float | None:
    """Seconds to wait when it is a rate limit, else None."""
    if status not in (_FORBIDDEN, _TOO_MANY):
        return None
    after = _after(headers.get("retry-after", ""), now)
    if after is not None:
        return after
    reset = headers.get("x-ratelimit-reset", "")
    if headers.get("x-ratelimit-remaining") == "0" and reset.isdigit():
        # It is not said when in that second.
        return max(0.0, int(reset) - now) + 1.0
    spoken = "rate limit" in said.lower() or "abuse" in said.lower()
    return _SECONDARY_WAIT if spoken or status == _TOO_MANY else None


def _after(value: str, now: float) -> float | None:
    """Retry-After, RFC 9110: seconds or a date."""
    if value.isdigit():
        return float(value)
    try:
        return max(0.0, email.utils.parsedate_to_datetime(value).timestamp() - now)
    except (TypeError, ValueError):
        return None


def _said(data: object) -> str:
    """GitHub's own words, in one line that a terminal can take."""
    if not isinstance(data, dict):
        return ""
    details = data.get("errors")
    words = [data.get("message")]
    words += [item.get("message") for item in details if isinstance(item, dict)] if isinstance(details, list) else []
    line = "; ".join(" ".join(visible(word).split()) for word in words if isinstance(word, str))
    return line[:_LONGEST]
