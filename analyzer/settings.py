"""What a run can be told, with its defaults: plain data, filled by ``config`` and the command line."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from analyzer.rule import Level

__all__ = ["DEFAULT_NEXT_STEPS", "ReportSettings", "Settings"]

DEFAULT_NEXT_STEPS = (
    "Five WHYs Analysis via sub-agent",
    "...",
    "Create GitHub issue with claude-code-generated-issue label",
    "Execute remediation plan",
)
"""The steps of the audit loop; ``...`` stands for the steps that the incident's rules give."""


class ReportSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How a report is written.

    Attributes:
        timezone: IANA name of the zone that titles, file names and the second time column use.
        environment: Name of the environment, for headings: ``staging``.
        process: Name of the process in the footer; ``{environment}`` is filled in.
        next_steps: Steps of every debug log; ``...`` is where the rules' own steps go.
        impact: Category (or rule name) to a sentence on what it means for the business here, put before the rules' own.
        templates: Folder with the user's templates, looked up before the built-in ones; empty for none.
        samples: How many quotes and insertIds of one rule an incident keeps at most; counts stay exact.
    """

    timezone: str = "UTC"
    environment: str = "staging"
    process: str = "audit-{environment}-logs-gcp-loop"
    next_steps: tuple[str, ...] = DEFAULT_NEXT_STEPS
    impact: Mapping[str, str] = {}
    templates: str = ""
    samples: int = 20


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One run's settings.

    Attributes:
        project: Google Cloud project id; empty for the credentials' own.
        services: Only these services; empty for all.
        log_names: Only these logs (short names such as ``run.googleapis.com/stderr``); empty for all.
        filter: Further Logging query, joined with AND.
        rules: Folders or files of the user's own rules.
        pack: The built-in pack is used too.
        disable: Names of rules that are silenced.
        context: Nanoseconds around a finding whose entries are fetched with it.
        pushdown: The server is asked only for what rules or severities need.
        min_severity: Incidents below it are left out of the report.
        fail_on: Incidents at or above it make the exit status 1; None for never.
        limit: Stop after this many entries; 0 for no limit.
        deadline: Nanoseconds a fetch may take in all.
        output: File or folder the report goes to; empty for standard output.
        report: How the report is written.
    """

    project: str = ""
    services: tuple[str, ...] = ()
    log_names: tuple[str, ...] = ()
    filter: str = ""
    rules: tuple[str, ...] = ()
    pack: bool = True
    disable: tuple[str, ...] = ()
    context: int = 30_000_000_000
    pushdown: bool = True
    min_severity: Level = Level.LOW
    fail_on: Level | None = None
    limit: int = 0
    deadline: int = 600_000_000_000
    output: str = ""
    report: ReportSettings = ReportSettings()
