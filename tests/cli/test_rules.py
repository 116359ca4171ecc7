from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer.resources import rule_pack

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Done

RULE = """
title: The ledger is off
id: 2b0a8d38-2f57-4b1f-8f35-5f3f0f1f6a01
name: ledger_off
status: stable
description: The ledger does not add up.
logsource: {product: gcp, service: application}
detection:
  off:
    message|contains: the ledger is off by
  condition: off
level: high
loganalyze:
  category: validation
  role: failure
  extract:
    cents: 'off by (?P<cents>\\d+) cents'
  title: "The ledger is off"
  tests:
    - name: as printed
      message: "ERROR:app.ledger:the ledger is off by 3 cents"
      expect: {match: true, cents: "3"}
    - name: all is well
      message: "INFO:app.ledger:the ledger adds up"
      expect: {match: false}
"""


def own_rule(folder: Path, text: str = RULE) -> Path:
    path = folder / "ledger_rules.yml"
    path.write_text(text, encoding="utf-8")
    return path


def test_rules_match_prints_one_json_line_a_match(run: Callable[..., Done], capture: Path, tmp_path: Path) -> None:
    done = run("rules", "match", str(capture), "--format", "json", "--no-pack", "--rules", str(own_rule(tmp_path)))
    assert done.status == 0
    assert [json.loads(line) for line in done.out.splitlines()] == [
        {
            "rule": "ledger_off",
            "category": "validation",
            "role": "failure",
            "severity": "ERROR",
            "timestamp": "2025-09-10T00:35:54Z",
            "service": "worker",
            "insert_ids": ["id3"],
            "fields": {"cents": "3"},
            "message": "ERROR:app.ledger:the ledger is off by 3 cents",
        }
    ]


def test_rules_match_as_text_names_the_rule(run: Callable[..., Done], capture: Path, tmp_path: Path) -> None:
    done = run("rules", "match", str(capture), "--no-pack", "--rules", str(own_rule(tmp_path)))
    assert done.out == "2025-09-10T00:35:54Z  worker  ledger_off  ERROR:app.ledger:the ledger is off by 3 cents\n"


def test_rules_list_tells_of_the_pack(run: Callable[..., Done]) -> None:
    rows = [json.loads(line) for line in run("rules", "list", "--format", "json").out.splitlines()]
    assert {"critical_tables_missing", "database_table_migration_inconsistency"} <= {row["name"] for row in rows}
    assert "critical_tables_missing" in run("rules", "list").out


def test_rules_show_is_the_documentation_of_a_rule(run: Callable[..., Done], tmp_path: Path) -> None:
    done = run("rules", "show", "ledger_off", "--no-pack", "--rules", str(own_rule(tmp_path)))
    assert done.status == 0
    for part in ("# The ledger is off", "ledger_off", "validation", "as printed", "cents"):
        assert part in done.out


def test_rules_show_names_the_nearest_rule(run: Callable[..., Done]) -> None:
    done = run("rules", "show", "critical_table_missing")
    assert done.status == 2
    assert "critical_tables_missing" in done.err


def test_rules_check_finds_nothing_wrong_with_a_sound_rule(run: Callable[..., Done], tmp_path: Path) -> None:
    done = run("rules", "check", str(own_rule(tmp_path)))
    assert done.status == 0, done.out + done.err
    assert done.err == "loganalyze: 1 rule, 0 errors, 0 warnings\n"


def test_rules_check_names_file_and_line_and_still_loads_the_others(run: Callable[..., Done], tmp_path: Path) -> None:
    own_rule(tmp_path)
    bad = tmp_path / "broken_rules.yml"
    bad.write_text(
        RULE.replace("ledger_off", "other").replace("a01", "a02").replace("level: high", "levl: high"), "utf-8"
    )
    done = run("rules", "check", str(tmp_path / "ledger_rules.yml"), str(bad))
    assert done.status == 2
    assert "broken_rules.yml:" in done.out
    assert "level" in done.out
    assert "1 rule, 1 error" in done.err
    rows = [json.loads(line) for line in run("rules", "check", str(bad), "--format", "json").out.splitlines()]
    assert any(row["path"].endswith("broken_rules.yml") and row["line"] for row in rows)


def test_rules_test_runs_inline_tests_and_writes_junit(run: Callable[..., Done], tmp_path: Path) -> None:
    path = own_rule(tmp_path)
    done = run("rules", "test", str(path), "--junit", "out.xml")
    assert done.status == 0
    assert done.err == "loganalyze: 2 passed, 0 failed\n"
    suite = ET.parse(tmp_path / "out.xml").getroot()  # noqa: S314
    assert len(list(suite.iter("testcase"))) == 2


def test_rules_test_says_which_test_failed_and_why(run: Callable[..., Done], tmp_path: Path) -> None:
    path = own_rule(tmp_path, RULE.replace('cents: "3"', 'cents: "4"'))
    done = run("rules", "test", str(path))
    assert done.status == 2
    assert "ledger_off" in done.out
    assert "as printed" in done.out
    assert "1 passed, 1 failed" in done.err


def test_rules_explain_says_what_held_and_what_did_not(run: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "line.txt").write_text("the ledger is on by 3 cents\n", encoding="utf-8")
    rules = ("--no-pack", "--rules", str(own_rule(tmp_path)))
    done = run("rules", "explain", "line.txt", "--rule", "ledger_off", *rules)
    assert done.status == 0
    assert "✗ ledger_off" in done.out
    assert "the ledger is off by" in done.out
    (tmp_path / "entry.json").write_text(
        json.dumps({"textPayload": "the ledger is off by 3", "insertId": "1", "timestamp": "2025-09-10T00:00:00Z"}),
        encoding="utf-8",
    )
    assert "✓ ledger_off" in run("rules", "explain", "entry.json", *rules).out


