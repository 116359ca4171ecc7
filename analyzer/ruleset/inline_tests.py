"""A rule's own tests: texts or LogEntry mappings, and what the rule must make of them.

A test written with ``message:`` or ``messages:`` becomes LogEntry mappings of a Cloud Run service's standard error, a
second apart, which is how most lines of staging arrive; short keys set what differs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from analyzer.model import Severity
from analyzer.rule import RuleTest
from analyzer.ruleset.nodes import nearest
from analyzer.times import SECOND, format_timestamp, parse_duration

if TYPE_CHECKING:
    from collections.abc import Collection

    from analyzer.ruleset.nodes import Node

__all__ = ["ENTRY_KEYS", "TEST_KEYS", "inline_tests"]

ENTRY_KEYS: Final = (
    "severity",
    "service",
    "revision",
    "instance",
    "log",
    "logger",
    "labels",
    "json",
    "http",
    "after",
)
"""Short keys for what differs from a text line of a Cloud Run service without severity."""

TEST_KEYS: Final = ("name", "message", "messages", "entry", "entries", "expect", *ENTRY_KEYS)
"""What a test may hold."""

_SOURCES: Final = ("message", "messages", "entry", "entries")
_HTTP_KEYS: Final = {"status": "status", "path": "requestUrl", "method": "requestMethod", "latency": "latency"}
_START: Final = 1_757_464_434_000_000_000  # 2025-09-10T00:33:54Z


def inline_tests(node: Node, extracted: Collection[str]) -> tuple[RuleTest, ...]:
    """The tests under ``loganalyze.tests``.

    Args:
        node: The list.
        extracted: Names that the rule extracts, and a test may expect.

    Raises:
        RuleError: A test lacks its entries or its expectation, or holds an unknown key.
    """
    return tuple(_test(item, number, extracted) for number, item in enumerate(node.items("'tests'"), 1))


def _test(node: Node, number: int, extracted: Collection[str]) -> RuleTest:
    values = node.only(TEST_KEYS, "a test")
    sources = [key for key in _SOURCES if key in values]
    if len(sources) != 1:
        message = f"a test has one of {', '.join(_SOURCES)}" + (f", not {' and '.join(sources)}" if sources else "")
        raise node.error(message, hint="" if sources else "message: the line as the log has it")
    source = sources[0]
    short = [key for key in ENTRY_KEYS if key in values]
    if source in {"entry", "entries"} and short:
        raise node.key_error(short[0], f"'{short[0]}' belongs into the {source}, which is a LogEntry")
    nodes = values[source].items(f"'{source}'") if source in {"messages", "entries"} else (values[source],)
    if not nodes:
        raise values[source].error(f"'{source}' is empty")
    time = _START
    entries = []
    for index, item in enumerate(nodes):
        if source in {"entry", "entries"}:
            entries.append(_raw_entry(item, time, index))
        else:
            time += _delay(item, values) if index else 0
            entries.append(_text_entry(item, values, time, index))
        time += SECOND if source in {"entry", "entries"} else 0
    match, fields = _expectation(node, values, extracted)
    name = values["name"].string("a test's name") if "name" in values else f"test {number}"
    return RuleTest(name, tuple(entries), match, fields, node.line)


def _expectation(
    node: Node, values: dict[str, Node], extracted: Collection[str]
) -> tuple[bool, dict[str, str | list[str]]]:
    if "expect" not in values:
        raise node.error("a test needs the key 'expect'", hint="expect: {match: true}")
    expected = values["expect"].mapping("'expect'")
    if "match" not in expected:
        raise values["expect"].error("'expect' needs the key 'match'", hint="match: true, or match: false")
    match = expected["match"].flag("'match'")
    fields: dict[str, str | list[str]] = {}
    for name, item in expected.items():
        if name == "match":
            continue
        if not match:
            raise values["expect"].key_error(name, "a test that must not match has no fields to expect")
        if name not in extracted:
            hint = nearest(name, extracted) or "the rule has no 'extract'"
            raise values["expect"].key_error(name, f"the rule does not extract '{name}'", hint=hint)
        is_list = isinstance(item.value, tuple)
        fields[name] = list(item.strings(f"'{name}'")) if is_list else item.string(f"'{name}'")
    return match, fields


def _delay(item: Node, values: dict[str, Node]) -> int:
    """Nanoseconds between this message and the one before it."""
    own = item.value.get("after") if isinstance(item.value, dict) else None
    node = own or values.get("after")
    if node is None:
        return SECOND
    try:
        return parse_duration(node.string("'after'"))
    except ValueError as error:
        raise node.error(f"'{node.text}' is no duration", hint="after: 30s") from error


def _raw_entry(node: Node, time: int, index: int) -> dict[str, Any]:
    """A LogEntry as it stands, with the two keys that every entry of the API has."""
    node.mapping("an entry")
    given: dict[str, Any] = node.plain_value()
    return {"timestamp": format_timestamp(time), "insertId": f"test-{index + 1}", **given}


def _text_entry(item: Node, shared: dict[str, Node], time: int, index: int) -> dict[str, Any]:
    """The LogEntry of a message: a text, or a mapping with ``message`` and short keys of its own."""
    own: dict[str, Node] = {}
    text = item
    if isinstance(item.value, dict):
        own = item.only(("message", *ENTRY_KEYS), "a message")
        text = item.required("message", "a message")
    if not isinstance(text.value, str | int | float):
        raise text.error(f"a message must be a text, not {text.kind}")
    keys = {key: node for key, node in {**shared, **own}.items() if key in ENTRY_KEYS}
    entry: dict[str, Any] = {
        "insertId": f"test-{index + 1}",
        "timestamp": format_timestamp(time),
        "logName": _log_name(keys.get("log")),
        "resource": {
            "type": "cloud_run_revision",
            "labels": {
                "service_name": _word(keys, "service", "api"),
                "revision_name": _word(keys, "revision", "api-00001-abc"),
            },
        },
        "labels": {"instanceId": _word(keys, "instance", "instance-1"), **_labels(keys.get("labels"))},
    }
    if "severity" in keys:
        entry["severity"] = _severity(keys["severity"])
    entry.update(_payload(text.text, keys))
    if "http" in keys:
        entry["httpRequest"] = _request(keys["http"])
    return entry


def _payload(message: str, keys: dict[str, Node]) -> dict[str, Any]:
    if "json" not in keys and "logger" not in keys:
        return {"textPayload": message}
    payload: dict[str, Any] = {"message": message}
    if "logger" in keys:
        payload["logger"] = keys["logger"].string("'logger'")
    if "json" in keys:
        keys["json"].mapping("'json'")
        payload |= keys["json"].plain_value()
    return {"jsonPayload": payload}


def _word(keys: dict[str, Node], key: str, default: str) -> str:
    return keys[key].string(f"'{key}'") if key in keys else default


def _labels(node: Node | None) -> dict[str, str]:
    if node is None:
        return {}
    return {key: value.string(f"the label '{key}'") for key, value in node.mapping("'labels'").items()}


def _log_name(node: Node | None) -> str:
    log = node.string("'log'") if node is not None else "run.googleapis.com/stderr"
    return f"projects/test/logs/{log.replace('/', '%2F')}"


def _severity(node: Node) -> str:
    name = node.string("'severity'")
    if name not in Severity.__members__:
        raise node.error(f"there is no severity '{name}'", hint=nearest(name.upper(), Severity.__members__))
    return name


def _request(node: Node) -> dict[str, Any]:
    values = node.only(_HTTP_KEYS, "'http'")
    return {_HTTP_KEYS[key]: value.plain_value() for key, value in values.items()}
