"""The floor is measured of any file with an entry a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from benchmarks.corpus import write_shards
from benchmarks.floor import main

if TYPE_CHECKING:
    from pathlib import Path


def test_the_floor_counts_lines_with_a_text_of_the_rules(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("hyperscan")
    calm, _ = write_shards(tmp_path / "calm", 1_000, failing=0.0)
    grave, _ = write_shards(tmp_path / "grave", 1_000, failing=0.5)
    shares = []
    for path in (calm, grave):
        main(str(path))
        told = json.loads(capsys.readouterr().out)
        assert len(told) == 4
        shares.append(told["share of lines with a text"])
    assert 0 < shares[0] < shares[1] <= 1
