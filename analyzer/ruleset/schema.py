"""The JSON Schema of rule files, from the same tables the loader reads by, so that editors complete and check them.

Written anew into ``docs/rule.schema.json`` with::

    python -m analyzer.ruleset.schema docs/rule.schema.json

A rule file names it for editors with a first line ``# yaml-language-server: $schema=.../rule.schema.json``.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Final

from analyzer.model import Severity
from analyzer.rule import Category, CorrelationType, Level, Role
from analyzer.ruleset.correlations import CONDITION_KEYS, CORRELATION_KEYS
from analyzer.ruleset.detections import MODIFIERS
from analyzer.ruleset.documents import LOGSOURCE_KEYS, STATUSES
from analyzer.ruleset.extension import EXTENSION_KEYS
from analyzer.ruleset.fields import FIELDS, PREFIXES

__all__ = ["rule_schema", "schema_text"]

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string", "minLength": 1}
_SCALAR: Final[Schema] = {"type": ["string", "number", "boolean", "null"]}
_DATE: Final[Schema] = {"type": "string", "description": "yyyy-mm-dd"}


def rule_schema() -> Schema:
    """The schema (JSON Schema 2020-12) of one document of a rule file."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "loganalyze rule",
        "description": "A Sigma 2.1 rule, correlation or filter, with what loganalyze adds under one key.",
        "type": "object",
        "required": ["title"],
        "properties": _sigma(),
        "oneOf": [
            {"required": ["detection"], "properties": {"correlation": False, "filter": False}},
            {"required": ["correlation"], "properties": {"detection": False, "filter": False}},
            {
                "required": ["filter", "logsource"],
                "properties": {"detection": False, "correlation": False, "loganalyze": False},
            },
        ],
        "$defs": {
            "detection": _detection(),
            "template": {
                **_TEXT,
                "description": "Jinja; extracted names and count, first, last, revision, service, starts.",
            },
            "pattern": {**_TEXT, "description": "RE2, with a group (?P<name>...) of the extracted name."},
            "names": {"oneOf": [_TEXT, _list(_TEXT)]},
            "test": _test(),
            "message": {"oneOf": [{"type": "string"}, _object({"message": {"type": "string"}, **_entry()}, "message")]},
        },
    }


def schema_text() -> str:
    """The schema as the file has it."""
    return json.dumps(rule_schema(), indent=2, ensure_ascii=False) + "\n"


def _sigma() -> Schema:
    return {
        "title": {**_TEXT, "maxLength": 256, "description": "What the rule finds, in one line without values."},
        "id": {"type": "string", "format": "uuid", "description": "A UUID of its own."},
        "name": {"type": "string", "pattern": "^[a-z0-9_]+$", "description": "How other rules refer to it."},
        "taxonomy": _TEXT,
        "related": _list({"type": "object"}),
        "status": {"enum": list(STATUSES)},
        "description": _TEXT,
        "license": _TEXT,
        "author": _TEXT,
        "references": _list(_TEXT),
        "date": _DATE,
        "modified": _DATE,
        "logsource": _object(dict.fromkeys(LOGSOURCE_KEYS, _TEXT)),
        "detection": _detections({"condition": _condition()}, "condition"),
        "correlation": _correlation(),
        "filter": _detections({"condition": _condition(), "rules": {"$ref": "#/$defs/names"}}, "condition", "rules"),
        "fields": _list(_TEXT),
        "falsepositives": _list(_TEXT),
        "level": {"enum": [level.word for level in Level], "description": "How grave a match is."},
        "tags": _list(_TEXT),
        "scope": _list(_TEXT),
        "loganalyze": _extension(),
    }


def _condition() -> Schema:
    text = {**_TEXT, "description": "and, or, not, parentheses, 1 of name*, all of name*"}
    return {"oneOf": [text, _list(_TEXT)]}


def _detections(own: Schema, *required: str) -> Schema:
    return {
        "type": "object",
        "properties": own,
        "required": list(required),
        "additionalProperties": {"$ref": "#/$defs/detection"},
    }


