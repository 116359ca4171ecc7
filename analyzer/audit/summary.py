"""The one line of JSON that a pass writes: what it read, what it found, what it published, and how it ended."""

from __future__ import annotations

import msgspec

from analyzer.entries import OWN_LABEL

__all__ = ["SCHEMA", "PassIncidents", "PassSummary", "PassWindow"]

SCHEMA = "loganalyze.pass/1"
"""Name and version of the line's schema."""

_LABELS = {OWN_LABEL: "audit"}


class PassWindow(msgspec.Struct, frozen=True):
    """What was read, by receive time, RFC 3339; the end is not included."""

    start: str
    end: str


class PassIncidents(msgspec.Struct, frozen=True):
    """How many incidents a pass found new, ongoing, back, and resolved; ``open`` is all that are not resolved."""

    new: int = 0
    ongoing: int = 0
    regressed: int = 0
    resolved: int = 0
    open: int = 0


class PassSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One pass.

    Attributes:
        schema: Of this line.
        severity: For Cloud Logging: INFO, WARNING for an incomplete pass or a failed delivery, ERROR for a failed one.
        message: The pass in one sentence.
        labels: Mark the line as the tool's own, so that it never classifies it.
        run_id: 16 hex digits.
        started: RFC 3339.
        duration: Seconds.
        window: None where nothing was read.
        steps: Windows that it took; more than one after a pause.
        behind: Seconds of log that are left to read because the pass ended early.
        complete: Everything up to the window's end was read.
        entries: New entries.
        again: Entries read again for what came late and for context, counted by an earlier pass.
        skipped: Records that could not be read.
        late: Largest lag of receiveTimestamp behind timestamp among the new entries, seconds.
        calls: Calls to the API.
        incidents: Numbers of incidents.
        unclassified: New errors that no rule knows.
        published: Deliveries.
        pending: Publications that wait for the next pass.
        errors: Why the read or a delivery failed, one line each.
        notes: What else there is to say of the read.
        dry_run: Nothing was changed; ``would`` says what would have been published.
        would: One line a publication.
    """

    schema: str = SCHEMA
    severity: str = "INFO"
    message: str = ""
    labels: dict[str, str] = msgspec.field(name="logging.googleapis.com/labels", default_factory=lambda: dict(_LABELS))
    run_id: str
    started: str
    duration: float
    window: PassWindow | None
    steps: int
    behind: float
    complete: bool
    entries: int
    again: int
    skipped: int
    late: float
    calls: int
    incidents: PassIncidents
    unclassified: int
    published: int
    pending: int
    errors: list[str]
    notes: list[str]
    dry_run: bool = False
    would: list[str] = []

    def to_json(self) -> str:
        """The line, without its line feed."""
        return msgspec.json.encode(self).decode()
