"""The functions SEARCH, log_id, source, sample and ip_in_net; ``cast`` and ``regexp_extract`` are refused."""

from __future__ import annotations

import hashlib
import ipaddress
import re
import urllib.parse
from typing import TYPE_CHECKING, Any

from tests.emulator.query.errors import FilterError
from tests.emulator.query.fields import resolve
from tests.emulator.query.literals import number
from tests.emulator.query.syntax import Path, Value
from tests.emulator.query.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.emulator.query.syntax import Call
    from tests.emulator.records import Record

__all__ = ["function"]

_DELIMITER = r"[\s\[\]<>(){}|!;,'\"*&?+/:=@.\-$%\\_\0]"
"""Between tokens: https://cloud.google.com/bigquery/docs/reference/standard-sql/text-analysis (LOG_ANALYZER)."""

_SPLIT = re.compile(f"{_DELIMITER}+")
_TERM = re.compile(r"`([^`]*)`|[^\s`]+")


def function(call: Call) -> Callable[[Record], bool]:
    """The test a function stands for.

    Raises:
        FilterError: An unknown function, or arguments it does not take.
    """
    match call.name.casefold(), call.arguments:
        case "search", (Value(text),):
            test = _search(text)
            return lambda record: test([record.text])
        case "search", (Path() as path, Value(text)):
            within, field = _search(text), resolve(path)
            return lambda record: within(_strings(field.values(record.data)))
        case "log_id", (Value(text),):
            return _log_id(text)
        case "source", (Path((parent,)),):
            return lambda record: str(record.data.get("logName", "")).startswith(f"{parent}/logs/")
        case "sample", (Path() as path, Path((text,))):
            return _sample(path, text)
        case "ip_in_net", (Path() as path, Value(text)):
            return _ip_in_net(path, text)
        case "search" | "log_id" | "source" | "sample" | "ip_in_net", _:
            raise FilterError(f"wrong arguments for function '{call.name}'")
    raise FilterError(f"unsupported function '{call.name}'")


def _search(text: str) -> Callable[[Iterable[str]], bool]:
    """Every token of the text is among the tokens searched, in any order; what stands in backticks is one token."""
    words: set[str] = set()
    phrases: list[re.Pattern[str]] = []
    for found in _TERM.finditer(fold(text)):
        if found[1] is None:
            words.update(filter(None, _SPLIT.split(found[0])))
        elif found[1]:
            phrases.append(re.compile(rf"(?:^|{_DELIMITER}){re.escape(found[1])}(?:{_DELIMITER}|$)"))
    if not words and not phrases:
        raise FilterError("SEARCH needs at least one token")

    def test(texts: Iterable[str]) -> bool:
        joined = "\0".join(texts)
        return words.issubset(_SPLIT.split(joined)) and all(phrase.search(joined) for phrase in phrases)

    return test


def _strings(values: Iterable[Any]) -> list[str]:
    texts: list[str] = []
    for value in values:
        if isinstance(value, dict):
            texts += _strings(value.values())
        elif isinstance(value, list):
            texts += _strings(value)
        elif isinstance(value, str):
            texts.append(fold(value))
    return texts


def _log_id(text: str) -> Callable[[Record], bool]:
    wanted = urllib.parse.unquote(text).casefold()

    def test(record: Record) -> bool:
        _, _, log = str(record.data.get("logName", "")).partition("/logs/")
        return urllib.parse.unquote(log).casefold() == wanted

    return test


def _sample(path: Path, text: str) -> Callable[[Record], bool]:
    """The share of entries whose field hashes low; the API's own hash is not known, so the choice is another one."""
    field, share = resolve(path), number(text)
    if share is None or not 0 < share <= 1:
        raise FilterError(f"sample needs a fraction between 0 and 1, not '{text}'")

    def test(record: Record) -> bool:
        values = field.values(record.data) or ([""] if field.defaulted else [])
        hashes = (hashlib.blake2b(str(value).encode(errors="replace"), digest_size=4).digest() for value in values)
        return any(int.from_bytes(hashed) <= share * 0xFFFFFFFF for hashed in hashes)

    return test


def _ip_in_net(path: Path, text: str) -> Callable[[Record], bool]:
    field = resolve(path)
    try:
        net = ipaddress.ip_network(text, strict=False)
    except ValueError as error:
        raise FilterError(f"'{text}' is no network") from error

    def test(record: Record) -> bool:
        for value in field.values(record.data):
            try:
                address = ipaddress.ip_address(str(value))
            except ValueError:
                continue
            if address in net:
                return True
        return False

    return test
