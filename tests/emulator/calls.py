"""What the emulator writes down about every ListLogEntries call, for assertions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import grpc

__all__ = ["Call"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One ListLogEntries call as it was received and answered.

    Attributes:
        number: 1 for the first call, retries counted.
        time: The emulator's clock when it came, in seconds.
        deadline: Seconds the client gave the call; None when it set no deadline.
        resource_names: As asked.
        filter: As asked.
        order_by: As asked.
        page_size: As asked; 0 when the client left it to the server.
        page_token: As asked; empty for a first page.
        code: How it was answered; None while it is not answered yet.
        entries: How many entries went back.
        next_page_token: As answered; empty on a last page.
    """

    number: int
    time: float
    deadline: float | None
    resource_names: tuple[str, ...]
    filter: str
    order_by: str
    page_size: int
    page_token: str
    code: grpc.StatusCode | None = None
    entries: int = 0
    next_page_token: str = ""
