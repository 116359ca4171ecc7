"""SQLAlchemy at run time: the application meets a database that is not as its models say, or not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.projects import MODELS
from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["SQLALCHEMY"]

SQLALCHEMY = Tool("sqlalchemy", "sqlalchemy", "psycopg", "postgresql")

CUSTOMERS = "CREATE TABLE customers (id int PRIMARY KEY, email varchar(20) NOT NULL UNIQUE)"
INVOICES = "CREATE TABLE invoices (id int PRIMARY KEY, customer_id int REFERENCES customers, total_cents int)"
APP = """
    import logging
    import os

    import sqlalchemy as sa
    from sqlalchemy.orm import Session

    from models import Base, Customer, Invoice

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s [%(name)s] %(message)s")
    log = logging.getLogger("shop.worker")
    engine = sa.create_engine(os.environ["DATABASE_URL"], pool_size=1, max_overflow=0, pool_timeout=0.5)


    def work(session):
{body}


    try:
        with Session(engine) as session:
            work(session)
            session.commit()
    except Exception:
        log.exception("worker stopped")
        raise SystemExit(1)
    log.info("worker finished")
"""


def worker(bench: Bench, body: str, *statements: str, **env: str) -> None:
    """Run ``body`` in a session on a database in which ``statements`` ran."""
    bench.database(*statements)
    bench.write("models.py", MODELS)
    indented = "\n".join(f"        {line.strip()}" for line in body.strip().splitlines())
    bench.write("worker.py", APP.format(body=indented))
    bench.env |= env
    bench.run("python", "worker.py")


COUNT = 'log.info("%d invoices", session.scalar(sa.select(sa.func.count()).select_from(Invoice)))'


@SQLALCHEMY.quiet
def works(bench: Bench) -> None:
    """The tables are there."""
    worker(bench, COUNT, CUSTOMERS, INVOICES)


@SQLALCHEMY.quiet
def create_all_echo(bench: Bench) -> None:
    """`create_all` with echo: it looks for each table before it makes it."""
    worker(bench, 'logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)\nBase.metadata.create_all(engine)')


@SQLALCHEMY.quiet
def retry_then_works(bench: Bench) -> None:
    """The first try is refused, the second one is not."""
    bench.database(CUSTOMERS, INVOICES)
    bench.write("models.py", MODELS)
    bench.write(
        "wait.py",
        """
        import logging
        import os

        import sqlalchemy as sa

        logging.basicConfig(level=logging.INFO, format="%(levelname)s [%(name)s] %(message)s")
        log = logging.getLogger("shop.wait")
        good = sa.make_url(os.environ["DATABASE_URL"])
        for attempt, url in enumerate((good.set(port=59999), good), 1):
            try:
                sa.create_engine(url).connect().close()
            except sa.exc.OperationalError:
                log.info("database is not reachable yet, attempt %d of 5, next in 2 s", attempt)
            else:
                log.info("database is reachable after %d attempts", attempt)
        """,
    )
    bench.run("python", "wait.py")


@SQLALCHEMY.fails("schema", tables="invoices")
def undefined_table(bench: Bench) -> None:
    """A table of the models is not there."""
    worker(bench, COUNT, CUSTOMERS)


@SQLALCHEMY.fails("schema", columns="total_cents")
def undefined_column(bench: Bench) -> None:
    """A column of the models is not there."""
    worker(
        bench,
        "log.info(session.scalars(sa.select(Invoice)).all())",
        CUSTOMERS,
        INVOICES.replace(", total_cents int", ""),
    )


@SQLALCHEMY.fails("schema", tables="invoices")
def validator_finds_tables_missing(bench: Bench) -> None:
    """The application compares the tables with its models before it starts, and stops."""
    body = """
    missing = sorted(set(Base.metadata.tables) - set(sa.inspect(engine).get_table_names()))
    level = logging.ERROR if missing else logging.INFO
    log.log(level, "Missing tables in database: %s", missing)
    raise SystemExit("Schema validation failed: 1 table missing") if missing else None
    """
    worker(bench, body, CUSTOMERS)


@SQLALCHEMY.quiet
def validator_finds_all(bench: Bench) -> None:
    """The same comparison, and nothing is missing."""
    body = """
    missing = sorted(set(Base.metadata.tables) - set(sa.inspect(engine).get_table_names()))
    level = logging.ERROR if missing else logging.INFO
    log.log(level, "Missing tables in database: %s", missing)
    log.info("Schema validation passed: %d tables, 0 missing, 0 errors", len(Base.metadata.tables))
    """
    worker(bench, body, CUSTOMERS, INVOICES)


@SQLALCHEMY.fails("schema", "validation", tables="audit_trail")
def validator_finds_extra_tables(bench: Bench) -> None:
    """The application warns of tables that no model knows."""
    body = """
    extra = set(sa.inspect(engine).get_table_names()) - set(Base.metadata.tables)
    log.warning("Extra tables in database not defined in models: %s", extra)
    """
    worker(bench, body, CUSTOMERS, INVOICES, "CREATE TABLE audit_trail (id int)")


@SQLALCHEMY.fails("connectivity", "lock")
def pool_timeout(bench: Bench) -> None:
    """The only connection of the pool is taken."""
    worker(bench, "session.execute(sa.text('SELECT 1'))\nengine.connect()", CUSTOMERS)


@SQLALCHEMY.fails("validation", "schema", "other")
def unique_violation(bench: Bench) -> None:
    """A row is added twice."""
    row = "session.add(Customer(id=1, email='ada@shop.example'))"
    worker(
        bench,
        f"{row}\nsession.flush()\nsession.execute(sa.insert(Customer).values(id=2, email='ada@shop.example'))",
        CUSTOMERS,
    )


@SQLALCHEMY.fails("validation", "schema", "other", columns="email")
def not_null_violation(bench: Bench) -> None:
    """A row lacks a value."""
    worker(bench, "session.execute(sa.text('INSERT INTO customers (id) VALUES (7)'))", CUSTOMERS)


@SQLALCHEMY.fails("validation", "schema", "other")
def foreign_key_violation(bench: Bench) -> None:
    """A row names a parent that is not there."""
    worker(bench, "session.add(Invoice(id=1, customer_id=99, total_cents=5))", CUSTOMERS, INVOICES)


@SQLALCHEMY.fails("validation", "schema", "other")
def value_too_long(bench: Bench) -> None:
    """A value is longer than its column."""
    worker(bench, "session.add(Customer(id=1, email='a' * 40))", CUSTOMERS)


@SQLALCHEMY.fails("schema", "validation", "other", "crash")
def pending_rollback(bench: Bench) -> None:
    """A session goes on after an error that it swallowed."""
    body = """
    session.add(Invoice(id=1, customer_id=99, total_cents=5))
    try: session.flush()
    except sa.exc.IntegrityError: log.info("skipping invoice 1")
    session.scalars(sa.select(Invoice)).all()
    """
    worker(bench, body, CUSTOMERS, INVOICES)


@SQLALCHEMY.fails("connectivity")
def refused(bench: Bench) -> None:
    """Nobody listens at the database's port."""
    worker(bench, COUNT, DATABASE_URL="postgresql+psycopg2://shop_app:test-only@127.0.0.1:59999/shop")


