"""Which files paths, folders and patterns name, and which shards lie outside a window."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from analyzer.errors import SourceError
from analyzer.model import Window
from analyzer.sources.paths import Target, find_targets, outside
from analyzer.times import parse_timestamp

if TYPE_CHECKING:
    from pathlib import Path

SHARD = "run.googleapis.com/stderr/2025/09/10/00:00:00_00:59:59_S0.json"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ["b.json", "a.ndjson", "c.JSONL.gz", "notes.txt", ".hidden.json", "sub/d.json", ".git/e.json"]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("[]")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(*inputs: str) -> list[str]:
    return [target.name if isinstance(target, Target) else f"! {target.message}" for target in find_targets(inputs)]


def test_a_folder_is_its_log_files_by_name(tree: Path) -> None:
    assert names(".") == ["./a.ndjson", "./b.json", "./c.JSONL.gz", "./sub/d.json"]


def test_a_file_may_have_any_name_and_tells_its_size(tree: Path) -> None:
    assert list(find_targets(["notes.txt"])) == [Target("notes.txt", "notes.txt", 2)]


def test_a_pattern_names_files_and_no_folders(tree: Path) -> None:
    assert names("*") == ["a.ndjson", "b.json", "c.JSONL.gz", "notes.txt"]
    assert names("**/*.json") == ["b.json", "sub/d.json"]


def test_a_file_whose_name_is_a_pattern_is_that_file(tree: Path) -> None:
    (tree / "[b].json").write_text("[]")
    assert names("[b].json") == ["[b].json"]


def test_each_file_is_read_once_however_often_it_is_named(tree: Path) -> None:
    (tree / "link.json").symlink_to("b.json")
    assert names("b.json", "./b.json", "*.json", "-", "-") == ["b.json", "standard input"]


def test_what_cannot_be_found_is_said_and_does_not_hide_the_rest(tree: Path) -> None:
    (tree / "empty").mkdir()
    assert names("gone.json", "*.gone", "empty", "a\0b", "b.json") == [
        "! cannot read 'gone.json': no such file or directory",
        "! no file matches *.gone",
        "! no log files in empty",
        "! cannot read 'a\\x00b': embedded null byte",
        "b.json",
    ]
    assert all(error.hint for error in find_targets(["gone.json", "*.gone", "empty"]) if isinstance(error, SourceError))


def test_a_dangling_link_in_a_folder_is_named_without_a_size(tree: Path) -> None:
    (tree / "sub" / "z.json").symlink_to("nowhere")
    assert list(find_targets(["sub"]))[-1] == Target(os.path.join("sub", "z.json"), os.path.join("sub", "z.json"))  # noqa: PTH118


@pytest.mark.parametrize(
    ("start", "end", "is_outside"),
    [
        ("2025-09-10T00:00:00Z", "2025-09-10T01:00:00Z", False),
        # An entry may be stamped 24 hours after it arrives.
        ("2025-09-11T00:59:59Z", "2025-09-11T02:00:00Z", False),
        ("2025-09-11T01:00:00Z", "2025-09-11T02:00:00Z", True),
        # An entry may arrive 30 days after its stamp.
        ("2025-08-11T00:00:00Z", "2025-08-11T00:00:01Z", False),
        ("2025-08-10T00:00:00Z", "2025-08-11T00:00:00Z", True),
    ],
)
def test_only_shards_that_can_hold_no_entry_are_outside(start: str, end: str, *, is_outside: bool) -> None:
    window = Window(parse_timestamp(start), parse_timestamp(end))
    assert outside(SHARD, window) is is_outside
    assert outside(f"/mnt/bucket/{SHARD}.gz", window) is is_outside


@pytest.mark.parametrize("path", ["00:00:00_00:59:59_S0.json", "2025/13/40/00:00:00_00:59:59_S0.json", "logs.json"])
def test_a_name_that_is_no_shard_is_never_outside(path: str) -> None:
    assert not outside(path, Window(0, 1))


def test_a_shard_over_midnight_ends_on_the_next_day() -> None:
    path = "stderr/2025/09/10/23:30:00_00:29:59_S0.json"
    late = parse_timestamp("2025-09-12T00:29:00Z")
    assert not outside(path, Window(late, late + 1))
