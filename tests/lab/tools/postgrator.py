"""postgrator: versioned SQL files whose checksums are recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench
    from tests.lab.postgres import Database

__all__ = ["POSTGRATOR"]

POSTGRATOR = Tool("postgrator", "npm:postgrator", "npm:postgrator-cli", "npm:pg", "postgresql")


def start(bench: Bench, *, ran: bool = True) -> Database:
    """A folder of two good migrations."""
    database = bench.database()
    bench.write("migrations/001.do.gauges.sql", "CREATE TABLE gauges (id int PRIMARY KEY, unit text);\n")
    bench.write("migrations/001.undo.gauges.sql", "DROP TABLE gauges;\n")
    bench.write("migrations/002.do.samples.sql", "CREATE TABLE samples (gauge int REFERENCES gauges);\n")
    bench.write("migrations/002.undo.samples.sql", "DROP TABLE samples;\n")
    configure(bench, database)
    if ran:
        bench.prepare("postgrator", "max")
    return database


def configure(bench: Bench, database: Database, password: str = "") -> None:
    """Write the tool's configuration."""
    bench.write(
        ".postgratorrc.js",
        f"""
        module.exports = {{
          driver: "pg",
          host: "127.0.0.1",
          port: {database.cluster.port},
          database: "shop",
          username: "shop_app",
          password: "{password or "test-only"}",
          migrationPattern: "migrations/*",
        }};
        """,
    )


@POSTGRATOR.quiet
def migrate(bench: Bench) -> None:
    """An empty database is migrated."""
    start(bench, ran=False)
    bench.run("postgrator", "max")


@POSTGRATOR.quiet
def migrate_nothing(bench: Bench) -> None:
    """The database is at the newest version already."""
    start(bench)
    bench.run("postgrator", "max")


@POSTGRATOR.fails("migration")
def checksum_mismatch(bench: Bench) -> None:
    """A migration was changed after it ran."""
    start(bench)
    bench.write("migrations/001.do.gauges.sql", "CREATE TABLE gauges (id bigint PRIMARY KEY, unit text);\n")
    bench.write("migrations/003.do.alarms.sql", "CREATE TABLE alarms (id int);\n")
    bench.run("postgrator", "max")


@POSTGRATOR.fails("migration")
def version_twice(bench: Bench) -> None:
    """Two branches each made a third migration."""
    start(bench)
    bench.write("migrations/003.do.alarms.sql", "CREATE TABLE alarms (id int);\n")
    bench.write("migrations/003.do.limits.sql", "CREATE TABLE limits (id int);\n")
    bench.run("postgrator", "max")


@POSTGRATOR.fails("migration", "schema", tables="gauge")
def undefined_table(bench: Bench) -> None:
    """A migration changes a table that is not there."""
    start(bench)
    bench.write("migrations/003.do.units.sql", "ALTER TABLE gauge ADD offset_value int;\n")
    bench.run("postgrator", "max")


@POSTGRATOR.fails("auth", users="shop_app")
def wrong_password(bench: Bench) -> None:
    """The password is wrong."""
    configure(bench, start(bench, ran=False), "not-the-one")
    bench.run("postgrator", "max")
