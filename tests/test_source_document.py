"""The document that loganalyze was made to write, from the lines it was written from."""

from __future__ import annotations

import pytest

from analyzer import analyze

ZONE = "America/Los_Angeles"
MIGRATION = [
    "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.",
    "INFO  [alembic.runtime.migration] Will assume transactional DDL.",
    "Alembic migrations completed successfully",
    "Step 3: Migrations completed",
]
FAILURES = [
    "✗ Missing critical user tables: ['user_sessions']",
    "✗ Golden path validation failed: Users cannot log in without proper auth=REDACTED",
    "✗ Service dependency validation FAILED - 0 services failed, critical business functionality at risk",
    (
        "⚠️ Extra tables in database not defined in models: \\n"
        "   {'auth_users', 'password_reset_tokens', 'alembic_version', 'auth_audit_logs', 'auth_sessions'}"
    ),
    "Migration Mode: factory_preferred",
    "Startup validation: BYPASSED (BYPASS_STARTUP_VALIDATION=true)",
    "Critical failures: 1",
    "Business impact: Chat functionality threatened",
]
AS_QUOTED = [
    "- Context impl PostgresqlImpl initialized",
    "- Transactional DDL assumed",
    "- Alembic migrations completed successfully",
    '- Migration status shows "Step 3: Migrations completed"',
]
EXTRA = ["auth_users", "password_reset_tokens", "alembic_version", "auth_audit_logs", "auth_sessions"]


def entry(number: int, time: str, text: str) -> dict[str, object]:
    return {
        "insertId": f"68c0c{number:03d}",
        "logName": "projects/acme-staging/logs/run.googleapis.com%2Fstderr",
        "timestamp": time,
        "receiveTimestamp": time.replace("Z", "") + "9Z",
        "resource": {
            "type": "cloud_run_revision",
            "labels": {
                "project_id": "acme-staging",
                "service_name": "backend-staging",
                "revision_name": "backend-staging-00035-fnj",
                "location": "us-central1",
            },
        },
        "labels": {"instanceId": "00f46b92858a" * 8},
        "textPayload": text,
    }


def entries(migration: list[str], failures: list[str]) -> list[dict[str, object]]:
    first = [entry(n, f"2025-09-10T00:33:51.{n:06d}Z", text) for n, text in enumerate(migration)]
    return first + [entry(100 + n, f"2025-09-10T00:33:54.{n:06d}Z", text) for n, text in enumerate(failures)]


def debug_log(given: list[dict[str, object]]) -> tuple[str, str]:
    report = analyze(given, timezone=ZONE)
    assert len(report.incidents) == 1
    incident = report.incidents[0]
    return report.debug_log_name(incident), report.debug_log(incident)


def split_lines(failures: list[str]) -> list[str]:
    return [line for text in failures for line in text.split("\n")]


@pytest.mark.parametrize("migration", [MIGRATION, AS_QUOTED], ids=["as logged", "as the document words them"])
@pytest.mark.parametrize("split", [False, True], ids=["whole", "split at line feeds"])
@pytest.mark.parametrize("dashed", [False, True], ids=["plain states", "dashed states"])
def test_the_debug_log_holds_every_fact_of_the_source_document(
    migration: list[str],
    split: bool,
    dashed: bool,
) -> None:
    failures = split_lines(FAILURES) if split else FAILURES
    if dashed:
        states = ("Migration Mode", "Startup validation", "Critical failures", "Business impact")
        failures = [f"- {line}" if line.startswith(states) else line for line in failures]
    name, text = debug_log(entries(migration, failures))
    assert name == "database_table_migration_inconsistency_20250909.md"
    lines = text.splitlines()
    assert lines[0] == "# Database Table Migration Inconsistency Debug Log - 20250909"
    for heading in (
        "## ISSUE IDENTIFIED",
        "### Primary Problem",
        "### Error Symptoms from GCP Staging Logs (2025-09-10T00:33:54Z)",
        "**CRITICAL FAILURES:**",
        "**SCHEMA VALIDATION WARNINGS:**",
        "**SYSTEM STATE:**",
        "### Business Impact",
        "## Log Analysis Timeline",
        "### Recent Deployment (2025-09-10T00:33:51Z)",
        "### Validation Failures (2025-09-10T00:33:54Z)",
        "## Next Steps",
        "*Debug log created as part of audit-staging-logs-gcp-loop process*",
    ):
        assert heading in lines, heading
    assert "**Database Table Migration Inconsistency - Missing Critical User Tables" in text
    for quoted in split_lines(FAILURES):
        assert any(quoted.rstrip() in line for line in lines), quoted
    assert "`user_sessions`" in text
    assert all(table in text for table in EXTRA)
    assert "despite migrations completed" in text
    assert "logging in" in text
    assert "chat" in text.lower()
    for fact in ("PostgresqlImpl", "ransactional DDL", "igrations completed", "Step 3: Migrations completed"):
        assert fact in text, fact
    for step in ("Five WHYs Analysis via sub-agent", "schema test suite", "claude-code-generated-issue label"):
        assert step in text, step
    assert "Execute remediation plan" in text


def test_the_report_follows_the_entries_when_they_name_another_table() -> None:
    changed = [line.replace("user_sessions", "login_tickets").replace("auth_users", "ledger_rows") for line in FAILURES]
    _, text = debug_log(entries(MIGRATION, changed))
    assert "`login_tickets`" in text
    assert "ledger_rows" in text
    assert "user_sessions" not in text
    assert "auth_users" not in text


def test_without_the_migration_lines_nothing_is_said_to_have_completed() -> None:
    _, text = debug_log(entries([], FAILURES))
    assert "igrations completed" not in text
    assert "Recent Deployment" not in text


@pytest.mark.parametrize("sign", ["\\u2717", "[U+2717]", "?", "✘", ""])
def test_the_sign_before_a_failure_may_be_spelled_in_any_way(sign: str) -> None:
    failures = [line.replace("✗", sign).strip() for line in FAILURES]
    name, _ = debug_log(entries(MIGRATION, failures))
    assert name == "database_table_migration_inconsistency_20250909.md"
