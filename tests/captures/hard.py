"""Scenes that tempt a reader into a wrong cause, one incident too many, or one too few."""

from __future__ import annotations

from tests.captures.crashes import IMPORT_CHAIN, crash
from tests.captures.ordinary import healthy_start, life, stop
from tests.captures.said import MALFORMED, NOT_READY, REDIS
from tests.captures.stage import Found, Stage

__all__ = ["SCENES"]

REFUSED = 'connection to server at "10.20.0.3", port 5432 failed: Connection refused'
BROKEN_ROW = (
    "Harvest import failed\n"
    "Traceback (most recent call last):\\n"
    '  File \\"/app/orchard/imports.py\\", line 210, in load\\n    grade = GRADES[row.grade]\\n'
    "KeyError: 'Z9'"
)
NO_KEY = """\
Traceback (most recent call last):
  File "/app/auth/main.py", line 9, in <module>
    KEY = os.environ['SIGNING_KEY_PEM']
KeyError: 'SIGNING_KEY_PEM'"""
NODE = """\
node:internal/modules/cjs/loader:1228
  throw err;
  ^

Error: Cannot find module 'orchard-shared/config'
Require stack:
- /srv/dist/server.js
    at Module._resolveFilename (node:internal/modules/cjs/loader:1225:15)
    at Module._load (node:internal/modules/cjs/loader:1051:27)
    at require (node:internal/modules/helpers:179:18) {
  code: 'MODULE_NOT_FOUND',
  requireStack: [ '/srv/dist/server.js' ]
}

Node.js v20.17.0"""
STORM = (
    ("CRITICAL", "orchard.start:phase:31", "✗ Phase 2 failed: dependency initialization"),
    ("ERROR", "orchard.start:phase:33", "Agent registry not available, skipping 14 agents"),
    ("ERROR", "orchard.start:phase:35", "Tool dispatcher has no registry"),
    ("ERROR", "orchard.health:mark:12", "Service dependency validation FAILED - 3 services failed"),
    ("CRITICAL", "orchard.start:run:90", "CRITICAL STARTUP FAILURE: phase 2 did not complete"),
    ("ERROR", "orchard.main:lifespan:55", "Application startup failed, leaving"),
)


def upstream_down() -> tuple[list[Found], Stage]:
    """A front end whose requests fail because the service behind it cannot start."""
    stage = Stage(240)
    web, new = stage.place("orchard-web", 8), stage.place("orchard-api", 43)
    life(stage, 0, 700, where=web)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(9):
        shown, followed = crash(stage, 200 + n * 31.0, new, IMPORT_CHAIN, "whole")
        causes += shown
        effects += followed
    for n in range(24):
        at = 204 + n * 11.0
        effects.append(stage.request(at - 9, "/api/fields", 503, new, latency=10.2, message=MALFORMED))
        effects.append(stage.request(at - 9.2, "/app/fields", 503, web, latency=10.6))
    return [
        Found(
            name="api",
            causes=tuple(causes),
            rules=("python_import_failed",),
            effects=tuple(effects),
            services=("orchard-api",),
            starts=9,
        )
    ], stage


def two_loops() -> tuple[list[Found], Stage]:
    """Two services that crash in the same minutes, each for a reason of its own, each with its own failed requests."""
    stage = Stage(241)
    api, auth = stage.place("orchard-api", 44), stage.place("orchard-auth", 15)
    life(stage, 0, 800, where=stage.place("orchard-web", 8))
    found = []
    for where, text, rule in (
        (api, IMPORT_CHAIN, "python_import_failed"),
        (auth, NO_KEY, "environment_variable_missing"),
    ):
        causes: list[str] = []
        effects: list[str] = []
        for n in range(8):
            shown, followed = crash(stage, 200 + n * 41.0 + stage.rng.uniform(0, 6), where, text, "lines")
            causes += shown
            effects += followed
            effects.append(stage.request(195 + n * 41.0, "/health", 503, where, latency=14.0, message=MALFORMED))
        found.append(
            Found(
                name=where.service,
                causes=tuple(causes),
                rules=(rule,),
                effects=tuple(effects),
                services=(where.service,),
                starts=8,
            )
        )
    return found, stage


def chronic_and_new() -> tuple[list[Found], Stage]:
    """A cache that has been away all along, and a new revision that cannot start for another reason."""
    stage = Stage(242)
    new = stage.place("orchard-api", 45)
    life(stage, 0, 1500)
    cache = [stage.log(20 + n * 45.0, "ERROR", "orchard.cache:connect:21", REDIS) for n in range(32)]
    stage.deploy(700, new)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(6):
        cache.append(stage.log(712.5 + n * 37.0, "ERROR", "orchard.cache:connect:21", REDIS, new))
        shown, followed = crash(stage, 712 + n * 37.0, new, IMPORT_CHAIN, "mixed")
        causes += shown
        effects += followed
    return [
        Found(name="cache", causes=tuple(cache), deploy="before"),
        Found(name="import", causes=tuple(causes), rules=("python_import_failed",), effects=(), deploy="after"),
    ], stage


