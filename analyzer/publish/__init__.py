"""Where reports go: files, GitHub issues, webhooks; one protocol, one module a kind of publisher.

The audit loop writes what is to be published into its outbox, in the transaction that records the incident, and hands
it to publishers afterwards. A delivery may be repeated (a crash between the call and its record leaves no trace), so a
publisher must recognise what it has published by :attr:`Publication.key` and :attr:`Publication.fingerprint`.
"""

from __future__ import annotations

import enum
from typing import Protocol

import msgspec

from analyzer.redact import Redacted

__all__ = ["Action", "Kind", "Publication", "Publisher", "Receipt"]


class Kind(enum.StrEnum):
    """What happened to an incident."""

    NEW = "new"
    ONGOING = "ongoing"
    REGRESSED = "regressed"
    RESOLVED = "resolved"


class Action(enum.StrEnum):
    """What a publisher did."""

    CREATED = "created"
    UPDATED = "updated"
    COMMENTED = "commented"
    REOPENED = "reopened"
    CLOSED = "closed"
    SENT = "sent"
    UNCHANGED = "unchanged"


class Publication(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to tell the world about one incident. All text in it is redacted.

    Attributes:
        outbox_id: Row of the outbox; grows, so publications of one incident come in its order.
        key: Idempotency key, 32 hex digits: the same in every attempt to deliver this, and no other's.
        fingerprint: Of the incident, 16 hex digits; the same over runs, revisions and instances.
        incident_id: The short id that people type.
        kind: What happened.
        title: The incident's title, one line.
        body: The debug log, Markdown; already made safe.
        file_name: Of the debug log, ``[a-z0-9_]+.md``; never changes for an incident.
        labels: Labels that the configuration wants on it.
        priority: ``P0`` to ``P3``.
        severity: ``low``, ``medium``, ``high`` or ``critical``.
        category: Of the cause's rule: ``schema``, ``migration``.
        first_seen: RFC 3339, UTC: the first failure over all passes.
        last_seen: The latest.
        count: Failures and consequences over all passes, exact.
        summary: What changed in this pass, one line: "12 more since 10:15Z, 40 in all".
        run_id: The pass that wrote it, 16 hex digits.
        reference: What this publisher's last receipt for this incident referred to; empty when there is none. A hint
            that saves a search, not a proof: what it names may have been closed, deleted or changed by others.
    """

    outbox_id: int
    key: str
    fingerprint: str
    incident_id: str
    kind: Kind
    title: Redacted
    body: Redacted
    file_name: str
    labels: tuple[str, ...]
    priority: str
    severity: str
    category: str
    first_seen: str
    last_seen: str
    count: int
    summary: Redacted
    run_id: str
    reference: str = ""


class Receipt(msgspec.Struct, frozen=True):
    """Proof of a delivery.

    Attributes:
        reference: URL of the issue, path of the file; what people open, and what the next publication carries.
        action: What was done.
    """

    reference: str
    action: Action


class Publisher(Protocol):
    """Anything that takes publications. One object serves one pass, from one thread."""

    @property
    def name(self) -> str:
        """The word that chooses it on the command line (``github``); deliveries are recorded under it."""
        ...

    def publish(self, publication: Publication) -> Receipt:
        """Publish, or recognise that it has been published already; may be called again with the same publication.

        Raises:
            PublishError: It could not be published; it is kept and tried again in the next pass.
        """
        ...

    def describe(self, publication: Publication) -> str:
        """What :meth:`publish` would do, in one line, without doing or asking anything that changes the world."""
        ...
