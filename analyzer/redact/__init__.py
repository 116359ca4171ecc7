"""What a report must not print is replaced by a surrogate; what people need to read it survives.

Secrets in known formats, values that a name calls secret, credentials in URLs, e-mail addresses and external IP
addresses become ``[kind:3fa9c1]``. The digits are a keyed hash of the value, so two mentions of one secret are
recognised as one and the secret cannot be looked up from its surrogate without the key.

Detectors work on the original text and only ever report spans: none can hide a secret from another by rewriting it.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from typing import TYPE_CHECKING, NewType

from analyzer.redact.addresses import find_addresses
from analyzer.redact.assignments import find_assignments
from analyzer.redact.derived import beginnings_of, pieces_of, replace_pieces
from analyzer.redact.spans import KINDS, Span
from analyzer.redact.tokens import find_tokens
from analyzer.redact.urls import find_urls
from analyzer.redact.values import MASK

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ["Redacted", "Redactor"]

Redacted = NewType("Redacted", str)
"""Text that went through :meth:`Redactor.redact`; templates and stores take nothing else from logs."""

_DETECTORS = (find_tokens, find_urls, find_assignments, find_addresses)
_SURROGATE = re.compile(rf"\[(?:{'|'.join(KINDS)}):[0-9a-f]{{6}}\]")
_PLAIN_WORD = re.compile(r"[0-9a-z]{0,32}")
"""Holds nothing that a detector goes by: no sign, no capital, and fewer digits than a key of these alone has."""
_PASSES = 4
_REMEMBERED = 4096


class Redactor:
    """Replaces secrets by surrogates.

    Args:
        key: Key of the surrogates. With the same key a secret has the same surrogate in every run; without one a
            random key makes them comparable within this redactor only.
    """

    __slots__ = ("_digests", "_key", "_known")

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key if key is not None else secrets.token_bytes(32)
        self._digests: dict[str, str] = {}
        self._known: dict[str, tuple[Redacted, tuple[tuple[str, str], ...]]] = {}

    def redact(self, text: str) -> Redacted:
        """``text`` with everything secret in it replaced; text without secrets comes back unchanged.

        Redacting twice changes nothing more. Time is linear in the length of the text.
        """
        return self._told(text)[0]

    def within(self, texts: Iterable[str]) -> Callable[[str], Redacted]:
        """A :meth:`redact` for what was made of ``texts``: names out of them, titles, cut lines.

        It also replaces what is secret in ``texts``, where a piece no longer shows that it is.
        """
        told = [self._told(text) for text in texts]
        secrets_found = [secret for _, found in told for secret in found]
        pieces = pieces_of(secrets_found) | beginnings_of(secrets_found, [shown for shown, _ in told])
        if not pieces:
            return self.redact
        return lambda text: Redacted(replace_pieces(self.redact(text), pieces))

    def _told(self, text: str) -> tuple[Redacted, tuple[tuple[str, str], ...]]:
        """``text`` redacted, and each secret of it with its surrogate."""
        known = self._known.get(text)
        if known is not None:
            return known
        if _PLAIN_WORD.fullmatch(text):
            return Redacted(text), ()
        result = text
        found: list[tuple[str, str]] = []
        # A replacement can uncover a neighbour (an e-mail that was glued to a token), so go on until all is quiet.
        for _ in range(_PASSES):
            before, result = result, self._once(result, found)
            if result == before:
                break
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[text] = Redacted(result), tuple(found)
        return self._known[text]

    def _once(self, text: str, secrets_found: list[tuple[str, str]]) -> str:
        masked = _SURROGATE.sub(lambda found: MASK * len(found[0]), text)
        pieces: list[str] = []
        done = 0
        spans = [span for detect in _DETECTORS for span in detect(masked)]
        for span in _merge(_without_hosts(spans)):
            for start, end in _outside(span, text, masked):
                surrogate = self._surrogate(span.kind, text[start:end])
                secrets_found.append((text[start:end], surrogate))
                pieces += (text[done:start], surrogate)
                done = end
        pieces.append(text[done:])
        return "".join(pieces)

    def _surrogate(self, kind: str, value: str) -> str:
        known = self._digests.get(value)
        if known is not None:
            return f"[{kind}:{known}]"
        digest = hmac.new(self._key, value.encode(errors="surrogatepass"), hashlib.sha256).hexdigest()
        if len(self._digests) >= _REMEMBERED:
            self._digests.clear()
        self._digests[value] = digest[:6]
        return f"[{kind}:{digest[:6]}]"


def _without_hosts(spans: list[Span]) -> list[Span]:
    """The spans without what only looks like an e-mail address: the end of a URL's password, ``@`` and the host."""
    ends = {span.end for span in spans if span.kind == "password"}
    if not ends:
        return spans
    return [span for span in spans if span.kind != "email" or ends.isdisjoint(range(span.start + 1, span.end))]


def _merge(spans: list[Span]) -> Iterator[Span]:
    """Overlapping spans as one that covers them all, named after the widest, in order."""
    current: Span | None = None
    for span in sorted(spans, key=lambda span: (span.start, -span.end)):
        if current is None:
            current = span
        elif span.start < current.end:
            current = Span(current.start, max(current.end, span.end), current.kind)
        else:
            yield current
            current = span
    if current is not None:
        yield current


def _outside(span: Span, text: str, masked: str) -> Iterator[tuple[int, int]]:
    """The parts of a span that are not surrogates already."""
    if MASK not in masked[span.start : span.end]:
        yield span.start, span.end
        return
    start = span.start
    for found in _SURROGATE.finditer(text, span.start, span.end):
        if found.start() > start:
            yield start, found.start()
        start = found.end()
    if start < span.end:
        yield start, span.end
