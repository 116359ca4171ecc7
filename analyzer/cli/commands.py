"""Commands that are imported when they are asked for: ``--help`` answers at once, and none pays for the others."""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING, Any

import typer.main
from typer.core import TyperCommand

from analyzer.cli.plain import plainly

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Later"]


class Later(TyperCommand):
    """What stands in the list of commands for a command, or for a group of them.

    Args:
        name: What it is called.
        place: ``module:attribute`` of the Typer application that has the command, or the commands of the group.
        purpose: What the list says of it, which is what it says of itself.
    """

    def __init__(self, name: str, place: str, purpose: str) -> None:
        super().__init__(name, help=purpose)
        self._place = place

    def command(self) -> Any:
        """The command, or the group, itself."""
        module, _, attribute = self._place.partition(":")
        command = typer.main.get_command(getattr(importlib.import_module(module), attribute))
        for one in (command, *getattr(command, "commands", {}).values()):
            one.get_params = functools.partial(_plain_parameters, one.get_params)
        return command

    def make_context(self, info_name: str | None, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """The context of the command itself: whoever has it invokes, completes or explains that one."""
        return self.command().make_context(info_name, args, parent, **extra)


def _plain_parameters(parameters: Callable[[Any], list[Any]], context: Any) -> list[Any]:
    return plainly(parameters(context))
