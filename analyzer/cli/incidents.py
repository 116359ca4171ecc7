"""``loganalyze incidents``: what the audit remembers, and a person's word on it."""

from __future__ import annotations

import enum
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from analyzer.cli import console
from analyzer.cli.options import configured

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy import Connection

    from analyzer.audit.cases import Case
    from analyzer.audit.store import Store
    from analyzer.settings import Settings

__all__ = ["app"]

app = typer.Typer(
    name="incidents",
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="List, show, resolve and mute the incidents that the audit remembers.",
    epilog="""
**Examples**

    loganalyze incidents list

    loganalyze incidents show 3f09c1aa

    loganalyze incidents resolve 3f09c1aa --note 'fixed by release 42'

    loganalyze incidents list --state audit.db --format json | jq '.incidents[].title'
""",
)


class Shape(enum.StrEnum):
    """How incidents are printed."""

    TEXT = "text"
    JSON = "json"


class Standing(enum.StrEnum):
    """Where an incident stands."""

    NEW = "new"
    ONGOING = "ongoing"
    REGRESSED = "regressed"
    RESOLVED = "resolved"
    MUTED = "muted"


_State = Annotated[
    str, typer.Option("--state", envvar="LOGANALYZE_STATE", help="File or URL of the state [that of the audit].")
]
_Env = Annotated[str, typer.Option("--env", help="Environment of the configuration to use.")]
_Config = Annotated[Path | None, typer.Option("--config", help="Configuration file [loganalyze.toml, here or above].")]
_Format = Annotated[Shape, typer.Option("--format", "-f", help="How to print.")]
_Ids = Annotated[list[str], typer.Argument(metavar="ID...", help="Ids, fingerprints, or beginnings of them.")]
_Note = Annotated[str, typer.Option("--note", "-n", help="Why, for the history.")]


@app.command("list")
def list_incidents(
    *,
    status: Annotated[
        list[Standing] | None, typer.Option("--status", help="Only these (may be given again) [all].")
    ] = None,
    state: _State = "",
    env: _Env = "",
    config: _Config = None,
    format: _Format = Shape.TEXT,  # noqa: A002 - the option's name
) -> None:
    """List incidents, open ones first."""
    from analyzer.audit.cases import load_cases  # noqa: PLC0415 - keeps --help light
    from analyzer.audit.index import in_order  # noqa: PLC0415

    _, store = _opened(state, env, config)
    with store.begin() as connection:
        cases = in_order(list(load_cases(connection).values()))
    store.close()
    wanted = {standing.value for standing in status or Standing}
    shown = [case for case in cases if case.shown.status in wanted]
    if format is Shape.JSON:
        _print_json({"schema": "loganalyze.incidents/1", "incidents": [case.shown for case in shown]})
        return
    for case in shown:
        print(_line(case))
    if not shown:
        console.say("no incident is known" if not cases else "no incident of that status")


@app.command()
def show(
    ids: _Ids,
    *,
    state: _State = "",
    env: _Env = "",
    config: _Config = None,
    format: _Format = Shape.TEXT,  # noqa: A002
) -> None:
    """Show incidents with their history: as debug logs, or as JSON."""
    from analyzer.audit.desk import find, record_of  # noqa: PLC0415
    from analyzer.audit.index import bare_report  # noqa: PLC0415

    settings, store = _opened(state, env, config)
    with store.begin() as connection:
        records = [record_of(connection, case) for case in find(connection, ids)]
    store.close()
    if format is Shape.JSON:
        shown = [
            {
                **msgspec.to_builtins(record.case.shown),
                "history": [{**msgspec.to_builtins(m), "at": _stamp(m.at)} for m in record.history],
                "occurrences": [_occurrence(msgspec.to_builtins(found)) for found in record.occurrences],
                "publications": [_delivery(msgspec.to_builtins(found)) for found in record.deliveries],
            }
            for record in records
        ]
        _print_json({"schema": "loganalyze.incidents/1", "incidents": shown})
        return
    for record in records:
        report = bare_report([record.case], settings.report, time.time_ns())
        print(report.debug_log(report.incidents[0]).rstrip())
        print("\n### History")
        for moment in record.history:
            print(f"- {_stamp(moment.at)} {moment.what}: {_plain(moment.note)}")
        for found in record.deliveries:
            print(f"- {_plain(_told(found.publisher, found.action, found.reference, found.delivered_at, found.error))}")


