"""What a run can be told, with its defaults: plain data, filled by ``config`` and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from analyzer.rule import Level

__all__ = [
    "DEFAULT_NEXT_STEPS",
    "AuditSettings",
    "GitHubSettings",
    "PublishSettings",
    "ReportSettings",
    "Settings",
    "WebhookSettings",
]

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
        samples: How many quotes of one fault an incident keeps at most; counts stay exact.
    """

    timezone: str = "UTC"
    environment: str = "staging"
    process: str = "audit-{environment}-logs-gcp-loop"
    next_steps: tuple[str, ...] = DEFAULT_NEXT_STEPS
    impact: Mapping[str, str] = {}
    templates: str = ""
    samples: int = 20


class GitHubSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where issues are opened. The token comes from the environment variable ``GITHUB_TOKEN`` only.

    Attributes:
        repository: ``owner/name``; empty for ``GITHUB_REPOSITORY`` of the environment.
        labels: Labels of every issue, four at most; the first is the one that the issues are found by. ``{priority}``,
            ``{severity}`` and ``{category}`` are filled in, in all but the first.
        close_resolved: An issue is closed when its incident is resolved.
        api_url: Of a GitHub Enterprise server: ``https://ghe.example.com/api/v3``; empty for ``GITHUB_API_URL`` of the
            environment, else github.com.
        debug_logs: URL of the folder where people read the debug logs; empty when they are not published.
    """

    repository: str = ""
    labels: tuple[str, ...] = ("claude-code-generated-issue",)
    close_resolved: bool = False
    api_url: str = ""
    debug_logs: str = ""


class WebhookSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Whom a webhook tells.

    Attributes:
        url: Where to POST; ``https``, or ``http`` on this machine. Empty for ``LOGANALYZE_WEBHOOK_URL`` of the
            environment, which is the place for a URL that holds a secret.
        template: Jinja file that writes the JSON; empty for ``webhook.json.j2`` of the templates.
    """

    url: str = ""
    template: str = ""


class PublishSettings(msgspec.Struct, frozen=True, kw_only=True):
    """Where the audit loop tells of incidents.

    Attributes:
        github: Issues.
        webhook: Slack, or anything that takes JSON.
    """

    github: GitHubSettings = GitHubSettings()
    webhook: WebhookSettings = WebhookSettings()


class AuditSettings(msgspec.Struct, frozen=True, kw_only=True):
    """How the audit loop reads and remembers; durations in nanoseconds.

    Attributes:
        state: File or URL of the state; empty for a file in the platform's state folder, one an environment.
        publish: Who is told of incidents: ``github``, ``webhook``; ``files`` is everyone who gives an output folder.
        overlap: How late an entry may come into the log after its receive time and still be read.
        resolve_after: An incident that has been quiet for so long is resolved.
        step: The longest window that is read at once when the audit has to catch up.
        lease: How long an audit that was killed may block the next one.
    """

    state: str = ""
    publish: tuple[str, ...] = ()
    overlap: int = 120_000_000_000
    resolve_after: int = 86_400_000_000_000
    step: int = 21_600_000_000_000
    lease: int = 60_000_000_000


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One run's settings.

    Attributes:
        project: Google Cloud project id; empty for the credentials' own.
        source: Where entries are fetched from.
        table: The view in BigQuery that has them: ``PROJECT.DATASET.VIEW``, ``DATASET.VIEW`` or the dataset alone.
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
        jobs: How many processes read large files; 0 for as many as there are cores.
        output: File or folder the report goes to; empty for standard output.
        report: How the report is written.
        publish: Where the audit loop tells of incidents.
        audit: How the audit loop reads and remembers.
    """

    project: str = ""
    source: Literal["cloud-logging", "bigquery"] = "cloud-logging"
    table: str = ""
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
    jobs: int = 0
    output: str = ""
    report: ReportSettings = ReportSettings()
    publish: PublishSettings = PublishSettings()
    audit: AuditSettings = AuditSettings()
