"""``loganalyze doctor``: what works, what does not, and what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import msgspec
import typer

from analyzer.cli.options import SourceKind, configured
from analyzer.config import find_config
from analyzer.errors import LoganalyzeError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analyzer.settings import Settings
    from analyzer.sources.checks import Check

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_EXAMPLES = """
**Examples**

    loganalyze doctor --project acme-staging

    loganalyze doctor --env staging

    loganalyze doctor --source bigquery --table logs._AllLogs
"""


class _Result(NamedTuple):
    name: str
    ok: bool
    detail: str
    hint: str = ""
    status: int = 0


@app.command("doctor", epilog=_EXAMPLES)
def doctor(  # noqa: PLR0913 - one keyword an option
    *,
    project: Annotated[str, typer.Option("--project", "-p", help="Google Cloud project [the credentials' own].")] = "",
    env: Annotated[str, typer.Option("--env", help="Environment of the configuration to use.")] = "",
    source: Annotated[
        SourceKind | None, typer.Option("--source", help="Where entries are fetched from [cloud-logging].")
    ] = None,
    table: Annotated[
        str, typer.Option("--table", help="BigQuery view of the log bucket: [PROJECT.]DATASET._AllLogs.")
    ] = "",
    config: Annotated[
        Path | None, typer.Option("--config", help="Configuration file [loganalyze.toml, here or above].")
    ] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not call Google Cloud.")] = False,
) -> int:
    """Check configuration, rules, templates, the audit's state, credentials and permissions.

    The exit status is the one that a run would end with, for the first of these that fails.
    """
    given = {"project": project, "source": source and source.value, "table": table}
    results = list(_results(given, env, config, offline=offline))
    for result in results:
        print(f"{'ok  ' if result.ok else 'FAIL'}  {result.name}: {result.detail}")
        if result.hint and not result.ok:
            print(f"      {result.hint}")
    return next((result.status for result in results if not result.ok), 0)


def _results(given: dict[str, Any], env: str, config: Path | None, *, offline: bool) -> Iterator[_Result]:
    try:
        settings = configured(config, env)
        settings = msgspec.structs.replace(settings, **{name: value for name, value in given.items() if value})
    except LoganalyzeError as error:
        yield _failed("configuration", error)
        return
    yield _Result("configuration", ok=True, detail=str(config or find_config(Path.cwd()) or "none, the defaults hold"))
    yield _rules(settings)
    yield _templates(settings)
    yield _state(settings)
    if not offline:
        for check in _server_checks(settings):
            yield _Result(check.name, check.ok, check.detail, check.hint, check.status)


def _server_checks(settings: Settings) -> Sequence[Check]:
    from analyzer.sources.checks import check_bigquery, check_cloud_logging  # noqa: PLC0415

    scope: dict[str, Any] = {
        "project": settings.project,
        "services": settings.services,
        "log_names": settings.log_names,
    }
    if settings.source == "bigquery":
        return check_bigquery(**scope, table=settings.table)
    return check_cloud_logging(**scope, filter=settings.filter)


def _failed(name: str, error: LoganalyzeError) -> _Result:
    return _Result(name, ok=False, detail=str(error), hint=error.hint, status=error.exit_code)


def _rules(settings: Settings) -> _Result:
    from analyzer.ruleset.load import load_rules  # noqa: PLC0415

    try:
        ruleset = load_rules([Path(path) for path in settings.rules], pack=settings.pack, disable=settings.disable)
    except LoganalyzeError as error:
        return _failed("rules", error)
    return _Result("rules", ok=True, detail=f"{len(ruleset.rules)} rules loaded")


def _state(settings: Settings) -> _Result:
    """The audit's state, looked at in a copy: an older one is not brought up to date by looking."""
    from analyzer.audit.cases import open_count  # noqa: PLC0415
    from analyzer.audit.store import copy_store, default_state, shown_name  # noqa: PLC0415

    target = settings.audit.state or str(default_state(settings.report.environment))
    try:
        with copy_store(target) as store, store.begin() as connection:
            count = open_count(connection)
    except LoganalyzeError as error:
        return _failed("state", error)
    return _Result("state", ok=True, detail=f"{shown_name(target)}: {count} open incidents")


def _templates(settings: Settings) -> _Result:
    from analyzer.report.templates import check_templates  # noqa: PLC0415

    try:
        own = check_templates(settings.report.templates)
    except LoganalyzeError as error:
        return _failed("templates", error)
    return _Result("templates", ok=True, detail=f"{', '.join(own)} replaced" if own else "the built-in ones")
