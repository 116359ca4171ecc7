"""Scenes after the habits of one large application: checks at the start, sockets, a sister service, retried jobs."""

from __future__ import annotations

from tests.captures.ordinary import healthy_start, life
from tests.captures.said import MALFORMED, NOT_READY
from tests.captures.stage import Found, Stage

__all__ = ["SCENES"]

STARTUP = """\
Traceback (most recent call last):
  File "/app/orchard/start/phases.py", line 188, in run
    await asyncio.wait_for(self.database.prepare(), timeout=8.0)
  File "/usr/local/lib/python3.11/asyncio/tasks.py", line 502, in wait_for
    raise exceptions.TimeoutError() from exc
TimeoutError

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "/usr/local/lib/python3.11/site-packages/starlette/routing.py", line 694, in lifespan
    async with self.lifespan_context(app) as maybe_state:
  File "/app/orchard/start/phases.py", line 191, in run
    raise StartFailed("database not prepared after 8.0 s")
orchard.start.errors.StartFailed: database not prepared after 8.0 s"""
SOCKET = """\
Traceback (most recent call last):
  File "/app/orchard/routes/socket.py", line 71, in accept
    from orchard.context import GrowerContext
ImportError: cannot import name 'GrowerContext' from 'orchard.context' (/app/orchard/context.py)"""
NONE = """\
Traceback (most recent call last):
  File "/app/orchard/main.py", line 31, in lifespan
    await app.state.planner.warm()
  File "/app/orchard/planner.py", line 12, in warm
    self.bridge.listen(self.topic)
AttributeError: 'NoneType' object has no attribute 'listen'"""
HEADS = (
    "FAILED: Multiple head revisions are present for given argument 'head'; please specify a specific target revision, "
    "'<branchname>@head' to narrow to a specific head, or 'heads' for all heads"
)


def start_times_out() -> tuple[list[Found], Stage]:
    """The database does not answer while the service starts; the start gives up, over and over."""
    stage = Stage(260)
    new = stage.place("orchard-api", 63)
    life(stage, 0, 900)
    stage.deploy(300, new)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(7):
        at = 318 + n * 45.0
        stage.log(at - 8, "INFO", "orchard.start:run:40", "phase 1 of 4: database", new)
        causes.append(
            stage.log(
                at, "ERROR", "orchard.db:prepare:61", "Database initialization timeout after 8.0s in staging", new
            )
        )
        causes += stage.lines(at + 0.01, STARTUP, new)
        effects.append(stage.text(at + 0.1, "ERROR:    Application startup failed. Exiting.", new))
        effects.append(stage.system(at + 0.8, "Container called exit(3).", new, severity="WARNING"))
        effects.append(stage.request(at - 20, "/api/fields", 503, new, latency=21.1, message=MALFORMED))
    return [
        Found(name="timeout", causes=tuple(causes), effects=tuple(effects), deploy="after", unknown=True, starts=7)
    ], stage


def socket_import() -> tuple[list[Found], Stage]:
    """A name that cannot be imported inside a handler: sockets end with 500 while all else goes on."""
    stage = Stage(261)
    life(stage, 0, 1200, every=2)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(19):
        at = 200 + n * 44.0
        causes.append(stage.log(at, "ERROR", "orchard.routes.socket:accept:80", f"socket failed\n{SOCKET}"))
        effects.append(stage.request(at - 0.3, "/ws", 500, latency=0.4))
    return [
        Found(
            name="import",
            causes=tuple(causes),
            rules=("python_import_failed",),
            effects=tuple(effects),
            deploy="none",
        )
    ], stage


def nothing_there() -> tuple[list[Found], Stage]:
    """An attribute of None at the start, line by line on two instances at once."""
    stage = Stage(262)
    new = [stage.place("orchard-worker", 31) for _ in range(2)]
    life(stage, 0, 700)
    stage.deploy(200, new[0])
    causes: list[str] = []
    effects: list[str] = []
    for n in range(9):
        for which, where in enumerate(new):
            at = 210 + n * 33.0 + which * 0.0003
            causes += stage.lines(at, f"ERROR:    {NONE}", where)
            effects.append(stage.text(at + 0.2, "ERROR:    Application startup failed. Exiting.", where))
            effects.append(stage.system(at + 0.7, "Container called exit(3).", where, severity="WARNING"))
    effects.append(
        stage.system(560, f"Revision '{new[0].revision}' is not ready and cannot serve traffic. {NOT_READY}", new[0])
    )
    return [
        Found(
            name="none",
            causes=tuple(causes),
            effects=tuple(effects),
            services=("orchard-worker",),
            unknown=True,
            starts=18,
        )
    ], stage


def sister_unreachable() -> tuple[list[Found], Stage]:
    """The service that checks tokens has a name that does not resolve: calls end with 500 and then with 401."""
    stage = Stage(263)
    life(stage, 0, 300)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(30):
        at = 310 + n * 17.0
        causes.append(
            stage.json(
                at,
                "Token check failed: Cannot connect to host auth.orchard.example:443 ssl:default "
                "[Name or service not known]",
                severity="ERROR",
            )
        )
        effects.append(stage.request(at - 0.2, "/api/me", 500 if n % 2 else 401, latency=0.3))
    return [
        Found(name="sister", causes=tuple(causes), rules=("host_unknown",), effects=tuple(effects), deploy="none")
    ], stage


def job_retried() -> tuple[list[Found], Stage]:
    """A migration job with two heads, retried three times, while the service does its work."""
    stage = Stage(264)
    life(stage, 0, 1000)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(3):
        job = stage.place("orchard-migrate", 7, job=True)
        at = 300 + n * 70.0
        stage.text(at, "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.", job)
        causes.append(stage.text(at + 1, f"ERROR [alembic.util.messaging] {HEADS}", job))
        causes.append(stage.text(at + 1.01, HEADS, job))
        effects.append(stage.system(at + 2, "Container called exit(255).", job, severity="ERROR"))
    ended = "Task orchard-migrate-00007-abc-task0 failed with message: The container exited with an error."
    effects.append(stage.system(452, ended, job, severity="ERROR"))
    return [
        Found(
            name="heads",
            causes=tuple(causes),
            rules=("alembic_multiple_heads",),
            effects=tuple(effects),
            services=("orchard-migrate",),
        )
    ], stage


def recovers_by_deploy() -> tuple[list[Found], Stage]:
    """A column is missing until the next revision brings its migration."""
    stage = Stage(265)
    new = stage.place("orchard-api", 42)
    life(stage, 0, 700)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(40):
        at = 10 + n * 16.0
        causes.append(
            stage.log(at, "ERROR", "orchard.db:query:77", "column harvests.graded_by does not exist at character 88")
        )
        effects.append(stage.request(at - 0.1, "/api/harvests", 500, latency=0.12))
    stage.deploy(660, new)
    healthy_start(stage, 664, new)
    life(stage, 670, 1500, where=new)
    return [
        Found(
            name="column",
            causes=tuple(causes),
            rules=("undefined_column", "unclassified_error"),
            effects=tuple(effects),
            deploy="before",
        )
    ], stage


SCENES = {
    "start_times_out": start_times_out,
    "socket_import": socket_import,
    "nothing_there": nothing_there,
    "sister_unreachable": sister_unreachable,
    "job_retried": job_retried,
    "recovers_by_deploy": recovers_by_deploy,
}
