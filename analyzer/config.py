"""``loganalyze.toml``, or ``[tool.loganalyze]`` of ``pyproject.toml``, -> Settings.

The file is looked for in the working folder and above it. Keys at its top hold for every environment; a table
``[environments.NAME]`` overrides them for ``--env NAME``::

    project = "acme-staging"
    timezone = "America/Los_Angeles"

    [report]
    impact = {auth = "Nobody can log in."}

    [publish.github]
    repository = "acme/app"

    [environments.staging]
    services = ["api", "worker"]

A key that is not known is refused, with the nearest one that is. ``docs/configuration.md`` has all of them.
"""

from __future__ import annotations

import difflib
import tomllib
import zoneinfo
from typing import TYPE_CHECKING, Any

import msgspec

from analyzer.errors import ConfigError
from analyzer.rule import Level
from analyzer.settings import AuditSettings, GitHubSettings, ReportSettings, Settings, WebhookSettings
from analyzer.times import parse_duration

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

__all__ = ["find_config", "load_settings"]

FILE_NAME = "loganalyze.toml"
_TABLES = {
    "audit": frozenset(AuditSettings.__struct_fields__),
    "report": frozenset(ReportSettings.__struct_fields__),
}
_PUBLISH = {
    "github": frozenset(GitHubSettings.__struct_fields__),
    "webhook": frozenset(WebhookSettings.__struct_fields__),
}
_SETTINGS = frozenset(Settings.__struct_fields__) - {"audit", "report", "publish"}
_SHORTCUTS = {"timezone": "timezone", "environment": "environment"}
"""Keys of the report that may stand at the top, because everyone sets them."""
_NUMBERS = {"limit": "a number of entries, or 0 for no limit", "jobs": "a number of processes, or 0 for all cores"}
_DURATIONS = frozenset({"context", "deadline", "overlap", "resolve_after", "step", "lease"})
_LEVELS = frozenset({"min_severity", "fail_on"})
_PATHS = frozenset({"rules", "output", "template", "templates"})


def find_config(folder: Path) -> Path | None:
    """The configuration file that holds in ``folder``: the nearest one there or above."""
    for place in (folder, *folder.parents):
        own = place / FILE_NAME
        if own.is_file():
            return own
        shared = place / "pyproject.toml"
        if shared.is_file() and "loganalyze" in _parse(shared).get("tool", {}):
            return shared
    return None


def load_settings(path: Path | None, environment: str = "") -> Settings:
    """Read the settings of one environment.

    Args:
        path: The configuration file; None for the defaults.
        environment: The ``[environments.NAME]`` to use; empty for the top of the file (and its ``environment``).

    Raises:
        ConfigError: The file cannot be read or holds what it should not, or knows no such environment.
    """
    if path is None:
        if environment and environment != ReportSettings().environment:
            message = f"--env {environment}: there is no {FILE_NAME} that says what it is"
            raise ConfigError(message, hint=f"write {FILE_NAME} with a table [environments.{environment}]")
        return Settings()
    table = _parse(path)
    if path.name == "pyproject.toml":
        table = table.get("tool", {}).get("loganalyze", {})
    environments = table.pop("environments", {})
    _want_table(path, "environments", environments)
    report = _checked_table(path, "report", table.pop("report", {}))
    audit = _checked_table(path, "audit", table.pop("audit", {}))
    publish = _checked_publish(path, "publish", table.pop("publish", {}))
    values = {**_checked(path, "", table), "report": report, "publish": publish, "audit": audit}
    for name, own in environments.items():
        _want_table(path, f"environments.{name}", own)
    chosen = environment or str(table.get("environment", ""))
    for name in environments:
        # Every environment is checked, so that a slip in one is found before its night comes.
        own = dict(environments[name])
        own_report = _checked_table(path, f"environments.{name}.report", own.pop("report", {}))
        own_audit = _checked_table(path, f"environments.{name}.audit", own.pop("audit", {}))
        own_publish = _checked_publish(path, f"environments.{name}.publish", own.pop("publish", {}))
        checked = _checked(path, f"environments.{name}", own)
        if name == chosen:
            values = {**values, **checked, "report": {**values["report"], **own_report, "environment": name}}
            values["audit"] = {**audit, **own_audit}
            values["publish"] = {kind: {**publish[kind], **own_publish[kind]} for kind in _PUBLISH}
    if environment and environment not in environments and environment != ReportSettings().environment:
        raise ConfigError(f"{path}: no environment {environment!r}", hint=_nearest(environment, environments))
    return _convert(path, values)


