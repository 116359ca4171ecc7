"""Flask-Migrate: Alembic behind the command line of Flask."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench
    from tests.lab.postgres import Database

__all__ = ["FLASK_MIGRATE"]

FLASK_MIGRATE = Tool("flask-migrate", "flask-migrate", "flask", "alembic", "sqlalchemy", "psycopg", "postgresql")

APP = """
    import os

    from flask import Flask
    from flask_migrate import Migrate
    from flask_sqlalchemy import SQLAlchemy

    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["DATABASE_URL"]
    db = SQLAlchemy(app)
    Migrate(app, db)


    class Ticket(db.Model):
        __tablename__ = "tickets"
        id = db.Column(db.Integer, primary_key=True)
        subject = db.Column(db.String(200), nullable=False)


    @app.get("/tickets")
    def tickets():
        return {"tickets": [ticket.subject for ticket in Ticket.query]}
"""


def start(bench: Bench, *, revisions: bool = True) -> Database:
    """An application with one model, its migrations folder and one revision made from the model."""
    database = bench.database()
    bench.write("app.py", APP)
    if revisions:
        bench.prepare("flask", "db", "init")
        bench.prepare("flask", "db", "migrate", "-m", "create tickets", "--rev-id", "71c0de5a92e4")
    return database


@FLASK_MIGRATE.quiet
def upgrade(bench: Bench) -> None:
    """An empty database is brought to the head."""
    start(bench)
    bench.run("flask", "db", "upgrade")


@FLASK_MIGRATE.quiet
def migrate_detects_table(bench: Bench) -> None:
    """A revision is made out of a new model."""
    start(bench, revisions=False)
    bench.prepare("flask", "db", "init")
    bench.run("flask", "db", "migrate", "-m", "create tickets", "--rev-id", "71c0de5a92e4")


@FLASK_MIGRATE.quiet
def migrate_no_changes(bench: Bench) -> None:
    """Model and database agree."""
    start(bench)
    bench.prepare("flask", "db", "upgrade")
    bench.run("flask", "db", "migrate")


@FLASK_MIGRATE.fails("migration", "configuration", "startup")
def no_folder(bench: Bench) -> None:
    """The image lacks the migrations folder."""
    start(bench, revisions=False)
    bench.run("flask", "db", "upgrade")


@FLASK_MIGRATE.fails("migration")
def database_revision_unknown(bench: Bench) -> None:
    """The database was migrated by code that is not deployed."""
    database = start(bench)
    bench.prepare("flask", "db", "upgrade")
    database.sql("UPDATE alembic_version SET version_num = 'e41d09b7aa5c'")
    bench.run("flask", "db", "upgrade")


@FLASK_MIGRATE.fails("migration", "schema")
def migrate_behind(bench: Bench) -> None:
    """A revision is to be made on a database that is not at the head."""
    start(bench)
    bench.run("flask", "db", "migrate")


@FLASK_MIGRATE.fails("migration", "schema", tables="tickets")
def duplicate_table(bench: Bench) -> None:
    """`create_all` was there before the migration."""
    start(bench)
    bench.prepare("python", "-c", "from app import app, db\nwith app.app_context(): db.create_all()")
    bench.run("flask", "db", "upgrade")


@FLASK_MIGRATE.fails("migration")
def multiple_heads(bench: Bench) -> None:
    """Two revisions follow the same one."""
    start(bench)
    for number in ("aa31f0c85b2d", "bb42a1d96c3e"):
        bench.prepare("flask", "db", "revision", "-m", "next", "--rev-id", number, "--head", "71c0de5a92e4", "--splice")
    bench.run("flask", "db", "upgrade")


@FLASK_MIGRATE.fails("schema", "migration", tables="tickets")
def check_finds_changes(bench: Bench) -> None:
    """`flask db check` finds a table that no revision makes."""
    start(bench, revisions=False)
    bench.prepare("flask", "db", "init")
    bench.run("flask", "db", "check")


@FLASK_MIGRATE.fails("dependency", "startup", "crash", "configuration")
def application_missing(bench: Bench) -> None:
    """FLASK_APP names a module that is not there."""
    start(bench)
    bench.run("flask", "--app", "shop.web", "db", "upgrade")


@FLASK_MIGRATE.fails("configuration", "startup", "crash", variables="DATABASE_URL")
def variable_missing(bench: Bench) -> None:
    """The environment lacks DATABASE_URL."""
    start(bench)
    del bench.env["DATABASE_URL"]
    bench.run("flask", "db", "upgrade")


@FLASK_MIGRATE.fails("connectivity")
def refused(bench: Bench) -> None:
    """Nobody listens at the database's port."""
    start(bench)
    bench.run("flask", "db", "upgrade", DATABASE_URL="postgresql+psycopg://shop_app:test-only@127.0.0.1:59999/shop")


@FLASK_MIGRATE.fails("schema", tables="tickets")
def table_missing_at_request(bench: Bench) -> None:
    """A request reads a table that no migration made."""
    start(bench, revisions=False)
    bench.run("python", "-c", "from app import app\nprint(app.test_client().get('/tickets').status)")
