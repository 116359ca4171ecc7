"""Sequelize: its migrations, and its models on a database that is not as they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench
    from tests.lab.postgres import Database

__all__ = ["SEQUELIZE"]

SEQUELIZE = Tool("sequelize", "npm:sequelize", "npm:sequelize-cli", "npm:pg", "postgresql")

RC = 'module.exports = { config: "config.js", "migrations-path": "migrations" };\n'
CONFIG = 'module.exports = { staging: { use_env_variable: "DATABASE_URL", dialect: "postgres" } };\n'
FIRST = "20260101090000-create-teams.js"
TEAMS = 'q.createTable("teams", { id: { type: S.INTEGER, primaryKey: true }, name: { type: S.STRING, unique: true } })'
NEXT = "20260115090000-next-release.js"
REFUSED = "postgres://shop_app:test-only@127.0.0.1:59999/shop"
APP = """
    const { DataTypes, Sequelize } = require("sequelize");

    const db = new Sequelize(process.env.DATABASE_URL, { logging: false, pool: { max: 1, acquire: 1000 } });
    const Team = db.define(
      "team",
      { name: { type: DataTypes.STRING, allowNull: false, unique: true }, city: DataTypes.STRING },
      { timestamps: false },
    );

    (async () => {
      BODY
      console.log("done");
      await db.close();
    })();
"""


def sequelize_start(bench: Bench, *, ran: bool = True) -> Database:
    """A project of one good migration."""
    database = bench.database()
    bench.env |= {"DATABASE_URL": database.url("postgres"), "NODE_ENV": "staging"}
    bench.write(".sequelizerc", RC)
    bench.write("config.js", CONFIG)
    sequelize_file(bench, FIRST, TEAMS, 'q.dropTable("teams")')
    if ran:
        bench.prepare("sequelize-cli", "db:migrate")
    return database


def sequelize_file(bench: Bench, name: str, up: str, down: str = "Promise.resolve()") -> None:
    """Write a migration."""
    bench.write(f"migrations/{name}", f"module.exports = {{ up: (q, S) => {up}, down: (q, S) => {down} }};\n")


def application(bench: Bench, body: str) -> None:
    """Run an application on the migrated database."""
    sequelize_start(bench)
    bench.write("app.js", APP.replace("BODY", body))
    bench.run("node", "app.js")


@SEQUELIZE.quiet
def migrate(bench: Bench) -> None:
    """An empty database is migrated."""
    sequelize_start(bench, ran=False)
    bench.run("sequelize-cli", "db:migrate")


@SEQUELIZE.quiet
def migrate_nothing(bench: Bench) -> None:
    """The database is up to date already."""
    sequelize_start(bench)
    bench.run("sequelize-cli", "db:migrate")


@SEQUELIZE.quiet
def status(bench: Bench) -> None:
    """The migrations are listed."""
    sequelize_start(bench)
    bench.run("sequelize-cli", "db:migrate:status")


@SEQUELIZE.fails("migration", "schema", tables="public.players")
def undefined_table(bench: Bench) -> None:
    """A migration changes a table that is not there."""
    sequelize_start(bench)
    sequelize_file(bench, NEXT, 'q.addColumn("players", "number", S.INTEGER)')
    bench.run("sequelize-cli", "db:migrate")


@SEQUELIZE.fails("migration", "schema", columns="name", tables="teams")
def duplicate_column(bench: Bench) -> None:
    """A column is added that is there."""
    sequelize_start(bench)
    sequelize_file(bench, NEXT, 'q.addColumn("teams", "name", S.STRING)')
    bench.run("sequelize-cli", "db:migrate")


@SEQUELIZE.fails("migration", "schema", "validation")
def unique_in_migration(bench: Bench) -> None:
    """A data migration puts a row in twice."""
    sequelize_start(bench)
    sequelize_file(bench, NEXT, 'q.bulkInsert("teams", [{ id: 1, name: "red" }, { id: 2, name: "red" }])')
    bench.run("sequelize-cli", "db:migrate")


@SEQUELIZE.fails("migration", "schema")
def undo_fails(bench: Bench) -> None:
    """An undo drops a table that something else needs."""
    database = sequelize_start(bench)
    database.sql("CREATE TABLE games (team int REFERENCES teams)")
    sequelize_file(bench, FIRST, TEAMS, 'q.sequelize.query("DROP TABLE teams RESTRICT")')
    bench.run("sequelize-cli", "db:migrate:undo")


@SEQUELIZE.fails("migration")
def undo_without_file(bench: Bench) -> None:
    """An undo needs a file that is not deployed."""
    sequelize_start(bench)
    (bench.folder / "migrations" / FIRST).rename(bench.folder / "gone.js")
    bench.run("sequelize-cli", "db:migrate:undo")


@SEQUELIZE.fails("configuration", "migration", "startup")
def variable_missing(bench: Bench) -> None:
    """The environment lacks DATABASE_URL."""
    sequelize_start(bench, ran=False)
    del bench.env["DATABASE_URL"]
    bench.run("sequelize-cli", "db:migrate")


@SEQUELIZE.fails("configuration", "migration", "startup")
def environment_unknown(bench: Bench) -> None:
    """The configuration has nothing for this environment."""
    sequelize_start(bench, ran=False)
    bench.run("sequelize-cli", "db:migrate", NODE_ENV="production")


@SEQUELIZE.fails("connectivity")
def refused(bench: Bench) -> None:
    """Nobody listens at the database's port."""
    sequelize_start(bench, ran=False)
    bench.run("sequelize-cli", "db:migrate", DATABASE_URL=REFUSED)


@SEQUELIZE.fails("auth", users="shop_app")
def wrong_password(bench: Bench) -> None:
    """The password is wrong."""
    database = sequelize_start(bench, ran=False)
    bench.run("sequelize-cli", "db:migrate", DATABASE_URL=database.url("postgres", password="not-the-one"))


@SEQUELIZE.fails("schema", columns="city")
def column_missing_at_run_time(bench: Bench) -> None:
    """A model has a column that no migration made."""
    application(bench, "await Team.findAll();")


@SEQUELIZE.fails("validation", "other", "crash")
def validation_at_run_time(bench: Bench) -> None:
    """A model refuses a row."""
    application(bench, "await Team.create({ city: 'Ghent' });")


@SEQUELIZE.fails("connectivity")
def connection_refused_at_run_time(bench: Bench) -> None:
    """The application cannot reach the database."""
    sequelize_start(bench)
    bench.write("app.js", APP.replace("BODY", "await db.authenticate();"))
    bench.run("node", "app.js", DATABASE_URL=REFUSED)
