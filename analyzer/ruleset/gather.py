"""All that is wrong with a rule at once: whoever writes it need not run the check once a fault."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analyzer.errors import RuleError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["gathered"]


def gathered(steps: Mapping[str, Callable[[], Any]]) -> dict[str, Any]:
    """What steps come to that do not need one another, by name.

    Raises:
        RuleError: The first fault of any of them, with the others.
    """
    read: dict[str, Any] = {}
    errors: list[RuleError] = []
    for name, step in steps.items():
        try:
            read[name] = step()
        except RuleError as error:
            errors += [error, *error.others]
    if errors:
        errors[0].others = tuple(errors[1:])
        raise errors[0]
    return read
