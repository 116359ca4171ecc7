"""knex: migrations and seeds on Node."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench
    from tests.lab.postgres import Database

__all__ = ["KNEX"]

KNEX = Tool("knex", "npm:knex", "npm:pg", "postgresql")

KNEXFILE = """
    module.exports = {
      staging: {
        client: "pg",
        connection: process.env.DATABASE_URL,
        migrations: { directory: "./migrations" },
        seeds: { directory: "./seeds" },
        acquireConnectionTimeout: 3000,
      },
    };
"""
FIRST = (
    "20260101090000_create_bookings.js",
    'knex.schema.createTable("bookings", (t) => { t.increments("id"); t.string("guest").notNullable(); })',
    'knex.schema.dropTable("bookings")',
)
SECOND = (
    "20260108090000_create_rooms.js",
    'knex.schema.createTable("rooms", (t) => { t.increments("id"); t.integer("floor"); })',
    'knex.schema.dropTable("rooms")',
)
THIRD = "20260115090000_next_release.js"
REFUSED = "postgres://shop_app:test-only@127.0.0.1:59999/shop"


def migration(bench: Bench, name: str, up: str, down: str = "knex.schema.raw('SELECT 1')") -> None:
    """Write a migration of knex."""
    bench.write(f"migrations/{name}", f"exports.up = (knex) => {up};\nexports.down = (knex) => {down};\n")


def start(bench: Bench, *, ran: bool = True) -> Database:
    """A project of two good migrations."""
    database = bench.database()
    bench.env["DATABASE_URL"] = database.url("postgres")
    bench.write("knexfile.js", KNEXFILE)
    migration(bench, *FIRST)
    migration(bench, *SECOND)
    if ran:
        bench.prepare("knex", "migrate:latest", "--env", "staging")
    return database


def knex(bench: Bench, verb: str, *options: str, **env: str) -> None:
    """Run a verb of knex and keep its output."""
    bench.env |= env
    bench.run("knex", verb, "--env", "staging", *options)


@KNEX.quiet
def latest(bench: Bench) -> None:
    """An empty database is migrated."""
    start(bench, ran=False)
    knex(bench, "migrate:latest")


@KNEX.quiet
def latest_nothing(bench: Bench) -> None:
    """The database is up to date already."""
    start(bench)
    knex(bench, "migrate:latest")


@KNEX.quiet
def listed(bench: Bench) -> None:
    """The migrations are listed."""
    start(bench)
    knex(bench, "migrate:list")


@KNEX.quiet
def rollback(bench: Bench) -> None:
    """A planned rollback."""
    start(bench)
    knex(bench, "migrate:rollback")


@KNEX.fails("migration", files="20260108090000_create_rooms.js")
def file_missing(bench: Bench) -> None:
    """A migration ran whose file is not deployed."""
    start(bench)
    (bench.folder / "migrations" / SECOND[0]).unlink()
    knex(bench, "migrate:latest")


@KNEX.fails("lock", "migration")
def locked(bench: Bench) -> None:
    """Another container migrates, or died while it did."""
    database = start(bench)
    migration(bench, THIRD, 'knex.schema.raw("SELECT 1")')
    database.sql("UPDATE knex_migrations_lock SET is_locked = 1")
    knex(bench, "migrate:latest")


@KNEX.fails("migration", "schema", tables="floors")
def undefined_table(bench: Bench) -> None:
    """A migration changes a table that is not there."""
    start(bench)
    migration(bench, THIRD, 'knex.schema.alterTable("floors", (t) => t.string("name"))')
    knex(bench, "migrate:latest")


@KNEX.fails("migration", "schema", tables="rooms")
def duplicate_table(bench: Bench) -> None:
    """A table was made by hand."""
    database = start(bench, ran=False)
    database.sql("CREATE TABLE rooms (id int)")
    knex(bench, "migrate:latest")


@KNEX.fails("migration", "schema", "validation", columns="email")
def not_null_on_rows(bench: Bench) -> None:
    """A NOT NULL column is added to a table with rows."""
    database = start(bench)
    database.sql("INSERT INTO bookings (guest) VALUES ('Ada')")
    migration(bench, THIRD, 'knex.schema.alterTable("bookings", (t) => t.string("email").notNullable())')
    knex(bench, "migrate:latest")


@KNEX.fails("migration")
def rollback_fails(bench: Bench) -> None:
    """A rollback drops a table that is gone."""
    database = start(bench)
    database.sql("DROP TABLE rooms")
    knex(bench, "migrate:rollback")


@KNEX.fails("migration", "dependency", "startup", modules="./tariffs")
def module_missing(bench: Bench) -> None:
    """A migration requires a module that the image lacks."""
    start(bench)
    bench.write(f"migrations/{THIRD}", 'require("./tariffs");\nexports.up = () => {};\nexports.down = () => {};\n')
    knex(bench, "migrate:latest")


@KNEX.fails("migration")
def no_promise(bench: Bench) -> None:
    """A migration has no `down`."""
    start(bench)
    bench.write(f"migrations/{THIRD}", "exports.up = () => Promise.resolve();\n")
    knex(bench, "migrate:latest")


@KNEX.fails("migration", "configuration", "startup")
def no_configuration(bench: Bench) -> None:
    """The image lacks knexfile.js."""
    bench.run("knex", "migrate:latest")


@KNEX.fails("connectivity")
def refused(bench: Bench) -> None:
    """Nobody listens at the database's port."""
    start(bench, ran=False)
    knex(bench, "migrate:latest", DATABASE_URL=REFUSED)


@KNEX.fails("auth", users="shop_app")
def wrong_password(bench: Bench) -> None:
    """The password is wrong."""
    database = start(bench, ran=False)
    knex(bench, "migrate:latest", DATABASE_URL=database.url("postgres", password="not-the-one"))


@KNEX.fails("validation", "migration", "schema", "other")
def seed_fails(bench: Bench) -> None:
    """Seeds are put in for the second time."""
    start(bench)
    bench.write("seeds/rooms.js", 'exports.seed = (knex) => knex("rooms").insert([{ id: 1, floor: 1 }]);\n')
    bench.prepare("knex", "seed:run", "--env", "staging")
    knex(bench, "seed:run")
