"""Inputs that are too large, or too binary, to lie in a repository: made by name."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["MAKERS"]


def _entry(number: int, text: str = "ordinary") -> dict[str, Any]:
    return {
        "insertId": f"e{number}",
        "logName": "projects/demo/logs/run.googleapis.com%2Fstderr",
        "textPayload": text,
        "timestamp": f"2025-09-10T00:{number // 60 % 60:02d}:{number % 60:02d}Z",
    }


def _lines(count: int) -> list[bytes]:
    return [json.dumps(_entry(number)).encode() for number in range(count)]


def _array(count: int, indent: int | None = 2) -> bytes:
    return json.dumps([_entry(number) for number in range(count)], indent=indent).encode()


def _with_line(bad: bytes, *, count: int = 4, at: int = 2) -> bytes:
    lines = _lines(count)
    lines[at:at] = [bad]
    return b"\n".join(lines) + b"\n"


def _with_payload(raw: bytes) -> bytes:
    return _with_line(b'{"insertId":"odd","timestamp":"2025-09-10T00:00:00Z","jsonPayload":{"message":%b}}' % raw)


def _stored_gzip() -> bytes:
    # Not compressed, so that what a cut loses does not hang on the version of zlib.
    return gzip.compress(b"\n".join(_lines(10)) + b"\n", compresslevel=0, mtime=0)


def _damaged_gzip() -> bytes:
    return _stored_gzip().replace(b"ordinary", b"0rdinary", 1)


def _unclosed(count: int) -> bytes:
    records = [json.dumps(_entry(number)).encode() for number in range(count)]
    records[1] = records[1].removesuffix(b"}")
    return b"[" + b",".join(records) + b"]"


def _unquoted(count: int) -> bytes:
    records = [json.dumps(_entry(number)).encode() for number in range(count)]
    records[1] = records[1].replace(b'ordinary"', b"ordinary")
    return b"[" + b",".join(records) + b"]"


MAKERS: dict[str, Callable[[], bytes]] = {
    "blank": lambda: b" \r\n\t\n",
    "bom": lambda: b"\xef\xbb\xbf" + _array(3),
    "bom_in_the_middle": lambda: b"\xef\xbb\xbf" + _lines(1)[0] + b"\n\xef\xbb\xbf" + _lines(2)[1] + b"\n",
    "corrupt_gz": _damaged_gzip,
    "corrupt_line_among_many": lambda: _with_line(b'{"insertId": "bad", "textPayload": ', count=10_000, at=5_000),
    "crlf": lambda: b"\r\n".join([*_lines(2), b"", *_lines(3)[2:]]) + b"\r\n",
    "crlf_array": lambda: _array(3).replace(b"\n", b"\r\n"),
    "deep_nesting": lambda: _with_payload(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "deep_nesting_in_an_array": lambda: b"[" + b'{"insertId":' * 5_000 + b"1" + b"}" * 5_000 + b"," + _array(2)[1:],
    "empty": lambda: b"",
    "empty_gz": lambda: gzip.compress(b"", mtime=0),
    "endless_line": lambda: _with_line(b'{"insertId": "' + b"x" * (17 * 1024 * 1024)),
    "gz_of_two_members": lambda: gzip.compress(_lines(1)[0] + b"\n") + gzip.compress(_lines(2)[1]) + b"\0" * 512,
    "gz_with_a_tail": lambda: gzip.compress(b"\n".join(_lines(3)) + b"\n") + b"and more",
    "huge_integer": lambda: _with_payload(b"1" * 5_000),
    "huge_number": lambda: _with_payload(b"1e999"),
    "invalid_utf8": lambda: _with_payload(b'"caf\xe9"'),
    "lone_surrogate": lambda: _with_payload(b'"cut \\ud83d here"'),
    "many_corrupt_lines": lambda: b"\n".join([*_lines(3), *[b"{oops"] * 500]) + b"\n",
    "nan": lambda: _with_payload(b"NaN"),
    "nul_bytes": lambda: bytes(range(256)) * 64,
    "nul_line": lambda: _with_line(b"\0" * 4_096),
    "raw_control_characters": lambda: _with_payload(b'"\x1b[31mred\x1b[0m\ttab"'),
    "truncated_gz": lambda: _stored_gzip()[:-300],
    "unclosed_object": lambda: _unclosed(5),
    "unquoted_string": lambda: _unquoted(5),
    "utf16": lambda: _array(2).decode().encode("utf-16"),
    "utf16_without_bom": lambda: _array(2).decode().encode("utf-16-le"),
    "zip_archive": lambda: b"PK\x03\x04" + b"\0" * 100,
}
