from __future__ import annotations

import re
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.errors import RuleError
from analyzer.matching.fields import FIELDS, Subject, field, fold, is_field
from analyzer.model import Request, Severity
from analyzer.regex import compile_pattern
from tests.matching.build import event


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("message", "it failed"),
        ("severity", "ERROR"),
        ("service", "backend"),
        ("revision", "backend-00001-abc"),
        ("instance", "0a1b"),
        ("log", "run.googleapis.com/stderr"),
        ("logger", "app.db"),
        ("http.status", 503),
        ("http.path", "/health"),
        ("http.method", "GET"),
        ("resource.type", "cloud_run_revision"),
    ],
)
def test_a_field_with_a_fixed_name_is_read_from_the_first_entry(name: str, value: object) -> None:
    one = event(
        "it failed",
        severity=Severity.ERROR,
        instance="0a1b",
        logger="app.db",
        request=Request("GET", "/health", 503),
        raw={"resource": {"type": "cloud_run_revision"}},
    )
    assert name in FIELDS
    assert field(one, name) == value


@pytest.mark.parametrize(
    "name", [name for name in FIELDS if name not in {"message", "severity", "service", "revision", "log"}]
)
def test_a_field_that_the_entry_does_not_have_is_none(name: str) -> None:
    assert field(event("x"), name) is None


@pytest.mark.parametrize(
    ("payload", "name", "value"),
    [
        ({"labels": {"run.googleapis.com/x": "y"}}, "labels.run.googleapis.com/x", "y"),
        ({"jsonPayload": {"a": {"b": 1}}}, "json.a.b", 1),
        ({"jsonPayload": {"a.b": 2, "a": {"b": 1}}}, "json.a.b", 2),
        ({"jsonPayload": {"a.b": {"x": 1}, "a": {"b": {"c": 3}}}}, "json.a.b.c", 3),
        ({"jsonPayload": {"a": {"b.c": 4}}}, "json.a.b.c", 4),
        ({"jsonPayload": {"ok": True}}, "json.ok", True),
        ({"jsonPayload": {"lines": ["one", 2, None, {"x": 1}]}}, "json.lines", "one\n2"),
        ({"jsonPayload": {"object": {"x": 1}}}, "json.object", None),
        ({"jsonPayload": "text"}, "json.a", None),
        ({"jsonPayload": {"a": None}}, "json.a", None),
        ({"json_payload": {"a": "snake"}}, "json.a", "snake"),
        ({"protoPayload": {"methodName": "ReplaceService"}}, "proto.methodName", "ReplaceService"),
        ({"resource": "odd"}, "resource.type", None),
    ],
)
def test_a_path_is_followed_with_the_longest_key_first(payload: dict[str, Any], name: str, value: object) -> None:
    found = field(event(raw=payload), name)
    assert found == value
    assert type(found) is type(value)


def test_text_is_scrubbed_of_lone_surrogates() -> None:
    assert field(event("bad \ud800 end"), "message") == "bad \ufffd end"
    assert field(event(raw={"jsonPayload": {"a": "\udfff"}}), "json.a") == "\ufffd"


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "true"), (False, "false"), (503.0, "503"), (1.5, "1.5"), (7, "7"), (None, None)],
)
def test_a_value_is_written_as_people_write_it(value: object, text: str | None) -> None:
    assert Subject(event(raw={"jsonPayload": {"a": value}})).text("json.a") == text


def test_an_integer_too_long_for_decimal_digits_is_no_error() -> None:
    assert Subject(event(raw={"jsonPayload": {"a": 1 << 20000}})).text("json.a") == hex(1 << 20000)


@pytest.mark.parametrize("name", ["", "mesage", "json", "json.", "http.size", "resource.labels"])
def test_an_unknown_field_is_refused(name: str) -> None:
    assert not is_field(name)
    with pytest.raises(RuleError, match="there is no field"):
        field(event(), name)


def test_folding_agrees_with_re2_on_every_character_that_ascii_letters_equal() -> None:
    every = "".join(char for code in range(sys.maxunicode + 1) if not "\ud800" <= (char := chr(code)) <= "\udfff")
    for letter in "abcdefghijklmnopqrstuvwxyz":
        spans = compile_pattern(letter, ignore_case=True).spans(every)
        assert {every[start] for start, _ in spans} == {char for char in _likely(letter) if fold(char) == letter}
    unlike = [char for char in every if not char.isascii() and re.search("[a-z]", fold(char))]
    assert unlike == ["ſ", "\u212a"]


def _likely(letter: str) -> set[str]:
    return {letter, letter.upper(), "ſ", "\u212a", "İ", "ı"}


@given(st.text(), st.text(alphabet="abkKsSiI ✗ſ\u212aİß0", max_size=4))
def test_folded_text_holds_ascii_exactly_where_re2_finds_it(text: str, wanted: str) -> None:
    wanted = "".join(char for char in wanted if char.isascii())
    text = text.encode(errors="replace").decode() + wanted.upper()
    pattern = compile_pattern(re.escape(wanted).replace("\\ ", " "), ignore_case=True)
    assert pattern.search(text) == (fold(wanted) in fold(text))