def test_a_rule_may_name_rules_of_the_pack_as_its_cause(run: Callable[..., Done], tmp_path: Path) -> None:
    path = own_rule(tmp_path, RULE.replace("role: failure", "role: failure\n  caused_by: [undefined_table]"))
    for command, told in (("check", "1 rule, 0 errors"), ("test", "2 passed, 0 failed")):
        done = run("rules", command, str(path))
        assert (done.status, done.out) == (0, "")
        assert told in done.err


def test_one_folder_of_the_pack_is_tested_by_itself(run: Callable[..., Done]) -> None:
    folder = Path(str(rule_pack())) / "postgresql"
    done = run("rules", "test", str(folder))
    assert done.status == 0, done.out
    assert ", 0 failed" in done.err


def test_rules_explain_tells_of_rules_that_match_first_and_of_no_rule_far_off(
    run: Callable[..., Done], tmp_path: Path
) -> None:
    (tmp_path / "line.txt").write_text('ERROR:  relation "orders" does not exist\n', encoding="utf-8")
    told = [line for line in run("rules", "explain", "line.txt").out.splitlines() if line.startswith(("✓", "✗"))]
    assert "✓ undefined_table" in told
    assert told == sorted(told, key=lambda line: line.startswith("✗"))
    assert len(told) < 20


def test_rules_explain_and_match_print_no_secret_and_nothing_that_a_terminal_obeys(
    run: Callable[..., Done], tmp_path: Path
) -> None:
    line = "the ledger is off by 3 cents password=hunter2-9 \x1b[31m\u202e"
    entry = {"textPayload": line, "insertId": "password=hunter2-9", "timestamp": "2025-09-10T00:00:00Z"}
    (tmp_path / "entry.json").write_text(json.dumps([entry]), encoding="utf-8")
    rules = ("--no-pack", "--rules", str(own_rule(tmp_path)))
    outputs = [
        run("rules", "explain", "entry.json", *rules).out,
        run("rules", "match", "entry.json", *rules).out,
        run("rules", "match", "entry.json", "--format", "json", *rules).out,
    ]
    for text in outputs:
        assert "ledger_off" in text
        assert "hunter2" not in text
        assert "\x1b" not in text
        assert "\u202e" not in text


def test_entries_a_line_are_explained_one_by_one(run: Callable[..., Done], tmp_path: Path) -> None:
    texts = ("the ledger is off by 3 cents", "the ledger is on")
    lines = [json.dumps({"textPayload": text, "insertId": text, "timestamp": "2025-09-10T00:00:00Z"}) for text in texts]
    (tmp_path / "two.ndjson").write_text("\n".join(lines), encoding="utf-8")
    done = run("rules", "explain", "two.ndjson", "--no-pack", "--rules", str(own_rule(tmp_path)))
    assert "- DEFAULT: the ledger is off by 3 cents\n✓ ledger_off" in done.out
    assert "insertId" not in done.out


@pytest.mark.parametrize(("text", "told"), [("[1]", "no log entry"), ("{}\n" * 500, "500 entries are too many")])
def test_what_is_no_single_entry_is_not_explained(
    run: Callable[..., Done], tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "given.json").write_text(text, encoding="utf-8")
    done = run("rules", "explain", "given.json")
    assert (done.status, done.out) == (2, "")
    assert told in done.err


def test_an_unknown_rule_or_an_empty_text_is_not_explained(run: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "line.txt").write_text("the ledger is off by 3\n", encoding="utf-8")
    (tmp_path / "empty.txt").write_text("\n", encoding="utf-8")
    rules = ("--no-pack", "--rules", str(own_rule(tmp_path)))
    done = run("rules", "explain", "line.txt", "--rule", "ledger_of", *rules)
    assert (done.status, done.out) == (2, "")
    assert "did you mean ledger_off?" in done.err
    assert run("rules", "explain", "empty.txt", *rules).status == 2


def test_a_file_that_cannot_be_explained_is_one_line(run: Callable[..., Done]) -> None:
    done = run("rules", "explain", "missing.json")
    assert done.status == 2
    assert "missing.json" in done.err


def test_doctor_checks_what_needs_no_network(run: Callable[..., Done]) -> None:
    done = run("doctor", "--offline")
    assert done.status == 0, done.out
    assert [line.split(":")[0] for line in done.out.splitlines()] == [
        "ok    configuration",
        "ok    rules",
        "ok    templates",
        "ok    state",
    ]


def test_doctor_says_what_is_wrong_with_rules_and_configuration(run: Callable[..., Done], tmp_path: Path) -> None:
    own_rule(tmp_path, RULE.replace("level: high", "level: dreadful"))
    (tmp_path / "loganalyze.toml").write_text("rules = ['ledger_rules.yml']\n", encoding="utf-8")
    done = run("doctor", "--offline")
    assert done.status == 2
    assert "FAIL  rules: " in done.out
    (tmp_path / "loganalyze.toml").write_text("rulez = []\n", encoding="utf-8")
    done = run("doctor", "--offline")
    assert done.status == 2
    assert "did you mean rules?" in done.out


def test_doctor_without_credentials_says_what_to_run(run: Callable[..., Done], monkeypatch: object) -> None:
    done = run("doctor", "--project", "acme-staging")
    assert done.status == 3
    assert "gcloud auth application-default login" in done.out


def test_doctor_ends_with_the_status_that_a_run_would_end_with_first(run: Callable[..., Done], tmp_path: Path) -> None:
    (tmp_path / "loganalyze.toml").write_text("rules = ['missing']\n", encoding="utf-8")
    done = run("doctor", "--project", "acme-staging")
    assert "FAIL  rules: " in done.out
    assert "FAIL  credentials: " in done.out
    assert done.status == 2
