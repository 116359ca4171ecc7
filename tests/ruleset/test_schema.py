from __future__ import annotations

from pathlib import Path

import jsonschema
import pytest

from analyzer.resources import rule_pack
from analyzer.ruleset.guard import read_bytes, read_text
from analyzer.ruleset.inline_tests import TEST_KEYS
from analyzer.ruleset.schema import rule_schema, schema_text
from tests.ruleset.examples import BASE, CORRELATION, FILTER, changed

VALIDATOR = jsonschema.Draft202012Validator(rule_schema())
PUBLISHED = Path(__file__).parents[2] / "docs" / "rule.schema.json"


def problems(text: str) -> list[str]:
    return [
        error.message for node in read_text(text, "rule.yml") for error in VALIDATOR.iter_errors(node.plain_value())
    ]


def test_the_published_schema_is_the_one_of_the_code() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == schema_text(), (
        "python -m analyzer.ruleset.schema docs/rule.schema.json"
    )


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(rule_schema())


def test_the_schema_knows_every_key_of_a_test() -> None:
    assert set(rule_schema()["$defs"]["test"]["properties"]) == set(TEST_KEYS)


def test_good_documents_are_valid() -> None:
    assert problems(BASE + CORRELATION + FILTER) == []


@pytest.mark.parametrize("path", sorted(rule_pack().rglob("*.yml")), ids=lambda path: path.stem)
def test_the_rules_of_the_pack_are_valid(path: Path) -> None:
    nodes = read_bytes(path.read_bytes(), path.name)
    assert [error.message for node in nodes for error in VALIDATOR.iter_errors(node.plain_value())] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("level: critical", "level: hihg"),
        ("category: schema", "category: shema"),
        ("message|contains: M", "mesage|contains: M"),
        ("message|contains: M", "message|contain: M"),
        ("  role: failure\n", ""),
        ("  role: failure\n", "  role: failure\n  cause_by: [x]\n"),
        ("expect: {match: false}", "expect: {}"),
        ("      message: no missing tables\n", ""),
        ("title: Tables", "titel: Tables"),
        ("3c0c3f4e-", "3c0c3f4e-"),
        ("detection:", "correlation: {}\ndetection:"),
    ],
)
def test_faults_are_seen_by_an_editor(old: str, new: str) -> None:
    assert bool(problems(changed(BASE, (old, new)))) is (old != new)
