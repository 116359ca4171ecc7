"""Field paths of LogEntry: which exist, of which type they are, and their values in a stored entry.

Which fields are defined is read off the client library's LogEntry; the words of the documentation:

- payload and label fields may be *missing*: every comparison with one fails;
- fields of the LogEntry type that are not set are *defaulted*: compared as if they had their default value;
- everything else is *undefined*: an error.
"""

from __future__ import annotations

import enum
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from google.cloud.logging_v2.types import LogEntry
from google.protobuf.descriptor import FieldDescriptor

from tests.emulator.query.errors import FilterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from google.protobuf.descriptor import Descriptor

    from tests.emulator.query.syntax import Path

__all__ = ["Field", "FieldType", "resolve"]


class FieldType(enum.Enum):
    """How a field is compared."""

    PAYLOAD = "payload"
    LABEL = "label"
    STRING = "string"
    INTEGER = "integer"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    ENUM = "enum"
    TIMESTAMP = "timestamp"
    DURATION = "duration"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True)
class Field:
    """A path of LogEntry.

    Attributes:
        steps: Keys in the JSON form.
        type: Of what the path ends on.
    """

    steps: tuple[str, ...]
    type: FieldType

    @property
    def defaulted(self) -> bool:
        """It has a default value where it is not set."""
        return self.type not in (FieldType.PAYLOAD, FieldType.LABEL, FieldType.MESSAGE)

    def values(self, data: Mapping[str, Any]) -> list[Any]:
        """Its values in an entry: none when it is absent, several when the path passes through lists.

        In protoPayload a name may be written ``method_name`` or ``methodName``; elsewhere keys are what they are.
        """
        current: list[Any] = [data]
        either = self.steps[0] == "protoPayload"
        for step in self.steps:
            reached: list[Any] = []
            for value in current:
                if isinstance(value, dict):
                    key = _camel(step) if either and step not in value else step
                    if key in value:
                        _flatten(value[key], reached)
            current = reached
        return current


_DYNAMIC = {"google.protobuf.Struct", "google.protobuf.Any", "google.protobuf.Value"}
_TIMES = {"google.protobuf.Timestamp": FieldType.TIMESTAMP, "google.protobuf.Duration": FieldType.DURATION}
_NEWER = frozenset({"errorGroups", "apphub", "apphubSource", "apphubDestination", "otel", "metadata"})
"""Fields of the API that the library's LogEntry does not know yet (or no more); compared as payload."""

_SCALARS = {
    FieldDescriptor.TYPE_STRING: FieldType.STRING,
    FieldDescriptor.TYPE_BOOL: FieldType.BOOLEAN,
    FieldDescriptor.TYPE_ENUM: FieldType.ENUM,
    FieldDescriptor.TYPE_DOUBLE: FieldType.DOUBLE,
    FieldDescriptor.TYPE_FLOAT: FieldType.DOUBLE,
}


def resolve(path: Path) -> Field:
    """The field a path means.

    Raises:
        FilterError: LogEntry has no such field.
    """
    descriptor: Descriptor = LogEntry.pb().DESCRIPTOR
    steps: list[str] = []
    for index, part in enumerate(path.parts):
        rest = path.parts[index + 1 :]
        if index == 0 and part in _NEWER:
            return Field(path.parts, FieldType.PAYLOAD)
        field = _find(descriptor, part)
        if field is None:
            raise FilterError(f"Field not found: '{path}'")
        steps.append(field.json_name)
        inner = field.message_type
        if inner is None:
            if rest:
                raise FilterError(f"Field not found: '{path}'")
            return Field(tuple(steps), _SCALARS.get(field.type, FieldType.INTEGER))
        if inner.full_name in _DYNAMIC:
            return Field((*steps, *rest), FieldType.PAYLOAD)
        if inner.GetOptions().map_entry:
            return Field((*steps, *rest), FieldType.LABEL if rest else FieldType.MESSAGE)
        if inner.full_name in _TIMES:
            if rest:
                raise FilterError(f"Field not found: '{path}'")
            return Field(tuple(steps), _TIMES[inner.full_name])
        descriptor = inner
    return Field(tuple(steps), FieldType.MESSAGE)


def _find(descriptor: Descriptor, name: str) -> FieldDescriptor | None:
    """A field by its JSON name or its protobuf name: both may be written."""
    for field in descriptor.fields:
        if name in (field.json_name, field.name):
            return field
    return None


@functools.lru_cache(maxsize=1024)
def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(word[:1].upper() + word[1:] for word in rest)


def _flatten(value: Any, into: list[Any]) -> None:
    if isinstance(value, list | tuple):
        for item in value:
            _flatten(item, into)
    else:
        into.append(value)
