"""PostgreSQL: what the server's own log says, and what psql says of a release script."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench
    from tests.lab.postgres import Database

__all__ = ["POSTGRESQL", "PSQL"]

POSTGRESQL = Tool("postgresql", "postgresql")
PSQL = Tool("psql", "postgresql")

PLANS = "CREATE TABLE plans (id int PRIMARY KEY, code text NOT NULL UNIQUE CHECK (code <> ''))"


def logged(bench: Bench, database: Database, sql: str, *, user: str = "shop_app", password: str = "") -> None:
    """Send SQL and keep what the server writes to its log."""
    log = database.cluster.log
    before = log.stat().st_size
    where = f"host=127.0.0.1 port={database.cluster.port} dbname={database.name} user={user}"
    bench.run("psql", "-X", "-q", where, "-c", sql, PGPASSWORD=password or "test-only")
    output = bench.outputs.pop()
    time.sleep(0.3)  # the server writes a moment later
    text = log.read_bytes()[before:].decode()
    bench.keep(("psql", "-c", sql), output.status, text)


def script(bench: Bench, database: Database, sql: str, **env: str) -> None:
    """Run a release script with psql."""
    bench.write("release.sql", sql)
    where = f"host=127.0.0.1 port={database.cluster.port} dbname={database.name} user=shop_app"
    bench.env |= {"PGPASSWORD": "test-only", **env}
    bench.run("psql", "-X", "-v", "ON_ERROR_STOP=1", "-f", "release.sql", where)


@POSTGRESQL.quiet
def starts(bench: Bench) -> None:
    """A server starts."""
    cluster = bench.cluster("fresh")
    bench.keep(("postgres", "-D", "/srv/data"), 0, "\n".join(cluster.log.read_text().splitlines()[:7]))


@POSTGRESQL.fails("schema", tables="plan")
def undefined_table(bench: Bench) -> None:
    """A query reads a table that is not there."""
    logged(bench, bench.database(PLANS), "SELECT count(*) FROM plan")


@POSTGRESQL.fails("schema", columns="price")
def undefined_column(bench: Bench) -> None:
    """A query reads a column that is not there."""
    logged(bench, bench.database(PLANS), "SELECT price FROM plans")


@POSTGRESQL.fails("schema", "migration", tables="plans")
def duplicate_table(bench: Bench) -> None:
    """A table is made twice."""
    logged(bench, bench.database(PLANS), "CREATE TABLE plans (id int)")


@POSTGRESQL.fails("schema", "validation", "migration", "other")
def unique_violation(bench: Bench) -> None:
    """A value is there already."""
    logged(
        bench, bench.database(PLANS, "INSERT INTO plans VALUES (1, 'basic')"), "INSERT INTO plans VALUES (2, 'basic')"
    )


@POSTGRESQL.fails("schema", "validation", "migration", "other", columns="code")
def not_null_violation(bench: Bench) -> None:
    """A value is missing."""
    logged(bench, bench.database(PLANS), "INSERT INTO plans VALUES (3, NULL)")


@POSTGRESQL.fails("schema", "validation", "migration", "other")
def check_violation(bench: Bench) -> None:
    """A value breaks a check."""
    logged(bench, bench.database(PLANS), "INSERT INTO plans VALUES (4, '')")


@POSTGRESQL.fails("auth", users="shop_app")
def wrong_password(bench: Bench) -> None:
    """A client has the wrong password."""
    logged(bench, bench.database(), "SELECT 1", password="not-the-one")


@POSTGRESQL.fails("auth", users="billing")
def role_unknown(bench: Bench) -> None:
    """A client has a role that is not there."""
    logged(bench, bench.database(), "SELECT 1", user="billing")


@POSTGRESQL.fails("auth", tables="plans")
def permission_denied(bench: Bench) -> None:
    """A role reads a table that it may not."""
    logged(bench, bench.database(PLANS), "SELECT * FROM plans", user="shop_reader")


@POSTGRESQL.fails("schema", "configuration", "connectivity", "migration", databases="shop_eu")
def database_missing(bench: Bench) -> None:
    """A client asks for a database that is not there."""
    database = bench.database()
    database.name = "shop_eu"
    logged(bench, database, "SELECT 1")


@POSTGRESQL.fails("connectivity", "lock")
def too_many_clients(bench: Bench) -> None:
    """All connections are taken."""
    database = bench.database(cluster="small")
    with database.holding("SELECT 1"), database.holding("SELECT 2"), database.holding("SELECT 3"):
        logged(bench, database, "SELECT 1")


@POSTGRESQL.fails("lock")
def lock_timeout(bench: Bench) -> None:
    """A statement waits too long for a lock."""
    database = bench.database(PLANS)
    with database.holding("LOCK TABLE plans"):
        logged(bench, database, "SET lock_timeout = 300; SELECT * FROM plans")


@POSTGRESQL.fails("lock")
def statement_timeout(bench: Bench) -> None:
    """A statement takes too long."""
    logged(bench, bench.database(), "SET statement_timeout = 300; SELECT pg_sleep(5)")


@POSTGRESQL.fails("lock")
def deadlock(bench: Bench) -> None:
    """Two sessions wait for one another."""
    database = bench.database(PLANS, "CREATE TABLE prices (plan int)")
    with database.holding("LOCK TABLE prices", "SELECT pg_sleep(1.5); LOCK TABLE plans;"):
        logged(bench, database, "BEGIN; LOCK TABLE plans; SELECT pg_sleep(2.5); LOCK TABLE prices")


@POSTGRESQL.fails("migration", "schema", "crash", "other", "lock")
def aborted_transaction(bench: Bench) -> None:
    """A client goes on in a transaction that failed."""
    database = bench.database()
    bench.write("two.sql", "BEGIN;\nSELECT 1/0;\nSELECT 2;\n")
    log = database.cluster.log
    before = log.stat().st_size
    where = f"host=127.0.0.1 port={database.cluster.port} dbname=shop user=shop_app"
    status = bench.run("psql", "-X", "-f", "two.sql", where, PGPASSWORD="test-only").status
    bench.outputs.clear()
    time.sleep(0.3)
    bench.keep(("psql", "-f", "two.sql"), status, log.read_bytes()[before:].decode())


@POSTGRESQL.fails("migration", "schema", "configuration", "auth", "other")
def read_only(bench: Bench) -> None:
    """A write comes to a database that only takes reads."""
    database = bench.database()
    database.cluster.sql("ALTER DATABASE shop SET default_transaction_read_only = on")
    logged(bench, database, "CREATE TABLE plans (id int)")


@POSTGRESQL.fails("startup", "configuration")
def setting_unknown(bench: Bench) -> None:
    """The configuration has a setting that the server does not know."""
    cluster = bench.cluster()
    command = [*cluster.as_postgres, "postgres", "-D", str(cluster.folder / "data"), "-c", "max_conections=200"]
    bench.run(*command)


@POSTGRESQL.fails("startup", "connectivity", "configuration")
def port_in_use(bench: Bench) -> None:
    """The server's port is taken."""
    cluster = bench.cluster()
    command = [*cluster.as_postgres, "postgres", "-D", str(bench.cluster("idle").folder / "data")]
    bench.cluster("idle").stop()
    bench.run(*command, "-c", f"port={cluster.port}")


