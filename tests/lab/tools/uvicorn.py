"""uvicorn: starts that fail, and those that do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["UVICORN"]

UVICORN = Tool("uvicorn", "uvicorn", "fastapi")
UP = "Uvicorn running"

APP = """
    {imports}
    from contextlib import asynccontextmanager

    from fastapi import FastAPI


    @asynccontextmanager
    async def lifespan(app):
        {start}
        yield
        {stop}


    app = FastAPI(lifespan=lifespan)
"""


def serve(bench: Bench, start: str = "pass", *, imports: str = "", stop: str = "pass", until: str = "") -> None:
    """Start an application whose lifespan does ``start`` and ``stop``."""
    bench.write("app.py", APP.format(imports=imports, start=start, stop=stop))
    bench.run("uvicorn", "app:app", "--host", "127.0.0.1", "--port", str(bench.port), until=until)


@UVICORN.quiet
def starts(bench: Bench) -> None:
    """The application starts and stops."""
    serve(bench, until=UP)


@UVICORN.quiet
def workers_start(bench: Bench) -> None:
    """Two workers start and stop."""
    bench.write("app.py", APP.format(imports="", start="pass", stop="pass"))
    command = ("uvicorn", "app:app", "--workers", "2", "--port", str(bench.port))
    bench.run(*command, until="Application startup complete")


@UVICORN.fails("startup", "connectivity", "configuration")
def port_in_use(bench: Bench) -> None:
    """The port is taken."""
    with bench.listening():
        serve(bench)


@UVICORN.fails("dependency", "startup", "crash", modules="pricing")
def import_error(bench: Bench) -> None:
    """The application imports a module that the image lacks."""
    serve(bench, imports="import pricing")


@UVICORN.fails("startup", "configuration", "dependency", "crash")
def application_missing(bench: Bench) -> None:
    """The command names a module that is not there."""
    bench.run("uvicorn", "shop.web:app", "--port", str(bench.port))


@UVICORN.fails("startup", "configuration", "crash", "dependency")
def attribute_missing(bench: Bench) -> None:
    """The module has no attribute of that name."""
    bench.write("app.py", "application = None\n")
    bench.run("uvicorn", "app:app", "--port", str(bench.port))


@UVICORN.fails("startup", "crash")
def lifespan_fails(bench: Bench) -> None:
    """The start-up raises."""
    serve(bench, 'raise RuntimeError("golden path validation failed")')


@UVICORN.fails("migration", "schema", "startup")
def pending_migrations(bench: Bench) -> None:
    """The start-up finds migrations that did not run."""
    serve(bench, 'raise RuntimeError("Pending migrations: database is at 3f1a90c2d7b4, head is 8c25e1f06ab9")')


@UVICORN.fails("connectivity")
def lifespan_cannot_connect(bench: Bench) -> None:
    """The start-up needs a database that refuses."""
    serve(bench, 'psycopg.connect("host=127.0.0.1 port=59999 dbname=shop user=shop_app")', imports="import psycopg")


@UVICORN.fails("configuration", "startup", "crash", variables="JWT_SECRET")
def variable_missing(bench: Bench) -> None:
    """The start-up needs a variable that is not set."""
    serve(bench, 'os.environ["JWT_SECRET"]', imports="import os")


@UVICORN.fails("startup", "crash")
def exits_at_start(bench: Bench) -> None:
    """The start-up gives up with an exit status."""
    serve(bench, 'sys.exit("refusing to start: 3 critical checks failed")', imports="import sys")


@UVICORN.fails("crash", "startup", "other")
def shutdown_fails(bench: Bench) -> None:
    """The shut-down raises."""
    serve(bench, stop='raise RuntimeError("queue did not drain")', until=UP)


@UVICORN.fails("startup", "crash")
def syntax_error(bench: Bench) -> None:
    """The application's file has a slip."""
    bench.write("app.py", "from fastapi import FastAPI\napp = FastAPI(\n\ndef broken(:\n    pass\n")
    bench.run("uvicorn", "app:app", "--port", str(bench.port))
