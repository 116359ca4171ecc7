"""The JSON Schema of the report, generated from its structs and published as ``docs/report.schema.json``.

JSON Schema draft 2020-12: https://json-schema.org/draft/2020-12.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from analyzer.report.document import SCHEMA, ReportDocument

__all__ = ["report_schema", "schema_text"]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TIMES = frozenset({"timestamp", "time", "start", "end", "first", "last", "first_seen", "last_seen", "generated_at"})


def report_schema(*, closed: bool = False) -> dict[str, Any]:
    """The schema as plain JSON values.

    Args:
        closed: Refuse fields it does not know. The published schema allows them, because fields may be added within
            version 1 and readers must skip what they do not know; tests use the closed one.
    """
    schema = msgspec.json.schema(ReportDocument)
    for definition in schema["$defs"].values():
        if definition.get("type") != "object":
            continue
        definition["additionalProperties"] = not closed
        for name, property_ in definition["properties"].items():
            if name in _TIMES:
                _mark_time(property_)
    return {
        "$schema": _DIALECT,
        "title": SCHEMA,
        "description": "A report of loganalyze. Fields may be added within version 1; skip those you do not know.",
        **schema,
    }


def _mark_time(property_: dict[str, Any]) -> None:
    target = next((option for option in property_.get("anyOf", ()) if option.get("type") == "string"), property_)
    if target.get("type") == "string":
        target["format"] = "date-time"


def schema_text() -> str:
    """The published file, ending in a line feed."""
    return json.dumps(report_schema(), indent=2, ensure_ascii=False) + "\n"
