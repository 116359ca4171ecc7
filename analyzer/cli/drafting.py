"""Finding the error that ``rules draft`` is asked for, and the messages around it."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from analyzer.cli import console
from analyzer.cli.source import server
from analyzer.coverage import Ledger
from analyzer.entries import EntryError, decode
from analyzer.errors import UsageError
from analyzer.incidents import cluster
from analyzer.matching import Matcher
from analyzer.model import Notice
from analyzer.pipeline import classify, with_outages
from analyzer.redact import Redactor
from analyzer.ruleset.draft import draft
from analyzer.safe import visible
from analyzer.template import mask
from analyzer.window import parse_window

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from analyzer.model import LogEntry
    from analyzer.outcome import Cluster
    from analyzer.rule import Rule
    from analyzer.settings import Settings

__all__ = ["draft_from"]

_MOST_KINDS = 20_000


def draft_from(
    cluster_id: str, paths: Sequence[str] | None, since: str, settings: Settings, rules: Sequence[Rule]
) -> str:
    """The rule file for one unknown error.

    Args:
        cluster_id: The error's id or its beginning; empty for the gravest and most frequent.
        paths: Captures to look in; none for the server.
        since: The window to look in there.
        settings: Project and scope.
        rules: The rules that know the other errors.

    Raises:
        UsageError: There is no such error, or nothing in it stays the same.
    """
    messages: dict[str, str] = {}
    records = _records(paths, since, settings)
    ledger = Ledger()
    classified = classify(_noting(records, messages), Matcher(rules), ledger)
    found = cluster(with_outages(classified, ledger).unknown)
    redactor = Redactor()
    chosen = _choose(found, cluster_id, redactor)
    others = (redactor.redact(text) for template, text in messages.items() if template not in chosen.template)
    try:
        return draft(chosen, redactor.redact(chosen.example), others)
    except ValueError as error:
        raise UsageError(f"no rule can be drafted for {chosen.id}: {error}") from error


def _records(paths: Sequence[str] | None, since: str, settings: Settings) -> Iterable[LogEntry | Notice]:
    if paths:
        from analyzer.sources.files import Files  # noqa: PLC0415

        return Files(paths).read(None)
    source = server(msgspec.structs.replace(settings, pushdown=False), ())
    return source.read(parse_window(since, None, time.time_ns()))


def _noting(records: Iterable[LogEntry | Notice], messages: dict[str, str]) -> Iterator[LogEntry | Notice]:
    """The records as they come, one message of each kind noted on the way."""
    for record in records:
        if isinstance(record, Notice):
            console.warn(record.text)
        elif len(messages) < _MOST_KINDS:
            try:
                message = decode(record).message
            except EntryError:
                continue
            messages.setdefault(mask(message), message)
        yield record


def _choose(found: Sequence[Cluster], cluster_id: str, redactor: Redactor) -> Cluster:
    if not found:
        raise UsageError("there is no error that no rule knows", hint="see: rules match")
    if not cluster_id:
        return found[0]
    chosen = [one for one in found if one.id.startswith(cluster_id)]
    if len(chosen) != 1:
        known = "\n".join(
            f"{one.id}  {one.count} times  {visible(redactor.within([one.example])(one.template)[:80])}"
            for one in found
        )
        what = "is not one of the unclassified errors" if not chosen else "is the beginning of several ids"
        raise UsageError(f"{cluster_id} {what}", hint=known)
    return chosen[0]
