"""Scenes in which containers end: crash loops, missing settings, memory, four revisions, a short window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.captures.ordinary import healthy_start, life
from tests.captures.said import MALFORMED, MEMORY, NOT_READY, REQUEST_MEMORY
from tests.captures.stage import Found, Stage

if TYPE_CHECKING:
    from tests.captures.stage import Place

__all__ = ["SCENES"]

FRAMES = """\
  File "/usr/local/lib/python3.11/site-packages/gunicorn/arbiter.py", line 608, in spawn_worker
    worker.init_process()
  File "/usr/local/lib/python3.11/site-packages/uvicorn/workers.py", line 75, in init_process
    super().init_process()
  File "/usr/local/lib/python3.11/site-packages/gunicorn/util.py", line 370, in import_app
    mod = importlib.import_module(module)"""
IMPORT_CHAIN = f"""\
Traceback (most recent call last):
  File "/app/orchard/middleware/setup.py", line 799, in setup
    from orchard.telemetry.sink import Sink
ModuleNotFoundError: No module named 'orchard.telemetry'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
{FRAMES}
  File "/app/orchard/main.py", line 40, in <module>
    app = create_app()
RuntimeError: Failed to set up middleware: No module named 'orchard.telemetry'"""
NAME_ERROR = f"""\
Traceback (most recent call last):
{FRAMES}
  File "/app/orchard/agents/factory.py", line 22, in <module>
    class Registry(dict[str, AgentContext]):
