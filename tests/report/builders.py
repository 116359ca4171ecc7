"""Incidents built by hand, as the incidents stage would hand them over."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from analyzer.model import Coverage, Entry, Event, Match, Severity, SourceInfo, Window
from analyzer.outcome import Cluster, Deploy, Incident, TimelineItem, Why
from analyzer.redact import Redactor
from analyzer.report import Report, build
from analyzer.rule import Category, Level, Role, Rule
from analyzer.settings import ReportSettings
from analyzer.times import parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence

SECOND = 1_000_000_000
NOW = parse_timestamp("2025-09-10T01:00:00Z")
WINDOW = Window(NOW - 3600 * SECOND, NOW)
SOURCE = SourceInfo(
    kind="cloud-logging",
    name="acme-staging",
    filter='resource.type="cloud_run_revision" AND severity>=WARNING',
    project="acme-staging",
)
COVERAGE = Coverage(
    entries=3214,
    first=WINDOW.start + 4 * SECOND,
    last=WINDOW.end - 7 * SECOND,
    complete=True,
    duplicates=3,
    skipped=0,
    severities={"INFO": 3190, "WARNING": 14, "ERROR": 10},
    services={"backend-staging": 3000, "auth-staging": 214},
    late=4_200_000_000,
)
SETTINGS = ReportSettings()


def at(clock: str) -> int:
    """Nanoseconds of a clock time on the day of the story: ``00:33:54.120``."""
    return parse_timestamp(f"2025-09-10T{clock}Z")


def make_rule(name: str, role: Role = Role.FAILURE, level: Level = Level.CRITICAL, **others: Any) -> Rule:
    others.setdefault("title", name.replace("_", " ").capitalize())
    others.setdefault("category", Category.SCHEMA)
    return Rule(name=name, id=f"id-{name}", role=role, level=level, **others)


def make_entry(message: str, clock: str, **others: Any) -> Entry:
    time = at(clock)
    values: dict[str, Any] = {
        "timestamp": time,
        "time": time,
        "received": time + SECOND,
        "severity": Severity.ERROR,
        "given_severity": Severity.DEFAULT,
        "message": message,
        "service": "backend-staging",
        "revision": "backend-staging-00042-kes",
        "instance": "00f46b92",
        "project": "acme-staging",
        "log": "run.googleapis.com/stderr",
        "insert_id": f"id-{clock.replace(':', '').replace('.', '-')}",
        "raw": {"textPayload": message},
    }
    return Entry(**{**values, **others})


def make_match(rule: Rule, message: str, clock: str, *, root: str = "", fields: Any = None, **others: Any) -> Match:
    entry = make_entry(message, clock, **others)
    event = Event(entries=(entry,), message=message, severity=entry.severity, root=root)
    return Match(rule=rule, event=event, fields=fields or {})


def make_incident(cause: Match, **others: Any) -> Incident:
    failures = others.pop("failures", (cause,))
    consequences = others.pop("consequences", ())
    values: dict[str, Any] = {
        "fingerprint": "5e1f0c9a7b3d2468",
        "title": cause.rule.title,
        "subject": "",
        "category": cause.rule.category,
        "level": cause.rule.level,
        "first": cause.time,
        "last": max(match.time for match in (*failures, *consequences)),
        "count": len(failures) + len(consequences),
        "starts": 0,
        "services": (cause.event.first.service,),
        "revisions": (cause.event.first.revision,),
        "instances": (cause.event.first.instance,),
        "cause": cause,
        "failures": failures,
        "consequences": consequences,
        "context": (),
        "counts": {m.rule.name: (m.rule.role, 1, m.time, m.time) for m in (*failures, *consequences)},
        "entities": {},
        "timeline": tuple(make_item(m) for m in (*failures, *consequences)),
        "contradicts": (),
        "deploy": None,
        "whys": (),
        "problem": "",
        "impact": "",
        "next_steps": (),
        "core_ids": tuple(i for match in failures for i in match.insert_ids),
        "consequence_ids": tuple(i for match in consequences for i in match.insert_ids),
        "context_ids": (),
    }
    return Incident(**{**values, **others})


def make_item(match: Match, *, phase: str = "Validation Failures", text: str = "", **others: Any) -> TimelineItem:
    values: dict[str, Any] = {
        "time": match.time,
        "last": match.time,
        "phase": phase,
        "role": match.rule.role,
        "rule": match.rule.name,
        "text": text or match.rule.title,
        "quote": match.event.message.splitlines()[0],
        "insert_ids": match.insert_ids,
    }
    return TimelineItem(**{**values, **others})


def make_report(  # noqa: PLR0917 (everything a report says)
    incidents: Sequence[Incident] = (),
    clusters: Sequence[Cluster] = (),
    coverage: Coverage = COVERAGE,
    settings: ReportSettings = SETTINGS,
    source: SourceInfo = SOURCE,
    window: Window = WINDOW,
    matches: Sequence[Match] | None = None,
) -> Report:
    if matches is None:
        matches, incidents = _all_matches(incidents)
    return build(
        incidents,
        clusters,
        coverage,
        source,
        window,
        settings,
        generated_at=NOW,
        matches=matches,
        redactor=Redactor(b"a key for tests"),
    )


def _all_matches(incidents: Sequence[Incident]) -> tuple[list[Match], list[Incident]]:
    """The matches that incidents have as samples, and the incidents with the places of their happenings among these."""
    matches: list[Match] = []
    placed = []
    for incident in incidents:
        failing = [*incident.failures, *incident.consequences]
        happenings = range(len(matches), len(matches) + len(failing))
        placed.append(msgspec.structs.replace(incident, happenings=happenings))
        matches += [*failing, *incident.context]
    return matches, placed


def missing_tables() -> Incident:
    """The story of the source document: a deploy, migrations that say completed, a table that is not there."""
    tables = make_match(
        make_rule("critical_tables_missing", title="Missing critical user tables"),
        "✗ Missing critical user tables: ['user_sessions']",
        "00:33:54.120",
        fields={"tables": ("user_sessions",)},
    )
    golden = make_match(
        make_rule("golden_path_failed", Role.CONSEQUENCE, title="Golden path validation failed"),
        "✗ Golden path validation failed: Users cannot log in without proper auth=REDACTED",
        "00:33:54.121",
    )
    services = make_match(
        make_rule(
            "service_dependencies_failed", Role.CONSEQUENCE, Level.HIGH, title="Service dependency validation failed"
        ),
        "✗ Service dependency validation FAILED - 0 services failed, critical business functionality at risk",
        "00:33:54.125",
    )
    extra = make_match(
        make_rule("extra_tables", Role.FAILURE, Level.MEDIUM, title="Extra tables in the database"),
        "⚠️ Extra tables in database not defined in models: \n"
        "   {'auth_users', 'password_reset_tokens', 'alembic_version', 'auth_audit_logs', 'auth_sessions'}",
        "00:33:54.130",
        fields={
            "tables": ("auth_users", "password_reset_tokens", "alembic_version", "auth_audit_logs", "auth_sessions")
        },
    )
    state = make_rule("system_state", Role.STATE, Level.INFORMATIONAL)
    states = tuple(
        make_match(state, text, f"00:33:54.14{number}", severity=Severity.INFO)
        for number, text in enumerate(
            (
                "Migration Mode: factory_preferred",
                "Startup validation: BYPASSED (BYPASS_STARTUP_VALIDATION=true)",
                "- Critical failures: 1",
                "- Business impact: Chat functionality threatened",
            )
        )
    )
    done = make_match(
        make_rule("migrations_completed", Role.ALL_CLEAR, Level.INFORMATIONAL, title="Migrations completed"),
        "Step 3: Migrations completed",
        "00:33:51.900",
        severity=Severity.INFO,
    )
    context = make_match(
        make_rule("alembic_context", Role.MILESTONE, Level.INFORMATIONAL, title="Alembic opened a migration context"),
        "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.",
        "00:33:51.104",
        severity=Severity.INFO,
    )
    return make_incident(
        tables,
        title="Database Table Migration Inconsistency",
        subject="Missing Critical User Tables",
        failures=(tables, extra),
        consequences=(golden, services),
        context=(context, done, *states),
        contradicts=(done,),
        starts=1,
        entities={"tables": ("user_sessions", "auth_users", "password_reset_tokens")},
        timeline=(
            make_item(context, phase="Recent Deployment"),
            make_item(done, phase="Recent Deployment", contradicted=True),
            make_item(tables, text="Missing critical user tables: user_sessions, despite migrations completed"),
            make_item(golden),
            make_item(services),
            make_item(extra),
        ),
        deploy=Deploy("backend-staging-00042-kes", at("00:33:48"), failed_before=False, delay=6_120_000_000),
        problem="The start-up validation found no `user_sessions` table, and the database has tables that no model "
        "defines: `auth_users`, `password_reset_tokens`, `alembic_version`, `auth_audit_logs`, `auth_sessions`.",
        impact="Users cannot log in, which threatens the chat.",
        next_steps=("Compare the models of `backend-staging` with the migrations that ran",),
        whys=(
            Why("Golden path validation failed", golden.event.message, golden.event.first.insert_id),
            Why("Missing critical user tables: user_sessions", tables.event.message, tables.event.first.insert_id),
        ),
        context_ids=(*done.insert_ids, *context.insert_ids),
    )


TRACEBACK = "\n".join(
    [
        "Traceback (most recent call last):",
        *(
            line
            for number in range(12)
            for line in (
                f'  File "/app/app/module_{number}.py", line {number + 7}, in load',
                f"    step_{number}(config)",
            )
        ),
        "ModuleNotFoundError: No module named 'app.billing'",
        "",
        "During handling of the above exception, another exception occurred:",
        "",
        '  File "/usr/local/lib/python3.11/site-packages/gunicorn/arbiter.py", line 609, in spawn_worker',
        "gunicorn.errors.HaltServer: <HaltServer 'Worker failed to boot.' 3>",
    ]
)


def crash_loop() -> Incident:
    """A missing module that keeps two instances from starting, again and again."""
    cause = make_match(
        make_rule("module_missing", level=Level.HIGH, title="A module is missing", category=Category.DEPENDENCY),
        TRACEBACK,
        "00:12:03.000000250",
        root="ModuleNotFoundError: No module named 'app.billing'",
        service="worker-staging",
        revision="worker-staging-00007-abc",
    )
    exited = make_match(
        make_rule(
            "container_exited", Role.CONSEQUENCE, Level.HIGH, title="The container exited", category=Category.CRASH
        ),
        "Container called exit(3).",
        "00:12:04",
        service="worker-staging",
        log="run.googleapis.com/varlog/system",
    )
    refused = make_match(
        make_rule(
            "malformed_response", Role.CONSEQUENCE, Level.MEDIUM, title="Requests failed", category=Category.HTTP
        ),
        "The request failed because either the HTTP response was malformed or connection to the instance had an error.",
        "00:12:05",
        service="worker-staging",
        log="run.googleapis.com/requests",
    )
    counts = {
        "module_missing": (Role.FAILURE, 25, cause.time, at("00:52:03")),
        "container_exited": (Role.CONSEQUENCE, 25, exited.time, at("00:52:04")),
        "malformed_response": (Role.CONSEQUENCE, 38, refused.time, at("00:52:09")),
    }
    return make_incident(
        cause,
        fingerprint="00c0ffee00c0ffee",
        title="Missing module: app.billing",
        consequences=(exited, refused),
        last=at("00:52:09"),
        count=88,
        starts=25,
        counts=counts,
        period=100 * SECOND,
        entities={"module": ("app.billing",)},
        timeline=tuple(
            make_item(m, phase=phase, count=counts[m.rule.name][1], last=counts[m.rule.name][3])
            for m, phase in ((cause, "Dependency Failures"), (exited, "Consequences"), (refused, "Consequences"))
        ),
        deploy=Deploy("worker-staging-00007-abc", at("00:11:59"), failed_before=None, delay=4_000_000_250),
        problem="`worker-staging` cannot import `app.billing`.",
        next_steps=("Add `app.billing` to the image, or take its import out",),
        whys=(Why("Missing module: app.billing", cause.event.root, cause.event.first.insert_id),),
    )


def hostile_names() -> Incident:
    """Names and messages that try to become markup, and secrets that must not be printed."""
    message = (
        "FATAL:  password authentication failed for `@octocat` <script>alert(1)</script> ```` fixes #1 "
        "\x1b[31mred\x1b[0m \u202edetrever | postgresql://app:hunter2@10.0.0.5:5432/app from 8.8.8.8 by bob@example.com"
    )
    cause = make_match(
        make_rule("login_refused", level=Level.MEDIUM, title="The database refused a login", category=Category.AUTH),
        message,
        "00:20:00.5",
        service="auth-staging",
        insert_id="id|`weird`",
    )
    return make_incident(
        cause,
        fingerprint="0123456789abcdef",
        title="Login refused for @octocat [x](http://evil.example) <b>",
        problem="The database refuses `app``; DROP` and @octocat, see #12 and https://evil.example/x.",
        deploy=Deploy("auth-staging-00003-xyz", at("00:40:00"), failed_before=True, delay=None),
    )


def unknown_error() -> Cluster:
    return Cluster(
        id="a1b2c3d4e5f6",
        template="Quota <*> exceeded for tenant <*>",
        severity=Severity.ERROR,
        count=1204,
        first=at("00:05:00"),
        last=at("00:55:00.25"),
        services=("billing-staging",),
        insert_ids=("u1", "u2"),
        example="Quota 17 exceeded for tenant | alice@example.com",
    )
