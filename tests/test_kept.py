from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from analyzer import kept

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "cache"
    monkeypatch.setattr(kept, "_folder", lambda: found)
    return found


def test_what_is_kept_comes_back_whole() -> None:
    assert kept.recall("a.thing") is None
    kept.keep("a.thing", b"\0body", most=2)
    assert kept.recall("a.thing") == b"\0body"


def test_what_is_damaged_counts_as_absent(folder: Path) -> None:
    kept.keep("a.thing", b"body", most=2)
    (folder / "a.thing").write_bytes((folder / "a.thing").read_bytes()[:-1])
    assert kept.recall("a.thing") is None


def test_the_oldest_of_a_kind_are_forgotten(folder: Path) -> None:
    kept.keep("other.kind", b"stays", most=1)
    for name in ("a.thing", "b.thing", "c.thing"):
        kept.keep(name, name.encode(), most=2)
    assert sorted(path.name for path in folder.iterdir()) == ["b.thing", "c.thing", "other.kind"]


def test_a_folder_that_cannot_be_written_does_no_harm(folder: Path) -> None:
    folder.write_text("a file where the folder would be")
    kept.keep("a.thing", b"body", most=2)
    assert kept.recall("a.thing") is None
