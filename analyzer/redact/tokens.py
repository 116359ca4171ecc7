"""Secrets that are known by their own form: keys and tokens of vendors, JWTs, private key blocks, password hashes.

Every pattern starts with a literal, so that the search skips through text at the speed of ``str.find``, and repeats
only one character class, so that it is linear. Where a form could stand inside an ordinary word (``sk-`` in
``disk-...``) the character before it is looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from analyzer.redact.spans import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_tokens"]


class _Form(NamedTuple):
    literal: str
    pattern: re.Pattern[str]
    kind: str
    whole_word: bool


def _form(literal: str, rest: str, kind: str, *, whole_word: bool = False) -> _Form:
    return _Form(literal, re.compile(re.escape(literal) + rest, re.ASCII), kind, whole_word)


_FORMS = (
    # Google: API keys, OAuth access and refresh tokens, authorization codes, client secrets
    _form("AIza", r"[\w-]{35,}+", "api-key"),
    _form("ya29.", r"[\w.-]{20,}+", "token"),
    _form("1//0", r"[\w-]{20,}+", "token", whole_word=True),
    _form("4/0A", r"[\w-]{30,}+", "token", whole_word=True),
    _form("GOCSPX-", r"[\w-]{20,}+", "secret"),
    # Source forges and registries
    _form("gh", r"[pousr]_[A-Za-z0-9]{30,}+", "token"),
    _form("github_pat_", r"\w{22,}+", "token"),
    _form("glpat-", r"[\w-]{20,}+", "token"),
    _form("npm_", r"[A-Za-z0-9]{36,}+", "token"),
    _form("pypi-AgE", r"[\w-]{20,}+", "token"),
    # Chat, mail, payment, hosting
    _form("xox", r"[abeoprs]-[A-Za-z0-9-]{10,}+", "token"),
    _form("xapp-", r"[A-Za-z0-9-]{20,}+", "token"),
    _form("hooks.slack.com/services/", r"[A-Za-z0-9/]{20,}+", "secret"),
    _form("discord.com/api/webhooks/", r"\d++/[\w-]{20,}+", "secret"),
    _form("/IncomingWebhook/", r"[0-9a-f]{32}[\w/-]*+", "secret"),
    _form("api.telegram.org/bot", r"\d{6,12}+:[\w-]{30,}+", "token"),
    _form("shp", r"(?:at|ca|pa|ss)_[0-9a-f]{32}", "token"),
    _form("sk_", r"(?:live|test)_[A-Za-z0-9]{10,}+", "api-key"),
    _form("rk_", r"(?:live|test)_[A-Za-z0-9]{10,}+", "api-key"),
    _form("pk_", r"(?:live|test)_[A-Za-z0-9]{10,}+", "api-key"),
    _form("whsec_", r"[A-Za-z0-9+/=]{16,}+", "secret"),
    _form("SG.", r"[\w-]{16,}+\.[\w-]{16,}+", "api-key", whole_word=True),
    _form("SK", r"[0-9a-f]{32}+(?![0-9a-f])", "api-key", whole_word=True),
    _form("key-", r"[0-9a-f]{32}+(?![0-9a-f])", "api-key", whole_word=True),
    _form("dop_v1_", r"[0-9a-f]{64}", "token"),
    _form("sbp_", r"[0-9a-f]{40}", "token"),
    _form("lin_api_", r"[A-Za-z0-9]{30,}+", "api-key"),
    _form("dapi", r"[0-9a-f]{32}", "token", whole_word=True),
    _form("hvs.", r"[\w-]{20,}+", "token", whole_word=True),
    _form("hvb.", r"[\w-]{20,}+", "token", whole_word=True),
    _form("AGE-SECRET-KEY-1", r"[0-9A-Z]{50,}+", "private-key"),
    # Models: OpenAI, Anthropic, Hugging Face, Groq, xAI
    _form("sk-ant-", r"[\w-]{16,}+", "api-key"),
    _form("sk-proj-", r"[\w-]{16,}+", "api-key"),
    _form("sk-", r"[\w-]{20,}+", "api-key", whole_word=True),
    _form("hf_", r"[A-Za-z0-9]{30,}+", "token", whole_word=True),
    _form("gsk_", r"[A-Za-z0-9]{40,}+", "api-key", whole_word=True),
    _form("xai-", r"[A-Za-z0-9]{40,}+", "api-key", whole_word=True),
    # AWS key ids of users, temporary credentials and roles
    _form("AKIA", r"[0-9A-Z]{16}", "api-key"),
    _form("ASIA", r"[0-9A-Z]{16}", "api-key"),
    # Base64 of a service-account key file (with and without indentation) and of a PEM block
    _form("ewogICJ0eXBlIjogInNlcnZpY2VfYWNjb3Vud", r"[\w+/-]++=*+", "private-key"),
    _form("eyJ0eXBlIjogInNlcnZpY2VfYWNjb3Vud", r"[\w+/-]++=*+", "private-key"),
    _form("eyJ0eXBlIjoic2VydmljZV9hY2NvdW50", r"[\w+/-]++=*+", "private-key"),
    _form("LS0tLS1CRUdJTi", r"[\w+/-]{40,}+=*+", "private-key"),
    # Password hashes: bcrypt, Argon2, Django, PostgreSQL SCRAM
    _form("$2", r"[abxy]?\$\d\d\$[./A-Za-z0-9]{53}", "password-hash"),
    _form("$argon2", r"[id]{1,2}\$[\w+/=,$.-]{20,}+", "password-hash"),
    _form("pbkdf2_sha", r"\d{1,4}\$[\w+/=$.-]{20,}+", "password-hash"),
    _form("SCRAM-SHA-256$", r"[\w+/=$:]{20,}+", "password-hash"),
)

# JSON Web Tokens, signed (3 parts) and encrypted (5), also cut short within the second part. The first part is taken
# whole whatever follows, so that no later start looks at it again.
_JWT = re.compile(r"eyJ[\w-]*+(?P<rest>\.[\w-]{10,}+(?:\.[\w-]*+){0,3}+)?", re.ASCII)
_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----", re.ASCII)
_END = re.compile(r"-----END (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY(?: BLOCK)?-----", re.ASCII)
_KEY_BODY = re.compile(r"(?:[A-Za-z0-9+/=\s,:-]|\\[nr])*+", re.ASCII)
_LONGEST_KEY = 16_384
_BEARER = re.compile(r"earer[ +]{1,4}(?P<value>[A-Za-z0-9._~+/-]{12,}+=*+)", re.ASCII)
_DIGIT = re.compile(r"\d")


def find_tokens(text: str) -> Iterator[Span]:
    """Every secret in ``text`` that is known by its form."""
    for form in _FORMS:
        if form.literal not in text:
            continue
        for found in form.pattern.finditer(text):
            start = found.start()
            if form.whole_word and not _is_word_of_its_own(text, found):
                continue
            yield Span(start, found.end(), form.kind)
    if "eyJ" in text:
        yield from (Span(found.start(), found.end(), "jwt") for found in _JWT.finditer(text) if found["rest"])
    if "earer" in text:
        for found in _BEARER.finditer(text):
            if _DIGIT.search(found["value"]):
                yield Span(found.start("value"), found.end("value"), "token")
    yield from _private_keys(text)


def _is_word_of_its_own(text: str, found: re.Match[str]) -> bool:
    """Whether it starts a word and holds a digit, as every random value of that length does."""
    start = found.start()
    if start and (text[start - 1].isalnum() or text[start - 1] in "_-"):
        return False
    return _DIGIT.search(text, start, found.end()) is not None


def _private_keys(text: str) -> Iterator[Span]:
    """Private key blocks, over lines or in one with escaped line feeds; without an end, as far as it looks like one."""
    position = 0
    end = _END.search(text)
    while (begin := _BEGIN.search(text, position)) is not None:
        if end is not None and end.start() < begin.end():
            end = _END.search(text, begin.end())
        if end is not None and end.start() - begin.end() <= _LONGEST_KEY:
            position = end.end()
        else:
            body = _KEY_BODY.match(text, begin.end())
            position = body.end() if body else begin.end()
        yield Span(begin.start(), position, "private-key")
