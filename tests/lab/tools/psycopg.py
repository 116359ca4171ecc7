"""psycopg without an ORM: a worker's tracebacks as the driver prints them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.postgres import PASSWORD
from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["PSYCOPG"]

PSYCOPG = Tool("psycopg", "psycopg", "psycopg2-binary", "postgresql")

MEDIA = "CREATE TABLE media (id int PRIMARY KEY, state text NOT NULL CHECK (state IN ('new', 'done')))"
WORK = """
    import os

    import {driver} as driver

    with driver.connect(os.environ["DSN"]) as connection:
        cursor = connection.cursor()
        for statement in {statements}:
            cursor.execute(statement)
    print("work is done")
"""
PLACE = "host=127.0.0.1 port={port} dbname=shop user=shop_app password={password}"


def work(bench: Bench, *statements: str, driver: str = "psycopg", dsn: str = "", password: str = PASSWORD) -> None:
    """Execute statements on a database with one table."""
    database = bench.database(MEDIA)
    bench.write("work.py", WORK.format(driver=driver, statements=list(statements)))
    place = dsn or PLACE.format(port=database.cluster.port, password=password)
    bench.run("python", "work.py", DSN=place)


@PSYCOPG.quiet
def works(bench: Bench) -> None:
    """All statements are taken."""
    work(bench, "INSERT INTO media VALUES (1, 'new')", "UPDATE media SET state = 'done'")


@PSYCOPG.fails("schema", tables="thumbnails")
def undefined_table(bench: Bench) -> None:
    """A query reads a table that is not there."""
    work(bench, "SELECT * FROM thumbnails")


@PSYCOPG.fails("schema", tables="thumbnails")
def undefined_table_psycopg2(bench: Bench) -> None:
    """The same, as psycopg2 says it."""
    work(bench, "SELECT * FROM thumbnails", driver="psycopg2")


@PSYCOPG.fails("schema", columns="width")
def undefined_column_psycopg2(bench: Bench) -> None:
    """A query reads a column that is not there."""
    work(bench, "SELECT width FROM media", driver="psycopg2")


@PSYCOPG.fails("validation", "schema", "other")
def check_violation(bench: Bench) -> None:
    """A row breaks a check."""
    work(bench, "INSERT INTO media VALUES (1, 'lost')")


@PSYCOPG.fails("lock")
def statement_timeout(bench: Bench) -> None:
    """A statement takes too long."""
    work(bench, "SET statement_timeout = 200", "SELECT pg_sleep(5)")


@PSYCOPG.fails("auth", users="shop_app")
def wrong_password(bench: Bench) -> None:
    """The password is wrong."""
    work(bench, "SELECT 1", password="not-the-one")


@PSYCOPG.fails("connectivity")
def refused(bench: Bench) -> None:
    """Nobody listens at the database's port."""
    work(bench, "SELECT 1", dsn=PLACE.format(port=59_999, password="test-only"))


@PSYCOPG.fails("connectivity", hosts="shop-db.invalid")
def unknown_host_psycopg2(bench: Bench) -> None:
    """The database's host has no address."""
    work(bench, "SELECT 1", driver="psycopg2", dsn="host=shop-db.invalid dbname=shop user=shop_app")


@PSYCOPG.fails("lock", "other", "crash")
def serialization_failure(bench: Bench) -> None:
    """Two serializable transactions change one row."""
    database = bench.database(MEDIA, "INSERT INTO media VALUES (1, 'new')")
    bench.write(
        "work.py",
        """
        import os

        import psycopg

        first, second = (psycopg.connect(os.environ["DSN"]) for _ in range(2))
        for connection in (first, second):
            connection.isolation_level = psycopg.IsolationLevel.SERIALIZABLE
            connection.execute("SELECT count(*) FROM media")
        first.execute("UPDATE media SET state = 'done'")
        first.commit()
        second.execute("UPDATE media SET state = 'new'")
        """,
    )
    bench.run("python", "work.py", DSN=PLACE.format(port=database.cluster.port, password="test-only"))
