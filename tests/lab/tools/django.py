"""Django: migrations that conflict, are missing, were faked, or that the database refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench
    from tests.lab.postgres import Database

__all__ = ["DJANGO", "MODELS", "manage", "migrated", "migration", "start"]

DJANGO = Tool("django", "django", "psycopg", "postgresql")

MANAGE = """
    import os
    import sys

    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "settings")
    execute_from_command_line(sys.argv)
"""
SETTINGS = """
    import os

    SECRET_KEY = os.environ["SECRET_KEY"]
    ALLOWED_HOSTS = ["*"]
    ROOT_URLCONF = "urls"
    USE_TZ = True
    INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "orders"]
    DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "shop",
            "USER": "shop_app",
            "PASSWORD": os.environ["DB_PASSWORD"],
            "HOST": os.environ["DB_HOST"],
            "PORT": os.environ["DB_PORT"],
        }
    }
"""
MODELS = """
    from django.db import models


    class Order(models.Model):
        number = models.CharField(max_length=20)
        note = models.TextField(default="")
"""
INITIAL = """
    from django.db import migrations, models


    class Migration(migrations.Migration):
        initial = True
        dependencies = []
        operations = [
            migrations.CreateModel(
                name="Order",
                fields=[
                    (
                        "id",
                        models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                    ),
                    ("number", models.CharField(max_length=20)),
                    ("note", models.TextField(default="")),
                ],
            ),
        ]
"""
MIGRATION = """
{imports}
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "{after}")]
    operations = [{operations}]
