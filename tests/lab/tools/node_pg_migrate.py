"""node-pg-migrate: an order that does not fit, a lock that is held."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench
    from tests.lab.postgres import Database

__all__ = ["NODE_PG_MIGRATE"]

NODE_PG_MIGRATE = Tool("node-pg-migrate", "npm:node-pg-migrate", "npm:pg", "postgresql")

REFUSED = "postgres://shop_app:test-only@127.0.0.1:59999/shop"


def start(bench: Bench, *, ran: bool = True) -> Database:
    """A project of two good migrations."""
    database = bench.database()
    bench.env["DATABASE_URL"] = database.url("postgres")
    migration(bench, "1767258000000_create-parcels", 'pgm.createTable("parcels", { id: "id", code: { type: "text" } })')
    migration(bench, "1767862800000_create-depots", 'pgm.createTable("depots", { id: "id" })')
    if ran:
        bench.prepare("node-pg-migrate", "up")
    return database


def migration(bench: Bench, name: str, up: str, down: str = "false") -> None:
    """Write a migration of node-pg-migrate."""
    bench.write(f"migrations/{name}.js", f"exports.up = (pgm) => {{ {up}; }};\nexports.down = {down};\n")


@NODE_PG_MIGRATE.quiet
def up(bench: Bench) -> None:
    """An empty database is migrated."""
    start(bench, ran=False)
    bench.run("node-pg-migrate", "up")


@NODE_PG_MIGRATE.quiet
def up_nothing(bench: Bench) -> None:
    """Everything ran already."""
    start(bench)
    bench.run("node-pg-migrate", "up")


@NODE_PG_MIGRATE.fails("migration")
def out_of_order(bench: Bench) -> None:
    """A branch brings a migration that is older than what ran."""
    start(bench)
    migration(bench, "1767500000000_create-routes", 'pgm.createTable("routes", { id: "id" })')
    bench.run("node-pg-migrate", "up")


@NODE_PG_MIGRATE.fails("lock", "migration")
def lock_held(bench: Bench) -> None:
    """Another container migrates."""
    database = start(bench, ran=False)
    with database.holding("SELECT pg_advisory_lock(7241865325823964)"):
        bench.run("node-pg-migrate", "up")


@NODE_PG_MIGRATE.fails("migration", "schema", tables="drivers")
def undefined_table(bench: Bench) -> None:
    """A migration changes a table that is not there."""
    start(bench)
    migration(bench, "1768467600000_drivers", 'pgm.addColumns("drivers", { phone: "text" })')
    bench.run("node-pg-migrate", "up")


@NODE_PG_MIGRATE.fails("migration")
def irreversible(bench: Bench) -> None:
    """A migration cannot be taken back."""
    start(bench)
    bench.run("node-pg-migrate", "down")


@NODE_PG_MIGRATE.fails("configuration", "migration", "startup", variables="DATABASE_URL")
def variable_missing(bench: Bench) -> None:
    """The environment lacks DATABASE_URL."""
    start(bench, ran=False)
    del bench.env["DATABASE_URL"]
    bench.run("node-pg-migrate", "up")


@NODE_PG_MIGRATE.fails("connectivity")
def refused(bench: Bench) -> None:
    """Nobody listens at the database's port."""
    start(bench, ran=False)
    bench.run("node-pg-migrate", "up", DATABASE_URL=REFUSED)
