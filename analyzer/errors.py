"""The error tree of loganalyze, and the exit status each error ends the program with.

::

    LoganalyzeError                      2
     |- UsageError                       2   a wrong flag, window or filter
     |- ConfigError                      2   loganalyze.toml
     |- RuleError                        2   a rule file (file, line, column and a hint)
     |- TemplateError                    2   a template that cannot be rendered
     |- OutputError                      2   a file or folder that cannot be written
     |- StateError                       2   the audit's state cannot be opened, read or written
     |- SourceError                      3   the source failed or was cut short
     |   |- CredentialsError             3
     |   |- PermissionDeniedError        3
     |   +- IncompleteReadError          3   some entries came, then it failed
     |- HeldError                        4   another audit holds the state
     +- PublishError                     5   something could not be published; it is kept for the next run

An error's text is one line that says what is wrong; ``hint`` is one line that says what to do.
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "ConfigError",
    "CredentialsError",
    "HeldError",
    "IncompleteReadError",
    "LoganalyzeError",
    "OutputError",
    "PermissionDeniedError",
    "PublishError",
    "RuleError",
    "SourceError",
    "StateError",
    "TemplateError",
    "UsageError",
]


class LoganalyzeError(Exception):
    """Anything the user can be told in one line.

    Args:
        message: What is wrong, in one line without a full stop.
        hint: What to do about it, in one line; empty when there is nothing to say.
    """

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(LoganalyzeError):
    """A flag, an argument, a window or a filter that cannot be understood."""


class ConfigError(LoganalyzeError):
    """A configuration file that cannot be read or holds what it should not."""


class RuleError(LoganalyzeError):
    """A rule file that cannot be used.

    Args:
        message: What is wrong.
        path: The rule file as the user named it; empty when the rule came from elsewhere.
        line: The 1-based line the fault stands on, 0 when it is not known.
        column: The 1-based column, 0 when it is not known.
        hint: What to write instead.

    Attributes:
        others: What else is wrong with the same rule.
    """

    def __init__(self, message: str, *, path: str = "", line: int = 0, column: int = 0, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.path = path
        self.line = line
        self.column = column
        self.others: tuple[RuleError, ...] = ()

    def __str__(self) -> str:
        """``file:line:column: message`` with the parts that are known."""
        place = ":".join([self.path or "<rule>", *(str(n) for n in (self.line, self.column) if n)])
        return f"{place}: {self.message}"


class TemplateError(LoganalyzeError):
    """A Jinja template that cannot be found or rendered."""


class OutputError(LoganalyzeError):
    """A report that cannot be written where it was asked for."""


class StateError(LoganalyzeError):
    """The state of the audit loop cannot be opened, read or written, or is of another version."""


class SourceError(LoganalyzeError):
    """The entries could not be read."""

    exit_code: ClassVar[int] = 3


class CredentialsError(SourceError):
    """No credentials, or credentials that do not work."""


class PermissionDeniedError(SourceError):
    """The credentials are known but may not read."""


class IncompleteReadError(SourceError):
    """A read that ended early: entries came before it failed, and they are still worth a report."""


class HeldError(LoganalyzeError):
    """Another audit holds the lease of the state."""

    exit_code: ClassVar[int] = 4


class PublishError(LoganalyzeError):
    """A publisher could not deliver; the publication stays in the outbox and is tried again in the next pass."""

    exit_code: ClassVar[int] = 5
