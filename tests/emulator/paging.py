"""Page tokens: opaque to the client, bound to the query they came from, valid for a day."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.emulator.records import Key

__all__ = ["Cursor", "TokenError", "digest"]

_LIFETIME = 24 * 3600.0
"""Seconds a token lives."""


class TokenError(ValueError):
    """A page token that cannot be used; the text is for the client."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins.

    Attributes:
        query: Digest of the query that the token belongs to.
        after: Key of the last record that was passed over; None for the very beginning.
        made: When the token was made, in seconds.
        call: Number of the call that made it, so that no two tokens are equal.
    """

    query: str
    after: Key | None
    made: float
    call: int

    def token(self) -> str:
        """The token."""
        body = json.dumps([self.query, self.after, self.made, self.call], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(hashlib.blake2b(body, digest_size=6).digest() + body).decode()

    @classmethod
    def parse(cls, token: str, query: str, now: float) -> Cursor:
        """The cursor of a token.

        Raises:
            TokenError: It is damaged, too old, or of another query than ``query``.
        """
        try:
            raw = base64.urlsafe_b64decode(token.encode())
        except (binascii.Error, ValueError) as error:
            raise TokenError("page_token is invalid") from error
        check, body = raw[:6], raw[6:]
        if hashlib.blake2b(body, digest_size=6).digest() != check:
            raise TokenError("page_token is invalid")
        of, after, made, call = json.loads(body)
        if of != query:
            raise TokenError("page_token doesn't match arguments from the request")
        if now - made > _LIFETIME:
            raise TokenError("page_token has expired")
        return cls(of, tuple(after) if after else None, made, call)


def digest(*parts: Any) -> str:
    """A short name for a query, from all that makes it what it is."""
    return hashlib.blake2b(json.dumps(parts).encode(), digest_size=9).hexdigest()
