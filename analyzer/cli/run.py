"""``loganalyze since`` and ``loganalyze file``: read entries, write a report."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from analyzer.cli import console
from analyzer.cli.options import Format, RunOptions, takes
from analyzer.cli.source import choose_source
from analyzer.errors import SourceError, UsageError
from analyzer.window import parse_window

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from analyzer.model import Window
    from analyzer.report import Report
    from analyzer.rule import Rule
    from analyzer.settings import Settings
    from analyzer.sources import Source

__all__ = ["file_app", "load_rules_of", "since_app"]

since_app = typer.Typer(add_completion=False, rich_markup_mode="markdown")
file_app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_SINCE_EXAMPLES = """
**Examples**

    loganalyze since 1h --sample                                no account needed

    loganalyze since 1h --project acme-staging --service api

    loganalyze since 2025-09-10T00:00Z --until 2025-09-10T01:00Z --output reports/

    loganalyze since 6h --env staging --format json --fail-on high
"""
_FILE_EXAMPLES = """
**Examples**

    gcloud logging read 'timestamp>="2025-09-10T00:00Z"' --format=json > hour.json; loganalyze file hour.json

    loganalyze file shards/run.googleapis.com/ --output reports/

    zcat day.json.gz | loganalyze file - --format json
"""
_SUFFIXES = {".json": Format.JSON, ".html": Format.HTML, ".htm": Format.HTML, ".txt": Format.TEXT}


@since_app.command("since", epilog=_SINCE_EXAMPLES)
@takes(RunOptions)
def since(
    window: Annotated[
        str, typer.Argument(metavar="WINDOW", help="How far back (1h, 90m, 2d), or a start (2025-09-10T00:00Z).")
    ],
    *,
    until: Annotated[
        str, typer.Option("--until", help="End of the window [now].", rich_help_panel="What to read")
    ] = "",
    given: Annotated[
        list[str] | None,
        typer.Option(
            "--input", "-i", help="File, folder, glob or - instead of the cloud.", rich_help_panel="What to read"
        ),
    ] = None,
    sample: Annotated[
        bool, typer.Option("--sample", help="Read the built-in staging incident.", rich_help_panel="What to read")
    ] = False,
    options: RunOptions,
) -> int:
    """Report on the log entries of a time window: the main job."""
    now = time.time_ns()
    if given and sample:
        raise UsageError("--input and --sample exclude each other")
    span = parse_window(window, until or None, now)
    settings = options.settings()
    if given or sample:
        settings = _without_configured_filter(settings, options)
    rules = load_rules_of(settings)
    _want_templates(settings)
    with console.progress() as draw:
        source = choose_source(settings, rules, given, draw, span, now if sample else None)
        return _finish(source, span, rules, settings, options, now)


@file_app.command("file", epilog=_FILE_EXAMPLES)
@takes(RunOptions)
def file(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Files, folders, globs, or - for standard input.")
    ],
    *,
    options: RunOptions,
) -> int:
    """Report on whole exported files, whatever their time."""
    settings = _without_configured_filter(options.settings(), options)
    rules = load_rules_of(settings)
    _want_templates(settings)
    with console.progress() as draw:
        source = choose_source(settings, rules, paths, draw, None, None)
        return _finish(source, None, rules, settings, options, time.time_ns())


def _without_configured_filter(settings: Settings, options: RunOptions) -> Settings:
    """Settings for files: a filter that a configuration has for Cloud Logging must not keep anyone from them."""
    if not settings.filter or options.filter:
        return settings
    console.warn("the configured filter is left out: it is evaluated by Cloud Logging and does not work on files")
    return msgspec.structs.replace(settings, filter="")


def _want_templates(settings: Settings) -> None:
    """A long read must not end at a template that could not have worked."""
    if settings.report.templates:
        from analyzer.report.templates import check_templates  # noqa: PLC0415

        check_templates(settings.report.templates)


def load_rules_of(settings: Settings) -> Sequence[Rule]:
    """The rules that a run uses.

    Raises:
        RuleError: One of the user's cannot be used.
    """
    from analyzer.ruleset.load import load_rules  # noqa: PLC0415  (keeps --help light)

    paths = [Path(path) for path in settings.rules]
    return load_rules(paths, pack=settings.pack, disable=settings.disable).rules


def _finish(  # noqa: PLR0913, PLR0917  (a run is made of these)
    source: Source, window: Window | None, rules: Sequence[Rule], settings: Settings, options: RunOptions, now: int
) -> int:
    """Read, report, write; the exit status."""
    from analyzer.pipeline import report_on  # noqa: PLC0415

    report = report_on(source, rules, window=window, settings=settings, now=now, rows=False)
    _deliver(report, settings.output, options.format)
    for note in report.coverage.notes:
        console.say(note)
    if not report.coverage.complete:
        console.warn("the read ended early: the report covers only what is listed under coverage")
        return SourceError.exit_code
    if report.coverage.entries == 0:
        console.warn("no entry was read: check the window, the project and the scope")
        return SourceError.exit_code
    worst = max((incident.level for incident in report.incidents), default=None)
    return int(settings.fail_on is not None and worst is not None and worst >= settings.fail_on)


def _deliver(report: Report, output: str, wanted: Format | None) -> None:
    """Write the report where it was asked for."""
    from analyzer.publish.files import write_file, write_folder  # noqa: PLC0415

    output = "" if output == "-" else output
    path = Path(output)
    if output and (path.is_dir() or output.endswith("/") or (not path.suffix and wanted is None)):
        if wanted not in {None, Format.MARKDOWN}:
            raise UsageError(f"--output {output} is a folder, which takes Markdown", hint="name a file")
        files = {report.debug_log_name(incident): report.debug_log(incident) for incident in report.incidents}
        for written in write_folder(path, {**files, "index.md": report.index()}):
            console.say(f"wrote {written}")
        return
    pieces = _rendered(report, wanted or (_SUFFIXES.get(path.suffix, Format.MARKDOWN) if output else None))
    if output:
        write_file(path, pieces)
        console.say(f"wrote {path}")
    else:
        sys.stdout.writelines(pieces)


def _rendered(report: Report, wanted: Format | None) -> Iterable[str]:
    """The report as text, in pieces where it may be large."""
    if wanted is Format.JSON:
        return report.json_pieces()
    if wanted is Format.HTML:
        text = report.to_html()
    elif wanted is Format.TEXT:
        text = report.to_text(colour=console.colours(), width=console.width())
    else:
        text = report.to_markdown()
    return [text if text.endswith("\n") else text + "\n"]