def storm() -> tuple[list[Found], Stage]:
    """Each start prints the same errors, loud ones after the one that matters."""
    stage = Stage(243)
    new = stage.place("orchard-api", 46)
    life(stage, 0, 900)
    stage.deploy(200, new)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(11):
        at = 210 + n * 52.0
        stage.log(at - 0.4, "INFO", "orchard.start:phase:20", "starting phase 2 of 5", new)
        causes += stage.lines(at, IMPORT_CHAIN, new)
        for k, (level, logger, message) in enumerate(STORM):
            stage.log(at + 0.1 + k * 0.02, level, logger, message, new)
        effects.append(stage.system(at + 1.5, "Container called exit(1).", new, severity="WARNING"))
    return [
        Found(
            name="import",
            causes=tuple(causes),
            rules=("python_import_failed",),
            effects=tuple(effects),
            deploy="after",
            starts=11,
        )
    ], stage


def unknown_requests() -> tuple[list[Found], Stage]:
    """Requests of one path fail with an exception that no rule knows."""
    stage = Stage(244)
    life(stage, 0, 1400)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(17):
        at = 300 + n * 33.0
        causes.append(stage.json(at, BROKEN_ROW, severity="ERROR"))
        effects.append(stage.request(at - 0.4, "/api/imports", 500, latency=0.5, method="POST"))
    return [Found(name="imports", causes=(*causes, *effects), effects=tuple(effects), unknown=True)], stage


def back_again() -> tuple[list[Found], Stage]:
    """A database that is away for two minutes, comes back, and is away again later: one fault."""
    stage = Stage(245)
    life(stage, 0, 3000)
    causes: list[str] = []
    effects: list[str] = []
    for begin in (400, 2200):
        for n in range(15):
            at = begin + n * 8.0
            causes.append(stage.log(at, "ERROR", "orchard.db:acquire:51", f"(psycopg2.OperationalError) {REFUSED}"))
            effects.append(stage.request(at - 0.2, "/api/parcels", 500, latency=0.3))
        stage.log(begin + 130, "INFO", "orchard.db:acquire:60", "database connection established")
    return [
        Found(
            name="database",
            causes=tuple(causes),
            rules=("database_refused", "connection_refused"),
            effects=tuple(effects),
            deploy="none",
        )
    ], stage


def node_module() -> tuple[list[Found], Stage]:
    """A Node service whose module is missing, line by line, with the platform's own words after it."""
    stage = Stage(246, "orchard-web")
    new = stage.place("orchard-web", 9)
    life(stage, 0, 500)
    stage.deploy(150, new)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(5):
        at = 160 + n * 44.0
        causes += stage.lines(at, NODE, new)
        effects.append(stage.system(at + 0.4, "Container called exit(1).", new, severity="WARNING"))
    effects.append(
        stage.system(
            400,
            f"Revision '{new.revision}' is not ready and cannot serve traffic. {NOT_READY}",
            new,
            severity="ERROR",
        )
    )
    return [
        Found(
            name="module", causes=tuple(causes), rules=("node_module_missing",), effects=tuple(effects), deploy="after"
        )
    ], stage


def not_migrated() -> tuple[list[Found], Stage]:
    """A new revision on a schema that was not migrated: several tables and columns are missing at once."""
    stage = Stage(247)
    new = stage.place("orchard-api", 47)
    life(stage, 0, 1000)
    stage.deploy(400, new)
    healthy_start(stage, 402, new, migrations=False)
    causes: list[str] = []
    effects: list[str] = []
    faults = (
        ('relation "soil_probes" does not exist', "/api/probes"),
        ("column parcels.slope_deg does not exist", "/api/parcels"),
        ('relation "soil_layers" does not exist', "/api/layers"),
    )
    for n in range(21):
        said, path = faults[n % 3]
        at = 420 + n * 13.0
        causes.append(stage.log(at, "ERROR", "orchard.db:query:77", f"(psycopg2.errors.Undefined) {said}", new))
        effects.append(stage.request(at - 0.1, path, 500, new, latency=0.12))
    return [
        Found(
            name="schema",
            causes=tuple(causes),
            rules=("undefined_table", "undefined_column"),
            effects=tuple(effects),
            deploy="after",
        )
    ], stage


def small_change() -> tuple[list[Found], Stage]:
    """A quiet afternoon: single failed requests, a retry that succeeds, a probe that fails once, a scanner."""
    stage = Stage(248)
    other = stage.place("orchard-worker", 4)
    life(stage, 0, 3600, every=5)
    for n, path in enumerate(("/api/fields", "/api/parcels", "/ws", "/api/me")):
        stage.request(500 + n * 700.0, path, 503 if n % 2 else 504, latency=3.0)
    for n in range(3):
        at = 900 + n * 800.0
        stage.log(at, "ERROR", "orchard.db:acquire:51", f"attempt 1 of 3: {REFUSED}", other)
        stage.log(at + 2, "INFO", "orchard.db:acquire:60", "database connection established", other)
    for n in range(40):
        stage.request(1200 + n * 0.4, f"/cgi-bin/{n}.php", 404, agent="zgrab/0.x")
        stage.request(1200 + n * 0.4, "/admin/login", 401 if n < 3 else 404, agent="curl/8")
    stage.log(2000, "WARNING", "orchard.auth:verify:58", "JWT validation failed: Signature has expired")
    stage.json(2100, "Customer wrote: the app says 'password authentication failed', please help", severity="INFO")
    stop(stage, 3000, other)
    return [], stage


SCENES = {
    "upstream_down": upstream_down,
    "two_loops": two_loops,
    "chronic_and_new": chronic_and_new,
    "storm": storm,
    "unknown_requests": unknown_requests,
    "back_again": back_again,
    "node_module": node_module,
    "not_migrated": not_migrated,
    "small_change": small_change,
}
