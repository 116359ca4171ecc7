"""``loganalyze audit``: one pass, or passes at regular times, with a memory between them."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import msgspec
import typer

from analyzer.cli import console
from analyzer.cli.options import RunOptions, takes
from analyzer.cli.run import load_rules_of
from analyzer.cli.source import choose_source
from analyzer.errors import (
    ConfigError,
    HeldError,
    LoganalyzeError,
    OutputError,
    PublishError,
    SourceError,
    UsageError,
)
from analyzer.publish.choose import publishers_of
from analyzer.times import parse_duration
from analyzer.window import parse_window

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from analyzer.audit.passes import PassResult
    from analyzer.audit.store import Store
    from analyzer.settings import Settings

__all__ = ["app"]

app = typer.Typer(add_completion=False, rich_markup_mode="markdown")

_EXAMPLES = """
**Examples**

    loganalyze audit --sample --output reports/                    one pass, no account needed

    loganalyze audit --every 15m --project acme-staging --output reports/ --publish github

    loganalyze audit --state postgresql://loganalyze@db/audit --since 6h --dry-run
"""
_AUDIT = "How to audit"


@app.command("audit", epilog=_EXAMPLES)
@takes(RunOptions)
def audit(  # noqa: PLR0913 - one parameter an option
    *,
    every: Annotated[
        str, typer.Option("--every", help="Stay, and make a pass this often (15m).", rich_help_panel=_AUDIT)
    ] = "",
    state: Annotated[
        str,
        typer.Option(
            "--state",
            envvar="LOGANALYZE_STATE",
            help="File or URL of the state [a file in the platform's folder].",
            rich_help_panel=_AUDIT,
        ),
    ] = "",
    since: Annotated[
        str, typer.Option("--since", help="Where a state's first pass begins.", rich_help_panel=_AUDIT)
    ] = "1h",
    publish: Annotated[
        list[str] | None,
        typer.Option("--publish", help="Tell github, webhook or files (may be given again).", rich_help_panel=_AUDIT),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing; say what would be done.", rich_help_panel=_AUDIT)
    ] = False,
    overlap: Annotated[
        str, typer.Option("--overlap", help="How late entries may come [2m].", rich_help_panel=_AUDIT)
    ] = "",
    resolve_after: Annotated[
        str,
        typer.Option(
            "--resolve-after", help="Quiet for so long, an incident is resolved [1d].", rich_help_panel=_AUDIT
        ),
    ] = "",
    health: Annotated[
        Path | None, typer.Option("--health", help="File for a liveness probe.", rich_help_panel=_AUDIT)
    ] = None,
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
    """Report what is new since the last pass, and remember it: the scheduled job."""
    if given and sample:
        raise UsageError("--input and --sample exclude each other")
    if options.format is not None:
        raise UsageError(
            "an audit writes one line of JSON a pass", hint="debug logs go to --output FOLDER, in Markdown"
        )
    settings = _settings(options, state, publish, overlap, resolve_after)
    period = _positive("--every", every) if every else 0
    if dry_run and period:
        raise UsageError("--dry-run makes one pass", hint="leave out --every")
    command = _Command(settings, parse_window(since, None, time.time_ns()).start, given, health, sample=sample)
    with _logged():
        return command.rehearse() if dry_run else command.carry_out(period)


class _Command:
    """The command, once its options are understood."""

    def __init__(
        self, settings: Settings, since: int, given: Sequence[str] | None, health: Path | None, *, sample: bool
    ) -> None:
        from analyzer.audit.health import Health  # noqa: PLC0415 - keeps --help light
        from analyzer.audit.store import default_state  # noqa: PLC0415

        self._settings = settings
        self._since = since
        self._given = given
        self._sample_end = time.time_ns() if sample else None
        self._health = Health(health)
        self._state = settings.audit.state or str(default_state(settings.report.environment))
        self._publishers = publishers_of(settings, os.environ)

    def rehearse(self) -> int:
        """A pass on a copy of the state, which says what it would do."""
        from analyzer.audit.store import copy_store  # noqa: PLC0415

        with copy_store(self._state) as store, self._passes(store, None) as one:
            result = one()
            for line in result.summary.would:
                console.say(f"would: {line}")
        return self._status(result)

    def carry_out(self, period: int) -> int:
        """One pass, or passes until SIGTERM where there is a period (nanoseconds)."""
        from analyzer.audit.lease import Lease  # noqa: PLC0415
        from analyzer.audit.loop import repeat, stopping  # noqa: PLC0415
        from analyzer.audit.parts import Stopped  # noqa: PLC0415
        from analyzer.audit.store import open_store  # noqa: PLC0415

        with stopping() as stop, contextlib.ExitStack() as opened:
            try:
                store = open_store(self._state)
                opened.callback(store.close)
                lease = opened.enter_context(Lease(store, self._settings.audit.lease))
                one = opened.enter_context(self._passes(store, lease))
                self._tell("starting")
                if not period:
                    return self._status(one())
                repeat(self._enduring(one), period, stop, alive=lambda: self._tell("waiting"))
            except Stopped:
                console.say("ended by SIGTERM before the pass began")
        return 0

    def _enduring(self, one: Callable[[], PassResult]) -> Callable[[], None]:
        """A pass whose failure does not end the loop, once one has not failed."""
        begun = [False]

        def endure() -> None:
            try:
                one()
            except (HeldError, UsageError, ConfigError):
                raise
            except LoganalyzeError as error:
                if not begun[0]:
                    raise
                console.show_error(error)
                self._tell("failed")
            begun[0] = True

        return endure

    @contextlib.contextmanager
    def _passes(self, store: Store, lease: object) -> Iterator[Callable[[], PassResult]]:
        """What makes one pass and tells how it ended."""
        from analyzer.audit.lease import Lease  # noqa: PLC0415
        from analyzer.audit.parts import Parts  # noqa: PLC0415
        from analyzer.audit.passes import run_pass  # noqa: PLC0415
        from analyzer.matching import Matcher  # noqa: PLC0415

        rules = load_rules_of(self._settings)
        with console.progress() as draw:
            source = choose_source(self._settings, rules, self._given, draw, None, self._sample_end, received=True)
            parts = Parts(
                store=store,
                lease=lease if isinstance(lease, Lease) else None,
                source=source,
                matcher=Matcher(rules),
                settings=self._settings,
                publishers=self._publishers,
                since=self._since,
                dry_run=lease is None,
            )

            def one() -> PassResult:
                if not parts.dry_run:
                    self._tell("running")
                result = run_pass(parts)
                if not parts.dry_run:
                    result = self._with_index(store, result)
                    self._tell("failed" if result.read_failed or result.publish_failed else "ok")
                self._report(result)
                return result

            yield one

    def _with_index(self, store: Store, result: PassResult) -> PassResult:
        """The page over all debug logs, brought up to date."""
        from analyzer.audit.index import index_page  # noqa: PLC0415
        from analyzer.publish.files import write_folder  # noqa: PLC0415

        if not self._settings.output or result.stopped:
            return result
        with store.begin() as connection:
            page = index_page(connection, self._settings.report, time.time_ns())
        try:
            write_folder(Path(self._settings.output), {"index.md": page})
        except OutputError as error:
            errors = [*result.summary.errors, f"files: {error}"]
            summary = msgspec.structs.replace(result.summary, errors=errors, severity="WARNING")
            return result._replace(publish_failed=True, summary=summary)
        return result

    def _report(self, result: PassResult) -> None:
        sys.stdout.write(result.summary.to_json() + "\n")
        sys.stdout.flush()
        for error in result.summary.errors:
            console.warn(error)
        for note in result.summary.notes:
            console.say(note)
        if result.silent and not result.read_failed:
            console.warn("no entry has been read yet: check the project, the scope and --since")

    def _tell(self, status: str) -> None:
        self._health.tell(time.time_ns(), status)

    def _status(self, result: PassResult) -> int:
        if result.read_failed or result.silent:
            return SourceError.exit_code
        if result.publish_failed:
            return PublishError.exit_code
        fail_on = self._settings.fail_on
        return int(fail_on is not None and result.worst is not None and result.worst >= fail_on)


def _settings(options: RunOptions, state: str, publish: list[str] | None, overlap: str, resolve_after: str) -> Settings:
    settings = options.settings()
    own = settings.audit
    changes = {
        "state": state or own.state,
        "publish": tuple(dict.fromkeys(publish)) if publish else own.publish,
        "overlap": _positive("--overlap", overlap) if overlap else own.overlap,
        "resolve_after": _positive("--resolve-after", resolve_after) if resolve_after else own.resolve_after,
    }
    return msgspec.structs.replace(settings, audit=msgspec.structs.replace(own, **changes))


def _positive(option: str, text: str) -> int:
    try:
        duration = parse_duration(text)
    except ValueError as error:
        raise UsageError(
            f"{option} {text}: not a duration", hint="write a number with its unit: 30s, 5m, 1h"
        ) from error
    if duration <= 0:
        raise UsageError(f"{option} {text}: must be longer than nothing")
    return duration


@contextlib.contextmanager
def _logged() -> Iterator[None]:
    """Lines for Cloud Logging where no terminal looks on; whatever ends the command is one of them."""
    if sys.stderr.isatty():
        yield
        return
    from analyzer.entries import OWN_LABEL  # noqa: PLC0415 - keeps --help light

    with console.structured({OWN_LABEL: "audit"}):
        try:
            yield
        except LoganalyzeError as error:
            console.show_error(error)
            raise typer.Exit(error.exit_code) from error
        except (typer.Exit, KeyboardInterrupt, SystemExit):
            raise
        except Exception as error:
            # A traceback in plain lines would be the next pass's unknown error.
            failure = LoganalyzeError(f"unexpected {type(error).__name__}: {error}", hint="please report it")
            console.show_error(failure)
            raise typer.Exit(failure.exit_code) from error
