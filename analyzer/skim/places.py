"""Who logged it, found once for all entries with the same labels and resource.

Where entries have labels of their own (a request's id), it is found once for all that share those which tell.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec
import numpy as np

from analyzer.entries import OWN_LABEL, is_own
from analyzer.entries.origin import ORIGIN_LABELS, read_log, read_origin, service_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from analyzer.columns import Keys
    from analyzer.model import Entry
    from analyzer.sheets import CallGlance, Glance

__all__ = ["UNTOLD", "Place", "Places"]

UNTOLD: Final = -1
"""Stands for a place that a few fields do not tell."""

_JSON: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_ENCODER = msgspec.json.Encoder()
_TELLING: Final = ORIGIN_LABELS | {OWN_LABEL}
_MOST: Final = 4_000
_UNREADABLE = (ValueError, RecursionError, OverflowError, msgspec.MsgspecError)

_Named = tuple[str | None, bytes, bytes]
"""A log's name, a resource and labels as they are written."""


class Place(NamedTuple):
    """One log of one instance of one revision.

    Attributes:
        service: The service.
        revision: Its revision; empty when entries of this place show no revision.
        instance: The instance.
        project: Out of the log's name.
        log: The log's short name.
    """

    service: str
    revision: str
    instance: str
    project: str
    log: str

    @property
    def stream(self) -> tuple[str, str, str]:
        """Service, instance and log: where the lines of one record stand."""
        return (self.service, self.instance, self.log)


class Places:
    """The places seen, by the bytes that name them.

    Attributes:
        found: The places; others name them by their index.
    """

    def __init__(self) -> None:
        self.found: list[Place] = []
        self._index: dict[Place, int] = {}
        self._salts: list[int] = []
        self._array: Keys = np.zeros(0, np.uint64)
        self._named: dict[_Named, int] = {}
        self._telling: dict[_Named, int] = {}

    @property
    def salts(self) -> Keys:
        """Of each place, what stands for its project and log in the keys of entries."""
        if len(self._array) < len(self._salts):
            self._array = np.array(self._salts, np.uint64)
        return self._array

    def find(self, glances: Sequence[Glance]) -> list[int]:
        """Where entries stand; :data:`UNTOLD` where a few fields do not tell."""
        named = self._named
        try:
            return [named[glance.logName, bytes(glance.resource), bytes(glance.labels)] for glance in glances]
        except (KeyError, TypeError):
            return [self._find(glance) for glance in glances]

    def audited(self, place: int, call: CallGlance) -> int:
        """Where an audited call stands of which other fields tell ``place``: its revision is what it made, if any."""
        if place == UNTOLD or type(call.resourceName) is not str:
            return UNTOLD
        if not self.found[place].service and service_in(call.resourceName):
            return UNTOLD
        return self._add(self.found[place]._replace(revision=""))

    def of(self, entry: Entry) -> int:
        """Where an entry stands that was decoded wholly."""
        audited = isinstance(entry.raw.get("protoPayload"), dict)
        revision = "" if audited else entry.revision
        return self._add(Place(entry.service, revision, entry.instance, entry.project, entry.log))

    def _find(self, glance: Glance) -> int:
        if glance.logName is not None and type(glance.logName) is not str:
            return UNTOLD
        written = (glance.logName, bytes(glance.resource), bytes(glance.labels))
        found = self._named.get(written)
        if found is None:
            if len(self._named) >= _MOST:
                self._named.clear()
            found = self._named[written] = self._told(*written)
        return found

    def _told(self, name: str | None, resource: bytes, labels: bytes) -> int:
        """The same for what is written in a way that was not met lately."""
        try:
            found = _JSON.decode(labels) if labels else None
            if isinstance(found, dict):
                found = {name: value for name, value in found.items() if name in _TELLING}
            telling = (name, resource, _ENCODER.encode(found))
        except _UNREADABLE:
            return UNTOLD
        place = self._telling.get(telling)
        if place is None:
            if len(self._telling) >= _MOST:
                self._telling.clear()
            place = self._telling[telling] = self._place(name, resource, found)
        return place

    def _place(self, name: str | None, resource: bytes, labels: Any) -> int:
        raw: dict[str, Any] = {"logName": name}
        if resource:
            try:
                raw["resource"] = _JSON.decode(resource)
            except _UNREADABLE:
                return UNTOLD
        if labels is not None:
            raw["labels"] = labels
        return UNTOLD if is_own(raw) else self._add(Place(*read_origin(raw), *read_log(raw)))

    def _add(self, place: Place) -> int:
        index = self._index.setdefault(place, len(self.found))
        if index == len(self.found):
            self.found.append(place)
            name = f"{place.project}\0{place.log}".encode("utf-8", "surrogatepass")
            self._salts.append(int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "little"))
        return index