@PSQL.quiet
def release(bench: Bench) -> None:
    """A release script runs, with what is there already left alone."""
    sql = """
    CREATE TABLE IF NOT EXISTS plans (id int);
    DROP TABLE IF EXISTS failed_jobs;
    ALTER TABLE plans ADD COLUMN IF NOT EXISTS code text;
    INSERT INTO plans VALUES (1, 'basic');
    """
    script(bench, bench.database(PLANS), sql)


@PSQL.fails("schema", "migration", tables="plans")
def duplicate_table_in_script(bench: Bench) -> None:
    """A release script runs for the second time."""
    script(bench, bench.database(PLANS), "CREATE TABLE plans (id int);\n")


@PSQL.fails("schema", "migration", columns="price", tables="plans")
def undefined_column_in_script(bench: Bench) -> None:
    """A release script renames a column that is not there."""
    script(bench, bench.database(PLANS), "ALTER TABLE plans DROP COLUMN price;\n")


@PSQL.fails("auth", users="shop_app")
def wrong_password_of_script(bench: Bench) -> None:
    """The script's password is wrong."""
    script(bench, bench.database(), "SELECT 1;\n", PGPASSWORD="not-the-one")


@PSQL.fails("connectivity")
def refused(bench: Bench) -> None:
    """Nobody listens at the port."""
    bench.cluster()
    bench.run("psql", "-X", "host=127.0.0.1 port=59999 dbname=shop user=shop_app", "-c", "SELECT 1")


@PSQL.fails("connectivity", hosts="shop-db.invalid")
def unknown_host(bench: Bench) -> None:
    """The host has no address."""
    bench.cluster()
    bench.run("psql", "-X", "host=shop-db.invalid port=59999 dbname=shop user=shop_app", "-c", "SELECT 1")


@PSQL.fails("connectivity")
def not_ready(bench: Bench) -> None:
    """A wait for the database gives up."""
    bench.cluster()
    bench.run("pg_isready", "-h", "127.0.0.1", "-p", "59999", "-t", "1")


@PSQL.quiet
def ready(bench: Bench) -> None:
    """A wait for the database ends well."""
    cluster = bench.cluster()
    bench.run("pg_isready", "-h", "127.0.0.1", "-p", str(cluster.port))
