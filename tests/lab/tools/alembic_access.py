"""Alembic: upgrades that fail at the door (rights, passwords, addresses) or wait for a lock that does not come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.projects import revision
from tests.lab.tools.alembic import ALEMBIC, start
from tests.lab.tools.alembic_sql import TWO_CUSTOMERS, upgrade

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["ALEMBIC"]


@ALEMBIC.fails("migration", "configuration", "auth")
def read_only(bench: Bench) -> None:
    """The database only takes reads, as a replica does."""
    database = start(bench)
    database.cluster.sql("ALTER DATABASE shop SET default_transaction_read_only = on")
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("migration", "dependency", "configuration", "schema")
def extension_missing(bench: Bench) -> None:
    """The server lacks an extension."""
    upgrade(bench, 'op.execute("CREATE EXTENSION postgis")')


@ALEMBIC.fails("auth", "migration")
def extension_not_permitted(bench: Bench) -> None:
    """An extension needs a superuser."""
    upgrade(bench, 'op.execute("CREATE EXTENSION dblink")')


@ALEMBIC.fails("migration", "schema", "auth", "configuration")
def role_missing(bench: Bench) -> None:
    """Rights are given to a role that this environment lacks."""
    upgrade(bench, 'op.execute("GRANT SELECT ON invoices TO reporting")')


@ALEMBIC.fails("migration", "schema")
def schema_missing(bench: Bench) -> None:
    """A table is made in a schema that is not there."""
    upgrade(bench, 'op.create_table("ledger", sa.Column("id", sa.Integer, primary_key=True), schema="billing")')


@ALEMBIC.fails("auth", "migration", tables="customers")
def not_owner(bench: Bench) -> None:
    """The table belongs to another role."""
    database = start(bench)
    bench.prepare("alembic", "upgrade", "head")
    database.sql("ALTER TABLE customers OWNER TO postgres", user="postgres")
    revision(
        bench,
        "c3e7f10a5b28",
        "8c25e1f06ab9",
        'op.add_column("customers", sa.Column("locale", sa.Text))',
        title="locale",
    )
    database.sql("GRANT ALL ON customers TO shop_app", user="postgres")
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("auth", "migration")
def permission_denied_for_schema(bench: Bench) -> None:
    """The migration runs as a role that may only read."""
    database = start(bench)
    bench.run("alembic", "upgrade", "head", DATABASE_URL=database.url(user="shop_reader"))


@ALEMBIC.fails("auth", "migration", tables="alembic_version")
def permission_denied_for_table(bench: Bench) -> None:
    """The role may not read Alembic's own table."""
    database = start(bench)
    bench.prepare("alembic", "upgrade", "head")
    bench.run("alembic", "upgrade", "head", DATABASE_URL=database.url(user="shop_reader"))


@ALEMBIC.fails("auth", users="shop_app")
def wrong_password(bench: Bench) -> None:
    """The password is wrong."""
    database = start(bench)
    bench.run("alembic", "upgrade", "head", DATABASE_URL=database.url(password="not-the-one"))


@ALEMBIC.fails("connectivity")
def refused(bench: Bench) -> None:
    """Nobody listens at the database's port."""
    start(bench)
    bench.run("alembic", "upgrade", "head", DATABASE_URL="postgresql+psycopg://shop_app:test-only@127.0.0.1:59999/shop")


@ALEMBIC.fails("connectivity")
def refused_psycopg2(bench: Bench) -> None:
    """Nobody listens at the database's port, as psycopg2 says it."""
    start(bench)
    bench.run(
        "alembic", "upgrade", "head", DATABASE_URL="postgresql+psycopg2://shop_app:test-only@127.0.0.1:59999/shop"
    )


@ALEMBIC.fails("connectivity")
def socket_missing(bench: Bench) -> None:
    """The proxy's socket is not mounted."""
    start(bench)
    url = "postgresql+psycopg2://shop_app:test-only@/shop?host=/cloudsql/shop-staging:europe-west1:main"
    bench.run("alembic", "upgrade", "head", DATABASE_URL=url)


@ALEMBIC.fails("connectivity", hosts="shop-db.invalid")
def unknown_host(bench: Bench) -> None:
    """The database's host has no address."""
    start(bench)
    bench.run(
        "alembic", "upgrade", "head", DATABASE_URL="postgresql+psycopg://shop_app:test-only@shop-db.invalid:59999/shop"
    )


@ALEMBIC.fails("schema", "configuration", "connectivity", "migration", databases="shop_staging")
def database_missing(bench: Bench) -> None:
    """The server has no database of that name."""
    database = start(bench)
    bench.run("alembic", "upgrade", "head", DATABASE_URL=database.url().removesuffix("shop") + "shop_staging")


@ALEMBIC.fails("connectivity", "lock")
def too_many_clients(bench: Bench) -> None:
    """All connections of the server are taken."""
    start(bench)
    small = bench.database(cluster="small")
    with small.holding("SELECT 1"), small.holding("SELECT 2"), small.holding("SELECT 3"):
        bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("lock")
def lock_timeout(bench: Bench) -> None:
    """A long transaction of the application holds the table."""
    database = start(bench)
    bench.prepare("alembic", "upgrade", "head")
    up = 'op.execute("SET lock_timeout = \'500ms\'")\nop.add_column("customers", sa.Column("locale", sa.Text))'
    revision(bench, "c3e7f10a5b28", "8c25e1f06ab9", up, title="add locale")
    with database.holding("SELECT * FROM customers"):
        bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("lock")
def lock_not_available(bench: Bench) -> None:
    """A table is locked NOWAIT while another session has it."""
    database = start(bench)
    bench.prepare("alembic", "upgrade", "head")
    revision(bench, "c3e7f10a5b28", "8c25e1f06ab9", 'op.execute("LOCK TABLE customers NOWAIT")', title="rewrite")
    with database.holding("LOCK TABLE customers"):
        bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("lock")
def advisory_lock_held(bench: Bench) -> None:
    """Another container runs the migrations and holds their advisory lock."""
    database = start(bench)
    env = bench.folder / "migrations" / "env.py"
    taken = 'connection.exec_driver_sql("SET lock_timeout = 500; SELECT pg_advisory_lock(7041)")'
    before = "        context.configure(connection"
    env.write_text(env.read_text().replace(before, f"        {taken}\n{before}"))
    with database.holding("SELECT pg_advisory_lock(7041)"):
        bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("lock")
def statement_timeout(bench: Bench) -> None:
    """A backfill takes longer than a statement may."""
    up = """
    op.execute("SET statement_timeout = '300ms'")
    op.execute("UPDATE customers SET email = lower(email) FROM pg_sleep(5)")
    """
    upgrade(bench, up, TWO_CUSTOMERS)


@ALEMBIC.fails("lock")
def deadlock(bench: Bench) -> None:
    """The migration and the application lock two tables in opposite order."""
    database = start(bench)
    bench.prepare("alembic", "upgrade", "head")
    up = 'op.execute("LOCK TABLE customers")\nop.execute("SELECT pg_sleep(2.5)")\nop.execute("LOCK TABLE invoices")'
    revision(bench, "c3e7f10a5b28", "8c25e1f06ab9", up, title="lock both")
    with database.holding("LOCK TABLE invoices", "SELECT pg_sleep(1.5); LOCK TABLE customers;"):
        bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("connectivity", "migration", "crash")
def connection_terminated(bench: Bench) -> None:
    """The server ends the migration's connection, as a maintenance does."""
    upgrade(bench, 'op.execute("SELECT pg_terminate_backend(pg_backend_pid())")')
