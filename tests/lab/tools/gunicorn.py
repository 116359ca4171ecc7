"""gunicorn: workers that do not boot, and those that do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["GUNICORN"]

GUNICORN = Tool("gunicorn", "gunicorn", "flask")

APP = """
    {imports}
    from flask import Flask

    app = Flask(__name__)
    {start}


    @app.get("/health")
    def health():
        return "ok"
"""


def serve(bench: Bench, start: str = "", *options: str, imports: str = "", until: str = "") -> None:
    """Start one worker on an application that does ``start`` when it is imported."""
    bench.write("web.py", APP.format(imports=imports, start=start))
    bench.env["PORT"] = str(bench.port)
    bench.run("gunicorn", "--bind", f"127.0.0.1:{bench.port}", "--workers", "1", *options, "web:app", until=until)


def asking(path: str) -> str:
    """Code that asks the server for a path, once."""
    lines = (
        'port = os.environ["PORT"]',
        "def ask(to):",
        f'    to.request("GET", "/{path}")',
        "    to.getresponse()",
        'if not os.path.exists("asked"):',
        '    open("asked", "w").close()',
        '    threading.Timer(1, ask, [http.client.HTTPConnection("127.0.0.1", port)]).start()',
    )
    return "\n    ".join(lines)


@GUNICORN.quiet
def starts(bench: Bench) -> None:
    """The worker boots, and the server stops as asked."""
    serve(bench, until="Booting worker")


@GUNICORN.quiet
def starts_preloaded(bench: Bench) -> None:
    """The application is loaded before the worker boots."""
    serve(bench, "", "--preload", until="Booting worker")


@GUNICORN.fails("dependency", "startup", "crash", modules="pricing")
def import_error(bench: Bench) -> None:
    """The application imports a module that the image lacks."""
    serve(bench, imports="import pricing")


@GUNICORN.fails("dependency", "startup", "crash", modules="pricing")
def import_error_preloaded(bench: Bench) -> None:
    """The same, with the application loaded before the workers."""
    serve(bench, "", "--preload", imports="import pricing")


@GUNICORN.fails("startup", "crash", "dependency")
def name_missing(bench: Bench) -> None:
    """The application imports a name that its module lacks."""
    serve(bench, imports="from flask import Flusk")


@GUNICORN.fails("startup", "configuration", "dependency", "crash")
def application_missing(bench: Bench) -> None:
    """The command names a module that is not there."""
    bench.run("gunicorn", "--bind", f"127.0.0.1:{bench.port}", "shop.wsgi:application")


@GUNICORN.fails("startup", "configuration", "crash")
def attribute_missing(bench: Bench) -> None:
    """The module has no application of that name."""
    bench.write("web.py", "server = None\n")
    bench.run("gunicorn", "--bind", f"127.0.0.1:{bench.port}", "web:app")


@GUNICORN.fails("configuration", "startup", "crash", variables="STRIPE_KEY")
def variable_missing(bench: Bench) -> None:
    """The application needs a variable that is not set."""
    serve(bench, 'app.config["KEY"] = os.environ["STRIPE_KEY"]', imports="import os")


@GUNICORN.fails("connectivity")
def cannot_connect(bench: Bench) -> None:
    """The application connects while it is imported, and is refused."""
    serve(bench, 'psycopg2.connect("host=127.0.0.1 port=59999 dbname=shop user=shop_app")', imports="import psycopg2")


@GUNICORN.fails("startup", "connectivity", "configuration")
def port_in_use(bench: Bench) -> None:
    """The port is taken."""
    with bench.listening():
        serve(bench)


@GUNICORN.fails("startup", "configuration")
def option_unknown(bench: Bench) -> None:
    """The command has an option that gunicorn does not know."""
    serve(bench, "", "--worker-count", "2")


@GUNICORN.fails("startup", "configuration", "dependency")
def worker_class_missing(bench: Bench) -> None:
    """The worker class is not installed."""
    serve(bench, "", "--worker-class", "gevent")


@GUNICORN.fails("startup", "configuration")
def configuration_missing(bench: Bench) -> None:
    """The configuration file is not in the image."""
    serve(bench, "", "--config", "gunicorn.conf.staging.py")


@GUNICORN.fails("startup", "crash", "lock", "other")
def worker_times_out(bench: Bench) -> None:
    """A request takes longer than a worker may."""
    start = f'app.add_url_rule("/slow", view_func=lambda: time.sleep(20), endpoint="slow")\n    {asking("slow")}'
    imports = "import http.client, os, threading, time"
    serve(bench, start, "--timeout", "1", "--graceful-timeout", "1", imports=imports, until="Worker exiting")


@GUNICORN.fails("crash", "startup")
def worker_killed(bench: Bench) -> None:
    """A worker is killed, as the kernel does when memory is short."""
    once = 'os.path.exists("killed") or open("killed", "w").close() or '
    kill = once + "threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGKILL)).start()"
    serve(bench, kill, imports="import os, signal, threading", until="was sent SIGKILL")


@GUNICORN.fails("crash", "http", "other")
def request_raises(bench: Bench) -> None:
    """A request raises."""
    start = f'app.add_url_rule("/fail", view_func=lambda: 1 / 0, endpoint="fail")\n    {asking("fail")}'
    serve(bench, start, imports="import http.client, os, threading", until="ZeroDivisionError")
