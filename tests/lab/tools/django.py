"""Django: migrations that conflict, are missing, were faked, or that the database refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench
    from tests.lab.postgres import Database

__all__ = ["DJANGO"]

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
                    ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
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
    bench.run("python", "manage.py", *arguments, **env)


def migrated(bench: Bench, *rows: str) -> Database:
    """A project whose database is up to date and has rows."""
    database = start(bench)
    bench.prepare("python", "manage.py", "migrate")
    if rows:
        database.sql(*rows)
    return database


ORDERS = "INSERT INTO orders_order (number, note) VALUES ('A-1', ''), ('A-1', '')"


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


@DJANGO.fails("migration", "schema", tables="orders_order")
def duplicate_table(bench: Bench) -> None:
    """The table is there, but the migration is not recorded."""
    database = migrated(bench)
    database.sql("DELETE FROM django_migrations WHERE app = 'orders'")
    manage(bench, "migrate")


@DJANGO.fails("schema", tables="orders_order")
def faked(bench: Bench) -> None:
    """The migration was faked, and the application finds no table."""
    start(bench)
    bench.prepare("python", "manage.py", "migrate", "auth")
    bench.run("python", "manage.py", "migrate", "--fake")
    manage(bench, "shell", "--no-imports", "-c", "from orders.models import Order; print(Order.objects.count())")


@DJANGO.fails("schema", "migration", columns="paid")
def column_missing(bench: Bench) -> None:
    """The new code runs on the old database."""
    migrated(bench)
    bench.write("orders/models.py", MODELS + "        paid = models.BooleanField(default=False)\n")
    manage(bench, "shell", "--no-imports", "-c", "from orders.models import Order; print(list(Order.objects.all()))")


@DJANGO.fails("migration", "schema", "validation")
def unique_violation(bench: Bench) -> None:
    """A field becomes unique over values that are not."""
    migrated(bench, ORDERS)
    operation = 'migrations.AlterField("order", "number", models.CharField(max_length=20, unique=True))'
    migration(bench, "0002_unique_number", operation)
    manage(bench, "migrate")


@DJANGO.fails("migration", "schema", "validation", columns="number", tables="orders_order")
def not_null_on_rows(bench: Bench) -> None:
    """A field may be null no longer, and rows are."""
    database = migrated(bench)
    database.sql("ALTER TABLE orders_order ALTER number DROP NOT NULL", "INSERT INTO orders_order (note) VALUES ('')")
    migration(bench, "0002_number", 'migrations.RunSQL("ALTER TABLE orders_order ALTER number SET NOT NULL")')
    manage(bench, "migrate")


@DJANGO.fails("migration", "schema", "validation")
def data_too_long(bench: Bench) -> None:
    """A field gets shorter than its values."""
    migrated(bench, ORDERS)
    migration(bench, "0002_short", 'migrations.AlterField("order", "number", models.CharField(max_length=2))')
    manage(bench, "migrate")


@DJANGO.fails("migration", "schema", "validation")
def pending_trigger_events(bench: Bench) -> None:
    """One migration changes rows and then the table, with deferred constraints between."""
    database = migrated(bench)
    database.sql(
        "ALTER TABLE orders_order ADD parent bigint REFERENCES orders_order DEFERRABLE INITIALLY DEFERRED",
        "INSERT INTO orders_order (id, number, note) VALUES (1, 'A-1', '')",
    )
    operations = """
        migrations.RunSQL("UPDATE orders_order SET parent = 1"),
        migrations.RunSQL("ALTER TABLE orders_order ADD tax integer"),
    """
    migration(bench, "0002_parent", operations)
    manage(bench, "migrate")


@DJANGO.fails("migration")
def concurrently_in_transaction(bench: Bench) -> None:
    """An index is built CONCURRENTLY in an atomic migration."""
    start(bench)
    operation = 'AddIndexConcurrently("order", models.Index(fields=["number"], name="orders_number"))'
    imports = "from django.contrib.postgres.operations import AddIndexConcurrently"
    migration(bench, "0002_index", operation, imports=imports)
    manage(bench, "migrate")


@DJANGO.fails("migration", "validation")
def data_migration_fails(bench: Bench) -> None:
    """A data migration finds a row that breaks its own rule."""
    migrated(bench, ORDERS)
    bench.write(
        "orders/migrations/0002_clean.py",
        """
        from django.core.exceptions import ValidationError
        from django.db import migrations


        def clean(apps, editor):
            for order in apps.get_model("orders", "Order").objects.all():
                if not order.note:
                    raise ValidationError({"note": ["This field cannot be blank."]})


        class Migration(migrations.Migration):
            dependencies = [("orders", "0001_initial")]
            operations = [migrations.RunPython(clean)]
        """,
    )
    manage(bench, "migrate")


@DJANGO.fails("validation", "startup", "configuration", "crash")
def system_check_fails(bench: Bench) -> None:
    """The system check refuses a model."""
    start(bench)
    bench.write("orders/models.py", MODELS + "        code = models.CharField()\n        price = models.DecimalField()\n")
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


@DJANGO.fails("connectivity")
def refused(bench: Bench) -> None:
    """Nobody listens at the database's port."""
    start(bench)
    manage(bench, "migrate", DB_PORT="59999")


@DJANGO.fails("auth", users="shop_app")
def wrong_password(bench: Bench) -> None:
    """The password is wrong."""
    start(bench)
    manage(bench, "migrate", DB_PASSWORD="not-the-one")


@DJANGO.fails("auth", "migration")
def permission_denied(bench: Bench) -> None:
    """The role may not make tables."""
    database = start(bench)
    database.cluster.sql("ALTER DATABASE shop OWNER TO postgres")
    manage(bench, "migrate")


@DJANGO.fails("lock")
def lock_timeout(bench: Bench) -> None:
    """A long transaction holds the table."""
    database = migrated(bench)
    migration(bench, "0002_order_paid", 'migrations.AddField("order", "paid", models.BooleanField(default=False))')
    with database.holding("SELECT * FROM orders_order"):
        manage(bench, "migrate", PGOPTIONS="-c lock_timeout=500")


@DJANGO.fails("lock")
def sqlite_locked(bench: Bench) -> None:
    """Another process writes to the SQLite file."""
    start(bench)
    bench.write("settings_file.py", 'from settings import *\n\nDATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.db", "OPTIONS": {"timeout": 0.2}}}\n')
    bench.prepare("python", "-c", "import sqlite3; sqlite3.connect('shop.db').execute('CREATE TABLE t (a)')")
    bench.write(
        "race.py",
        """
        import sqlite3
        import sys

        from django.core.management import execute_from_command_line

        other = sqlite3.connect("shop.db", isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        execute_from_command_line(["manage.py", "migrate"])
        """,
    )
    bench.run("python", "race.py", DJANGO_SETTINGS_MODULE="settings_file")
