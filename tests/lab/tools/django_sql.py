"""Django: migrations that the database refuses, and applications that run on another database than their models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.tools.django import DJANGO, MODELS, manage, migrated, migration, start

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["DJANGO"]

ORDERS = "INSERT INTO orders_order (number, note) VALUES ('A-1', ''), ('A-1', '')"


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
    lite = '{"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "shop.db", "OPTIONS": {"timeout": 0.2}}}'
    bench.write("settings_file.py", f"from settings import *\n\nDATABASES = {lite}\n")
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
