"""TypeORM: its migrations, and its entities on a database that is not as they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench
    from tests.lab.postgres import Database

__all__ = ["TYPEORM"]

TYPEORM = Tool("typeorm", "npm:typeorm", "npm:pg", "postgresql")

REFUSED = "postgres://shop_app:test-only@127.0.0.1:59999/shop"
SOURCE = """
    const { DataSource, EntitySchema } = require("typeorm");
    const { readdirSync } = require("fs");

    const Seat = new EntitySchema({
      name: "Seat",
      tableName: "seats",
      columns: { id: { primary: true, type: "int" }, label: { type: "varchar" } },
    });

    module.exports.source = new DataSource({
      type: "postgres",
      url: process.env.DATABASE_URL,
      entities: [Seat],
      migrations: ["migrations/*.js"],
    });
"""
MIGRATION = """
    module.exports.{name} = class {name} {{
      async up(runner) {{ await runner.query(`{up}`); }}
      async down(runner) {{ await runner.query(`{down}`); }}
    }};
"""


def typeorm_start(bench: Bench, *, ran: bool = True) -> Database:
    """A project of one good migration."""
    database = bench.database()
    bench.env["DATABASE_URL"] = database.url("postgres")
    bench.write("source.js", SOURCE)
    typeorm_file(
        bench,
        "CreateSeats1767258000000",
        "CREATE TABLE seats (id int PRIMARY KEY, label varchar NOT NULL)",
        "DROP TABLE seats",
    )
    if ran:
        bench.prepare("typeorm", "migration:run", "-d", "source.js")
    return database


def typeorm_file(bench: Bench, name: str, up: str, down: str = "SELECT 1") -> None:
    """Write a migration."""
    bench.write(f"migrations/{name}.js", MIGRATION.format(name=name, up=up, down=down))


def typeorm(bench: Bench, verb: str, **env: str) -> None:
    """Run a verb of TypeORM and keep its output."""
    bench.env |= env
    bench.run("typeorm", verb, "-d", "source.js")


@TYPEORM.quiet
def migration_run(bench: Bench) -> None:
    """An empty database is migrated."""
    typeorm_start(bench, ran=False)
    typeorm(bench, "migration:run")


@TYPEORM.quiet
def migration_run_nothing(bench: Bench) -> None:
    """Everything ran already."""
    typeorm_start(bench)
    typeorm(bench, "migration:run")


@TYPEORM.quiet
def migration_show(bench: Bench) -> None:
    """The migrations are listed."""
    typeorm_start(bench)
    typeorm(bench, "migration:show")


@TYPEORM.quiet
def schema_log_nothing(bench: Bench) -> None:
    """Entities and database agree."""
    typeorm_start(bench)
    typeorm(bench, "schema:log")


@TYPEORM.fails("migration", "schema", tables="seat")
def undefined_table(bench: Bench) -> None:
    """A migration changes a table that is not there."""
    typeorm_start(bench)
    typeorm_file(bench, "RenameLabel1768467600000", "ALTER TABLE seat RENAME label TO place")
    typeorm(bench, "migration:run")


@TYPEORM.fails("migration", "schema", tables="seats")
def duplicate_table(bench: Bench) -> None:
    """`synchronize` made the table before the migration."""
    database = typeorm_start(bench, ran=False)
    database.sql("CREATE TABLE seats (id int)")
    typeorm(bench, "migration:run")


@TYPEORM.fails("migration", "schema", "validation")
def not_null_on_rows(bench: Bench) -> None:
    """A NOT NULL column is added to a table with rows."""
    database = typeorm_start(bench)
    database.sql("INSERT INTO seats VALUES (1, 'A1')")
    typeorm_file(bench, "AddZone1768467600000", "ALTER TABLE seats ADD zone text NOT NULL")
    typeorm(bench, "migration:run")


@TYPEORM.fails("migration", "schema")
def revert_fails(bench: Bench) -> None:
    """A revert drops a table that something else needs."""
    database = typeorm_start(bench)
    database.sql("CREATE VIEW labels AS SELECT label FROM seats")
    typeorm(bench, "migration:revert")


@TYPEORM.fails("migration")
def migration_name_wrong(bench: Bench) -> None:
    """A migration's class has no time in its name."""
    typeorm_start(bench, ran=False)
    typeorm_file(bench, "AddZone", "SELECT 1")
    typeorm(bench, "migration:run")


@TYPEORM.fails("configuration", "migration", "startup", "dependency")
def source_missing(bench: Bench) -> None:
    """The image lacks the data source's file."""
    bench.run("typeorm", "migration:run", "-d", "dist/source.js")


@TYPEORM.fails("connectivity")
def refused(bench: Bench) -> None:
    """Nobody listens at the database's port."""
    typeorm_start(bench, ran=False)
    typeorm(bench, "migration:run", DATABASE_URL=REFUSED)


@TYPEORM.fails("auth", users="shop_app")
def wrong_password(bench: Bench) -> None:
    """The password is wrong."""
    database = typeorm_start(bench, ran=False)
    typeorm(bench, "migration:run", DATABASE_URL=database.url("postgres", password="not-the-one"))


@TYPEORM.fails("schema", tables="seats")
def table_missing_at_run_time(bench: Bench) -> None:
    """The application reads a table that no migration made."""
    typeorm_start(bench, ran=False)
    read = 'source.initialize().then(() => source.getRepository("Seat").find())'
    bench.write("app.js", f'const {{ source }} = require("./source");\n{read};\n')
    bench.run("node", "app.js")


@TYPEORM.fails("schema", "configuration", "other", "crash", "startup")
def entity_unknown(bench: Bench) -> None:
    """The application asks for an entity that the data source does not have."""
    typeorm_start(bench)
    read = 'source.initialize().then(() => source.getRepository("Row").find())'
    bench.write("app.js", f'const {{ source }} = require("./source");\n{read};\n')
    bench.run("node", "app.js")
