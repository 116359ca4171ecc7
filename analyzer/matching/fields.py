"""The fields a rule may name, read from an event.

======================  ==============================================================================
``message``             the event's text
``severity``            effective severity by name, ``ERROR``; comparisons with numbers see 500
``service`` ``revision`` ``instance`` ``log`` ``logger``   of the event's first entry
``http.status`` ``http.path`` ``http.method``              of its request
``resource.type``       the monitored resource
``labels.*``            a label; the name may hold dots: ``labels.run.googleapis.com/x``
``json.*`` ``proto.*``  a path into jsonPayload or protoPayload; the longest key that is there goes first
======================  ==============================================================================

A field that is absent, empty or null is None; a list is the text of its plain items, one a line; an object has no text
of its own. All text is scrubbed of lone surrogates.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from analyzer.errors import RuleError
from analyzer.regex import scrub

if TYPE_CHECKING:
    from analyzer.model import Event, LogEntry

__all__ = ["FIELDS", "PAYLOADS", "Subject", "Value", "field", "fold", "is_field", "text_of"]

Value = str | int | float | bool | None

FIELDS = (
    "http.method",
    "http.path",
    "http.status",
    "instance",
    "log",
    "logger",
    "message",
    "resource.type",
    "revision",
    "service",
    "severity",
)
"""The fields with a fixed name; ``labels.``, ``json.`` and ``proto.`` open the others."""

PAYLOADS: Mapping[str, tuple[str, ...]] = {
    "labels": ("labels",),
    "json": ("jsonPayload", "json_payload"),
    "proto": ("protoPayload", "proto_payload"),
}
"""Where the fields with an open name live; some exporters write protobuf's names."""

_MOST_ITEMS = 1000
_EXACT_INTEGERS = 1e15

Reader = Callable[["Event"], object]
"""A field's raw value: a :data:`Value`, or the mapping or list that stands there."""


def field(event: Event, name: str) -> Value:
    """The value of the field ``name``.

    Raises:
        RuleError: There is no such field.
    """
    return plain(reader(name)(event))


def is_field(name: str) -> bool:
    """Whether ``name`` is a field of events."""
    head, dot, rest = name.partition(".")
    return name in FIELDS or (head in PAYLOADS and bool(dot and rest))


@functools.lru_cache(maxsize=4096)
def reader(name: str) -> Reader:
    """The function that reads the field ``name`` from an event.

    Raises:
        RuleError: There is no such field.
    """
    if name in _READERS:
        return _READERS[name]
    if not is_field(name):
        raise RuleError(
            f"there is no field {name!r}",
            hint=f"fields are {', '.join(FIELDS)}, labels.*, json.* and proto.*",
        )
    head, _, path = name.partition(".")
    segments = tuple(path.split("."))
    return lambda event: _descend(payload(event, head), segments)


def payload(event: Event, head: str) -> object:
    """What the fields that begin with ``head`` (labels, json, proto) live in; None where the entry has none."""
    raw = event.entries[0].raw
    for name in PAYLOADS[head]:
        if (found := raw.get(name)) is not None:
            return found
    return None


class Subject:
    """An event as conditions see it: each field is read, and folded, at most once.

    Args:
        event: The event.

    Attributes:
        event: The same.
        known: By number, what has come of conditions that several rules share.
    """

    __slots__ = ("_encoded", "_folded", "_raw", "_texts", "event", "known")

    def __init__(self, event: Event) -> None:
        self.event = event
        self.known: dict[int, bool] = {}
        message = event.message
        self._raw: dict[str, object] = {}
        self._texts: dict[str, str | None] = {"message": message if message.isascii() else scrub(message)}
        self._folded: dict[str, str | None] = {}
        self._encoded: dict[str, bytes] = {}

    @property
    def is_message(self) -> bool:
        """Whether nothing but the text of its message has been asked for, so that an equal one has the same answers."""
        return not self._raw

    def raw(self, name: str) -> object:
        """What stands in the field: a value, or a mapping or list; None when it is absent."""
        try:
            return self._raw[name]
        except KeyError:
            found = self._raw[name] = reader(name)(self.event)
            return found

    def text(self, name: str) -> str | None:
        """The field as text, None when it is absent or an object."""
        try:
            return self._texts[name]
        except KeyError:
            found = self._texts[name] = text_of(plain(self.raw(name)))
            return found

    def folded(self, name: str) -> str | None:
        """The field as text with case folded by :func:`fold`."""
        try:
            return self._folded[name]
        except KeyError:
            text = self.text(name)
            found = self._folded[name] = None if text is None else fold(text)
            return found

    def encoded(self, name: str) -> bytes:
        """The field as text in UTF-8, for RE2; empty when there is none."""
        try:
            return self._encoded[name]
        except KeyError:
            found = self._encoded[name] = (self.text(name) or "").encode()
            return found


def fold(text: str) -> str:
    """``text`` in lower case, such that ASCII text is found in it exactly where RE2 finds it ignoring case.

    RE2 folds the long s and the Kelvin sign onto s and k; Python's ``lower`` leaves the first, and makes an i out of
    the dotted capital I, which RE2 does not.
    """
    if text.isascii():
        return text.lower()
    return text.replace("ſ", "s").replace("İ", "ı").lower()


def text_of(value: Value) -> str | None:
    """A value as people write it: ``true``, and whole numbers without a fraction (over gRPC all are doubles)."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_INTEGERS:
        return str(int(value))
    return _digits(value)


def plain(raw: object) -> Value:
    """What a condition compares with, of what stands in a field."""
    match raw:
        case str():
            return raw if raw.isascii() else scrub(raw)
        case None | bool() | int() | float():
            return raw
        case list() | tuple():
            return "\n".join(filter(None, (text_of(plain(item)) for item in raw[:_MOST_ITEMS] if _is_scalar(item))))
    return None


def _digits(value: float) -> str:
    try:
        return str(value)
    except ValueError:  # an integer beyond Python's limit of 4300 digits
        return hex(int(value))


def _is_scalar(item: object) -> bool:
    return item is not None and not isinstance(item, list | tuple | Mapping)


def _descend(node: object, segments: tuple[str, ...]) -> object:
    """The value at a dotted path whose keys may hold dots themselves: longest key first, then shorter ones."""
    if not isinstance(node, Mapping):
        return None
    for length in range(len(segments), 0, -1):
        child = node.get(".".join(segments[:length]))
        if child is None:
            continue
        found = child if length == len(segments) else _descend(child, segments[length:])
        if found is not None:
            return found
    return None


def _resource_type(raw: LogEntry) -> object:
    resource = raw.get("resource")
    return resource.get("type") if isinstance(resource, Mapping) else None


_READERS: Mapping[str, Reader] = {
    "message": lambda event: event.message,
    "severity": lambda event: event.severity.name,
    "service": lambda event: event.entries[0].service or None,
    "revision": lambda event: event.entries[0].revision or None,
    "instance": lambda event: event.entries[0].instance or None,
    "log": lambda event: event.entries[0].log or None,
    "logger": lambda event: event.entries[0].logger or None,
    "http.status": lambda event: (request.status or None) if (request := event.entries[0].request) else None,
    "http.path": lambda event: (request.path or None) if (request := event.entries[0].request) else None,
    "http.method": lambda event: (request.method or None) if (request := event.entries[0].request) else None,
    "resource.type": lambda event: _resource_type(event.entries[0].raw),
}