"""


def start(bench: Bench, *statements: str) -> Database:
    """A project of one application with one migration, and an empty database."""
    database = bench.database(*statements)
    port = str(database.cluster.port)
    bench.env |= {"SECRET_KEY": "test-only", "DB_PASSWORD": "test-only", "DB_HOST": "127.0.0.1", "DB_PORT": port}
    bench.write("manage.py", MANAGE)
    bench.write("settings.py", SETTINGS)
    bench.write("urls.py", "urlpatterns = []\n")
    bench.write("orders/__init__.py", "")
    bench.write("orders/models.py", MODELS)
    bench.write("orders/migrations/__init__.py", "")
    bench.write("orders/migrations/0001_initial.py", INITIAL)
    return database


def migration(bench: Bench, name: str, operations: str, after: str = "0001_initial", imports: str = "") -> None:
    """Write a migration of the application."""
    text = MIGRATION.format(imports=imports, after=after, operations=operations)
    bench.write(f"orders/migrations/{name}.py", text)


def manage(bench: Bench, *arguments: str, **env: str) -> None:
    """Run a command of manage.py and keep its output."""
    bench.env |= env
    bench.run("python", "manage.py", *arguments)


def migrated(bench: Bench, *rows: str) -> Database:
    """A project whose database is up to date and has rows."""
    database = start(bench)
    bench.prepare("python", "manage.py", "migrate")
    if rows:
        database.sql(*rows)
    return database


@DJANGO.quiet
def migrate_all(bench: Bench) -> None:
    """An empty database is migrated."""
    start(bench)
    manage(bench, "migrate")


@DJANGO.quiet
def migrate_nothing(bench: Bench) -> None:
    """The database is up to date already."""
    migrated(bench)
    manage(bench, "migrate", "--noinput")


@DJANGO.quiet
def migrate_plan(bench: Bench) -> None:
    """The plan of a migration is shown."""
    start(bench)
    manage(bench, "migrate", "--plan")


@DJANGO.quiet
def showmigrations(bench: Bench) -> None:
    """The migrations are listed."""
    migrated(bench)
    manage(bench, "showmigrations")


@DJANGO.quiet
def makemigrations_nothing(bench: Bench) -> None:
    """Models and migrations agree."""
    migrated(bench)
    manage(bench, "makemigrations", "--check", "--dry-run")


@DJANGO.quiet
def system_check(bench: Bench) -> None:
    """The system check finds nothing."""
    start(bench)
    manage(bench, "check")


@DJANGO.quiet
def runserver(bench: Bench) -> None:
    """The development server starts on a migrated database."""
    migrated(bench)
    address = f"127.0.0.1:{bench.port}"
    bench.run("python", "manage.py", "runserver", "--noreload", address, until="Quit the server")


@DJANGO.quiet
def migrate_backwards(bench: Bench) -> None:
    """A migration is taken back as planned."""
    migrated(bench)
    manage(bench, "migrate", "orders", "zero")


@DJANGO.fails("migration", "schema")
def runserver_unapplied(bench: Bench) -> None:
    """The server starts before the migrations ran."""
    migrated(bench)
    migration(bench, "0002_order_paid", 'migrations.AddField("order", "paid", models.BooleanField(default=False))')
    address = f"127.0.0.1:{bench.port}"
    bench.run("python", "manage.py", "runserver", "--noreload", address, until="Quit the server")


@DJANGO.fails("schema", "migration")
def makemigrations_check(bench: Bench) -> None:
    """A model has a field that no migration makes."""
    migrated(bench)
    bench.write("orders/models.py", MODELS + "        paid = models.BooleanField(default=False)\n")
    manage(bench, "makemigrations", "--check", "--dry-run")


@DJANGO.fails("schema", "migration")
def model_changes_not_reflected(bench: Bench) -> None:
    """`migrate` finds changes of models without a migration."""
    migrated(bench)
    bench.write("orders/models.py", MODELS + "        paid = models.BooleanField(default=False)\n")
    manage(bench, "migrate")


@DJANGO.fails("migration")
def conflicting_migrations(bench: Bench) -> None:
    """Two branches each made a second migration."""
    start(bench)
    migration(bench, "0002_order_paid", 'migrations.AddField("order", "paid", models.BooleanField(default=False))')
    migration(bench, "0002_order_tax", 'migrations.AddField("order", "tax", models.IntegerField(default=0))')
    manage(bench, "migrate")


@DJANGO.fails("migration")
def inconsistent_history(bench: Bench) -> None:
    """A migration is recorded whose parent is not."""
    database = migrated(bench)
    migration(bench, "0002_order_paid", 'migrations.AddField("order", "paid", models.BooleanField(default=False))')
    bench.prepare("python", "manage.py", "migrate")
    database.sql("DELETE FROM django_migrations WHERE app = 'orders' AND name = '0001_initial'")
    manage(bench, "migrate")


@DJANGO.fails("migration")
def parent_missing(bench: Bench) -> None:
    """A migration depends on one whose file is not deployed."""
    start(bench)
    migration(bench, "0003_order_tax", "", after="0002_order_paid")
    manage(bench, "migrate")


@DJANGO.fails("migration")
def circular(bench: Bench) -> None:
    """Two migrations depend on one another."""
    start(bench)
    migration(bench, "0002_left", "", after="0003_right")
    migration(bench, "0003_right", "", after="0002_left")
    manage(bench, "migrate")


@DJANGO.fails("migration", "crash")
def no_migration_class(bench: Bench) -> None:
    """A file among the migrations is none."""
    start(bench)
    bench.write("orders/migrations/0002_notes.py", "NOTE = 'to be done'\n")
    manage(bench, "migrate")


@DJANGO.fails("migration", "dependency", "startup", "crash", modules="pricing")
def import_error(bench: Bench) -> None:
    """A migration imports a module that the image lacks."""
    start(bench)
    migration(bench, "0002_prices", "", imports="import pricing")
    manage(bench, "migrate")


@DJANGO.fails("migration")
def unknown_migration(bench: Bench) -> None:
    """A rollback names a migration that is not there."""
    migrated(bench)
    manage(bench, "migrate", "orders", "0009_gone")


@DJANGO.fails("migration")
def irreversible(bench: Bench) -> None:
    """A migration cannot be taken back."""
    start(bench)
    migration(bench, "0002_fill", "migrations.RunPython(lambda apps, editor: None)")
    bench.prepare("python", "manage.py", "migrate")
    manage(bench, "migrate", "orders", "0001")


@DJANGO.fails("validation", "startup", "configuration", "crash")
def system_check_fails(bench: Bench) -> None:
    """The system check refuses a model."""
    start(bench)
    bench.write(
        "orders/models.py", MODELS + "        code = models.CharField()\n        price = models.DecimalField()\n"
    )
    manage(bench, "migrate")


@DJANGO.fails("configuration", "startup", "crash", variables="SECRET_KEY")
def variable_missing(bench: Bench) -> None:
    """The environment lacks SECRET_KEY."""
    start(bench)
    del bench.env["SECRET_KEY"]
    manage(bench, "migrate")


@DJANGO.fails("configuration", "startup", "crash")
def secret_key_empty(bench: Bench) -> None:
    """SECRET_KEY is set to nothing."""
    start(bench)
    code = "from django.core import signing; print(signing.dumps({'order': 7}))"
    manage(bench, "shell", "--no-imports", "-c", code, SECRET_KEY="")


@DJANGO.fails("configuration", "startup", "dependency", "crash", modules="settings_staging")
def settings_missing(bench: Bench) -> None:
    """DJANGO_SETTINGS_MODULE names a module that is not there."""
    start(bench)
    manage(bench, "migrate", DJANGO_SETTINGS_MODULE="settings_staging")


@DJANGO.fails("dependency", "configuration", "startup", "crash", modules="invoices")
def application_missing(bench: Bench) -> None:
    """INSTALLED_APPS names an application that is not there."""
    start(bench)
    settings = bench.folder / "settings.py"
    settings.write_text(settings.read_text().replace('"orders"]', '"orders", "invoices"]'))
    manage(bench, "migrate")
