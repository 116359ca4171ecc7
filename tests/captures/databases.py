"""Scenes around databases and other back ends: lost, refused, unreachable, slow, named wrongly."""

from __future__ import annotations

from tests.captures.ordinary import healthy_start, life
from tests.captures.said import CLICKHOUSE, POSTGRES, REDIS, REQUEST_TIMEOUT
from tests.captures.stage import Found, Stage

__all__ = ["SCENES"]

POOL = "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00"
STATEMENT = "sqlalchemy.exc.DBAPIError: (sqlalchemy.dialects.postgresql.asyncpg.Error) <class 'asyncpg.exceptions."
SOCKET = 'connection to server on socket "/cloudsql/orchard-staging:europe-west4:main/.s.PGSQL.5432"'
LOGIN = (
    'connection to server at "10.20.0.3", port 5432 failed: FATAL:  password authentication failed for user '
    '"orchard_app"'
)


def migration_loses_database() -> tuple[list[Found], Stage]:
    """A migration job whose database goes away; the service that needs it fails with it and comes back."""
    stage = Stage(220)
    job = stage.place("orchard-migrate", 3, job=True)
    life(stage, 0, 1500)
    stage.text(600, "INFO  [alembic.runtime.migration] Context impl PostgresqlImpl.", job)
    stage.text(600.1, "INFO  [alembic.runtime.migration] Will assume transactional DDL.", job)
    stage.text(600.4, "INFO  [alembic.runtime.migration] Running upgrade 9a2e -> b77c, split plots", job)
    lost = stage.lines(
        641,
        "Traceback (most recent call last):\n"
        '  File "/usr/local/lib/python3.11/site-packages/sqlalchemy/engine/base.py", line 1967, in _exec\n'
        "    self.dialect.do_execute(\n"
        "psycopg2.OperationalError: server closed the connection unexpectedly\n"
        "\tThis probably means the server terminated abnormally\n"
        "\tbefore or while processing the request.\n\n"
        "The above exception was the direct cause of the following exception:\n\n"
        "Traceback (most recent call last):\n"
        '  File "/app/migrations/env.py", line 88, in run_migrations_online\n'
        "    context.run_migrations()\n"
        "sqlalchemy.exc.OperationalError: (psycopg2.OperationalError) server closed the connection unexpectedly\n"
        "[SQL: ALTER TABLE plots ADD COLUMN soil_id INTEGER]\n"
        "(Background on this error at: https://sqlalche.me/e/20/e3q8)",
        job,
    )
    effects = [
        stage.log(641.5, "ERROR", "orchard.migrate:main:31", "Migration failed: b77c", job),
        stage.system(642, "Container called exit(1).", job, severity="ERROR"),
    ]
    causes = list(lost)
    for n in range(22):
        at = 642 + n * 5.3
        causes.append(
            stage.log(
                at,
                "ERROR",
                "orchard.db:acquire:51",
                "could not reach the database: connection to server "
                'at "10.20.0.3", port 5432 failed: Connection refused',
            )
        )
        effects.append(stage.request(at - 0.4, "/api/parcels", 500 if n % 4 else 503, latency=0.45))
    stage.log(770, "INFO", "orchard.db:acquire:60", "database connection established")
    return [
        Found(
            name="database away",
            causes=tuple(causes),
            rules=("database_connection_lost", "database_refused", "connection_refused"),
            effects=tuple(effects),
            services=("orchard-migrate", "orchard-api"),
            deploy="none",
        )
    ], stage


def three_back_ends() -> tuple[list[Found], Stage]:
    """Three back ends that cannot be reached behind a start that calls itself a success."""
    stage = Stage(221)
    new = stage.place("orchard-api", 60)
    life(stage, 0, 500)
    stage.deploy(500, new)
    healthy_start(stage, 505, new)
    stage.log(508.5, "INFO", "orchard.start:run:99", "✓ Startup completed: 10/10 successful", new)
    redis, clickhouse, postgres = [], [], []
    for n in range(4):
        at = 506 + n * 61.0
        redis += [stage.log(at, "ERROR", "orchard.cache:connect:21", REDIS, new)]
        clickhouse += [stage.log(at + 0.4, "ERROR", "orchard.metrics:connect:64", CLICKHOUSE, new)]
        postgres += [stage.log(at + 0.9, "ERROR", "orchard.db:connect:40", f"{POSTGRES} timed out", new)]
    life(stage, 500, 1000, where=new)
    return [
        Found(name="redis", causes=tuple(redis), contradicts=("startup complete",), deploy="after"),
        Found(name="clickhouse", causes=tuple(clickhouse), deploy="after"),
        Found(
            name="postgres",
            causes=tuple(postgres),
            rules=("database_refused", "connection_timed_out"),
            contradicts=("Startup completed: 10/10",),
            deploy="after",
        ),
    ], stage


