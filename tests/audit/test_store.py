"""States that are old, new, damaged, foreign, full or missing."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import shutil
import sqlite3
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from analyzer.audit import schema, store, tables
from analyzer.audit.cases import load_cases
from analyzer.audit.passes import run_pass
from analyzer.audit.store import copy_store, default_state, open_store
from analyzer.errors import StateError
from analyzer.times import SECOND
from tests.audit.runner import Task, run
from tests.audit.world import MINUTE, START, Board, Clock, Log, entry, parts

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def old_state(target: str) -> None:
    """A state as the first version left it, with an incident in it."""
    log, clock = Log(lambda: START + MINUTE), Clock(START + MINUTE)
    log.add(entry(1, at=START))
    made = open_store(target)
    run_pass(parts(made, log, clock, Board()))
    with made.begin() as connection:
        connection.execute(sa.text("DROP TABLE faults"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '0001'"))
    made.close()


def test_the_migrations_lead_to_the_tables(target: str) -> None:
    made = open_store(target)
    with made.begin() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []
    made.close()


def test_an_older_state_is_brought_up_to_date_and_keeps_what_it_knows(target: str) -> None:
    old_state(target)
    made = open_store(target)
    with made.begin() as connection:
        assert schema.version_of(connection) == "0002"
        (fingerprint,) = load_cases(connection)
        assert connection.execute(sa.select(tables.faults.c.fault)).scalars().all() == [fingerprint]
    made.close()


def test_a_migration_that_fails_leaves_the_state_as_it_was(target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old_state(target)
    upgrade = command.upgrade

    def fail(*arguments: Any) -> None:
        upgrade(*arguments)
        raise StateError("the power is out")

    monkeypatch.setattr(command, "upgrade", fail)
    with pytest.raises(StateError, match="the power is out"):
        open_store(target)
    monkeypatch.undo()
    engine = store._store(target, create=False)
    with engine.begin() as connection:
        assert schema.version_of(connection) == "0001"
        assert "faults" not in sa.inspect(connection).get_table_names()
    engine.close()


def test_a_newer_state_is_refused_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    open_store(str(path)).close()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    before = digest(path)
    with pytest.raises(StateError, match="of version 9999") as caught:
        open_store(str(path))
    assert "upgrade loganalyze" in caught.value.hint
    assert digest(path) == before
    assert [file.name for file in tmp_path.iterdir()] == ["state.db"]


def _damaged(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[100:] = b"\xa5" * (len(data) - 100)
    path.write_bytes(data)


def _foreign(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE customers (name TEXT)")
    connection.close()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda path: path.write_bytes(b"This is no database.\n" * 99), "not a database"),
        (_damaged, "malformed|not a database"),
        (_foreign, "not a state of loganalyze"),
    ],
)
def test_what_is_no_state_is_refused_unchanged(tmp_path: Path, harm: Callable[[Path], None], words: str) -> None:
    path = tmp_path / "state.db"
    open_store(str(path)).close()
    harm(path)
    before = digest(path)
    with pytest.raises(StateError, match=words):
        open_store(str(path))
    assert digest(path) == before


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("mysql://host/db", "SQLite or PostgreSQL"),
        ("sqlite://", "names no file"),
        ("postgresql://host:port:port/db", "cannot be understood"),
        ("postgresql://nobody:secret@127.0.0.1:1/none", "127.0.0.1|refused"),
    ],
)
def test_a_url_that_leads_nowhere_is_refused_without_its_password(target: str, words: str) -> None:
    with pytest.raises(StateError, match=words) as caught:
        open_store(target)
    assert "secret" not in f"{caught.value} {caught.value.hint}"


def test_a_state_in_postgresql_without_its_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    with pytest.raises(StateError) as caught:
        open_store("postgres://host/db")
    assert "loganalyze[postgres]" in caught.value.hint


def test_a_missing_state_is_made_for_its_owner_only_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "new" / "state.db"
    with pytest.raises(StateError, match="there is no state"):
        open_store(str(path), create=False)
    assert not path.parent.exists()
    open_store(f"sqlite:///{path}").close()
    assert path.stat().st_mode & 0o077 == 0


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateError, match="file"):
        open_store(str(tmp_path / "file" / "state.db"))


def test_each_environment_has_a_state_of_its_own() -> None:
    assert default_state("staging").name == "staging.db"
    assert default_state("../../etc").name == ".._.._etc.db"
    assert default_state("staging").parent == default_state("production").parent


def test_a_full_disk_changes_nothing_and_the_next_pass_does_it(tmp_path: Path) -> None:
    path = str(tmp_path / "state.db")
    clock = Clock(START + MINUTE)
    log = Log(clock.now)
    log.add(*(entry(n, at=START + n) for n in range(3_000)), shows=0)
    full = open_store(path)
    pages = sa.text("PRAGMA max_page_count = 60")
    sa.event.listen(full._engine, "begin", lambda connection: connection.execute(pages))
    with pytest.raises(StateError, match="full"):
        run_pass(parts(full, log, clock, Board()))
    full.close()
    made = open_store(path)
    with made.begin() as connection:
        assert load_cases(connection) == {}
        assert connection.execute(sa.text("PRAGMA integrity_check")).scalar() == "ok"
    assert run_pass(parts(made, log, clock, Board())).summary.incidents.new == 1
    made.close()


def test_a_file_that_may_not_grow_changes_nothing_and_the_next_pass_does_it(tmp_path: Path) -> None:
    capture, target = tmp_path / "capture.json", tmp_path / "state.db"
    capture.write_text(json.dumps([entry(n, at=START + n) for n in range(2_000)]), encoding="utf-8")
    open_store(str(target)).close()
    task = Task(target=str(target), capture=str(capture), now=START + MINUTE)
    small = msgspec.structs.replace(task, file_limit=target.stat().st_size + 8_192)
    assert run(small) == StateError.exit_code
    assert run(task) == 0
    made = open_store(str(target))
    with made.begin() as connection:
        assert [case.count for case in load_cases(connection).values()] == [2_000]
    made.close()


def test_a_copy_takes_everything_and_leaves_no_trace(target: str, tmp_path: Path) -> None:
    made = open_store(target)
    clock = Clock(START + MINUTE)
    log = Log(clock.now)
    log.add(entry(1, at=START))
    run_pass(parts(made, log, clock, Board()))
    listing = sorted(file.name for file in tmp_path.iterdir())
    with copy_store(target) as copy:
        with copy.begin() as connection:
            assert len(load_cases(connection)) == 1
        log.add(entry(2, at=START + SECOND))
        clock.true += MINUTE
        run_pass(parts(copy, log, clock, Board()))
    assert sorted(file.name for file in tmp_path.iterdir()) == listing
    with made.begin() as connection:
        assert [case.count for case in load_cases(connection).values()] == [1]
    made.close()


def test_a_copy_of_nothing_is_empty(tmp_path: Path) -> None:
    with copy_store(str(tmp_path / "none.db")) as copy, copy.begin() as connection:
        assert load_cases(connection) == {}
    assert list(tmp_path.iterdir()) == []


def test_a_state_works_from_a_path_with_signs_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "100% ü?#"
    folder.mkdir()
    open_store(str(folder / "state.db")).close()
    shutil.copy(folder / "state.db", tmp_path / "copy.db")
    open_store(str(tmp_path / "copy.db"), create=False).close()
