"""Who logged it, found once for all entries with the same labels and resource."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from analyzer.entries import is_own
from analyzer.entries.origin import read_log, read_origin
from analyzer.sheets import NOTHING

if TYPE_CHECKING:
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
        self._known: dict[tuple[Any, bytes, bytes], Place | None] = {}

    def find(self, glance: Glance) -> Place | None:
        """Where an entry stands; None where a few fields do not tell."""
        key = (glance.logName, bytes(glance.resource), bytes(glance.labels))
        try:
            if key in self._known:
                return self._known[key]
        except TypeError:
            return None
        if len(self._known) >= _MOST:
            self._known.clear()
        place = self._known[key] = _place(glance)
        return place


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
