"""The fields a rule may name, and what an author may have meant by one it may not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from analyzer.ruleset.nodes import nearest

if TYPE_CHECKING:
    from analyzer.ruleset.nodes import Node

__all__ = ["FIELDS", "PREFIXES", "check_field", "is_field"]

FIELDS: Final = (
    "message",
    "severity",
    "service",
    "revision",
    "instance",
    "log",
    "logger",
    "http.status",
    "http.path",
    "http.method",
    "resource.type",
)
"""Fields with a fixed name."""

PREFIXES: Final = ("labels.", "json.", "proto.")
"""What stands before the name of a label, or before a path into jsonPayload or protoPayload."""

# How the LogEntry itself, the Logging query language or other rule packs call the same things.
_OTHER_NAMES: Final = {
    "textPayload": "message",
    "msg": "message",
    "text": "message",
    "level": "severity",
    "logName": "log",
    "log_name": "log",
    "service_name": "service",
    "revision_name": "revision",
    "instanceId": "instance",
    "httpRequest.status": "http.status",
    "httpRequest.requestUrl": "http.path",
    "http.url": "http.path",
    "httpRequest.requestMethod": "http.method",
    "status": "http.status",
}
_OTHER_PREFIXES: Final = {
    "jsonPayload.": "json.",
    "protoPayload.": "proto.",
    "label.": "labels.",
    "resource.labels.": "labels.",
}


def is_field(name: str) -> bool:
    """Whether rules may name ``name``."""
    return name in FIELDS or any(name.startswith(prefix) and len(name) > len(prefix) for prefix in PREFIXES)


def check_field(name: str, node: Node, *, key: str | None = None) -> str:
    """``name`` itself.

    Args:
        name: The field.
        node: Where it stands.
        key: The key of the mapping ``node`` that holds it; None when ``node`` is the field's own text.

    Raises:
        RuleError: Rules may not name it.
    """
    if is_field(name):
        return name
    message = f"there is no field '{name}'"
    raise node.error(message, hint=_hint(name)) if key is None else node.key_error(key, message, hint=_hint(name))


def _hint(name: str) -> str:
    if name in _OTHER_NAMES:
        return f"write '{_OTHER_NAMES[name]}'"
    for other, prefix in _OTHER_PREFIXES.items():
        if name.startswith(other):
            return f"write '{prefix}{name.removeprefix(other)}'"
    return nearest(name, [*FIELDS, *(f"{prefix}*" for prefix in PREFIXES)])
