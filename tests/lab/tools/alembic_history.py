"""Alembic: histories that do not fit together, and upgrades that the scripts themselves break."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.projects import alembic_project, revision
from tests.lab.tools.alembic import ALEMBIC, CUSTOMERS, start

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["ALEMBIC"]


@ALEMBIC.fails("migration", revisions="5d0e77b1a9c3")
def revision_file_missing(bench: Bench) -> None:
    """A revision names a parent whose file was deleted."""
    start(bench)
    revision(bench, "a97f3c20e5d8", "5d0e77b1a9c3", "pass", title="add refunds")
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("migration", revisions="b6620fd1c94e")
def database_revision_unknown(bench: Bench) -> None:
    """The database was migrated by a branch that is not deployed."""
    start(
        bench,
        "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
        "INSERT INTO alembic_version VALUES ('b6620fd1c94e')",
    )
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("migration")
def multiple_heads(bench: Bench) -> None:
    """Two branches were merged that both revised the same parent."""
    start(bench)
    revision(bench, "d41a77e9c8f0", "3f1a90c2d7b4", "pass", title="add audit")
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("migration", revisions="8c25e1f06ab9")
def revision_twice(bench: Bench) -> None:
    """A copied file has the id of another revision."""
    start(bench)
    revision(bench, "8c25e1f06ab9", "3f1a90c2d7b4", "pass", title="copy of create invoices")
    revision(bench, "f2d8b6a30e17", "8c25e1f06ab9", "pass", title="add currency")
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("migration")
def overlapping_revisions(bench: Bench) -> None:
    """The version table has a revision and its own ancestor."""
    start(
        bench,
        "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)",
        "INSERT INTO alembic_version VALUES ('3f1a90c2d7b4'), ('8c25e1f06ab9')",
    )
    revision(bench, "f2d8b6a30e17", "8c25e1f06ab9", "pass", title="add currency")
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("migration")
def revision_cycle(bench: Bench) -> None:
    """Two revisions revise one another."""
    start(bench)
    revision(bench, "aa10c3d95e72", "bb20d4ea6f83", "pass", title="left")
    revision(bench, "bb20d4ea6f83", "aa10c3d95e72", "pass", title="right")
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("migration")
def target_unknown(bench: Bench) -> None:
    """The deployment asks for a revision that no script has."""
    start(bench)
    bench.run("alembic", "upgrade", "9e9e9e1c04d2")


@ALEMBIC.fails("migration")
def downgrade_too_far(bench: Bench) -> None:
    """A rollback goes back by more steps than there are."""
    start(bench)
    bench.prepare("alembic", "upgrade", "head")
    bench.run("alembic", "downgrade", "-5")


@ALEMBIC.fails("migration", "dependency", "startup", modules="billing_helpers")
def import_error(bench: Bench) -> None:
    """A revision imports a module that the image lacks."""
    start(bench)
    revision(
        bench,
        "c3e7f10a5b28",
        "8c25e1f06ab9",
        "pass",
        title="backfill totals",
        imports="from billing_helpers import recount",
    )
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("migration", "startup", "crash")
def syntax_error(bench: Bench) -> None:
    """A revision holds the marks of an unsolved merge."""
    start(bench)
    revision(bench, "c3e7f10a5b28", "8c25e1f06ab9", "<<<<<<< HEAD", title="add discount")
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("migration", "crash")
def revision_raises(bench: Bench) -> None:
    """A revision's own code fails."""
    start(bench)
    revision(bench, "c3e7f10a5b28", "8c25e1f06ab9", 'regions = {"eu": 1}\nregions["us"]', title="fill regions")
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("migration", "configuration", "startup")
def no_configuration(bench: Bench) -> None:
    """The image lacks alembic.ini."""
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("migration", "configuration", "startup")
def no_scripts(bench: Bench) -> None:
    """The image lacks the folder of the scripts."""
    start(bench)
    (bench.folder / "migrations").rename(bench.folder / "elsewhere")
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("configuration", "startup", "migration", variables="DATABASE_URL")
def database_url_missing(bench: Bench) -> None:
    """The environment lacks DATABASE_URL."""
    start(bench)
    del bench.env["DATABASE_URL"]
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.fails("configuration", "startup", "migration", "connectivity")
def database_url_invalid(bench: Bench) -> None:
    """DATABASE_URL is no URL."""
    start(bench)
    bench.run("alembic", "upgrade", "head", DATABASE_URL="shop-db.internal")


@ALEMBIC.fails("configuration", "startup", "migration", "dependency")
def dialect_unknown(bench: Bench) -> None:
    """DATABASE_URL has the scheme that SQLAlchemy dropped."""
    database = start(bench)
    bench.run("alembic", "upgrade", "head", DATABASE_URL=database.url("postgres"))


@ALEMBIC.fails("dependency", "startup", "migration", "crash", modules="asyncpg")
def driver_missing(bench: Bench) -> None:
    """The driver that DATABASE_URL names is not installed."""
    database = start(bench)
    bench.run("alembic", "upgrade", "head", DATABASE_URL=database.url("postgresql+asyncpg"))


@ALEMBIC.fails("schema", "migration", tables="invoices")
def check_finds_changes(bench: Bench) -> None:
    """`alembic check` finds a table of the models that no revision makes."""
    bench.database()
    alembic_project(bench)
    revision(bench, "3f1a90c2d7b4", None, CUSTOMERS, title="create customers")
    bench.prepare("alembic", "upgrade", "head")
    bench.run("alembic", "check")


@ALEMBIC.fails("migration", "schema")
def check_behind(bench: Bench) -> None:
    """`alembic check` on a database that is not at the head."""
    start(bench)
    bench.run("alembic", "check")


@ALEMBIC.fails("migration", "schema")
def current_check_heads(bench: Bench) -> None:
    """The deployment asks whether the database is at the head, and it is not."""
    start(bench)
    bench.run("alembic", "current", "--check-heads")


@ALEMBIC.fails("migration")
def downgrade_fails(bench: Bench) -> None:
    """A downgrade drops a constraint that never had that name."""
    start(bench)
    revision(
        bench,
        "c3e7f10a5b28",
        "8c25e1f06ab9",
        'op.create_unique_constraint("uq_customers_email", "customers", ["email"])',
        'op.drop_constraint("customers_email_key", "customers")',
        title="unique emails",
    )
    bench.prepare("alembic", "upgrade", "head")
    bench.run("alembic", "downgrade", "-1")


@ALEMBIC.fails("migration")
def no_downgrade(bench: Bench) -> None:
    """A downgrade refuses to run."""
    start(bench)
    revision(
        bench,
        "c3e7f10a5b28",
        "8c25e1f06ab9",
        "pass",
        'raise NotImplementedError("customers.email cannot be restored")',
        title="drop plain emails",
    )
    bench.prepare("alembic", "upgrade", "head")
    bench.run("alembic", "downgrade", "-1")


@ALEMBIC.fails("schema", tables="invoices")
def table_missing_after_stamp(bench: Bench) -> None:
    """The database was stamped, so the upgrade has nothing to do, and the application finds no table."""
    start(bench)
    bench.prepare("alembic", "stamp", "head")
    bench.write(
        "app.py",
        """
        import os

        import sqlalchemy as sa
        from sqlalchemy.orm import Session

        from models import Invoice

        engine = sa.create_engine(os.environ["DATABASE_URL"])
        with Session(engine) as session:
            print("open invoices:", session.scalar(sa.select(sa.func.count()).select_from(Invoice)))
        """,
    )
    bench.run("alembic", "upgrade", "head")
    bench.run("python", "app.py")
