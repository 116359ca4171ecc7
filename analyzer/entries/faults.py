"""Exceptions as JSON loggers write them: text, pino's ``err``, structlog's list, ECS, .NET and Java objects.

Some applications put a constant ``error`` object beside every message (``{"message": "Missing field", …}``), so an
object counts only with a stack trace, or on an entry that is an error by its own word.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from analyzer.entries.values import find, fold, is_mapping, mapping_of, text_of
from analyzer.lines import marks_error

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FAULT_FIELDS", "is_harmless", "read_faults"]

_STACK = (
    "stack",
    "stack_trace",
    "stacktrace",
    "traceback",
    "backtrace",
    "extendedstacktrace",
    "stacktracestring",
)
_TRACES = (
    "exc_info",
    "stack_trace",
    "stacktrace",
    "stack",
    "traceback",
    "exc_text",
    "backtrace",
    "error.stack_trace",
    "error.stack",
    "exception.stacktrace",
    "full_message",
    "errorverbose",
    "@x",
)
"""Fields that hold a trace and nothing else, whatever the entry's level."""

_OBJECTS = ("exception", "error", "err", "error.message", "exception.message", "thrown", "cause", "reason")
"""Fields that may be text, an object or a list."""

FAULT_FIELDS = frozenset((*_TRACES, *_OBJECTS))
"""Fields that may hold an exception."""

_TYPE = ("type", "name", "class", "classname", "exc_type", "kind")
_TEXT = ("message", "value", "msg", "exc_value", "localizedmessage")
_MORE = ("code", "detail", "hint")
_DECOYS = frozenset({"missing field"})
_NOTHING = frozenset({"nonetype: none", "none", "null", "nil", "undefined", "false", "true", "-"})
_DEEPEST = 8
_DIRECT = "\n\nThe above exception was the direct cause of the following exception:\n\n"


def read_faults(payload: Mapping[str, Any], *, serious: bool) -> Iterator[str]:
    """The exceptions a payload carries beside its message, each as text.

    Args:
        payload: The jsonPayload, its names folded.
        serious: The entry is an error by its own level, so that an error without a trace counts too.
    """
    if FAULT_FIELDS.isdisjoint(payload):
        return
    for name in _TRACES:
        if text := _trace(payload.get(name)):
            yield text
    for name in _OBJECTS:
        value = payload.get(name)
        if value is None:
            continue
        if isinstance(value, str):
            if value.strip().lower() not in _NOTHING and (serious or _is_trace(value)):
                yield value
        elif text := _render(value, serious=serious, depth=0):
            yield text


def is_harmless(name: str, value: Any) -> bool:
    """Whether what stands under one of :data:`FAULT_FIELDS` is surely no exception, beside a message below ERROR."""
    if value is None or type(value) in (bool, int, float):
        return True
    return type(value) is str and (not value or (name not in _TRACES and "\n" not in value and "\\n" not in value))


def _is_trace(text: str) -> bool:
    return ("\n" in text or "\\n" in text) and marks_error(text.replace("\\n", "\n"))


def _trace(value: Any) -> str:
    if isinstance(value, str):
        return "" if value.strip().lower() in _NOTHING else value
    return _render(value, serious=True, depth=0)


def _render(value: Any, *, serious: bool, depth: int) -> str:
    if depth > _DEEPEST:
        return ""
    if is_mapping(value):
        return _object(value, serious=serious, depth=depth)
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        if all(isinstance(item, str) for item in value):
            return "\n".join(value)
        # structlog and rich list the exception that was raised last first; Python prints it last.
        parts = [_structured(mapping_of(item)) for item in reversed(value) if mapping_of(item).get("exc_type")]
        return _DIRECT.join(parts)
    return ""


def _object(value: Mapping[str, Any], *, serious: bool, depth: int) -> str:
    value = fold(value)
    kind, said = text_of(find(value, _TYPE)), text_of(find(value, _TEXT))
    stack = find(value, _STACK)
    if isinstance(stack, Sequence) and not isinstance(stack, (str, bytes)):
        stack = "\n".join(f"    at {line}" if isinstance(line, str) else "" for line in stack[:400])
    trace = stack if isinstance(stack, str) and stack.strip().lower() not in _NOTHING else ""
    if not trace and (not serious or said.lower() in _DECOYS):
        return ""
    head = ": ".join(part for part in (kind if kind not in ("str", "Object") else "", said) if part)
    lines = [trace] if said and said in trace else [part for part in (head, trace) if part]
    if lines and serious:
        lines += [f"{name}: {text_of(value.get(name))}" for name in _MORE if text_of(value.get(name))]
    cause = find(value, ("cause", "inner", "innerexception"))
    deeper = cause if isinstance(cause, str) else _render(cause, serious=True, depth=depth + 1)
    if deeper and deeper not in trace:
        lines.append(f"Caused by: {deeper}")
    return "\n".join(lines)


def _structured(item: Mapping[str, Any]) -> str:
    lines = ["Traceback (most recent call last):"]
    frames = item.get("frames")
    for frame in map(mapping_of, frames[:200] if isinstance(frames, list) else ()):
        file, line, name = (text_of(frame.get(part)) for part in ("filename", "lineno", "name"))
        lines.append(f'  File "{file}", line {line}, in {name}')
        if code := text_of(frame.get("line")).strip():
            lines.append(f"    {code}")
    kind, said = text_of(item.get("exc_type")), text_of(item.get("exc_value"))
    return "\n".join([*lines, f"{kind}: {said}" if said else kind])
