"""Publications, clocks and publishers for the tests of this folder."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import msgspec

from analyzer.publish import Kind, Publication
from analyzer.publish.github import GitHubPublisher, github_publisher
from analyzer.publish.timing import Timing
from analyzer.redact import Redacted
from analyzer.settings import GitHubSettings

if TYPE_CHECKING:
    from tests.github import GitHubApi

__all__ = ["LABEL", "Clock", "after", "publication", "publisher"]

LABEL = "claude-code-generated-issue"
_BODY = """# Missing critical user tables Debug Log - 20250910

## ISSUE IDENTIFIED
**Missing critical user tables**

### Primary Problem
The start-up validation found no `user_sessions`.

### Error Symptoms from GCP Staging Logs (2025-09-10T00:33:54Z)

**CRITICAL FAILURES:**
```
Missing critical user tables: ['user_sessions']
```

### Business Impact
Nobody can log in.

## Coverage
- Read 1,204 entries from 2025-09-10T00:00Z to 2025-09-10T01:00Z.

## Next Steps
1. Compare the models with the migrations that ran
"""


def publication(**changes: Any) -> Publication:
    """A new incident, with what a test changes about it."""
    new = Publication(
        outbox_id=1,
        key="0123456789abcdef" * 2,
        fingerprint="feedfacecafebeef",
        incident_id="feedface",
        kind=Kind.NEW,
        title=Redacted("Missing critical user tables: user_sessions"),
        body=Redacted(_BODY),
        file_name="missing_critical_user_tables_20250910.md",
        labels=(),
        priority="P0",
        severity="critical",
        category="schema",
        first_seen="2025-09-10T00:33:54Z",
        last_seen="2025-09-10T00:41:10Z",
        count=3,
        summary=Redacted("3 in all"),
        run_id="00000000000000a1",
    )
    return msgspec.structs.replace(new, **changes)


def after(before: Publication, kind: Kind, **changes: Any) -> Publication:
    """The next publication of the same incident, in a later pass."""
    number = before.outbox_id + 1
    changes = {"outbox_id": number, "key": f"{number:032x}", "run_id": f"{number:016x}", "kind": kind, **changes}
    return msgspec.structs.replace(before, **changes)


class Clock:
    """A clock that sleeping moves at once, here and in a server that is given :meth:`now`."""

    def __init__(self) -> None:
        self.slept: list[float] = []
        self._ahead = 0.0

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._ahead += seconds

    def now(self) -> float:
        return time.time() + self._ahead

    def monotonic(self) -> float:
        return time.monotonic() + self._ahead

    def timing(self, *, patience: float = 90.0, pace: float = 0.0) -> Timing:
        return Timing(patience=patience, timeout=1, pace=pace, sleep=self.sleep, monotonic=self.monotonic, now=self.now)


def publisher(api: GitHubApi, clock: Clock | None = None, *, token: str = "", **settings: Any) -> GitHubPublisher:
    """What one pass has: a publisher that knows nothing yet."""
    token = token or api.accounts[0].token
    environment = {"GITHUB_TOKEN": token, "GITHUB_REPOSITORY": api.repository, "GITHUB_API_URL": api.url}
    return github_publisher(GitHubSettings(**settings), environment, timing=(clock or Clock()).timing())
