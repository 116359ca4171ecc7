"""Commands that read from BigQuery."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from analyzer.times import SECOND, format_timestamp
from tests.bigquery import PROJECT, TABLE
from tests.cli.conftest import text_entry

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.bigquery import Server
    from tests.cli.conftest import Done

    Run = Callable[..., Done]


@pytest.fixture
def filled(bigquery: Server, run: Run, monkeypatch: pytest.MonkeyPatch) -> Server:
    """The stand-in with a failure, an unknown error and a calm line of a minute ago."""
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", bigquery.host)
    at = format_timestamp(time.time_ns() // SECOND * SECOND - 60 * SECOND)
    texts = ["\u2717 Missing critical user tables: ['orders']", "ERROR: the till caught fire", "all is well"]
    bigquery.fill({**text_entry(number, text, at), "receiveTimestamp": at} for number, text in enumerate(texts))
    return bigquery


def test_since_reads_the_view_and_says_which(run: Run, filled: Server) -> None:
    done = run("since", "1h", "--source", "bigquery", "--table", TABLE, "--format", "json")
    report: dict[str, Any] = json.loads(done.out)
    assert done.status == 0
    assert report["source"]["kind"] == "bigquery"
    assert report["source"]["name"] == TABLE
    assert report["source"]["filter"].startswith("SELECT ")
    assert [one["title"] for one in report["incidents"]] == ["Missing Critical User Tables: orders"]
    assert [one["example"] for one in report["unclassified"]] == ["ERROR: the till caught fire"]
    assert len(filled.run(report["source"]["filter"])) == report["coverage"]["entries"] == 3


def test_links_go_to_the_project_of_the_entries_without_sql(run: Run, filled: Server) -> None:
    done = run("since", "1h", "--source", "bigquery", "--table", "logs", "--project", PROJECT, "--format", "json")
    links = json.loads(done.out)["incidents"][0]["links"]
    assert "project=acme" in links["evidence"]
    assert "SELECT" not in links["evidence"] + links["read"]


def test_the_configuration_may_say_it(run: Run, filled: Server, tmp_path: Path) -> None:
    config = tmp_path / "loganalyze.toml"
    config.write_text(f'source = "bigquery"\ntable = "{TABLE}"\n', encoding="utf-8")
    done = run("since", "1h", "--format", "text")
    assert (done.status, "Source     bigquery" in done.out) == (0, True)
    config.write_text('source = "bigqery"\n', encoding="utf-8")
    refused = run("since", "1h")
    assert refused.status == 2
    assert "Invalid enum value 'bigqery' - at `source`" in refused.err


def test_all_is_read_without_pushdown(run: Run, bigquery: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIGQUERY_EMULATOR_HOST", bigquery.host)
    at = format_timestamp(time.time_ns() // SECOND * SECOND - 60 * SECOND)
    bigquery.fill(text_entry(number, "all is well", at) for number in range(3))
    command = ("since", "1h", "--source", "bigquery", "--table", TABLE, "--format", "json")
    read = [json.loads(run(*command, *more).out)["coverage"]["entries"] for more in ([], ["--no-pushdown"])]
    assert read == [1, 3]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([], "--source bigquery: which view has the entries?"),
        (["--table", "a.b.c.d"], "--source bigquery: 'a.b.c.d' is no view's name"),
        (["--table", TABLE, "--filter", "x"], "--filter is evaluated by Cloud Logging and does not work with BigQuery"),
    ],
)
def test_what_does_not_go_together_is_refused(run: Run, options: list[str], said: str) -> None:
    done = run("since", "1h", "--source", "bigquery", *options)
    assert done.status == 2
    assert said in done.err
    assert not done.out


def test_an_audit_reads_each_entry_once(run: Run, filled: Server, tmp_path: Path) -> None:
    command = ("audit", "--source", "bigquery", "--table", TABLE, "--state", str(tmp_path / "state.db"))
    first, second = run(*command), run(*command)
    assert [json.loads(done.out)["entries"] for done in (first, second)] == [3, 0]
    assert "1 new" in first.out


def test_a_state_stays_with_its_view(run: Run, filled: Server, tmp_path: Path) -> None:
    command = ("audit", "--source", "bigquery", "--state", str(tmp_path / "state.db"))
    assert run(*command, "--table", TABLE).status == 0
    filled.run(f"CREATE OR REPLACE VIEW `{PROJECT}.logs.other` AS SELECT * FROM `{TABLE}`")  # noqa: S608 - constants
    other = run(*command, "--table", f"{PROJECT}.logs.other")
    assert other.status == 2
    assert f"the state is of {TABLE}, and this audit reads {PROJECT}.logs.other" in other.err
    assert run(*command, "--table", "logs", "--project", PROJECT).status == 0


def test_a_rule_is_drafted_from_the_view(run: Run, filled: Server, tmp_path: Path) -> None:
    (tmp_path / "loganalyze.toml").write_text(f'source = "bigquery"\ntable = "{TABLE}"\n', encoding="utf-8")
    done = run("rules", "draft", "--since", "1h")
    assert "the till caught fire" in done.out


def test_the_doctor_looks_at_the_view(run: Run, filled: Server) -> None:
    done = run("doctor", "--source", "bigquery", "--table", TABLE)
    assert f"ok    permission: {TABLE} can be queried" in done.out
    assert done.status == 0
    wrong = run("doctor", "--source", "bigquery", "--table", "logs.nope", "--project", PROJECT)
    assert wrong.status == 3
    assert "FAIL  permission: there is no view acme-staging.logs.nope" in wrong.out
