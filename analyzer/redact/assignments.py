"""Values that a name calls secret: ``password=...``, ``"api_key": "..."``, ``Authorization: Bearer ...``, cookies.

A name alone proves nothing: ``token: expired``, ``password=%s`` and ``secret: JWT_SECRET_KEY`` hold no secret. What a
value looks like decides, and in doubt a value is replaced where it was assigned (``=`` or a quoted value) and kept
where it is prose after a colon.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analyzer.redact.spans import Span
from analyzer.redact.values import Value, holds_secret, is_placeholder, read_value

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_assignments", "is_placeholder"]

# Matched on text whose ASCII letters are lowered, because a search that ignores case cannot skip ahead.
_KEY = re.compile(
    r"""(?:
        (?P<password>pass(?:word|wd|phrase|code)|pwd|pswd
            |(?:db|database|pg|postgres|mysql|redis|mongo|ldap|smtp|mail|e?mail_host|ftp|admin|root|user|app|svc|auth|proxy
               |amqp|rabbitmq|elastic|http|basic)[_-]?pass(?=["'`\\]{0,4}[ ]?[=:]))
      | (?P<secret>secret(?:[_ .-]?(?:access[_ .-]?)?key)?|credentials?)
      | (?P<token>tokens?(?=["'\\]{0,4}[ ]?[=:][ ]?\[?["'])|token|jsessionid|phpsessid|sessionid|connect\.sid)
      | (?P<key>(?:api|access|private|signing|encryption|jwt|fernet|master|auth|account|role|webhook|hmac|session|server
            |shared|subscription|ssh|license|anon|app)[_ .-]?key)
      | (?P<cookie>cookie)
      | (?P<authorization>authorization|authentication-info|x-amz-security-token|x-serverless-authorization)
      | (?P<signature>signature|\bsig(?==))
    )
    (?:_id(?=["'\\]{0,4}\s?[:=]))?
    (?:[_-]?(?:b64|base64|hash|hashed|digest|plain|value|staging|stage|production|prod|dev|test|local|old|new|current|\d{1,3}))?
    (?P<close>\\{0,3}["'`]?)
    (?P<sep>[ \t]{0,8}(?:=>|:=|[=:]|%3d)[ \t]{0,8}|,[ \t]?(?=b?["'])|[ \t]{1,4}(?='))
    """,
    re.VERBOSE | re.ASCII,
)
_FLAG = re.compile(
    r"--(?:[a-z0-9]{1,20}-){0,4}(?:password|passwd|pass|token|secret|api-key|access-key|secret-key|client-secret)"
    r"[ ](?P<value>[^\s\"'-][^\s\"']{0,512})"
)
_CURL_USER = re.compile(r"(?:curl[^\n]{0,200}?|\s)-(?:u|-user)[ ]\"?'?[\w.@-]{1,64}:(?P<value>[^\s\"']{1,256})")
_ELEMENT = re.compile(
    r"<(?:[\w:.-]{0,40}?)(?:password|passwd|secret|token|api_?key)>(?P<value>[^<]{1,512})</", re.ASCII
)
# Alembic says "Can't locate revision identified by '...'": only SQL that speaks of a user sets a password.
_IDENTIFIED = re.compile(
    r"\b(?:create|alter|grant)[ ][^\n;]{0,200}?\bidentified[ ](?:with[ ]\w{1,64}[ ])?by[ ](?:password[ ])?"
    r"'(?P<value>[^'\n]{1,256})'"
)
_SHORT_FLAG = re.compile(
    r"(?:\bmysql(?:dump|admin|import)?\b[^\n]{0,200}?[ ]-p(?P<mysql>[^\s\"'-][^\s\"']{0,256})"
    r"|\bdocker[ ]login\b[^\n]{0,200}?[ ]-p[ ](?P<docker>[^\s\"'-][^\s\"']{0,256}))"
)
# Environment variables as Kubernetes and Cloud Run list them, and pydantic's "FIELD / problem [... input_value='...']".
_NAMED = re.compile(
    r"""name\\{0,3}["']?:[ ]?\\{0,3}["']?[\w.-]{0,64}
        (?:password|passwd|secret|token|api_?key|access_?key|private_?key|credentials?|_pass)
        (?:_[a-z0-9]{1,16})?\\{0,3}["']?(?:,[ ]?|\s{1,24})\\{0,3}["']?value\\{0,3}["']?:[ ]?\\{0,3}["']?
        (?P<value>[^\s"',}\\]{1,512})""",
    re.VERBOSE,
)
_INPUT = re.compile(
    r"""(?:password|passwd|secret|token|key|credentials?|_pass)\n[ ]{2}[^\n]{1,300}?\binput_value=(?P<quote>["'])
        (?P<value>[^\n]{1,512}?)(?P=quote),[ ]input_type=""",
    re.VERBOSE,
)
_SCHEME = re.compile(r"(?:bearer|basic|token|digest|negotiate|apikey|ntlm|aws4-hmac-sha256|googlelogin auth=)[ +]{1,4}")
_WHOLE_LINE_SCHEMES = ("digest", "aws4")
_REST_OF_LINE = re.compile(r"(?:[^\r\n\"'\\]|\\(?![rn\"']))*+")
_COOKIE_PAIR = re.compile(r"[\w!#$%&*+.^|~-]{1,128}=", re.ASCII)
_HEADERS = ("cookie", "authorization")
_HEADER_PREFIX = 8
_LONGEST_NAME = 40
_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_HINTS = re.compile(
    r"pass|pwd|pswd|secret|credential|token|sess|connect\.sid|key|cookie|auth|sig|curl|-u|-p|identified"
)


def find_assignments(text: str) -> Iterator[Span]:
    """Every value in ``text`` that stands beside a name for a secret."""
    lowered = text.translate(_LOWER)
    if _HINTS.search(lowered) is None:
        return
    position = 0
    while (found := _KEY.search(lowered, position)) is not None:
        position = found.end()
        value = _value(text, lowered, found)
        if value is not None:
            yield Span(value.start, value.end, _kind(found))
            # What was taken for a value may end in the next name: "cookie=a; password='...'".
            position = max(position, value.end - _LONGEST_NAME)
    for pattern, kind in (
        (_FLAG, "password"),
        (_CURL_USER, "password"),
        (_ELEMENT, "secret"),
        (_IDENTIFIED, "password"),
        (_SHORT_FLAG, "password"),
        (_NAMED, "secret"),
        (_INPUT, "secret"),
    ):
        for match in pattern.finditer(lowered):
            start, end = match.span(match.lastgroup or "value")
            if not is_placeholder(text[start:end]):
                yield Span(start, end, kind)


def _kind(found: re.Match[str]) -> str:
    name = _name(found)
    return "token" if name == "authorization" else name


def _name(found: re.Match[str]) -> str:
    names = ("password", "secret", "token", "key", "cookie", "authorization", "signature")
    return next(name for name in names if found[name])


def _value(text: str, lowered: str, found: re.Match[str]) -> Value | None:
    """The secret value that follows a name, or None when what follows is none."""
    name = _name(found)
    separator = found["sep"].strip()
    if separator == "," and not _is_header_pair(lowered, found, name):
        return None
    if not separator and name != "password":
        return None
    start = found.end()
    if name == "authorization":
        scheme = _SCHEME.match(lowered, _after_quote(lowered, start))
        if scheme is not None:
            return _credentials(text, scheme)
    value = read_value(text, start)
    if value is None:
        return None
    if name == "cookie" and _COOKIE_PAIR.match(lowered, value.start):
        rest = None if value.quoted else _REST_OF_LINE.match(text, start)
        return value if rest is None else Value(start, rest.end(), quoted=False)
    assigned = separator not in (":", "")
    return value if holds_secret(text, value, name, assigned=assigned) else None


def _is_header_pair(lowered: str, found: re.Match[str], name: str) -> bool:
    """``(b'authorization', b'...')``: headers as ASGI and lists of pairs print them."""
    start = found.start()
    before = lowered[max(0, start - _HEADER_PREFIX) : start].removesuffix("set-").removesuffix("proxy-")
    return bool(found["close"]) and name in _HEADERS and before.endswith(("'", '"'))


def _after_quote(lowered: str, start: int) -> int:
    while start < len(lowered) and lowered[start] in "b[\\\"'" and not lowered.startswith(("bearer", "basic"), start):
        start += 1
    return start


def _credentials(text: str, scheme: re.Match[str]) -> Value | None:
    """What follows ``Bearer`` and the like; for schemes of several parts, the rest of the line."""
    if scheme[0].startswith(_WHOLE_LINE_SCHEMES):
        rest = _REST_OF_LINE.match(text, scheme.end())
        return Value(scheme.end(), rest.end() if rest else scheme.end(), quoted=False)
    value = read_value(text, scheme.end())
    if value is None or is_placeholder(text[value.start : value.end]):
        return None
    return value
