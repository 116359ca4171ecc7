"""E-mail addresses and external IP addresses.

Addresses of private, loopback, link-local, shared, multicast and reserved networks say nothing about people and survive
(https://www.iana.org/assignments/iana-ipv4-special-registry); so do version numbers that look like an address.
"""

from __future__ import annotations

import ipaddress
import re
from typing import TYPE_CHECKING

from analyzer.redact.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_addresses"]

_EMAIL = re.compile(r"(?<![\w.+%'-])[\w.+%'-]++@(?P<domain>[\w-]++(?:\.[\w-]++)+)")
_ENCODED_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]++%40(?P<domain>[\w-]++(?:\.[\w-]++)+)")
# ``postgresql://app:...@db.example``: a role, a password that is looked for elsewhere, and a host, which people need.
_AUTHORITY = re.compile(r"://[^\s/?#\"'<>`]*$")
_LONGEST_USERINFO = 300
_SERVICE_ACCOUNT = (".gserviceaccount.com", ".iam")
_UNIT_SUFFIXES = frozenset({"service", "socket", "timer", "target", "mount", "path", "slice", "scope", "device"})

_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d]|\.\d)", re.ASCII)
_IPV6 = re.compile(r"(?<![\w:.])[0-9A-Fa-f]{0,4}+(?::[0-9A-Fa-f]{0,4}+){2,8}+", re.ASCII)
_VERSION_WORD = re.compile(
    r"(?:\b(?:v|ver|version|release|build|tag)[ .:=]{0,3}\"?|[=<>~!]=\s?|[A-Za-z][-_+])$", re.IGNORECASE
)
_PRODUCT = re.compile(r"(?:^|[\s\"'(,;])[A-Za-z][\w-]{1,30}/$")
_VERSION_WORD_LENGTH = 12
_OCTET = 255
_GLOBAL_V6 = ipaddress.ip_network("2000::/3")


def find_addresses(text: str) -> Iterator[Span]:
    """Every e-mail address and every external IP address in ``text``."""
    yield from _emails(text)
    if "." in text:
        yield from _ipv4(text)
    if ":" in text:
        yield from _ipv6(text)


def _emails(text: str) -> Iterator[Span]:
    for sign, pattern in (("@", _EMAIL), ("%40", _ENCODED_EMAIL)):
        if sign not in text:
            continue
        for found in pattern.finditer(text):
            domain = found["domain"]
            suffix = domain.rpartition(".")[2]
            if not suffix.isalpha() or len(suffix) < 2 or suffix in _UNIT_SUFFIXES:  # noqa: PLR2004 (no shorter TLD)
                continue
            start = found.start() + len(found[0]) - len(found[0].lstrip("'.%+-"))
            if text.startswith(sign, start) or _is_git(text, found):
                continue
            if (
                sign == "@"
                and _AUTHORITY.search(text, max(0, start - _LONGEST_USERINFO), start)
                and "'" not in found[0]
            ):
                continue
            service = domain.lower().endswith(_SERVICE_ACCOUNT)
            yield Span(start, found.end(), "service-account" if service else "email")


def _is_git(text: str, found: re.Match[str]) -> bool:
    """``git@github.com:owner/repository`` names a repository."""
    return found[0].startswith("git@") and text[found.end() : found.end() + 1] in (":", "/")


def _ipv4(text: str) -> Iterator[Span]:
    for found in _IPV4.finditer(text):
        first, second, third, fourth = map(int, found[0].split("."))
        if max(first, second, third, fourth) > _OCTET or _is_internal(first, second):
            continue
        if not _is_version(text, found.start(), found.end()):
            yield Span(found.start(), found.end(), "ip")


def _is_internal(first: int, second: int) -> bool:
    """Private, loopback, link-local, shared, benchmark, multicast, reserved, or "this network"."""
    return (
        first in (0, 10, 127)
        or first >= 224  # noqa: PLR2004 (multicast and reserved)
        or (first == 172 and 16 <= second < 32)  # noqa: PLR2004 (private)
        or (first, second) in ((192, 168), (169, 254), (198, 18), (198, 19))
        or (first == 100 and 64 <= second < 128)  # noqa: PLR2004 (carrier-grade NAT)
    )


def _is_version(text: str, start: int, end: int) -> bool:
    if _VERSION_WORD.search(text, max(0, start - _VERSION_WORD_LENGTH), start):
        return True
    has_port = text[end : end + 1] == ":" and text[end + 1 : end + 2].isdigit()
    return (
        text[start - 1 : start] == "/" and not has_port and _PRODUCT.search(text, max(0, start - 40), start) is not None
    )


def _ipv6(text: str) -> Iterator[Span]:
    for found in _IPV6.finditer(text):
        candidate = found[0]
        # "2001:db8::1: refused" and "[2001:db8::1]:5432" end in a colon that is not part of the address.
        if candidate.endswith(":") and not candidate.endswith("::"):
            candidate = candidate[:-1]
        try:
            address = ipaddress.IPv6Address(candidate)
        except ValueError:
            continue
        if address in _GLOBAL_V6:
            yield Span(found.start(), found.start() + len(candidate), "ip")
