"""Alembic: upgrades that PostgreSQL refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.projects import revision
from tests.lab.tools.alembic import ALEMBIC, start

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["ALEMBIC", "TWO_CUSTOMERS", "upgrade"]

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