@app.command()
def resolve(ids: _Ids, *, note: _Note = "", state: _State = "", env: _Env = "", config: _Config = None) -> None:
    """Resolve incidents: what happens from now on makes them regressions."""
    from analyzer.audit import desk  # noqa: PLC0415

    def change(connection: Connection, case: Case, settings: Settings) -> Case:
        return desk.resolve(connection, case, note, time.time_ns(), settings.report)

    _change(ids, state, env, config, change)


@app.command()
def mute(ids: _Ids, *, note: _Note = "", state: _State = "", env: _Env = "", config: _Config = None) -> None:
    """Mute incidents: they are counted on, and nothing is published about them."""
    from analyzer.audit import desk  # noqa: PLC0415

    _change(ids, state, env, config, lambda connection, case, _: desk.mute(connection, case, note, time.time_ns()))


@app.command()
def unmute(ids: _Ids, *, note: _Note = "", state: _State = "", env: _Env = "", config: _Config = None) -> None:
    """Unmute incidents: their next change is published again."""
    from analyzer.audit import desk  # noqa: PLC0415

    _change(ids, state, env, config, lambda connection, case, _: desk.unmute(connection, case, note, time.time_ns()))


def _change(
    ids: Sequence[str],
    state: str,
    env: str,
    config: Path | None,
    change: Callable[[Connection, Case, Settings], Case],
) -> None:
    """Change all of the incidents, or none where one of them is not known."""
    from analyzer.audit.desk import find  # noqa: PLC0415

    settings, store = _opened(state, env, config)
    with store.begin() as connection:
        changed = [change(connection, case, settings) for case in find(connection, ids)]
    store.close()
    for case in changed:
        print(_line(case))


def _opened(state: str, env: str, config: Path | None) -> tuple[Settings, Store]:
    from analyzer.audit.store import default_state, open_store  # noqa: PLC0415

    settings = configured(config, env)
    target = state or settings.audit.state or str(default_state(settings.report.environment))
    return settings, open_store(target, create=False)


def _line(case: Case) -> str:
    shown = case.shown
    seen = f"{shown.first_seen} to {shown.last_seen}"
    return f"{shown.id}  {shown.status:<9} {shown.priority.level} {shown.severity:<8} {shown.count:>6,}  {seen}  " + (
        _plain(shown.title)
    )


def _told(publisher: str, action: str, reference: str, delivered_at: int | None, error: str) -> str:
    if delivered_at is None:
        return f"waits for {publisher}{f': {error}' if error else ''}"
    return f"{_stamp(delivered_at)} {publisher}: {action} {reference}"


def _occurrence(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, **{name: _stamp(found[name]) for name in ("at", "first_seen", "last_seen")}}


def _delivery(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "delivered_at": None if found["delivered_at"] is None else _stamp(found["delivered_at"])}


def _stamp(time_ns: int) -> str:
    from analyzer.times import format_timestamp  # noqa: PLC0415

    return format_timestamp(time_ns)


def _plain(text: str) -> str:
    from analyzer.safe import visible  # noqa: PLC0415

    return " ".join(visible(text).split())


def _print_json(noun: object) -> None:
    from analyzer.safe import json_text  # noqa: PLC0415

    text = msgspec.json.format(msgspec.json.encode(noun), indent=2).decode()
    sys.stdout.write(json_text(text) + "\n")
