"""Alembic: the project that its scenarios break, and the good runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.projects import alembic_project, revision
from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench
    from tests.lab.postgres import Database

__all__ = ["ALEMBIC", "CUSTOMERS", "start"]

ALEMBIC = Tool("alembic", "alembic", "sqlalchemy", "psycopg", "postgresql")

CUSTOMERS = """
op.create_table(
    "customers",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("email", sa.String(200), nullable=False),
)
"""
INVOICES = """
op.create_table(
    "invoices",
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("customer_id", sa.Integer, sa.ForeignKey("customers.id"), nullable=False),
    sa.Column("total_cents", sa.Integer, nullable=False),
)
"""


def start(bench: Bench, *statements: str) -> Database:
    """A project of two good revisions and an empty database."""
    database = bench.database(*statements)
    alembic_project(bench)
    revision(bench, "3f1a90c2d7b4", None, CUSTOMERS, 'op.drop_table("customers")', title="create customers")
    revision(bench, "8c25e1f06ab9", "3f1a90c2d7b4", INVOICES, 'op.drop_table("invoices")', title="create invoices")
    return database


@ALEMBIC.quiet
def upgrade_head(bench: Bench) -> None:
    """An empty database is brought to the head."""
    start(bench)
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.quiet
def nothing_to_do(bench: Bench) -> None:
    """The database is at the head already."""
    start(bench)
    bench.prepare("alembic", "upgrade", "head")
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.quiet
def current(bench: Bench) -> None:
    """The revision of a database at the head is asked for."""
    start(bench)
    bench.prepare("alembic", "upgrade", "head")
    bench.run("alembic", "current")


@ALEMBIC.quiet
def history_verbose(bench: Bench) -> None:
    """The history is listed."""
    start(bench)
    bench.run("alembic", "history", "--verbose")


@ALEMBIC.quiet
def check_without_changes(bench: Bench) -> None:
    """`alembic check` finds models and database alike."""
    start(bench)
    bench.prepare("alembic", "upgrade", "head")
    bench.run("alembic", "check")


@ALEMBIC.quiet
def downgrade_one(bench: Bench) -> None:
    """A planned downgrade by one revision."""
    start(bench)
    bench.prepare("alembic", "upgrade", "head")
    bench.run("alembic", "downgrade", "-1")


@ALEMBIC.quiet
def stamp_head(bench: Bench) -> None:
    """A database is stamped without running a revision."""
    start(bench)
    bench.run("alembic", "stamp", "head")


@ALEMBIC.quiet
def offline_sql(bench: Bench) -> None:
    """The SQL of the upgrade is written instead of run."""
    start(bench)
    bench.run("alembic", "upgrade", "head", "--sql")


@ALEMBIC.quiet
def sql_echo(bench: Bench) -> None:
    """A good upgrade with SQLAlchemy's echo, whose SQL names errors."""
    start(bench)
    audit = 'op.create_table("error_log", sa.Column("id", sa.Integer), sa.Column("failed_reason", sa.Text))'
    revision(bench, "c07d5b6e1f32", "8c25e1f06ab9", audit, title="record failed exports")
    ini = bench.folder / "alembic.ini"
    ini.write_text(
        ini.read_text().replace(
            "level = WARNING\nhandlers =\nqualname = sqlalchemy", "level = INFO\nhandlers =\nqualname = sqlalchemy"
        )
    )
    bench.run("alembic", "upgrade", "head")


@ALEMBIC.quiet
def merge_heads(bench: Bench) -> None:
    """Two heads are merged."""
    start(bench)
    revision(bench, "d41a77e9c8f0", "3f1a90c2d7b4", "pass", title="add audit")
    bench.run("alembic", "merge", "heads", "-m", "merge invoices and audit", "--rev-id", "e5b3f9a1470c")
