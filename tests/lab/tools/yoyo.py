"""yoyo-migrations: SQL files in a folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.postgres import PASSWORD
from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench
    from tests.lab.postgres import Database

__all__ = ["YOYO"]

YOYO = Tool("yoyo", "yoyo-migrations", "psycopg", "postgresql")


def start(bench: Bench) -> Database:
    """A folder of two good migrations and an empty database."""
    database = bench.database()
    bench.write("migrations/0001.devices.sql", "CREATE TABLE devices (id int PRIMARY KEY, serial text);\n")
    bench.write("migrations/0001.devices.rollback.sql", "DROP TABLE devices;\n")
    bench.write(
        "migrations/0002.readings.sql",
        "-- depends: 0001.devices\n\nCREATE TABLE readings (device int REFERENCES devices);\n",
    )
    bench.write("migrations/0002.readings.rollback.sql", "DROP TABLE readings;\n")
    return database


def yoyo(bench: Bench, database: Database, verb: str, *options: str, password: str = PASSWORD) -> None:
    """Run a verb of yoyo and keep its output."""
    url = database.url("postgresql+psycopg", password=password)
    bench.run("yoyo", verb, "--batch", "--no-config-file", "-vv", *options, "--database", url, "./migrations")


def ready(bench: Bench, database: Database) -> None:
    """Apply what is there."""
    url = database.url("postgresql+psycopg")
    bench.prepare("yoyo", "apply", "--batch", "--no-config-file", "--database", url, "./migrations")


@YOYO.quiet
def apply(bench: Bench) -> None:
    """An empty database is migrated."""
    yoyo(bench, start(bench), "apply")


@YOYO.quiet
def apply_nothing(bench: Bench) -> None:
    """Everything is applied already."""
    database = start(bench)
    ready(bench, database)
    yoyo(bench, database, "apply")
    yoyo(bench, database, "list")


@YOYO.quiet
def rollback(bench: Bench) -> None:
    """A planned rollback."""
    database = start(bench)
    ready(bench, database)
    yoyo(bench, database, "rollback")


@YOYO.fails("migration", "schema", tables="gateways")
def undefined_table(bench: Bench) -> None:
    """A migration changes a table that is not there."""
    database = start(bench)
    bench.write("migrations/0003.gateways.sql", "-- depends: 0002.readings\n\nALTER TABLE gateways ADD model text;\n")
    yoyo(bench, database, "apply")


@YOYO.fails("migration", "schema", tables="devices")
def duplicate_table(bench: Bench) -> None:
    """The table was made by hand."""
    database = start(bench)
    database.sql("CREATE TABLE devices (id int)")
    yoyo(bench, database, "apply")


@YOYO.fails("migration", "schema", "dependency")
def dependency_missing(bench: Bench) -> None:
    """A migration depends on a file that is not deployed."""
    database = start(bench)
    bench.write("migrations/0004.alerts.sql", "-- depends: 0003.gateways\n\nCREATE TABLE alerts (id int);\n")
    yoyo(bench, database, "apply")


@YOYO.fails("migration")
def dependency_circle(bench: Bench) -> None:
    """Two migrations depend on one another."""
    database = start(bench)
    bench.write(
        "migrations/0001.devices.sql", "-- depends: 0002.readings\n\nCREATE TABLE devices (id int PRIMARY KEY);\n"
    )
    yoyo(bench, database, "apply")


@YOYO.fails("migration", "schema")
def rollback_fails(bench: Bench) -> None:
    """A rollback drops a table that something else needs."""
    database = start(bench)
    ready(bench, database)
    database.sql("CREATE VIEW latest AS SELECT * FROM readings")
    yoyo(bench, database, "rollback")


@YOYO.fails("lock", "migration")
def migrations_locked(bench: Bench) -> None:
    """Another process holds yoyo's lock, or died with it."""
    database = start(bench)
    ready(bench, database)
    bench.write("migrations/0003.gateways.sql", "-- depends: 0002.readings\n\nCREATE TABLE gateways (id int);\n")
    database.sql("INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, now(), 4242)")
    url = database.url("postgresql+psycopg")
    bench.run(
        "python",
        "-c",
        f"""
import yoyo, yoyo.backends.base
backend = yoyo.get_backend({url!r})
with backend.lock(timeout=1):
    backend.apply_migrations(backend.to_apply(yoyo.read_migrations("./migrations")))
""",
    )


@YOYO.fails("connectivity")
def refused(bench: Bench) -> None:
    """Nobody listens at the database's port."""
    start(bench)
    url = "postgresql+psycopg://shop_app:test-only@127.0.0.1:59999/shop"
    bench.run("yoyo", "apply", "--batch", "--no-config-file", "--database", url, "./migrations")


@YOYO.fails("auth", users="shop_app")
def wrong_password(bench: Bench) -> None:
    """The password is wrong."""
    yoyo(bench, start(bench), "apply", password="not-the-one")


@YOYO.fails("configuration", "dependency", "migration", "startup")
def scheme_unknown(bench: Bench) -> None:
    """The URL has a scheme that yoyo does not know."""
    start(bench)
    url = "cockroach://shop_app:test-only@127.0.0.1:59999/shop"
    bench.run("yoyo", "apply", "--batch", "--no-config-file", "--database", url, "./migrations")
