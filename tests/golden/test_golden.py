"""Reports of incidents built by hand, compared with files that were read by people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from analyzer import __version__
from analyzer.model import Coverage, SourceInfo, Window
from analyzer.report.schema import schema_text
from analyzer.settings import ReportSettings
from tests.report.builders import crash_loop, hostile_names, make_report, missing_tables, unknown_error

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.report import Report

LOS_ANGELES = ReportSettings(timezone="America/Los_Angeles")
EMPTY = Coverage(
    entries=0,
    first=None,
    last=None,
    complete=False,
    duplicates=0,
    skipped=1,
    severities={},
    services={},
    notes=("shard.json:1 is not JSON",),
)
REPORTS: dict[str, Callable[[], Report]] = {
    "missing_tables": lambda: make_report([missing_tables()], [unknown_error()], settings=LOS_ANGELES),
    "crash_loop": lambda: make_report([crash_loop()], source=SourceInfo("file", "export.json")),
    "hostile_names": lambda: make_report([hostile_names()], [unknown_error()]),
    "three": lambda: make_report([hostile_names(), missing_tables(), crash_loop()], [unknown_error()]),
    "none": make_report,
    "nothing_read": lambda: make_report(coverage=EMPTY, source=SourceInfo("file", "shard.json"), window=Window(0, 0)),
}
FORMS: dict[str, Callable[[Report], str]] = {
    "md": lambda report: report.to_markdown(),
    "html": lambda report: report.to_html(),
    "json": lambda report: report.to_json(),
    "txt": lambda report: report.to_text(),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_reads_as_it_was_approved(name: str, form: str, golden: Callable[[str, str], None]) -> None:
    golden(f"{name}.{form}", FORMS[form](REPORTS[name]()).replace(f'"version": "{__version__}"', '"version": "0"'))


def test_the_index_reads_as_it_was_approved(golden: Callable[[str, str], None]) -> None:
    golden("index.md", REPORTS["three"]().index())


def test_the_published_schema_is_the_one_the_structs_give(request: pytest.FixtureRequest) -> None:
    path = Path(__file__).parents[2] / "docs" / "report.schema.json"
    if request.config.getoption("--update-golden"):
        path.write_text(schema_text(), encoding="utf-8", newline="\n")
    assert path.read_text(encoding="utf-8") == schema_text()
