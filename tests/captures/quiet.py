"""Scenes in which nothing is wrong, something is that no rule knows, or requests are refused."""

from __future__ import annotations

from tests.captures.ordinary import healthy_start, life, stop
from tests.captures.said import REDIS
from tests.captures.stage import Found, Stage

__all__ = ["SCENES"]


def healthy_deploy() -> tuple[list[Found], Stage]:
    """A deploy that goes well, with all the noise of one."""
    stage = Stage(230)
    old, new = stage.home, [stage.place("orchard-api", 42) for _ in range(3)]
    life(stage, 0, 620, where=old)
    stage.deploy(600, new[0])
    for n, where in enumerate(new):
        stage.system(
            604 + n,
            'STARTUP HTTP probe failed 1 time consecutively for container "orchard-1" on port 8000 path "/health".',
            where,
            severity="WARNING",
        )
        healthy_start(stage, 605 + n * 2.0, where)
        stage.log(
            607 + n,
            "WARNING",
            "orchard.cache:connect:22",
            f"{REDIS} retrying in 2s (attempt 1/5)",
            where,
        )
        stage.log(
            609 + n,
            "INFO",
            "orchard.cache:connect:26",
            "connected to redis after 2 attempts",
            where,
        )
        stage.log(
            609.4 + n,
            "WARNING",
            "orchard.db:connect:31",
            "database not ready, retrying: connection refused",
            where,
        )
        stage.log(
            610.4 + n,
            "INFO",
            "orchard.db:connect:35",
            "database connection established",
            where,
        )
        stage.log(
            610.6 + n,
            "INFO",
            "orchard.audit:note:12",
            "CRITICAL SECURITY MIGRATION: token store mitigated",
            where,
        )
        stage.json(610.8 + n, "feature flags loaded", where, optional_missing=["NEW_UI"], errors=[])
        stage.json(611 + n, "Self-test finished: 14 passed, 0 failed", where, severity="ERROR")
        stage.text(611.5 + n, "/app/orchard/models.py:12: SAWarning: relationship X will copy column Q", where)
        stage.log(
            612 + n,
            "WARNING",
            "orchard.settings:check:80",
            "SENTRY_DSN not set, error reporting is off",
            where,
        )
    stop(stage, 640, old)
    life(stage, 615, 1500, where=new[1])
    stage.request(1000, "/api/parcels", 500, new[1], latency=0.3)
    return [], stage


def only_warnings() -> tuple[list[Found], Stage]:
    """A long quiet capture whose gravest lines are warnings."""
    stage = Stage(231)
    life(stage, 0, 7200, every=8)
    for n in range(60):
        at = 30 + n * 118.0
        stage.log(
            at,
            "WARNING",
            "orchard.session:mw:41",
            f"Failed to extract auth context: SessionMiddleware must be installed to access request.session ({n})",
        )
        if n % 4 == 0:
            stage.json(at + 3, f"Payload validation: field 'note' is empty, default used ({n})", severity="WARNING")
        if n % 5 == 0:
            stage.json(at + 4, "Buffer utilization at 81 %", severity="WARNING")
        if n % 9 == 0:
            stage.text(at + 5, "WARNING:orchard.pool:connection returned late, recycled")
    return [], stage


def unknown_error() -> tuple[list[Found], Stage]:
    """An error that no rule knows, among errors that one does."""
    stage = Stage(232)
    life(stage, 0, 1500)
    known: list[str] = []
    effects: list[str] = []
    said = "valve {} of line B drifted {} mm out of its seat"
    odd = [stage.log(60 + n * 55.0, "ERROR", "orchard.irrigation:valve:63", said.format(n, n * 3)) for n in range(23)]
    for n in range(8):
        at = 200 + n * 90.0
        known.append(stage.log(at, "ERROR", "orchard.db:query:77", 'relation "crop_rotations" does not exist'))
        effects.append(stage.request(at - 0.05, "/api/rotations", 500, latency=0.06))
    return [
        Found(name="table", causes=tuple(known), rules=("undefined_table",), effects=tuple(effects)),
        Found(name="valve", causes=tuple(odd), unknown=True),
    ], stage


def unknown_crash() -> tuple[list[Found], Stage]:
    """An error that no rule knows ends the container over and over."""
    stage = Stage(233)
    new = stage.place("orchard-api", 90)
    life(stage, 0, 800)
    stage.deploy(300, new)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(6):
        at = 306 + n * 27.0
        causes += stage.lines(
            at,
            "[2025-09-11 06:05:06 +0000] [9] [ERROR] Exception in worker process\n"
            "Traceback (most recent call last):\n"
            '  File "/app/orchard/registry.py", line 71, in register\n'
            "    raise RegistryClosed(kind)\n"
            f"orchard.registry.RegistryClosed: cannot add planter {n} after the registry was sealed",
            new,
        )
        effects += [
            stage.text(at + 0.4, "[2025-09-11 06:05:06 +0000] [1] [ERROR] Reason: Worker failed to boot.", new),
            stage.system(at + 0.9, "Container called exit(3).", new, severity="WARNING"),
        ]
    effects += [stage.request(310 + n * 11.0, "/api/parcels", 503, new, latency=3.0) for n in range(14)]
    return [Found(name="registry", causes=tuple(causes), effects=tuple(effects), deploy="after", unknown=True)], stage


def auth_outage() -> tuple[list[Found], Stage]:
    """Two services sign and check tokens with different secrets: nearly every call and every upgrade is refused."""
    stage = Stage(234)
    web = stage.place("orchard-gateway", 5)
    life(stage, 0, 1200, where=stage.place("orchard-web", 8))
    causes: list[str] = []
    effects: list[str] = []
    for n in range(45):
        at = 250 + n * 14.0
        causes.append(
            stage.log(at + 0.02, "ERROR", "orchard.auth:verify:58", "JWT validation failed: signature mismatch", web)
        )
        effects.append(stage.request(at, "/api/me", 401, web, latency=0.03))
        if n % 9:
            effects.append(stage.request(at + 2, "/api/parcels", 401, web, latency=0.03))
        else:
            stage.request(at + 2, "/api/parcels", 200, web, latency=0.03)
        if n % 2:
            effects.append(stage.request(at + 1, "/ws", 403, web, latency=0.02))
    return [
        Found(
            name="tokens",
            causes=(*causes, *effects),
            effects=tuple(effects),
            services=("orchard-gateway",),
            deploy="none",
        )
    ], stage


def decoys() -> tuple[list[Found], Stage]:
    """INFO entries with an error object, ERROR on lines of success, and one failure that is given as INFO."""
    stage = Stage(235)
    life(stage, 0, 1500, every=3)
    causes = []
    for n in range(120):
        at = 10 + n * 12.0
        stage.json(at, f"agent step {n} finished", error={"message": "Missing field", "severity": "ERROR"}, type="step")
        if n % 6 == 0:
            stage.json(at + 1, f"✓ Validation passed for {n} records: 0 failed", severity="ERROR")
            stage.text(at + 2, "INFO:orchard.migrate:all migrations applied, 0 errors", severity="ERROR")
        if n % 20 == 3:
            causes.append(
                stage.json(
                    at + 3,
                    'ERROR:orchard.db:insert failed: duplicate key value violates unique constraint "harvests_pkey"',
                    severity="INFO",
                )
            )
    return [Found(name="unique", causes=tuple(causes), rules=("unique_violation",))], stage


SCENES = {
    "healthy_deploy": healthy_deploy,
    "only_warnings": only_warnings,
    "unknown_error": unknown_error,
    "unknown_crash": unknown_crash,
    "auth_outage": auth_outage,
    "decoys": decoys,
}
