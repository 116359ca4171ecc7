from __future__ import annotations

import os
import resource
import signal
import stat
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from analyzer.errors import OutputError
from analyzer.publish.files import write_file, write_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def test_a_file_is_written_whole_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    write_file(tmp_path / "report.md", "✗ first\n")
    write_file(tmp_path / "report.md", "✗ second\n")
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == "✗ second\n"
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]


def test_pieces_are_written_in_a_row(tmp_path: Path) -> None:
    write_file(tmp_path / "report.json", (piece for piece in ("{", "✗", "}\n")))
    assert (tmp_path / "report.json").read_text(encoding="utf-8") == "{✗}\n"


def test_pieces_that_fail_on_the_way_leave_the_old_file_as_it_was(tmp_path: Path) -> None:
    def pieces() -> Iterator[str]:
        yield "new"
        raise ValueError("no more")

    write_file(tmp_path / "report.json", "old")
    with pytest.raises(ValueError, match="no more"):
        write_file(tmp_path / "report.json", pieces())
    assert (tmp_path / "report.json").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.json"]


def test_what_is_no_file_is_written_to_and_stays_what_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with ThreadPoolExecutor() as pool:
        read = pool.submit(pipe.read_text, "utf-8")
        write_file(pipe, "✗ through\n")
        assert read.result(timeout=10) == "✗ through\n"
    assert pipe.is_fifo()
    assert [path.name for path in tmp_path.iterdir()] == ["pipe"]


def test_a_link_goes_on_to_lead_to_the_file_that_is_written(tmp_path: Path) -> None:
    (tmp_path / "reports").mkdir()
    link = tmp_path / "latest.md"
    link.symlink_to(tmp_path / "reports" / "today.md")
    write_file(link, "first\n")
    write_file(link, "second\n")
    assert link.is_symlink()
    assert (tmp_path / "reports" / "today.md").read_text() == "second\n"


def test_a_file_has_the_rights_that_the_umask_leaves(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_file(tmp_path / "report.md", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "report.md").stat().st_mode) == 0o640


def test_a_full_disk_leaves_the_old_file_as_it_was(tmp_path: Path) -> None:
    write_file(tmp_path / "report.md", "old")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(OutputError, match="cannot be written"):
            write_file(tmp_path / "report.md", "new" * 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert (tmp_path / "report.md").read_text(encoding="utf-8") == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.md"]


def test_a_folder_is_made_with_its_parents_and_the_files_come_in_order(tmp_path: Path) -> None:
    written = write_folder(tmp_path / "a" / "b", {"one.md": "1", "index.md": "2"})
    assert [path.name for path in written] == ["one.md", "index.md"]
    assert (tmp_path / "a" / "b" / "one.md").read_text(encoding="utf-8") == "1"


def test_a_folder_that_is_a_file_is_an_error_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(OutputError) as caught:
        write_folder(tmp_path / "taken", {"one.md": "1"})
    assert str(tmp_path / "taken") in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.hint


def test_a_missing_folder_is_named_in_the_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file or directory"):
        write_file(tmp_path / "missing" / "report.md", "x")
