"""The ordinary life of a service: what fills a capture and is no incident, however much it looks like one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.captures.stage import Place, Stage

__all__ = ["healthy_start", "life", "stop"]

PATHS = ("/api/parcels", "/api/parcels/4411", "/api/fields", "/api/harvests", "/api/me", "/health")
SCANS = ("/.env", "/wp-login.php", "/robots.txt", "/vendor/phpunit/eval-stdin.php", "/old-page")
DECOY: dict[str, Any] = {"error": {"message": "Missing field", "severity": "ERROR"}, "validation": "failed?"}
LINES = (
    'INFO:     169.254.1.1:4{n} - "GET /health HTTP/1.1" 200 OK',
    "2025-09-11 06:{m}:{s}.{n} | INFO     | orchard.harvest:plan:88 - planned {n} rows in 0.0{s}s",
    "2025-09-11 06:{m}:{s}.{n} | DEBUG    | orchard.cache:read:17 - cache miss for key parcels:{n}",
    "2025-09-11 06:{m}:{s}.{n} | INFO     | orchard.jobs:sweep:12 - sweep done: {s} checked, 0 failed",
    "2025-09-11 06:{m}:{s}.{n} | INFO     | orchard.checks:run:40 - schema validation passed, no missing tables",
    "[2025-09-11 06:{m}:{s} +0000] [{s}] [INFO] Handling signal: winch",
    "2025-09-11 06:{m}:{s},{n} - orchard.sync - INFO - error budget used: 0.{s} %",
    "\x1b[32m2025-09-11 06:{m}:{s}\x1b[0m | \x1b[1mINFO    \x1b[0m | \x1b[36mchat\x1b[0m - 'connection refused?'",
)  # fmt: skip
WARNINGS = (
    "/usr/local/lib/python3.11/site-packages/orchard/compat.py:31: DeprecationWarning: utcnow() is deprecated",
    "2025-09-11 06:{m}:{s}.{n} | WARNING  | orchard.http:call:61 - slow call took {n} ms",
    "2025-09-11 06:{m}:{s}.{n} | WARNING  | orchard.session:read:31 - no session cookie on request, going on without",
    "WARNING:root:rate limiter falls back to local memory",
)
GOOD_ERRORS = ("migration check: 0 failed, 12 passed", "0 errors, 0 failures in nightly self-test")


def life(stage: Stage, begin: float, end: float, *, every: float = 4.0, where: Place | None = None) -> None:
    """Ordinary lines and requests from ``begin`` to ``end``, one about every few seconds."""
    rng, at = stage.rng, begin
    while at < end:
        chance = rng.random()
        if chance < 0.45:
            stage.request(at, rng.choice(PATHS), where=where, latency=rng.uniform(0.004, 0.4))
        elif chance < 0.75:
            stage.text(at, _filled(stage, rng.choice(LINES)), where)
        elif chance < 0.88:
            more: dict[str, Any] = DECOY if rng.random() < 0.5 else {}
            stage.json(at, f"harvest {rng.randrange(9000)} stored", where, **more)
        elif chance < 0.94:
            stage.text(at, _filled(stage, rng.choice(WARNINGS)), where)
        elif chance < 0.97:
            stage.request(at, rng.choice(SCANS), 404, where, agent="Mozilla/5.0 zgrab/0.x")
        elif chance < 0.985:
            stage.request(at, "/api/me", 401, where)
        else:
            stage.text(at, rng.choice(GOOD_ERRORS), where, severity="ERROR", stream="stdout")
        at += rng.uniform(0.3, 1.7) * every


def healthy_start(stage: Stage, at: float, where: Place, *, migrations: bool = True) -> None:
    """The start of a container that comes up."""
    stage.system(
        at, "Starting new instance. Reason: DEPLOYMENT_ROLLOUT - Instance started due to traffic shifting.", where
    )
    stage.text(at + 1.0, "[2025-09-11 06:00:00 +0000] [1] [INFO] Starting gunicorn 23.0.0", where)
    stage.text(at + 1.1, "[2025-09-11 06:00:00 +0000] [1] [INFO] Listening at: http://0.0.0.0:8000 (1)", where)
    stage.text(at + 1.2, "[2025-09-11 06:00:00 +0000] [7] [INFO] Booting worker with pid: 7", where)
    if migrations:
        stage.text(at + 1.5, "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.", where)
        stage.text(at + 1.6, "INFO  [alembic.runtime.migration] Will assume transactional DDL.", where)
        stage.text(at + 1.7, "INFO  [alembic.runtime.migration] Running upgrade 4f1c -> 9a2e, add harvest notes", where)
        stage.text(at + 2.0, "  ✓ Step 3: Migrations completed", where)
    stage.text(at + 2.4, "INFO:     Application startup complete.", where)
    stage.system(
        at + 2.6, 'Default STARTUP TCP probe succeeded after 1 attempt for container "orchard-1" on port 8000.', where
    )  # fmt: skip


def stop(stage: Stage, at: float, where: Place) -> None:
    """The end of a container that was asked to end."""
    stage.text(at, "[2025-09-11 06:00:00 +0000] [1] [INFO] Handling signal: term", where)
    stage.text(at + 0.1, "[2025-09-11 06:00:00 +0000] [7] [INFO] Worker exiting (pid: 7)", where)
    stage.text(at + 0.4, "[2025-09-11 06:00:00 +0000] [1] [INFO] Shutting down: Master", where)
    stage.text(at + 0.5, "[2025-09-11 06:00:00 +0000] [1] [ERROR] Worker (pid:7) was sent SIGTERM!", where)


def _filled(stage: Stage, line: str) -> str:
    rng = stage.rng
    return line.replace("{n}", f"{rng.randrange(100, 999)}").replace("{m}", f"{rng.randrange(10, 59)}").replace(
        "{s}", f"{rng.randrange(10, 59)}"
    )  # fmt: skip
