"""What the page says of a target follows from the figures."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks.page import page
from benchmarks.targets import Judged, judge


def row(key: str, **figures: Any) -> dict[str, Any]:
    usual = {"wall": 1.0, "cpu": 1.0, "rate": 1000, "rate_core": 1000, "ratio": 1.0, "peak": 50.0, "together": 0.0}
    return {"key": key, "way": key, "rounds": 1, **usual, **figures}


def section(entries: int, *rows: dict[str, Any]) -> dict[str, Any]:
    told = {"date": "2025-09-10 12:00 UTC", "load": 0.1, "machine": "2 cores", "versions": "loganalyze 1", "rounds": 1}
    return {**told, "entries": entries, "rows": list(rows)}


def judged(sections: dict[str, Any], words: str) -> Judged:
    (one,) = [one for one in judge(sections) if words in one.target]
    return one


def test_a_target_is_judged_at_the_largest_size() -> None:
    sections = {
        "size 100000": section(100_000, row("match", ratio=3.0)),
        "size 5000000": section(5_000_000, row("match", ratio=0.8), row("job", ratio=1.75)),
    }
    assert judged(sections, "`rules match` ≤ 1.0×").verdict == "met"
    assert judged(sections, "`rules match` ≤ 1.0×").measured == "0.8× (5,000,000 entries)"
    assert judged(sections, "whole job ≤ 1.5×").verdict == "missed by 0.25×"


def test_a_target_that_was_met_on_fewer_entries_than_it_is_for_says_so() -> None:
    sections = {"size 100000": section(100_000, row("match", ratio=0.8), row("job", ratio=1.6))}
    assert judged(sections, "`rules match` ≤ 1.0×").verdict == "met, but on fewer entries than wanted"
    assert judged(sections, "whole job ≤ 1.5×").verdict == "missed by 0.1×"


def test_what_was_not_run_is_not_met() -> None:
    assert {one.verdict.partition(":")[0] for one in judge({})} == {"not measured"}
    noted = {"nominated": section(10, {"key": "job-1", "way": "", "note": "this version has no --jobs"})}
    assert judged(noted, "20 % nominated, whole job").verdict.startswith("not measured")


def test_time_is_linear_when_no_larger_corpus_costs_more_an_entry_than_a_smaller() -> None:
    sizes = {10: 500, 100: 1000, 1000: 800}
    sections = {f"size {size}": section(size, row("job", rate=rate)) for size, rate in sizes.items()}
    one = judged(sections, "linear, whole job")
    assert one.figure == pytest.approx(1.25)
    assert one.verdict == "missed by 0.15×"
    assert "1000.00 µs of 100 entries" in one.measured


def test_the_peak_is_that_of_the_largest_process_of_loganalyze() -> None:
    rows = [row("rg", peak=170.0), row("match", peak=90.0), row("job-1", peak=130.0), row("polars", peak=400.0)]
    one = judged({"size 10": section(10, *rows)}, "≤ 128 MiB")
    assert one.measured == "130 MiB (job-1, 10 entries)"
    assert one.verdict == "missed by 2 MiB"


@pytest.mark.parametrize(("digest", "verdict"), [("a", "met"), ("b", "missed")])
def test_both_scanners_must_find_the_same(digest: str, verdict: str) -> None:
    rows = [row("match", digest="a"), row("match-re2", digest=digest, wall=3.0)]
    sections = {"scanners": section(1_000_000, *rows)}
    assert judged(sections, "`rules match`: the same found").verdict == verdict
    assert judged(sections, "without Hyperscan, `rules match` ≤ 3.5×").measured == "3× (1,000,000 entries)"


def test_speed_under_many_nominations_is_a_least_figure() -> None:
    sections = {"nominated": section(1_000_000, row("match-1", rate_core=150_000), row("job-1", rate_core=200_000))}
    assert judged(sections, "20 % nominated, `rules match`").verdict == "missed by 50,000"
    assert judged(sections, "20 % nominated, whole job").verdict == "met"


def test_the_page_shows_figures_of_other_modules_in_whatever_form_they_come() -> None:
    told = {"ratio": 1.25, "same": True, "by_rules": [{"rules": 10, "seconds": 0.5}, {"rules": 1000, "seconds": 0.625}]}
    text = page({"rules": {**section(1), "told": told}}, "## Notes")
    assert "- ratio: 1.25\n- same: yes\n\n| rules | seconds |\n|---:|---:|\n| 10 | 0.5 |\n| 1,000 | 0.625 |" in text
    assert "| 1000 rules ≤ 1.3× the time of 10 | 1.25× (section rules) | met |" in text
    assert text.endswith("## Notes\n")


def test_what_a_module_prints_for_people_stands_on_the_page_as_it_is() -> None:
    text = page({"incidents": {**section(1), "printed": "matches  peak\n     10     3"}}, "")
    assert "```text\nmatches  peak\n     10     3\n```" in text


def test_a_way_that_found_something_else_is_told() -> None:
    rows = [row("match", found="3 matches", digest="a"), row("naive", found="4 matches", digest="b", differs="1 rule")]
    text = page({"size 10": {**section(10, *rows), "mib": 1, "shards": 2}}, "")
    assert "| 3 matches |  |" in text
    assert "| 4 matches | 1 rule |" in text
