"""Alembic: upgrades that PostgreSQL refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.projects import revision
from tests.lab.tools.alembic import ALEMBIC, start

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["ALEMBIC"]

TWO_CUSTOMERS = "INSERT INTO customers VALUES (1, 'ada@shop.example'), (2, 'ada@shop.example')"


def upgrade(bench: Bench, up: str, *rows: str) -> None:
    """Upgrade a database of two revisions and the given rows by one more revision."""
    database = start(bench)
    bench.prepare("alembic", "upgrade", "head")
    if rows:
        database.sql(*rows)
    revision(bench, "c3e7f10a5b28", "8c25e1f06ab9", up, title="next release")
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("migration", "schema", tables="subscriptions")
def undefined_table(bench: Bench) -> None:
    """A column is added to a table that is not there."""
    upgrade(bench, 'op.add_column("subscriptions", sa.Column("paused_at", sa.DateTime))')


@ALEMBIC.fails("migration", "schema", tables="customers")
def duplicate_table(bench: Bench) -> None:
    """A table is made that somebody made by hand."""
    database = start(bench)
    database.sql("CREATE TABLE customers (id int)")
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("migration", "schema", columns="nickname")
def undefined_column(bench: Bench) -> None:
    """A column is dropped that is not there."""
    upgrade(bench, 'op.drop_column("customers", "nickname")')


@ALEMBIC.fails("migration", "schema", columns="email", tables="customers")
def duplicate_column(bench: Bench) -> None:
    """A column is added that is there."""
    upgrade(bench, 'op.add_column("customers", sa.Column("email", sa.Text))')


@ALEMBIC.fails("migration", "schema")
def undefined_type(bench: Bench) -> None:
    """A column has an enum type that nobody made."""
    upgrade(bench, 'op.execute("ALTER TABLE invoices ADD COLUMN state invoice_state")')


@ALEMBIC.fails("migration", "schema")
def duplicate_type(bench: Bench) -> None:
    """An enum type is left over from an earlier try."""
    upgrade(
        bench,
        'sa.Enum("open", "paid", name="invoice_state").create(op.get_bind(), checkfirst=False)',
        "CREATE TYPE invoice_state AS ENUM ('open')",
    )


@ALEMBIC.fails("migration", "schema")
def duplicate_index(bench: Bench) -> None:
    """An index is made that is there."""
    upgrade(
        bench,
        'op.create_index("ix_customers_email", "customers", ["email"])',
        "CREATE INDEX ix_customers_email ON customers (email)",
    )


@ALEMBIC.fails("migration", "schema")
def undefined_function(bench: Bench) -> None:
    """A default calls a function of an extension that is not installed."""
    upgrade(bench, 'op.execute("ALTER TABLE invoices ADD COLUMN token uuid DEFAULT uuid_generate_v4()")')


@ALEMBIC.fails("migration", "schema")
def undefined_constraint(bench: Bench) -> None:
    """A constraint is dropped that has another name here."""
    upgrade(bench, 'op.drop_constraint("fk_invoices_customer", "invoices", type_="foreignkey")')


@ALEMBIC.fails("migration", "schema", "validation", columns="locale", tables="customers")
def not_null_on_rows(bench: Bench) -> None:
    """A NOT NULL column without a default is added to a table with rows."""
    upgrade(bench, 'op.add_column("customers", sa.Column("locale", sa.String(8), nullable=False))', TWO_CUSTOMERS)


@ALEMBIC.fails("migration", "schema", "validation")
def unique_violation(bench: Bench) -> None:
    """A unique constraint is put on values that are not."""
    upgrade(bench, 'op.create_unique_constraint("uq_customers_email", "customers", ["email"])', TWO_CUSTOMERS)


@ALEMBIC.fails("migration", "schema", "validation", tables="invoices")
def foreign_key_violation(bench: Bench) -> None:
    """A foreign key is put on rows without a parent."""
    upgrade(
        bench,
        'op.create_foreign_key("fk_invoices_region", "invoices", "customers", ["total_cents"], ["id"])',
        TWO_CUSTOMERS,
        "INSERT INTO invoices VALUES (1, 1, 990)",
    )


@ALEMBIC.fails("migration", "schema", "validation", tables="invoices")
def check_violation(bench: Bench) -> None:
    """A check is put on rows that break it."""
    upgrade(
        bench,
        'op.create_check_constraint("ck_invoices_total", "invoices", "total_cents >= 0")',
        TWO_CUSTOMERS,
        "INSERT INTO invoices VALUES (1, 1, -5)",
    )


@ALEMBIC.fails("migration", "schema", "validation")
def bad_cast(bench: Bench) -> None:
    """Texts that are no numbers are cast to numbers."""
    upgrade(
        bench,
        'op.alter_column("customers", "email", type_=sa.Integer, postgresql_using="email::integer")',
        TWO_CUSTOMERS,
    )


@ALEMBIC.fails("migration", "schema", columns="email")
def cast_not_automatic(bench: Bench) -> None:
    """A type is changed to one that needs USING."""
    upgrade(bench, 'op.alter_column("customers", "email", type_=sa.Integer)')


@ALEMBIC.fails("migration", "schema", "validation")
def enum_value_invalid(bench: Bench) -> None:
    """Rows get a value that the enum lacks."""
    upgrade(
        bench,
        "op.execute(\"ALTER TABLE invoices ADD COLUMN state invoice_state DEFAULT 'archived'\")",
        "CREATE TYPE invoice_state AS ENUM ('open', 'paid')",
    )


@ALEMBIC.fails("migration", "schema")
def enum_value_too_new(bench: Bench) -> None:
    """A value of an enum is added and used in one transaction."""
    up = """
    op.execute("ALTER TYPE invoice_state ADD VALUE 'void'")
    op.execute("ALTER TABLE invoices ADD COLUMN state invoice_state DEFAULT 'void'")
    """
    upgrade(bench, up, "CREATE TYPE invoice_state AS ENUM ('open', 'paid')")


@ALEMBIC.fails("migration", "schema", "validation")
def value_too_long(bench: Bench) -> None:
    """A column is made shorter than what stands in it."""
    upgrade(bench, 'op.alter_column("customers", "email", type_=sa.String(8))', TWO_CUSTOMERS)


@ALEMBIC.fails("migration", "schema")
def dependent_objects(bench: Bench) -> None:
    """A table is dropped that a view reads."""
    upgrade(bench, 'op.drop_table("invoices")', "CREATE VIEW open_invoices AS SELECT * FROM invoices")


@ALEMBIC.fails("migration", "schema")
def syntax_of_sql(bench: Bench) -> None:
    """The SQL of a revision has a slip."""
    upgrade(bench, 'op.execute("ALTER TABLE customers ADD COLUM locale text")')


@ALEMBIC.fails("migration")
def concurrently_in_transaction(bench: Bench) -> None:
    """An index is built CONCURRENTLY without an autocommit block."""
    upgrade(bench, 'op.create_index("ix_invoices_customer", "invoices", ["customer_id"], postgresql_concurrently=True)')


@ALEMBIC.fails("migration", "schema")
def aborted_transaction(bench: Bench) -> None:
    """A revision swallows an error of the database and goes on."""
    up = """
    try:
        op.execute("ALTER TABLE invoices DROP CONSTRAINT fk_of_old")
    except Exception:
        print("constraint was not there")
    op.add_column("customers", sa.Column("locale", sa.String(8)))
    """
    upgrade(bench, up)


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