@SQLALCHEMY.fails("auth", users="shop_app")
def wrong_password(bench: Bench) -> None:
    """The password is wrong, as psycopg2 says it."""
    database = bench.database(CUSTOMERS)
    bench.write("models.py", MODELS)
    bench.write("worker.py", APP.format(body=f"        {COUNT}"))
    bench.run("python", "worker.py", DATABASE_URL=database.url("postgresql+psycopg2", password="not-the-one"))


@SQLALCHEMY.fails("connectivity", "crash")
def connection_lost(bench: Bench) -> None:
    """The server ends the connection in the middle of the work."""
    body = "session.execute(sa.text('SELECT pg_terminate_backend(pg_backend_pid())'))"
    worker(bench, body, CUSTOMERS)


@SQLALCHEMY.fails("schema", "crash", "other", "startup")
def mapper_broken(bench: Bench) -> None:
    """A relationship names a class that is not there."""
    bench.database()
    bench.write(
        "models.py",
        MODELS.replace(
            "total_cents: Mapped[int]", 'total_cents: Mapped[int]\n        payer: Mapped["Payer"] = relationship()'
        ).replace("import DeclarativeBase", "import relationship, DeclarativeBase"),
    )
    bench.write("worker.py", APP.format(body=f"        {COUNT}"))
    bench.run("python", "worker.py")
