"""The command line: parse, call, and map errors to exit statuses.

Standard output carries data only; everything for people goes to standard error. Nothing heavy is imported here, so that
``--help`` answers at once: a command imports what it needs when it runs.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import click
import typer

from analyzer import __version__
from analyzer.cli import console, doctor, rules, run
from analyzer.errors import LoganalyzeError

__all__ = ["app", "main"]

_INTERRUPTED = 130

app = typer.Typer(
    name="loganalyze",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog=(
        "Exit status: 0 done; 1 incidents at or above --fail-on; 2 usage, configuration, rules or template; "
        "3 the source failed or was cut short; 4 another audit holds the state; 5 publishing failed."
    ),
)
app.command("since", epilog=run.SINCE_EXAMPLES)(run.since)
app.command("file", epilog=run.FILE_EXAMPLES)(run.file)
app.add_typer(rules.app, name="rules")
app.command("doctor", epilog=doctor.EXAMPLES)(doctor.doctor)


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
    del version
    if debug:
        console.set_debug(wanted=True)


def main() -> None:
    """The entry point of the ``loganalyze`` command."""
    console.set_debug(wanted="--debug" in sys.argv)
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    sys.exit(_run(arguments))


def _run(arguments: list[str]) -> int:
    try:
        status = app(arguments, standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Exit as done:
        return int(done.exit_code)
    except click.ClickException as error:
        error.show(sys.stderr)
        return 2
    except LoganalyzeError as error:
        console.show_error(error)
        return error.exit_code
    except (KeyboardInterrupt, click.Abort):
        console.say("interrupted")
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read the output (head, a pager) has what it wanted. Python flushes standard output once more at its
        # end, which must not complain either: https://docs.python.org/3/library/signal.html#note-on-sigpipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return int(status or 0)
