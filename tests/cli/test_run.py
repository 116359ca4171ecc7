from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Done


def test_the_sample_needs_no_account_and_tells_its_story(run: Callable[..., Done]) -> None:
    done = run("since", "1h", "--sample")
    assert done.status == 0
    assert "# Database Table Migration Inconsistency Debug Log - " in done.out
    assert done.err == ""


@pytest.mark.parametrize(
    ("wanted", "start"),
    [("markdown", "#"), ("json", "{"), ("html", "<!"), ("text", "")],
)
def test_every_format_goes_to_standard_output(run: Callable[..., Done], wanted: str, start: str, capture: Path) -> None:
    done = run("file", str(capture), "--format", wanted)
    assert done.status == 0
    assert done.out.lstrip().startswith(start)
    assert "orders" in done.out
    assert done.out.endswith("\n")


def test_the_json_report_counts_what_was_read(run: Callable[..., Done], capture: Path) -> None:
    report = json.loads(run("file", str(capture), "--format", "json").out)
    assert report["schema"] == "loganalyze.report/1"
    assert report["coverage"]["entries"] == 3
    assert report["coverage"]["services"] == {"api": 2, "worker": 1}
    assert report["incidents"][0]["entities"]["tables"] == ["orders"]
    assert [cluster["count"] for cluster in report["unclassified"]] == [1]


def test_since_keeps_only_the_window_of_a_file(run: Callable[..., Done], capture: Path) -> None:
    window = ("since", "2025-09-10T00:35Z", "--until", "2025-09-10T00:40Z", "--input", str(capture))
    report = json.loads(run(*window, "--format", "json").out)
    assert report["coverage"]["entries"] == 1
    assert report["incidents"] == []


def test_a_service_narrows_a_file(run: Callable[..., Done], capture: Path) -> None:
    report = json.loads(run("file", str(capture), "--service", "worker", "--format", "json").out)
    assert report["coverage"]["services"] == {"worker": 1}


def test_a_limit_makes_the_report_incomplete_and_the_status_3(run: Callable[..., Done], capture: Path) -> None:
    done = run("file", str(capture), "--limit", "2", "--format", "json")
    assert done.status == 3
    assert json.loads(done.out)["coverage"]["complete"] is False
    assert "limit of 2 entries" in done.err


def test_a_window_without_entries_is_no_success(run: Callable[..., Done], capture: Path) -> None:
    done = run("since", "1h", "--input", str(capture))
    assert done.status == 3
    assert "no entry" in done.err


@pytest.mark.parametrize(("level", "status"), [("critical", 1), ("low", 1)])
def test_fail_on_turns_an_incident_into_status_1(
    run: Callable[..., Done], capture: Path, level: str, status: int
) -> None:
    assert run("file", str(capture), "--fail-on", level).status == status


def test_a_folder_gets_a_debug_log_an_incident_and_an_index(
    run: Callable[..., Done], capture: Path, tmp_path: Path
) -> None:
    done = run("file", str(capture), "--output", "reports/")
    assert done.status == 0
    assert done.out == ""
    names = sorted(path.name for path in (tmp_path / "reports").iterdir())
    assert len(names) == 2
    assert "index.md" in names
    log = next(name for name in names if name != "index.md")
    assert log.endswith("_20250910.md")
    assert log in (tmp_path / "reports" / "index.md").read_text(encoding="utf-8")


def test_a_file_is_written_in_the_format_of_its_suffix(run: Callable[..., Done], capture: Path, tmp_path: Path) -> None:
    run("file", str(capture), "--output", "report.json")
    assert json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["incidents"]


def test_a_folder_that_cannot_be_written_is_one_line_and_status_2(
    run: Callable[..., Done], capture: Path, tmp_path: Path
) -> None:
    (tmp_path / "taken").write_text("", encoding="utf-8")
    done = run("file", str(capture), "--output", "taken/")
    assert done.status == 2
    assert done.err.splitlines()[0].startswith("loganalyze: error: ")
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["since", "90"], "90"),
        (["since", "1h", "--sample", "--input", "x"], "exclude each other"),
        (["since", "1h", "--sample", "--timezone", "Mars/Olympus"], "no such time zone"),
        (["since", "1h", "--sample", "--context", "soon"], "--context soon"),
        (["since", "1h", "--sample", "--config", "none.toml"], "no such file"),
        (["since", "1h", "--sample", "--env", "qa"], "--env qa"),
        (["since", "1h", "--sample", "--rules", "missing-folder"], "missing-folder"),
        (["file", "missing.json"], "missing.json"),
        (["file", "x", "--filter", "severity=ERROR"], "--filter"),
    ],
)
def test_what_cannot_be_done_is_one_line_with_a_hint(run: Callable[..., Done], arguments: list[str], told: str) -> None:
    done = run(*arguments)
    assert done.status in {2, 3}
    assert done.out == ""
    first = done.err.splitlines()[0]
    assert first.startswith("loganalyze: error: ")
    assert told in first
    assert "Traceback" not in done.err


