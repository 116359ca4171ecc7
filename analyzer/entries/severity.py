"""The effective severity: what the text says of itself where the given one is absent or plainly wrong."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from analyzer.entries.values import number_of
from analyzer.lines import gravest, number_severity, word_severity
from analyzer.model import Severity

if TYPE_CHECKING:
    from analyzer.entries.message import Said
    from analyzer.lines import Stated
    from analyzer.model import LogEntry, Request

__all__ = ["effective", "given"]

_NAMES = {severity.name: severity for severity in Severity}
_SERVER_ERROR = 500
_CLIENT_ERROR = 400
_NONE_FAILED = re.compile(
    r"(?i)\b(?:0|no|zero) (?:\w+ ){0,2}(?:failed|failures?|errors?|problems?|issues?)\b"
    r"|\b(?:failed|failures|errors)[:=] ?0\b"
)
_FAILURE = re.compile(
    r"(?i)fail|error|exception|critical|fatal|denied|refused|cannot|unable|missing|invalid"
    r"|[1-9]\d* (?:errors|problems|issues)|✗|❌"
)
_BEYOND_DOUBT = re.compile(
    r"(?m)^[ \t]*(?:Traceback \(most recent|panic: |Exception in thread |✗|✘|❌|\[U\+2717\]"
    r"|thread '[^']*' (?:\(\d+\) )?panicked)"
)


def given(raw: LogEntry) -> Severity:
    """The severity that the entry carries; DEFAULT where it carries none (or none that is known)."""
    value: Any = raw.get("severity")
    if isinstance(value, str):
        return _NAMES.get(value) or word_severity(value) or Severity.DEFAULT
    number = number_of(value)
    if number is None or number < Severity.DEBUG:
        return Severity.DEFAULT
    return number_severity(number) or Severity.DEFAULT


def effective(said: Said, given: Severity, request: Request | None) -> tuple[Severity, str]:
    """The severity an entry really has, and the logger its text names.

    The text's own level, in a level's place, wins over a payload's level, and that over the given one: platforms mark
    everything on stderr as ERROR, and everything without a level as INFO. A mark (a traceback, an exception's name, a
    cross) only lifts what is below WARNING.
    """
    stated = gravest(said.text) if said.text else None
    base = given if said.level is None else said.level
    if stated is None:
        return _silent(said, base, request), ""
    if not stated.certain:
        return _marked(stated, said, base), stated.logger
    severity = stated.severity
    both_failed = severity >= Severity.ERROR and base >= Severity.ERROR
    if both_failed or (said.level is not None and "\n" in said.text):
        severity = max(severity, base)
    return severity, stated.logger


def _silent(said: Said, base: Severity, request: Request | None) -> Severity:
    if base is Severity.DEFAULT and request is not None:
        if request.status >= _SERVER_ERROR:
            return Severity.ERROR
        return Severity.WARNING if request.status >= _CLIENT_ERROR else Severity.INFO
    if (
        base >= Severity.ERROR
        and _NONE_FAILED.search(said.text)
        and not _FAILURE.search(_NONE_FAILED.sub("", said.text))
    ):
        return Severity.INFO
    return base


def _marked(stated: Stated, said: Said, base: Severity) -> Severity:
    if base is Severity.DEFAULT:
        return stated.severity
    if (
        base >= Severity.ERROR
        and stated.severity is Severity.WARNING
        and not said.structured
        and said.text[0].isalpha()
    ):
        return Severity.WARNING
    if base in (Severity.INFO, Severity.NOTICE) and stated.severity >= Severity.ERROR:
        doubtful = said.structured and not _BEYOND_DOUBT.search(said.text)
        return base if doubtful else stated.severity
    return base
