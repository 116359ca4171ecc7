"""The command line: parse, call, and map errors to exit statuses.

Standard output carries data only; everything for people goes to standard error. Nothing heavy is imported here, so that
``--help`` answers at once: a command imports what it needs when it runs.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from analyzer.cli import console
from analyzer.cli.commands import Later
from analyzer.cli.plain import plainly
from analyzer.errors import LoganalyzeError, OutputError
from analyzer.version import __version__

__all__ = ["app", "main"]

_INTERRUPTED: Final = 130

_COMMANDS: Final = (
    ("since", "run:since_app", "Report on the log entries of a time window: the main job."),
    ("file", "run:file_app", "Report on whole exported files, whatever their time."),
    ("audit", "audit:app", "Report what is new since the last pass, and remember it: the scheduled job."),
    ("incidents", "incidents:app", "List, show, resolve and mute the incidents that the audit remembers."),
    ("rules", "rules:app", "Look at rules, check and test them, and see what they match."),
    ("doctor", "doctor:app", "Check configuration, rules, templates, the audit's state, credentials and permissions."),
)
"""Name, place and purpose of each command, in the order of the list of commands."""


class _Commands(TyperGroup):
    """The commands, each ended with the exit status that its result or its error stands for."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        for name, place, purpose in _COMMANDS:
            self.add_command(Later(name, f"analyzer.cli.{place}", purpose))

    def get_params(self, ctx: Any) -> list[Any]:
        """The options before the command."""
        return plainly(super().get_params(ctx))

    def invoke(self, ctx: Any) -> Any:
        """Run the command that was asked for."""
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
        except LoganalyzeError as error:
            console.show_error(error)
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt as stop:
            console.say("interrupted")
            raise typer.Exit(_INTERRUPTED) from stop
        except BrokenPipeError as closed:
            # Whoever read the output (head, a pager) has what it wanted.
            _discard_output()
            raise typer.Exit(0) from closed
        except OSError as error:
            if error.filename is not None:
                raise
            # A fault of the system that names no file is one of standard output: what it was sent to is full, or gone.
            _discard_output()
            fault = OutputError(
                f"standard output cannot be written: {error.strerror}", hint="make room, or use --output"
            )
            console.show_error(fault)
            raise typer.Exit(fault.exit_code) from error
        raise typer.Exit(int(status or 0))


def _discard_output() -> None:
    """Python flushes standard output once more at its end, which must not complain.

    See https://docs.python.org/3/library/signal.html#note-on-sigpipe.
    """
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


app = typer.Typer(
    name="loganalyze",
    cls=_Commands,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=(
        "Exit status: 0 done; 1 incidents at or above --fail-on; 2 usage, configuration, rules or template; "
        "3 the source failed or was cut short; 4 another audit holds the state; 5 publishing failed."
    ),
)


def _print_version(wanted: bool) -> None:  # noqa: FBT001  (Click's signature)
    if wanted:
        typer.echo(f"loganalyze {__version__}")
        raise typer.Exit


@app.callback()
def _every_command(
    *,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Turn the Google Cloud logs of a staging environment into incident reports.

    Start with **loganalyze since 1h --sample**: it needs no account.
    """
    del debug, version


def _collect_seldom() -> None:
    """A run makes much that stays until its end and hardly a cycle, so that looking for cycles is time lost.

    The last look comes when Python ends, at all there is, and is spared by putting everything out of its reach.
    """
    gc.set_threshold(100_000, 50, 50)
    atexit.register(gc.freeze)


def main() -> None:
    """The entry point of the ``loganalyze`` command; ``--debug`` may stand anywhere."""
    _collect_seldom()
    if sys.stdout is None:  # closed by the caller (``>&-``): a report into a file can do without it
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  (open until the end)
    console.set_debug(wanted="--debug" in sys.argv)
    app([argument for argument in sys.argv[1:] if argument != "--debug"])
