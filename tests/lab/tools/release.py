"""Releases as containers make them: a start script that waits, migrates and serves, and what goes wrong in between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.projects import revision
from tests.lab.scenario import Tool
from tests.lab.tools.alembic import start

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["RELEASE"]

RELEASE = Tool("release", "alembic", "uvicorn", "fastapi", "psycopg", "postgresql")

STRICT = """
    set -e
    echo "Step 1: running migrations"
    alembic upgrade head
    echo "Step 2: starting the server"
    exec uvicorn app:app --host 127.0.0.1 --port "$PORT"
"""
LENIENT = STRICT.replace("alembic upgrade head", 'alembic upgrade head || echo "migrations failed, starting anyway"')
APP = """
    import http.client
    import logging
    import os
    import sys
    import threading
    import time
    from contextlib import asynccontextmanager

    import sqlalchemy as sa
    from alembic.config import Config
    from alembic.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from fastapi import FastAPI

    from models import Base

    log = logging.getLogger("uvicorn.error")
    engine = sa.create_engine(os.environ["DATABASE_URL"])


    def ask():
        connection = http.client.HTTPConnection("127.0.0.1", int(os.environ["PORT"]))
        connection.request("GET", "/customers")
        connection.getresponse().read()
        time.sleep(0.3)  # the server logs a failure after it has answered
        log.info("asked")


    @asynccontextmanager
    async def lifespan(app):
        {check}
        threading.Timer(0.5, ask).start()
        yield


    app = FastAPI(lifespan=lifespan)


    @app.get("/customers")
    def customers():
        with engine.connect() as connection:
            return connection.scalar(sa.text("SELECT count(*) FROM customers"))
"""
HEADS = """
        with engine.connect() as connection:
            here = set(MigrationContext.configure(connection).get_current_heads())
        there = set(ScriptDirectory.from_config(Config("alembic.ini")).get_heads())
        if here != there:
            log.error("Pending migrations: database is at %s, scripts are at %s", here or "nothing", there)
            sys.exit(1)
"""
TABLES = """
        missing = sorted(set(Base.metadata.tables) - set(sa.inspect(engine).get_table_names()))
        if missing:
            log.critical("Startup validation failed: required tables are missing: %s", missing)
            raise RuntimeError(f"{len(missing)} required tables are missing")
        log.info("Startup validation passed: 0 tables missing")
"""
WARN = """
        extra = sorted(set(sa.inspect(engine).get_table_names()) - set(Base.metadata.tables))
        log.warning("Tables in the database that no model defines: %s", extra)
"""


def release(bench: Bench, script: str = STRICT, check: str = "pass", until: str = "asked", **env: str) -> None:
    """Run a start script whose application does ``check`` before it serves."""
    bench.write("app.py", APP.replace("{check}", check.strip()))
    bench.write("start.sh", script)
    bench.env |= {"PORT": str(bench.port), **env}
    bench.run("bash", "start.sh", until=until)


@RELEASE.quiet
def goes_well(bench: Bench) -> None:
    """The migrations run, and the server answers."""
    start(bench)
    release(bench, check=TABLES)


@RELEASE.quiet
def nothing_to_migrate(bench: Bench) -> None:
    """The second container finds nothing to do."""
    start(bench)
    bench.prepare("alembic", "upgrade", "head")
    release(bench, check=HEADS)


@RELEASE.quiet
def waits_for_database(bench: Bench) -> None:
    """The script waits until the database is there."""
    start(bench)
    wait = """
    for attempt in 1 2 3; do
        if [ $attempt = 3 ]; then echo "database is ready after $attempt attempts"; break; fi
        echo "waiting for the database ($attempt/3)"
    done
    """
    release(bench, wait + STRICT)


@RELEASE.fails("migration", "schema", tables="coupons")
def migration_fails(bench: Bench) -> None:
    """A migration fails, and the container ends."""
    start(bench)
    revision(bench, "c3e7f10a5b28", "8c25e1f06ab9", 'op.drop_table("coupons")', title="drop coupons")
    release(bench)


@RELEASE.fails("migration", "schema", tables="coupons")
def migration_failure_ignored(bench: Bench) -> None:
    """A migration fails, and the script starts the server all the same."""
    start(bench)
    revision(bench, "c3e7f10a5b28", "8c25e1f06ab9", 'op.drop_table("coupons")', title="drop coupons")
    release(bench, LENIENT)


@RELEASE.fails("schema", tables="customers")
def table_missing_after_success(bench: Bench) -> None:
    """The version table says head, the migrations have nothing to do, and the first request finds no table."""
    start(bench)
    bench.prepare("alembic", "stamp", "head")
    release(bench)


@RELEASE.fails("schema", "startup", "validation", tables=("customers", "invoices"))
def validation_after_success(bench: Bench) -> None:
    """The same, but the application looks before it serves."""
    start(bench)
    bench.prepare("alembic", "stamp", "head")
    release(bench, check=TABLES)


@RELEASE.fails("migration", "schema", "startup")
def pending_at_start(bench: Bench) -> None:
    """The application is started without its migrations."""
    start(bench)
    release(bench, STRICT.replace("alembic upgrade head", "true"), check=HEADS)


@RELEASE.fails("schema", "validation", tables="legacy_sessions")
def extra_tables(bench: Bench) -> None:
    """The database has tables that no model knows."""
    start(bench, "CREATE TABLE legacy_sessions (id int)")
    release(bench, check=WARN)


@RELEASE.fails("connectivity")
def database_refuses(bench: Bench) -> None:
    """The database is not there, and the script gives up."""
    start(bench)
    release(bench, DATABASE_URL="postgresql+psycopg://shop_app:test-only@127.0.0.1:59999/shop")


@RELEASE.fails("lock")
def migration_waits_for_lock(bench: Bench) -> None:
    """The old container's transaction holds the table until the migration gives up."""
    database = start(bench)
    bench.prepare("alembic", "upgrade", "head")
    up = 'op.execute("SET LOCAL lock_timeout = \'400ms\'")\nop.add_column("customers", sa.Column("vip", sa.Boolean))'
    revision(bench, "c3e7f10a5b28", "8c25e1f06ab9", up, title="mark vips")
    with database.holding("SELECT * FROM customers"):
        release(bench, LENIENT)
