"""Who logged it, found once for all entries with the same labels and resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from analyzer.entries import is_own
from analyzer.entries.origin import read_log, read_origin
from analyzer.sheets import NOTHING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.coverage import Ledger, Span
    from analyzer.sheets import Glance

__all__ = ["Place", "Places"]

_MOST = 5_000
_JSON: msgspec.json.Decoder[Any] = msgspec.json.Decoder()


class Place:
    """One log of one instance of one revision.

    Attributes:
        service: The service.
        project: Out of the log's name.
        log: The log's short name.
        stream: Service, instance and log: where the lines of one record stand.
    """

    __slots__ = ("_revision", "_span", "log", "project", "service", "stream")

    def __init__(self, service: str, revision: str, instance: str, project: str, log: str) -> None:
        self.service = service
        self.project = project
        self.log = log
        self.stream = (service, instance, log)
        self._revision = (service, revision)
        self._span: Span | None = None

    def see(self, ledger: Ledger, time: int, insert_id: str) -> None:
        """Count an entry of the revision, if it has one."""
        if self._span is not None:
            self._span.see(time, insert_id)
        elif self._revision[1]:
            self._span = ledger.span(self._revision, time, insert_id)


class Places:
    """The places seen, kept by the bytes that name them."""

    def __init__(self) -> None:
        self._known: dict[tuple[str | None, bytes, bytes], Place | None] = {}

    def find(self, glances: Sequence[Glance]) -> list[Place | None]:
        """Where entries stand; None where a few fields do not tell."""
        known = self._known
        try:
            return [known[glance.logName, bytes(glance.resource), bytes(glance.labels)] for glance in glances]
        except (KeyError, TypeError):
            return [self._find(glance) for glance in glances]

    def _find(self, glance: Glance) -> Place | None:
        if glance.logName is not None and type(glance.logName) is not str:
            return None
        key = (glance.logName, bytes(glance.resource), bytes(glance.labels))
        if key not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = _place(glance)
        return self._known[key]


def _place(glance: Glance) -> Place | None:
    raw: dict[str, Any] = {"logName": glance.logName}
    try:
        if glance.resource is not NOTHING:
            raw["resource"] = _JSON.decode(glance.resource)
        if glance.labels is not NOTHING:
            raw["labels"] = _JSON.decode(glance.labels)
    except (ValueError, RecursionError, msgspec.MsgspecError):
        return None
    if is_own(raw):
        return None
    return Place(*read_origin(raw), *read_log(raw))