def password_rotated() -> tuple[list[Found], Stage]:
    """A database password that was rotated: two services that use the database are refused."""
    stage = Stage(222)
    auth = stage.place("orchard-auth", 12)
    life(stage, 0, 900)
    life(stage, 0, 900, where=auth)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(16):
        for which, where in enumerate((stage.home, auth)):
            at = 300 + n * 17.0 + which * 3.1
            causes.append(stage.log(at, "ERROR", "orchard.db:session:18", f"{LOGIN}", where))
            effects.append(stage.request(at - 0.2, "/api/me" if which else "/api/fields", 500, where, latency=0.25))
    return [
        Found(
            name="password",
            causes=tuple(causes),
            rules=("database_login_failed",),
            effects=tuple(effects),
            services=("orchard-api", "orchard-auth"),
            deploy="none",
        )
    ], stage


def slow_queries() -> tuple[list[Found], Stage]:
    """Statements run into their time-out, the pool runs dry, requests end with 504."""
    stage = Stage(223)
    life(stage, 0, 1200)
    slow: list[str] = []
    causes: list[str] = []
    effects: list[str] = []
    for n in range(12):
        at = 400 + n * 20.0
        slow.append(stage.log(at, "ERROR", "orchard.db:query:77", "canceling statement due to statement timeout"))
        if n >= 2:
            causes.append(stage.log(at + 4, "ERROR", "orchard.db:session:19", f"{POOL}"))
        effects += [
            stage.request(at - 50 + k, "/api/harvests", 504, latency=60.0, message=REQUEST_TIMEOUT) for k in range(3)
        ]
    return [
        Found(
            name="slow",
            causes=(*slow, *causes),
            rules=("statement_timeout", "pool_exhausted"),
            effects=(*causes, *effects),
            services=("orchard-api",),
            deploy="none",
        )
    ], stage


def broken_value() -> tuple[list[Found], Stage]:
    """A database name with a line feed in it, which breaks the message over two entries."""
    stage = Stage(224)
    new = stage.place("orchard-api", 61)
    life(stage, 0, 600)
    stage.deploy(300, new)
    causes: list[str] = []
    effects: list[str] = []
    for n in range(7):
        at = 310 + n * 22.0
        causes += stage.lines(
            at,
            "Traceback (most recent call last):\n"
            '  File "/usr/local/lib/python3.11/site-packages/psycopg2/__init__.py", line 122, in connect\n'
            "    conn = _connect(dsn, connection_factory=connection_factory, **kwasync)",
            new,
        )
        causes += [
            stage.text(at + 0.0015, f'psycopg2.OperationalError: {SOCKET} failed: FATAL:  database "orchard_dev', new),
            stage.text(at + 0.0019, '" does not exist', new),
        ]
        effects.append(stage.text(at + 0.3, "ERROR:    Application startup failed. Exiting.", new))
        effects.append(stage.system(at + 0.9, "Container called exit(3).", new, severity="WARNING"))
    return [
        Found(
            name="database name",
            causes=tuple(causes),
            rules=("database_missing",),
            effects=tuple(effects),
            deploy="after",
        )
    ], stage


def two_faults() -> tuple[list[Found], Stage]:
    """Two faults that have nothing to do with each other, in the same minutes of one service."""
    stage = Stage(225)
    life(stage, 0, 600, every=2)
    column, mail, effects = [], [], []
    for n in range(9):
        at = 120 + n * 31.0
        trace = f"projects/orchard-staging/traces/{n:032x}"
        column.append(
            stage.json(
                at,
                "Query failed: (asyncpg.exceptions.UndefinedColumnError) column plots.soil_ph does not exist",
                severity="ERROR",
                trace=trace,
            )
        )
        effects.append(stage.request(at - 0.03, "/api/plots", 500, latency=0.05))
        mail.append(
            stage.log(
                at + 0.7,
                "ERROR",
                "orchard.search:ping:31",
                "search: dial tcp 10.40.0.9:9200: connect: connection refused",
            )
        )
    return [
        Found(name="column", causes=tuple(column), rules=("undefined_column",), effects=tuple(effects)),
        Found(name="search", causes=tuple(mail), rules=("connection_refused",)),
    ], stage


SCENES = {
    "migration_loses_database": migration_loses_database,
    "three_back_ends": three_back_ends,
    "password_rotated": password_rotated,
    "slow_queries": slow_queries,
    "broken_value": broken_value,
    "two_faults": two_faults,
}