def _detection() -> Schema:
    names = "|".join(re.escape(name) for name in FIELDS)
    prefixes = "|".join(re.escape(prefix) for prefix in PREFIXES)
    field = f"^(?:{names}|(?:{prefixes})[^|]+)?(?:\\|(?:{'|'.join(MODIFIERS)}))*$"
    mapping = {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": field},
        "additionalProperties": {"oneOf": [_SCALAR, _list(_SCALAR)]},
    }
    word = {"type": ["string", "number", "boolean"]}
    return {
        "oneOf": [mapping, {"type": "array", "minItems": 1, "items": {"oneOf": [mapping, word]}}, word],
        "description": "Fields with values (all must hold), a list of such (one must), or keywords of the message.",
    }


def _correlation() -> Schema:
    bounds: Schema = {key: {"type": "number"} for key in CONDITION_KEYS if key != "field"}
    types: Schema = {
        "type": {"enum": [str(kind) for kind in CorrelationType]},
        "rules": {"$ref": "#/$defs/names"},
        "group-by": {"$ref": "#/$defs/names"},
        "timespan": {"type": "string", "pattern": "^[0-9]{1,9}[smhdwMy]$"},
        "condition": {**_object({**bounds, "field": _TEXT}), "minProperties": 1},
        "aliases": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": _TEXT}},
        "generate": {"type": "boolean", "description": "The correlated rules' own matches are kept; true by default."},
    }
    return _object({key: types[key] for key in CORRELATION_KEYS}, "type", "rules", "timespan")


def _extension() -> Schema:
    template = {"$ref": "#/$defs/template"}
    pattern = {"$ref": "#/$defs/pattern"}
    extract = _object({"field": _TEXT, "pattern": pattern, "patterns": _list(pattern)})
    types: Schema = {
        "category": {"enum": [str(category) for category in Category]},
        "role": {"enum": [str(role) for role in Role]},
        "extract": {
            "type": "object",
            "propertyNames": {"pattern": "^[a-z][a-z0-9_]*$"},
            "additionalProperties": {"oneOf": [pattern, _list(pattern), extract]},
        },
        "title": template,
        "problem": template,
        "impact": template,
        "next_steps": _list(template),
        "phase": _TEXT,
        "caused_by": {"$ref": "#/$defs/names"},
        "spans_services": {"type": "boolean"},
        "contradicts": {"$ref": "#/$defs/names"},
        "tests": _list({"$ref": "#/$defs/test"}),
    }
    return _object({key: types[key] for key in EXTENSION_KEYS}, "category", "role")


def _test() -> Schema:
    message, entry = {"$ref": "#/$defs/message"}, {"type": "object", "description": "A LogEntry."}
    sources: Schema = {
        "message": message,
        "messages": {**_list(message), "minItems": 1},
        "entry": entry,
        "entries": {**_list(entry), "minItems": 1},
    }
    value = {"oneOf": [{"type": ["string", "number", "boolean"]}, _list({"type": ["string", "number", "boolean"]})]}
    expect = {
        "type": "object",
        "required": ["match"],
        "properties": {"match": {"type": "boolean"}},
        "additionalProperties": value,
    }
    test = _object({"name": _TEXT, **sources, "expect": expect, **_entry()}, "expect")
    return {**test, "oneOf": [{"required": [source]} for source in sources]}


def _entry() -> Schema:
    http = {"status": {"type": "integer"}, "path": _TEXT, "method": _TEXT, "latency": _TEXT}
    return {
        "severity": {"enum": list(Severity.__members__)},
        "service": _TEXT,
        "revision": _TEXT,
        "instance": _TEXT,
        "log": _TEXT,
        "logger": _TEXT,
        "labels": {"type": "object"},
        "json": {"type": "object", "description": "More of jsonPayload; the message is its message."},
        "http": _object(http),
        "after": {**_TEXT, "description": "Time since the message before, 1s by default."},
    }


def _object(properties: Schema, *required: str) -> Schema:
    schema: Schema = {"type": "object", "properties": properties, "additionalProperties": False}
    return {**schema, "required": list(required)} if required else schema


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema_text(), encoding="utf-8")
