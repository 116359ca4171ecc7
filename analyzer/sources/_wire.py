"""Pages of ``entries.list`` in a schema of our own: the same bytes, of which a part stays packed.

Every entry carries its resource whole, although there are few of them. In protobuf's encoding a message inside another
is bytes with a length, so a field of type ``bytes`` reads what a field of a message's type wrote: here a resource is
bytes, to be looked up among those that were seen before instead of being taken apart a thousand times a page. All other
fields are as the client library has them, those included that its next version may add.
Encoding: https://protobuf.dev/programming-guides/encoding/#submessages.
"""

from __future__ import annotations

from typing import Any

from google.cloud.logging_v2.types import ListLogEntriesResponse, LogEntry
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto

__all__ = ["ENTRY", "PAGE", "schema_of"]


def schema_of(*messages: Any, package: str) -> FileDescriptorProto:
    """A file with the messages of other files (their descriptors), resources packed, as a package of its own."""
    files = {message.file.name: message.file for message in messages}
    file = FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3", dependency=files)
    file.dependency.extend(sorted({needed.name for own in files.values() for needed in own.dependencies} - set(files)))
    for message in messages:
        message.CopyToProto(file.message_type.add())
    own = {f".{message.full_name}": f".{package}.{message.name}" for message in messages}
    for copy in file.message_type:
        _refer(copy, own)
    return file


def _refer(message: DescriptorProto, own: dict[str, str]) -> None:
    """Let the fields refer to messages of the file, their map entries among them; leave resources packed."""
    for field in message.field:
        for name, copied in own.items():
            if field.type_name == name or field.type_name.startswith(f"{name}."):
                field.type_name = copied + field.type_name.removeprefix(name)
        if field.name == "resource":
            field.type = FieldDescriptorProto.TYPE_BYTES
            field.ClearField("type_name")


def _classes(package: str) -> tuple[Any, Any]:
    pool = descriptor_pool.Default()
    pool.Add(schema_of(LogEntry.pb().DESCRIPTOR, ListLogEntriesResponse.pb().DESCRIPTOR, package=package))
    entry, page = (
        message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{package}.{name}"))
        for name in ("LogEntry", "ListLogEntriesResponse")
    )
    return entry, page


ENTRY, PAGE = _classes("loganalyze.wire")
"""The classes of a LogEntry and of a ListLogEntriesResponse."""
