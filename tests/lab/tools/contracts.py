"""pandera and jsonschema: tables and documents that break their contract."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.scenario import Tool

if TYPE_CHECKING:
    from tests.lab.bench import Bench

__all__ = ["JSONSCHEMA", "PANDERA"]

PANDERA = Tool("pandera", "pandera", "pandas")
JSONSCHEMA = Tool("jsonschema", "jsonschema")

LOAD = """
    import pandas as pd
    import pandera.pandas as pa

    schema = pa.DataFrameSchema(
        {{
            "meter": pa.Column(str, unique=True),
            "kwh": pa.Column(float, pa.Check.ge(0), nullable=False),
            "region": pa.Column(str, pa.Check.isin(["north", "south"])),
        }},
        strict=True,
    )
    frame = pd.DataFrame({frame})
    schema.validate(frame, lazy={lazy})
    print("readings validated:", len(frame), "rows, 0 failures")
"""
GOOD = {"meter": ["m1", "m2"], "kwh": [1.5, 0.0], "region": ["north", "south"]}
READ = """
    import json
    import sys

    from jsonschema import Draft202012Validator, validate

    SCHEMA = {
        "type": "object",
        "required": ["order", "lines"],
        "additionalProperties": False,
        "properties": {
            "order": {"type": "string", "pattern": "^[A-Z]-[0-9]+$"},
            "lines": {"type": "array", "minItems": 1, "items": {"type": "object", "required": ["sku"]}},
        },
    }
"""
RAISE = READ + '\n    validate(json.loads(sys.argv[1]), SCHEMA)\n    print("event is valid")\n'
LIST = (
    READ
    + """
    for error in sorted(Draft202012Validator(SCHEMA).iter_errors(json.loads(sys.argv[1])), key=str):
        print(f"schema validation failed at {error.json_path}: {error.message}", file=sys.stderr)
    """
)


def load(bench: Bench, *, lazy: bool = False, **columns: list[object]) -> None:
    """Validate a frame that differs from the good one in ``columns``."""
    bench.write("load.py", LOAD.format(frame={**GOOD, **columns}, lazy=lazy))
    bench.run("python", "load.py")


def read(bench: Bench, event: str, program: str = RAISE) -> None:
    """Validate an event."""
    bench.write("read.py", program)
    bench.run("python", "read.py", event)


@PANDERA.quiet
def frame_valid(bench: Bench) -> None:
    """A frame is as it should be."""
    load(bench)


@PANDERA.fails("validation")
def check_fails(bench: Bench) -> None:
    """A value breaks a check."""
    load(bench, kwh=[1.5, -3.0])


@PANDERA.fails("validation", "schema")
def column_missing(bench: Bench) -> None:
    """A column is missing."""
    bench.write("load.py", LOAD.format(frame={"meter": ["m1"], "kwh": [1.0]}, lazy=False))
    bench.run("python", "load.py")


@PANDERA.fails("validation", "schema")
def column_extra(bench: Bench) -> None:
    """A column is not in the schema."""
    load(bench, tariff=["a", "b"])


@PANDERA.fails("validation", "schema")
def type_wrong(bench: Bench) -> None:
    """A column has another type."""
    load(bench, kwh=["1,5", "0"])


@PANDERA.fails("validation")
def nulls(bench: Bench) -> None:
    """A column holds nulls."""
    load(bench, kwh=[1.5, None])


@PANDERA.fails("validation")
def duplicates(bench: Bench) -> None:
    """A column is not unique."""
    load(bench, meter=["m1", "m1"])


@PANDERA.fails("validation")
def all_errors(bench: Bench) -> None:
    """All faults are collected."""
    load(bench, lazy=True, kwh=[-1.0, None], region=["north", "west"])


@JSONSCHEMA.quiet
def event_valid(bench: Bench) -> None:
    """An event is as it should be."""
    read(bench, '{"order": "A-17", "lines": [{"sku": "mug"}]}')


@JSONSCHEMA.fails("validation")
def property_missing(bench: Bench) -> None:
    """A property is missing."""
    read(bench, '{"order": "A-17"}')


@JSONSCHEMA.fails("validation")
def property_of_wrong_type(bench: Bench) -> None:
    """A property has another type."""
    read(bench, '{"order": 17, "lines": [{"sku": "mug"}]}')


@JSONSCHEMA.fails("validation")
def pattern_broken(bench: Bench) -> None:
    """A text does not fit its pattern."""
    read(bench, '{"order": "seventeen", "lines": [{"sku": "mug"}]}')


@JSONSCHEMA.fails("validation")
def property_extra(bench: Bench) -> None:
    """A property is not allowed."""
    read(bench, '{"order": "A-17", "lines": [{"sku": "mug"}], "coupon": null}')


@JSONSCHEMA.fails("validation")
def faults_listed(bench: Bench) -> None:
    """The faults are listed, a line each."""
    read(bench, '{"order": "17", "lines": [{}]}', LIST)
