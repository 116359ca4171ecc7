"""A GitHub REST API on this machine, for tests: what issues need of it, with its limits and its failures.

``GitHubApi`` behaves as https://docs.github.com/en/rest describes: pages with ``Link`` headers, primary and secondary
rate limits, permissions by account, labels that are dropped without a word, a search that lags behind, refusals with
GitHub's own words. ``Fault`` scripts what goes wrong at which call, before the call takes effect or after it.
"""

from __future__ import annotations

from tests.github.accounts import Account
from tests.github.faults import Fault
from tests.github.server import Call, GitHubApi
from tests.github.store import Comment, Issue

__all__ = ["Account", "Call", "Comment", "Fault", "GitHubApi", "Issue"]