def _parse(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not TOML: {error}") from error


def _want_table(path: Path, name: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise ConfigError(f"{path}: {name} must be a table", hint=f"write [{name}] above its keys")


def _checked(path: Path, place: str, table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with every key known, durations in nanoseconds, levels as levels, and paths from the file's folder."""
    known = _SETTINGS | set(_SHORTCUTS)
    tables = {*_TABLES, "publish", *(() if place else ("environments",))}
    for key, value in table.items():
        if key not in known:
            wanted = tables if isinstance(value, dict) else known | tables
            raise ConfigError(f"{path}: unknown key {_join(place, key)!r}", hint=_nearest(key, wanted))
    return {key: _value(path, _join(place, key), key, value) for key, value in table.items()}


def _checked_table(path: Path, place: str, table: Any) -> dict[str, Any]:
    """A table that is named by the last word of its place."""
    _want_table(path, place, table)
    known = _TABLES[place.rpartition(".")[2]]
    return {key: _value(path, _join(place, key), key, value) for key, value in _known(path, place, table, known)}


def _checked_publish(path: Path, place: str, table: Any) -> dict[str, dict[str, Any]]:
    """The table of every kind of publisher; one that is not written is empty."""
    _want_table(path, place, table)
    tables = {**{kind: {} for kind in _PUBLISH}, **dict(_known(path, place, table, _PUBLISH))}
    for kind, own in tables.items():
        _want_table(path, _join(place, kind), own)
    return {
        kind: {
            key: _value(path, _join(place, f"{kind}.{key}"), key, value)
            for key, value in _known(path, _join(place, kind), own, _PUBLISH[kind])
        }
        for kind, own in tables.items()
    }


def _known(path: Path, place: str, table: Mapping[str, Any], known: Iterable[str]) -> Iterable[tuple[str, Any]]:
    for key, value in table.items():
        if key not in known:
            raise ConfigError(f"{path}: unknown key {_join(place, key)!r}", hint=_nearest(key, known))
        yield key, value


def _value(path: Path, place: str, key: str, value: Any) -> Any:
    try:
        if key in _DURATIONS:
            return parse_duration(str(value))
        if key in _LEVELS:
            return Level[str(value).upper()]
        if key == "timezone" and isinstance(value, str):
            zoneinfo.ZoneInfo(value)
    except (KeyError, ValueError, TypeError, OSError) as error:
        levels = "one of " + ", ".join(level.word for level in Level)
        zone = "an IANA name such as America/Los_Angeles or UTC"
        wanted = "a duration such as 30s" if key in _DURATIONS else zone if key == "timezone" else levels
        raise ConfigError(f"{path}: {place} is {value!r}", hint=f"write {wanted}") from error
    if key in _NUMBERS and isinstance(value, int) and value < 0:
        raise ConfigError(f"{path}: {place} is {value}", hint=f"write {_NUMBERS[key]}")
    if key in _PATHS:
        return _from_folder(path, value)
    return value


def _from_folder(path: Path, value: Any) -> Any:
    """A path in a configuration file is relative to that file."""
    if isinstance(value, str):
        return str(path.parent / value) if value else value
    if isinstance(value, list):
        return [_from_folder(path, item) for item in value]
    return value


def _convert(path: Path, values: dict[str, Any]) -> Settings:
    report = dict(values.pop("report"))
    report = {**{key: values.pop(key) for key in _SHORTCUTS if key in values}, **report}
    try:
        return msgspec.convert({**values, "report": report}, Settings)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {error}".replace("`$.", "`")) from error


def _join(place: str, key: str) -> str:
    return f"{place}.{key}" if place else key


def _nearest(word: str, known: Iterable[str]) -> str:
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5) or [name for name in names if name.startswith(word)]
    return f"did you mean {close[0]}?" if close else f"known: {', '.join(names) or 'none'}"
