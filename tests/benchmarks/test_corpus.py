from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from benchmarks.corpus import Corpus, write_array, write_shards
from benchmarks.varied import Varied


@pytest.mark.parametrize(
    ("spaced", "digest"),
    [
        (False, "024781f912d7107c512f91f6ffaaddd2ce0e996baad5e9ca69986c94a5e77508"),
        (True, "a5e3d3773502352f588d3f9e4e6e1846b53cfca9d50f79acbe9fda5654ee3e52"),
    ],
)
def test_the_same_seed_gives_the_same_bytes_in_every_version(spaced: bool, digest: str) -> None:
    text = "\n".join(Corpus(5, spaced=spaced).lines(3_000))
    assert hashlib.sha256(text.encode()).hexdigest() == digest


def test_shards_hold_as_many_entries_as_asked_for_however_they_are_written(tmp_path: Path) -> None:
    shards = write_shards(tmp_path / "plain", 301)
    assert [path.name for path in shards] == ["0000.json", "0001.json"]
    lines = [line for path in shards for line in path.read_text(encoding="utf-8").splitlines()]
    assert len(lines) == 301
    assert len({json.loads(line)["insertId"] for line in lines}) == 301
    array = json.loads(write_array(tmp_path / "array.json", 50).read_text(encoding="utf-8"))
    assert array == [json.loads(line) for line in Corpus(5, spaced=False).lines(50)]


def test_a_shard_is_kept_when_it_begins_as_it_should_and_is_written_anew_otherwise(tmp_path: Path) -> None:
    first, second = write_shards(tmp_path, 100)
    whole = first.read_bytes()
    kept = second.stat().st_mtime_ns
    first.write_bytes(whole.replace(b"acme-staging", b"acme-another", 1))
    write_shards(tmp_path, 100)
    assert first.read_bytes() == whole
    assert second.stat().st_mtime_ns == kept


def test_the_share_of_failures_can_be_chosen() -> None:
    failures = set(json.loads((Path(__file__).parents[2] / "benchmarks" / "failures.json").read_text(encoding="utf-8")))
    texts = [json.loads(line) for line in Corpus(1, spaced=False, failing=0.2).lines(5_000)]
    said = [entry.get("textPayload") or entry.get("jsonPayload", {}).get("message") for entry in texts]
    assert 0.18 < sum(text in failures for text in said) / 5_000 < 0.22


def test_entries_that_differ_are_entries_and_hardly_two_of_them_are_alike() -> None:
    lines = list(Varied(5, spaced=True).lines(3_000))
    entries = [json.loads(line) for line in lines]
    assert lines == list(Varied(5, spaced=True).lines(3_000))
    asked = [entry["httpRequest"]["requestUrl"] for entry in entries if "httpRequest" in entry]
    assert len(set(asked)) > 0.8 * len(asked)
    assert 0.25 < sum("jsonPayload" in entry for entry in entries if "httpRequest" in entry) / len(asked) < 0.4
    assert 0.15 < sum("requestId" in entry["labels"] for entry in entries) / 3_000 < 0.25
