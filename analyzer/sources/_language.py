"""What a server's query language has to say for a read: Cloud Logging's own, and SQL."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self, TypeVar

if TYPE_CHECKING:
    from analyzer.model import Window

__all__ = ["AnyQuery", "Asked", "Language", "Origin"]

Origin = tuple[tuple[str, str], ...]
"""Fields of a LogEntry that only the entries of one service have, with their values: ``resource.labels.job_name``."""


class Asked(Protocol):
    """A query that was put together; it gives its entries in the order of time."""

    @property
    def text(self) -> str:
        """All of it, as the server and people read it."""
        ...

    def reverse(self) -> Self:
        """The same query, its entries newest first."""
        ...

    def only(self, number: int) -> Self:
        """The same query, of which no more than so many entries are wanted."""
        ...


AnyQuery = TypeVar("AnyQuery", bound=Asked)
_Query_co = TypeVar("_Query_co", bound=Asked, covariant=True)


class Language(Protocol[_Query_co]):
    """Writes queries within the scope that a user asked for."""

    def query(self, window: Window, needed: str = "") -> _Query_co:
        """The query for the entries of ``window`` in the scope for which ``needed`` holds.

        Raises:
            UsageError: It is longer than the server takes.
        """
        ...

    def stretch(self, origin: Origin, window: Window) -> str:
        """What holds on the entries of one service in a stretch of time."""
        ...

    def room(self) -> int:
        """How many characters ``needed`` may have, whatever the window; 0 when there is no room."""
        ...