def test_debug_shows_the_traceback_wherever_it_stands(run: Callable[..., Done]) -> None:
    done = run("since", "90", "--debug")
    assert done.status == 2
    assert "Traceback" in done.err


def test_a_configuration_file_sets_what_the_command_line_leaves_open(
    run: Callable[..., Done], capture: Path, tmp_path: Path
) -> None:
    (tmp_path / "loganalyze.toml").write_text(
        "timezone = 'America/Los_Angeles'\n[environments.staging]\nservices = ['api']\noutput = 'out/'\n",
        encoding="utf-8",
    )
    done = run("file", str(capture), "--env", "staging")
    assert done.status == 0, done.err
    assert any(path.name.endswith("_20250909.md") for path in (tmp_path / "out").iterdir())


@pytest.mark.parametrize("arguments", [("file", "capture.json"), ("since", "2025-09-10", "--input", "capture.json")])
def test_a_configured_filter_is_no_hindrance_for_files(
    run: Callable[..., Done], capture: Path, arguments: tuple[str, ...]
) -> None:
    (capture.parent / "loganalyze.toml").write_text("filter = 'severity>=ERROR'\n", encoding="utf-8")
    done = run(*arguments)
    assert done.status == 0, done.err
    assert "orders" in done.out
    assert "the configured filter is left out" in done.err


def test_a_dash_writes_to_standard_output_in_spite_of_the_configuration(
    run: Callable[..., Done], capture: Path, tmp_path: Path
) -> None:
    (tmp_path / "loganalyze.toml").write_text("output = 'out/'\n", encoding="utf-8")
    done = run("file", str(capture), "--output", "-")
    assert done.out.startswith("# ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["capture.json", "loganalyze.toml"]


@pytest.mark.parametrize(
    ("template", "told"), [("", "no such folder of templates"), ("{% for %}", "debug-log.md.j2:1")]
)
def test_a_template_that_cannot_work_ends_the_run_before_anything_is_read(
    run: Callable[..., Done], tmp_path: Path, template: str, told: str
) -> None:
    if template:
        (tmp_path / "own").mkdir()
        (tmp_path / "own" / "debug-log.md.j2").write_text(template, encoding="utf-8")
    (tmp_path / "loganalyze.toml").write_text("[report]\ntemplates = 'own'\n", encoding="utf-8")
    done = run("file", "missing.json")
    assert done.status == 2
    assert told in done.err


def test_a_broken_rule_stops_the_run_with_its_place(run: Callable[..., Done], capture: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.yml").write_text("title: x\ndetection: [\n", encoding="utf-8")
    done = run("file", str(capture), "--rules", str(tmp_path / "bad.yml"))
    assert done.status == 2
    assert "bad.yml:" in done.err


def test_a_corrupt_line_is_counted_and_the_rest_is_read(
    run: Callable[..., Done], capture: Path, tmp_path: Path
) -> None:
    lines = [json.dumps(entry) for entry in json.loads(capture.read_text(encoding="utf-8"))]
    lines.insert(1, '{"insertId": "x", "textPay')
    (tmp_path / "lines.json").write_text("\n".join(lines) + "\n", encoding="utf-8")
    done = run("file", "lines.json", "--format", "json")
    coverage = json.loads(done.out)["coverage"]
    assert (coverage["entries"], coverage["skipped"]) == (3, 1)
    assert "lines.json:2" in " ".join(coverage["notes"])
    assert done.status == 0


def test_a_read_that_a_limit_cut_says_how_much_of_the_window_it_covers(
    run: Callable[..., Done], tmp_path: Path
) -> None:
    entries = [
        {"textPayload": "INFO ok", "insertId": f"i{n}", "timestamp": f"2025-09-10T00:{n // 60:02}:{n % 60:02}Z"}
        for n in range(200)
    ]
    (tmp_path / "hour.json").write_text(json.dumps(entries), encoding="utf-8")
    window = ("2025-09-10T00:00Z", "--until", "2025-09-10T01:00Z")
    done = run("since", *window, "--input", "hour.json", "--limit", "108")
    assert done.status == 3
    assert "- Window: 2025-09-10T00:00:00Z to 2025-09-10T01:00:00Z" in done.out
    assert "its entries cover 1 min 47 s of the 1 h asked for" in done.out
