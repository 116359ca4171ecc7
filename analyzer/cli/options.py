"""The options that commands share, declared once, and the settings they and the configuration make."""

from __future__ import annotations

import enum
import inspect
import zoneinfo
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_type_hints

import msgspec
import typer

from analyzer.config import find_config, load_settings
from analyzer.errors import UsageError
from analyzer.rule import Level
from analyzer.times import parse_duration

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.settings import Settings

__all__ = ["Format", "Gravity", "RunOptions", "SourceKind", "configured", "takes"]

_Command = TypeVar("_Command", bound="Callable[..., Any]")


class Format(enum.StrEnum):
    """How a report is written."""

    MARKDOWN = "markdown"
    JSON = "json"
    HTML = "html"
    TEXT = "text"


class Gravity(enum.StrEnum):
    """Severities of incidents."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class SourceKind(enum.StrEnum):
    """Where entries are fetched from when they are not given."""

    CLOUD_LOGGING = "cloud-logging"
    BIGQUERY = "bigquery"


_SCOPE = "What to read"
_CLASSIFY = "How to classify"
_REPORT = "What to write"


@dataclass(kw_only=True)
class RunOptions:
    """The options of every command that reads entries and writes a report."""

    project: Annotated[
        str,
        typer.Option("--project", "-p", help="Google Cloud project [the credentials' own].", rich_help_panel=_SCOPE),
    ] = ""
    service: Annotated[
        list[str] | None,
        typer.Option("--service", "-s", help="Only this service (may be given again).", rich_help_panel=_SCOPE),
    ] = None
    filter: Annotated[
        str, typer.Option("--filter", help="Further condition, in the Logging query language.", rich_help_panel=_SCOPE)
    ] = ""
    env: Annotated[
        str, typer.Option("--env", help="Environment of the configuration to use.", rich_help_panel=_SCOPE)
    ] = ""
    source: Annotated[
        SourceKind | None,
        typer.Option("--source", help="Where to fetch entries from [cloud-logging].", rich_help_panel=_SCOPE),
    ] = None
    table: Annotated[
        str,
        typer.Option(
            "--table", help="BigQuery view of the log bucket: [PROJECT.]DATASET._AllLogs.", rich_help_panel=_SCOPE
        ),
    ] = ""
    pushdown: Annotated[
        bool,
        typer.Option(
            "--pushdown/--no-pushdown", help="Fetch only what rules or severities need, or all.", rich_help_panel=_SCOPE
        ),
    ] = True
    context: Annotated[
        str, typer.Option("--context", help="How much around a finding to fetch [30s].", rich_help_panel=_SCOPE)
    ] = ""
    limit: Annotated[
        int | None, typer.Option("--limit", min=0, help="Stop after N entries; 0: no limit.", rich_help_panel=_SCOPE)
    ] = None
    jobs: Annotated[
        int | None,
        typer.Option("--jobs", "-j", min=0, help="Processes that read large files [cores].", rich_help_panel=_SCOPE),
    ] = None
    rules: Annotated[
        list[Path] | None,
        typer.Option(
            "--rules", help="Folder or file of further rules (may be given again).", rich_help_panel=_CLASSIFY
        ),
    ] = None
    pack: Annotated[
        bool, typer.Option("--pack/--no-pack", help="Use the built-in rules.", rich_help_panel=_CLASSIFY)
    ] = True
    config: Annotated[
        Path | None,
        typer.Option(
            "--config", help="Configuration file [loganalyze.toml, here or above].", rich_help_panel=_CLASSIFY
        ),
    ] = None
    format: Annotated[
        Format | None, typer.Option("--format", "-f", help="How to write the report.", rich_help_panel=_REPORT)
    ] = None
    output: Annotated[
        str,
        typer.Option(
            "--output",
            "-o",
            help="File, or folder for a debug log an incident and an index [-, standard output].",
            rich_help_panel=_REPORT,
        ),
    ] = ""
    timezone: Annotated[
        str, typer.Option("--timezone", help="Time zone of titles and file names [UTC].", rich_help_panel=_REPORT)
    ] = ""
    min_severity: Annotated[
        Gravity | None,
        typer.Option("--min-severity", help="Leave out incidents below this [low].", rich_help_panel=_REPORT),
    ] = None
    fail_on: Annotated[
        Gravity | None,
        typer.Option("--fail-on", help="Exit with 1 on an incident at or above this.", rich_help_panel=_REPORT),
    ] = None

    def settings(self) -> Settings:
        """The configuration's settings with these options over them.

        Raises:
            ConfigError: The configuration cannot be used.
            UsageError: An option's value cannot be understood.
        """
        base = configured(self.config, self.env)
        changes: dict[str, Any] = {
            "project": self.project or base.project,
            "source": base.source if self.source is None else self.source.value,
            "table": self.table or base.table,
            "services": tuple(self.service or base.services),
            "filter": " AND ".join(f"({part})" for part in (base.filter, self.filter) if part)
            if base.filter and self.filter
            else base.filter or self.filter,
            "pushdown": self.pushdown and base.pushdown,
            "context": _duration("--context", self.context) if self.context else base.context,
            "limit": base.limit if self.limit is None else self.limit,
            "jobs": base.jobs if self.jobs is None else self.jobs,
            "rules": (*base.rules, *(str(path) for path in self.rules or ())),
            "pack": self.pack and base.pack,
            "min_severity": _level(self.min_severity) or base.min_severity,
            "fail_on": _level(self.fail_on) or base.fail_on,
            "output": self.output or base.output,
            "report": msgspec.structs.replace(base.report, timezone=self.timezone or base.report.timezone),
        }
        settings = msgspec.structs.replace(base, **changes)
        _want_zone(settings.report.timezone)
        return settings


def configured(config: Path | None, environment: str = "") -> Settings:
    """The settings of a configuration file: the one named, or the one that holds in the working folder.

    Raises:
        ConfigError: It cannot be used.
        UsageError: The named file does not exist.
    """
    if config is not None and not config.is_file():
        raise UsageError(f"--config {config}: no such file")
    return load_settings(config or find_config(Path.cwd()), environment)


def takes(options: type[Any]) -> Callable[[_Command], _Command]:
    """Give a command the fields of ``options`` as its own options; it gets them as one argument, ``options``.

    Typer reads a command's signature: this writes one, so that options shared by commands are declared once.
    """

    def decorate(command: _Command) -> _Command:
        own = inspect.signature(command, eval_str=True)
        hints = get_type_hints(options, include_extras=True)
        shared = [
            inspect.Parameter(
                field.name, inspect.Parameter.KEYWORD_ONLY, default=field.default, annotation=hints[field.name]
            )
            for field in fields(options)
        ]
        kept = [parameter for name, parameter in own.parameters.items() if name != "options"]

        def run(*args: Any, **kwargs: Any) -> Any:
            given = {field.name: kwargs.pop(field.name) for field in fields(options)}
            return command(*args, **kwargs, options=options(**given))

        run.__name__ = command.__name__
        run.__doc__ = command.__doc__
        run.__signature__ = own.replace(parameters=[*kept, *shared])  # type: ignore[attr-defined]
        run.__annotations__ = {parameter.name: parameter.annotation for parameter in (*kept, *shared)}
        return run  # type: ignore[return-value]

    return decorate


def _duration(option: str, text: str) -> int:
    try:
        return parse_duration(text)
    except ValueError as error:
        raise UsageError(
            f"{option} {text}: not a duration", hint="write a number with its unit: 30s, 5m, 1h"
        ) from error


def _level(gravity: Gravity | None) -> Level | None:
    return None if gravity is None else Level[gravity.name]


def _want_zone(name: str) -> None:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        hint = "write an IANA name such as America/Los_Angeles or UTC"
        raise UsageError(f"--timezone {name}: no such time zone", hint=hint) from error