NameError: name 'AgentContext' is not defined"""


def crash(stage: Stage, at: float, where: Place, text: str, way: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """One start that ends in a traceback; insertIds of the traceback and of what follows it."""
    stage.system(at, "Starting new instance. Reason: AUTOSCALING - Instance started due to configured scaling.", where)
    stage.text(at + 0.6, "[2025-09-11 06:10:00 +0000] [1] [INFO] Starting gunicorn 23.0.0", where)
    stage.text(at + 0.7, "[2025-09-11 06:10:00 +0000] [9] [INFO] Booting worker with pid: 9", where)
    head = "[2025-09-11 06:10:02 +0000] [9] [ERROR] Exception in worker process"
    if way == "whole":
        shown: tuple[str, ...] = (stage.text(at + 2.0, f"{head}\n{text}", where, severity="ERROR"),)
    elif way == "lines":
        shown = stage.lines(at + 2.0, f"{head}\n{text}", where)
    else:
        shown = (stage.text(at + 1.9999, head, where),)
        for n, piece in enumerate(text.split("\n\n")):
            bridge = piece.startswith("During")
            shown += (stage.text(at + 2.0 + n * 0.0002, piece, where, severity="" if bridge else "ERROR"),)
    pid = stage.rng.randrange(7, 40)
    stage.text(at + 2.3, f"[2025-09-11 06:10:02 +0000] [{pid}] [INFO] Worker exiting (pid: {pid})", where)
    stage.text(at + 2.5, "[2025-09-11 06:10:02 +0000] [1] [ERROR] Shutting down: Master", where)
    effects = (
        stage.text(at + 2.4, f"[2025-09-11 06:10:02 +0000] [1] [ERROR] Worker (pid:{pid}) exited with code 3.", where),
        stage.text(at + 2.6, "[2025-09-11 06:10:02 +0000] [1] [ERROR] Reason: Worker failed to boot.", where),
        stage.system(at + 2.9, "Container called exit(3).", where, severity="WARNING"),
        stage.system(
            at + 3.0,
            'Default STARTUP TCP probe failed 1 time consecutively for container "orchard-1" on port 8000. The '
            "instance was not started.",
            where,
            severity="ERROR",
        ),
    )
    return shown, effects


def loop(seed: int, text: str, way: str, rules: tuple[str, ...]) -> tuple[list[Found], Stage]:
    """A crash loop of two instances that interleave, with 503s stamped before the crash that ended them."""
    stage = Stage(seed)
    old, new = stage.place("orchard-api", 41), [stage.place("orchard-api", 42) for _ in range(2)]
    life(stage, 0, 900, where=old)
    stage.deploy(300, new[0])
    causes: list[str] = []
    effects: list[str] = []
    for n in range(14):
        for which, where in enumerate(new):
            shown, followed = crash(stage, 310 + n * 19 + which * 0.0002, where, text, way)
            causes += shown
            effects += followed
    effects += [
        stage.request(312.2 + n * 6.5 - wait, "/ws", 503, new[0], latency=wait, message=MALFORMED)
        for n, wait in enumerate(stage.rng.uniform(13, 48) for _ in range(38))
    ]
    return [
        Found(name="crash loop", causes=tuple(causes), rules=rules, effects=tuple(effects), deploy="after", starts=28)
    ], stage


def settings_missing() -> tuple[list[Found], Stage]:
    """A secret that was not mounted: the settings do not validate, the start fails, the container ends, four times."""
    stage = Stage(208, "orchard-auth")
    life(stage, 0, 400)
    new = stage.place("orchard-auth", 77)
    stage.deploy(400, new)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(4):
        at = 410 + n * 35.0
        stage.log(at, "INFO", "orchard.settings:load:31", "loading settings for staging", new)
        causes.append(
            stage.log(
                at + 0.5,
                "CRITICAL",
                "orchard.settings:check:77",
                "❌ SERVICE_TOKEN_SECRET environment variable is not set",
                new,
            )
        )
        effects.append(
            stage.log(at + 0.52, "ERROR", "orchard.settings:check:90", "Configuration validation failed: 1 error", new)
        )  # fmt: skip
        effects += stage.lines(
            at + 0.6,
            'Traceback (most recent call last):\n  File "/app/auth/main.py", line 61, in lifespan\n'
            "    settings.check()\nValueError: Configuration validation failed with environment errors: "
            "['SERVICE_TOKEN_SECRET validation failed']",
            new,
        )
        effects.append(stage.text(at + 0.7, "ERROR:    Application startup failed. Exiting.", new))
        effects.append(stage.system(at + 1.2, "Container called exit(3).", new, severity="WARNING"))
    effects.append(
        stage.system(
            552,
            f"Ready condition status changed to False for Revision {new.revision} with message: {NOT_READY}",
            new,
            severity="ERROR",
        )
    )
    life(stage, 400, 700)
    return [
        Found(
            name="secret not set",
            causes=tuple(causes),
            rules=("environment_variable_missing",),
            effects=tuple(effects),
            services=("orchard-auth",),
            deploy="after",
        )
    ], stage


def out_of_memory() -> tuple[list[Found], Stage]:
    """A container that grows beyond its memory, again and again, and takes its requests with it."""
    stage = Stage(210)
    life(stage, 0, 1800, every=3)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(5):
        at = 300 + n * 290.0
        causes.append(stage.system(at, MEMORY, severity="ERROR"))
        effects.append(stage.system(at + 0.4, "Container terminated on signal 9.", severity="WARNING"))
        effects += [
            stage.request(at - wait + 0.5, "/api/reports", 503, latency=wait, message=MALFORMED)
            for wait in (2.2, 9.1, 14.0)
        ]
        effects.append(stage.request(at - 3, "/api/reports", 500, latency=3.6, message=REQUEST_MEMORY))
        healthy_start(stage, at + 4, stage.home, migrations=False)
    return [
        Found(
            name="memory",
            causes=(*causes, *effects),
            rules=("cloud_run_memory_exceeded",),
            effects=tuple(effects),
            services=("orchard-api",),
            deploy="none",
        )
    ], stage


def four_revisions() -> tuple[list[Found], Stage]:
    """One fault that four revisions in a row bring with them."""
    stage = Stage(205)
    life(stage, 0, 3400, every=6)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(4):
        new = stage.place("orchard-api", 50 + n)
        stage.deploy(200 + n * 800, new)
        for again in range(3):
            shown, followed = crash(
                stage, 215 + n * 800 + again * 24, new, NAME_ERROR, ("whole", "lines", "mixed")[again]
            )
            causes += shown
            effects += followed
    return [
        Found(
            name="name error",
            causes=tuple(causes),
            rules=("python_crash",),
            effects=tuple(effects),
            deploy="after",
            starts=12,
        )
    ], stage


def cut_short() -> tuple[list[Found], Stage]:
    """What a limit of entries left of an hour: 107 seconds in the middle of a crash loop."""
    stage = Stage(216)
    where = stage.place("orchard-api", 42)
    life(stage, 0, 107, every=1.5, where=stage.place("orchard-web", 8))
    causes: list[str] = []
    effects: list[str] = []
    for n in range(6):
        shown, followed = crash(stage, n * 17.5, where, IMPORT_CHAIN, "lines")
        causes += shown
        effects += followed
    return [
        Found(
            name="crash loop",
            causes=tuple(causes),
            rules=("python_import_failed",),
            effects=tuple(effects),
            services=("orchard-api",),
            deploy="none",
        )
    ], stage


SCENES = {
    "crash_loop_whole": lambda: loop(201, IMPORT_CHAIN, "whole", ("python_import_failed",)),
    "crash_loop_lines": lambda: loop(202, IMPORT_CHAIN, "lines", ("python_import_failed",)),
    "crash_loop_mixed": lambda: loop(203, IMPORT_CHAIN, "mixed", ("python_import_failed",)),
    "name_error_lines": lambda: loop(204, NAME_ERROR, "lines", ("python_crash",)),
    "four_revisions": four_revisions,
    "settings_missing": settings_missing,
    "out_of_memory": out_of_memory,
    "cut_short": cut_short,
}
