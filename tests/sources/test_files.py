"""Reading files: windows, several files at once, what is told about what could not be read."""

from __future__ import annotations

import gzip
import io
import json
import resource
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from analyzer.errors import SourceError
from analyzer.model import Notice, SourceInfo, Window
from analyzer.sources.files import Files
from analyzer.times import SECOND
from tests.sources.files import MIDNIGHT, ids, made, ndjson, parted, texts

if TYPE_CHECKING:
    from pathlib import Path

WINDOW = Window(MIDNIGHT + 2 * SECOND, MIDNIGHT + 4 * SECOND)


def test_files_are_read_in_the_order_given_and_folders_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "b.json").write_text(json.dumps([made(3)], indent=2))
    (folder / "a.json.gz").write_bytes(gzip.compress(ndjson([made(1), made(2)])))
    (tmp_path / "first").write_bytes(ndjson([made(0)]))
    assert ids(Files([tmp_path / "first", folder]).read(None)) == ["e0", "e1", "e2", "e3"]


def test_a_window_holds_its_start_and_not_its_end(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(ndjson(made(number) for number in range(6)))
    entries, notices = parted(Files([path]).read(WINDOW))
    assert [entry["insertId"] for entry in entries] == ["e2", "e3"]
    assert notices == [Notice("4 entries were left out: they lie outside the window")]


def test_without_a_timestamp_the_time_of_receipt_decides() -> None:
    stamp = made(3)["timestamp"]
    lines = [
        made(1, timestamp=None, receiveTimestamp=stamp),
        made(2, timestamp="soon", receiveTimestamp=stamp),
        made(3, timestamp=5),
        made(4, receiveTimestamp=stamp),
    ]
    entries, notices = parted(Files(["-"], stdin=io.BytesIO(ndjson(lines))).read(WINDOW))
    assert [entry["insertId"] for entry in entries] == ["e1", "e2"]
    assert notices[0] == Notice("standard input:3: has no timestamp", skipped=1)
    assert "1 entries were left out" in notices[1].text


def test_without_a_window_an_entry_needs_no_time() -> None:
    line = ndjson([made(1, timestamp=None)])
    assert parted(Files(["-"], stdin=io.BytesIO(line)).read(None)) == ([made(1, timestamp=None)], [])


def test_a_corrupt_line_is_counted_with_its_place_and_the_rest_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(ndjson([made(0)]) + b'{"textPayload": "password=\n' + ndjson([made(1)]))
    entries, notices = parted(Files([path]).read(None))
    assert len(entries) == 2
    assert [(notice.skipped, notice.incomplete) for notice in notices] == [(1, False)]
    assert notices[0].text.startswith(f"{path}:2: not valid JSON")
    assert "password" not in texts(notices)


def test_after_twenty_notices_the_rest_is_only_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(ndjson([made(0)]) + b"{oops}\n" * 100)
    notices = parted(Files([path]).read(None))[1]
    assert sum(notice.skipped for notice in notices) == 100
    assert [(bool(notice.text), notice.skipped) for notice in notices] == [(True, 1)] * 20 + [(False, 80)]


def test_one_unreadable_file_among_others_makes_the_read_incomplete(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_bytes(ndjson([made(0)]))
    (tmp_path / "table.json").write_text("a,b\n1,2\n")
    (tmp_path / "void.json").write_text("")
    paths = [tmp_path / name for name in ("gone.json", "table.json", "void.json", "good.json")]
    entries, notices = parted(Files(paths).read(None))
    assert len(entries) == 1
    assert [notice.incomplete for notice in notices] == [True, True, True]
    assert "gone.json" in notices[0].text
    assert "it looks like CSV" in notices[1].text
    assert "it is empty" in notices[2].text


def test_many_unreadable_files_are_summed(tmp_path: Path) -> None:
    (tmp_path / "good.json").write_bytes(ndjson([made(0)]))
    notices = parted(Files([tmp_path / "good.json", *(f"gone-{n}" for n in range(30))]).read(None))[1]
    assert len(notices) == 21
    assert notices[-1] == Notice("10 more files cannot be read", incomplete=True)


def test_when_no_file_can_be_read_the_first_is_named_and_the_others_counted(tmp_path: Path) -> None:
    with pytest.raises(SourceError) as caught:
        list(Files([tmp_path / "gone.json", tmp_path / "lost.json"]).read(None))
    assert "gone.json" in caught.value.message
    assert caught.value.message.endswith("(and 1 more that cannot be read)")


def test_a_file_that_may_not_be_read_is_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(ndjson([made(0)]))

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr("pathlib.Path.open", refuse)
    with pytest.raises(SourceError, match=r"a\.json: permission denied"):
        list(Files([path]).read(None))


class Failing(io.BytesIO):
    """Gives what it has and then fails, as a broken disk or mount does."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data:
            raise OSError(5, "Input/output error")
        return data


def test_a_read_that_fails_midway_keeps_what_came_and_is_incomplete() -> None:
    source = Files(["-"], stdin=Failing(ndjson([made(0), made(1)]) + b'{"insertId": "e2'))
    entries, notices = parted(source.read(None))
    assert len(entries) == 2
    assert notices == [Notice("standard input: input/output error; what came before was read", incomplete=True)]


def test_a_read_that_fails_at_once_raises() -> None:
    with pytest.raises(SourceError, match="standard input: input/output error"):
        list(Files(["-"], stdin=Failing()).read(None))


def test_a_file_without_entries_is_one_error_and_not_a_hundred_notices(tmp_path: Path) -> None:
    (tmp_path / "prose.json").write_text("once upon a time\n" * 100)
    (tmp_path / "z.json").write_bytes(ndjson([made(0)]) + b"{oops}\n" * 3)
    notices = parted(Files([tmp_path]).read(None))[1]
    assert [notice.skipped for notice in notices] == [1, 1, 1, 0]
    assert notices[-1].incomplete


def test_a_large_file_of_another_kind_is_given_up_after_its_first_block(tmp_path: Path) -> None:
    seen: list[float | None] = []
    (tmp_path / "a.csv").write_text("a,b,c\n" * 500_000)
    with pytest.raises(SourceError, match="it looks like CSV"):
        list(Files([tmp_path / "a.csv"], progress=lambda _, share: seen.append(share)).read(None))
    assert len(seen) == 1


def test_shards_far_outside_the_window_are_not_opened(tmp_path: Path) -> None:
    for day in ("07", "10"):
        folder = tmp_path / "stderr" / "2025" / "09" / day
        folder.mkdir(parents=True)
        (folder / "00:00:00_00:59:59_S0.json").write_bytes(ndjson([made(2)]) if day == "10" else b"unreadable")
    entries, notices = parted(Files([tmp_path]).read(WINDOW))
    assert len(entries) == 1
    assert texts(notices) == "1 shards were left out: by their names they lie outside the window"


def test_when_all_shards_lie_outside_there_is_nothing_and_no_error(tmp_path: Path) -> None:
    folder = tmp_path / "stderr" / "2025" / "01" / "01"
    folder.mkdir(parents=True)
    (folder / "00:00:00_00:59:59_S0.json").write_bytes(ndjson([made(2)]))
    entries, notices = parted(Files([tmp_path]).read(WINDOW))
    assert entries == []
    assert "there are no entries in the input" in texts(notices)


def test_progress_tells_entries_and_share(tmp_path: Path) -> None:
    seen: list[tuple[int, float | None]] = []
    for name in ("a.json", "b.json.gz"):
        lines = ndjson(made(number, textPayload="x" * 2_000) for number in range(1_000))
        (tmp_path / name).write_bytes(gzip.compress(lines) if name.endswith("gz") else lines)
    list(Files([tmp_path], progress=lambda entries, share: seen.append((entries, share))).read(None))
    assert seen[-1] == (2_000, 1.0)
    shares = [share for _, share in seen if share is not None]
    assert shares == sorted(shares)
    assert len(shares) > 4
    piped: list[tuple[int, float | None]] = []
    list(Files(["-"], stdin=io.BytesIO(lines), progress=lambda *told: piped.append(told)).read(None))
    assert piped[-1] == (1_000, None)


def test_a_terminal_is_not_waited_for() -> None:
    class Terminal(io.BytesIO):
        def isatty(self) -> bool:
            return True

    with pytest.raises(SourceError, match="it is a terminal") as caught:
        list(Files(["-"], stdin=Terminal()).read(None))
    assert caught.value.hint


def test_a_file_is_closed_when_the_reader_stops_early(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(ndjson(made(number) for number in range(5_000)))
    reading = Files([path]).read(None)
    next(reading)
    # A file left open would raise ResourceWarning, which fails the suite.
    reading.close()  # type: ignore[attr-defined]  # a generator behind the protocol's iterator


def test_standard_input_stays_open() -> None:
    stdin = io.BytesIO(ndjson([made(0)]))
    assert ids(Files(["-"], stdin=stdin).read(None)) == ["e0"]
    assert not stdin.closed


def test_the_process_s_own_standard_input_is_read() -> None:
    code = "from analyzer.sources.files import Files; print(len(list(Files(['-']).read(None))))"
    lines = ndjson([made(0), made(1)])
    done = subprocess.run([sys.executable, "-c", code], input=lines, capture_output=True, check=True)  # noqa: S603
    assert done.stdout == b"2\n"


def test_info_names_the_first_and_counts_the_others() -> None:
    assert Files(["a.json"]).info == SourceInfo("file", "a.json")
    assert Files(["-", "b.json", "c.json"]).info == SourceInfo("file", "standard input and 2 more")
    assert Files([]).info.name == "no file"


MEASURE = """
import resource, sys
from analyzer.sources.files import Files
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(1 for _ in Files([sys.argv[1]]).read(None))
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("layout", ["lines", "pretty", "compact"])
def test_a_large_file_is_read_in_flat_memory(layout: str, tmp_path: Path) -> None:
    path = tmp_path / "large"
    entry = made(1, textPayload="x" * 1_000)
    text = json.dumps(entry, indent=None if layout != "pretty" else 2)
    joint = {"lines": "\n", "pretty": ",\n", "compact": ","}[layout]
    count = 30_000
    with path.open("w") as out:
        out.write("" if layout == "lines" else "[\n" if layout == "pretty" else "[")
        out.write(joint.join([text] * count))
        out.write("" if layout == "lines" else "\n]")
    done = subprocess.run([sys.executable, "-c", MEASURE, str(path)], capture_output=True, check=True)  # noqa: S603
    found, grown = map(int, done.stdout.split())
    assert found == count
    assert path.stat().st_size > 30_000_000
    assert grown * resource.getpagesize() / 4_096 < 12_000  # KiB
