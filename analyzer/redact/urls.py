"""Credentials in URLs and connection strings; scheme, user, host and database survive.

Userinfo: https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1. Passwords in the wild hold unescaped ``@`` and ``/``, so
the last ``@`` before the path ends a password, or else the first one after it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analyzer.redact.assignments import is_placeholder
from analyzer.redact.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_urls"]

_AUTHORITY = re.compile(
    r"""://(?P<user>[^\s/:@?\#"'<>`]{0,256}+)
        (?::(?!\d{1,5}(?:[/?\#\s"'),\]]|$))(?P<password>[^\s/?\#"'<>`]{1,512}(?=@)|[^\s"'<>`@:]{1,512}(?=@)))?
        @""",
    re.VERBOSE,
)
_GO_DSN = re.compile(r"(?<![\w.@-])[\w.-]{1,64}+:(?P<password>[^\s/\"'<>`]{1,512})@(?:tcp|unix|tls)\(")
_ORACLE = re.compile(r"jdbc:oracle:\w{1,8}:[^\s/@:\"']{1,128}/(?P<password>[^\s/\"'<>`]{1,512})@")
_WEB = ("http", "https", "git", "ssh")
_FURTHER = re.compile(r"[^\s?\#\"'<>`,]{0,128}(?=@)")
_LONG_USER = 16


def find_urls(text: str) -> Iterator[Span]:
    """The password of every URL in ``text``, and a user that is so long that it must be a token."""
    if "@" not in text:
        return
    if "://" in text:
        for found in _AUTHORITY.finditer(text):
            if found["password"] is not None:
                if not is_placeholder(found["password"]):
                    yield Span(found.start("password"), _end_of_password(text, found), "password")
            elif len(found["user"]) >= _LONG_USER and any(char.isdigit() for char in found["user"]):
                yield Span(found.start("user"), found.end("user"), "token")
    for hint, pattern in (("jdbc:oracle:", _ORACLE), ("(", _GO_DSN)):
        if hint in text:
            for found in pattern.finditer(text):
                yield Span(found.start("password"), found.end("password"), "password")


def _end_of_password(text: str, found: re.Match[str]) -> int:
    """Where a password ends: for a database, whose path holds no ``@``, at the last one before the query."""
    end = found.end("password")
    if text.endswith(_WEB, max(0, found.start() - 5), found.start()):
        return end
    further = _FURTHER.match(text, end + 1)
    return end if further is None or "://" in further[0] else further.end()
