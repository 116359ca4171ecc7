"""One raw record to entries, or to the reason why it is none."""

from __future__ import annotations

import json

import pytest

from analyzer.sources.decoding import decode
from tests.sources.files import made


def only(record: bytes) -> object:
    (item,) = decode(record)
    return item


def test_a_clean_record_is_the_entry_as_it_stands() -> None:
    entry = made(1, httpRequest={"status": 503}, labels={"a": "✗"})
    assert only(json.dumps(entry).encode()) == entry


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (b"NaN", "NaN"),
        (b"-Infinity", "-Infinity"),
        (b"1e999", "1e999"),
        (b"1" * 5_000, "1" * 5_000),
        (b"1" * 30, int("1" * 30)),
        (b'"half \\ud83d pair"', "half \ufffd pair"),
        (b'{"\\udc00": ["\\ud83d"]}', {"\ufffd": ["\ufffd"]}),
        (b'"caf\xe9"', "caf\ufffd"),
        (b'"\xed\xa0\x80"', "\ufffd\ufffd\ufffd"),
        (b'"tab\there"', "tab\there"),
        (b'[NaN, 1.5, 2, true, null, "\\u2717"]', ["NaN", 1.5, 2, True, None, "✗"]),
    ],
)
def test_what_strict_json_refuses_is_kept_as_far_as_it_can_be_written_again(value: bytes, kept: object) -> None:
    entry = only(b'{"insertId": "e1", "jsonPayload": %b}' % value)
    assert isinstance(entry, dict)
    assert entry["jsonPayload"] == kept
    assert json.dumps(entry, allow_nan=False, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (b"{", "not valid JSON (expecting property name enclosed in double quotes, character 2)"),
        (b"nonsense", "not valid JSON (expecting value, character 1)"),
        (b'{"insertId": "e1"} x', "not valid JSON (extra data, character 20)"),
        (b"5", "not a JSON object"),
        (b'"text"', "not a JSON object"),
        (b'{"level": "info"}', "not a LogEntry"),
        (b'{"insertId":' * 3_000 + b"1" + b"}" * 3_000, "nested deeper than 100 levels"),
        (b'{"insertId":' * 200 + b"1" + b"}" * 200, "nested deeper than 100 levels"),
        (b'{"insertId":' * 200 + b"NaN" + b"}" * 200, "nested deeper than 100 levels"),
        (b'{"insertId":' + b"[" * 200 + b"]" * 200 + b"}", "nested deeper than 100 levels"),
    ],
)
def test_what_is_no_entry_has_a_reason_without_its_text(record: bytes, reason: str) -> None:
    assert only(record) == reason


def test_a_wide_record_is_not_a_deep_one() -> None:
    entry = made(1, jsonPayload={"rows": [{"n": [n]} for n in range(500)]})
    assert only(json.dumps(entry).encode()) == entry


def test_an_array_or_a_response_on_one_line_is_its_entries() -> None:
    assert list(decode(json.dumps([made(1), made(2)]).encode())) == [made(1), made(2)]
    assert list(decode(json.dumps({"entries": [made(1), 5, {}]}).encode())) == [
        made(1),
        "not a JSON object",
        "not a LogEntry",
    ]
    assert list(decode(b'{"nextPageToken": "EAA4"}')) == []
    assert list(decode(b'{"entries": 5}')) == ["not a JSON object"]


def test_a_comma_or_a_mark_around_a_record_does_no_harm() -> None:
    assert only(b"\xef\xbb\xbf" + json.dumps(made(1)).encode() + b" ,\r") == made(1)
