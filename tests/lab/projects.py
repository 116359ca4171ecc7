"""Projects that several tools share: an Alembic environment as ``alembic init`` lays it out, and SQLAlchemy models."""

from __future__ import annotations

from textwrap import dedent, indent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["MODELS", "alembic_project", "revision"]

MODELS = """
    from sqlalchemy import ForeignKey, String
    from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


    class Base(DeclarativeBase):
        pass


    class Customer(Base):
        __tablename__ = "customers"
        id: Mapped[int] = mapped_column(primary_key=True)
        email: Mapped[str] = mapped_column(String(200))


    class Invoice(Base):
        __tablename__ = "invoices"
        id: Mapped[int] = mapped_column(primary_key=True)
        customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
        total_cents: Mapped[int]
"""

INI = """
    [alembic]
    script_location = %(here)s/migrations
    prepend_sys_path = .

    [loggers]
    keys = root,sqlalchemy,alembic

    [handlers]
    keys = console

    [formatters]
    keys = generic

    [logger_root]
    level = WARNING
    handlers = console
    qualname =

    [logger_sqlalchemy]
    level = WARNING
    handlers =
    qualname = sqlalchemy.engine

    [logger_alembic]
    level = INFO
    handlers =
    qualname = alembic

    [handler_console]
    class = StreamHandler
    args = (sys.stderr,)
    level = NOTSET
    formatter = generic

    [formatter_generic]
    format = %(levelname)-5.5s [%(name)s] %(message)s
    datefmt = %H:%M:%S
"""

ENV = """
    import os
    from logging.config import fileConfig

    from alembic import context
    from sqlalchemy import create_engine, pool

    import models

    config = context.config
    fileConfig(config.config_file_name, disable_existing_loggers=False)
    target_metadata = models.Base.metadata


    def run_migrations_offline():
        context.configure(url=os.environ["DATABASE_URL"], target_metadata=target_metadata, literal_binds=True)
        with context.begin_transaction():
            context.run_migrations()


    def run_migrations_online():
        connectable = create_engine(os.environ["DATABASE_URL"], poolclass=pool.NullPool)
        with connectable.connect() as connection:
            context.configure(connection=connection, target_metadata=target_metadata)
            with context.begin_transaction():
                context.run_migrations()


    if context.is_offline_mode():
        run_migrations_offline()
    else:
        run_migrations_online()
"""

MAKO = '''
    """${message}

    Revision ID: ${up_revision}
    Revises: ${down_revision | comma,n}

    """
    import sqlalchemy as sa
    from alembic import op

    revision = ${repr(up_revision)}
    down_revision = ${repr(down_revision)}


    def upgrade() -> None:
        ${upgrades if upgrades else "pass"}


    def downgrade() -> None:
        ${downgrades if downgrades else "pass"}
'''

REVISION = '''
"""{title}

Revision ID: {id}
Revises: {after}

"""
import sqlalchemy as sa
from alembic import op
{imports}

revision = "{id}"
down_revision = {after!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
{up}


def downgrade() -> None:
{down}
'''


def alembic_project(bench: Bench, models: str = MODELS) -> None:
    """An Alembic environment that reads DATABASE_URL and compares with ``models``."""
    bench.write("alembic.ini", INI)
    bench.write("migrations/env.py", ENV)
    bench.write("models.py", models)
    bench.write("migrations/script.py.mako", MAKO)
    (bench.folder / "migrations" / "versions").mkdir()


def revision(
    bench: Bench,
    number: str,
    after: str | tuple[str, ...] | None,
    up: str,
    down: str = "pass",
    *,
    title: str = "",
    imports: str = "",
    file: str = "",
) -> None:
    """Write a revision.

    Args:
        bench: Where.
        number: Its id.
        after: The id it revises.
        up: Body of ``upgrade``.
        down: Body of ``downgrade``.
        title: Its first line; made of the id when there is none.
        imports: More imports.
        file: Its file's name; made of id and title when there is none.
    """
    title = title or f"change {number}"
    bodies = {key: indent(dedent(body).strip(), "    ") for key, body in (("up", up), ("down", down))}
    name = file or f"{number}_{title.lower().replace(' ', '_')}.py"
    bench.write(
        f"migrations/versions/{name}", REVISION.format(title=title, id=number, after=after, imports=imports, **bodies)
    )
