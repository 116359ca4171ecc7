"""Text and JSON payloads: which say nothing that is worth a closer look, and how grave they are.

What a line is, is found once for all lines that differ in nothing but digits, with few exceptions: a syslog priority,
spelled code points, and the texts of rules that hold digits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from analyzer.entries.faults import FAULT_FIELDS
from analyzer.entries.message import LEVEL_FIELDS, MESSAGE_FIELDS, Said
from analyzer.entries.severity import effective, given
from analyzer.entries.text import clean
from analyzer.lines import continues, marks_error, number_severity, word_severity
from analyzer.model import Severity
from analyzer.skim.texts import without_digits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from analyzer.needs import Need
    from analyzer.sheets import Glance
    from analyzer.skim.texts import Texts

__all__ = ["Payloads"]

_MOST = 20_000
_LONGEST: Final = 400
_ODD_FIELDS = frozenset({"log", "s", "@type", "logging.googleapis.com/labels"}).union(FAULT_FIELDS)
"""Fields of a payload that may change what it says, or how grave it is, in ways that only a whole decode follows."""


class Payloads:
    """What payloads are, as far as they were seen.

    Args:
        texts: What the rules look for in messages.
        needs: What they look for in all fields.
    """

    def __init__(self, texts: Texts, needs: Iterable[Need]) -> None:
        self._texts = texts
        self._fields = frozenset(
            ".".join(names[:length])
            for need in needs
            if need.field.startswith("json.")
            for names in [need.field.split(".")[1:]]
            for length in range(1, len(names) + 1)
        )
        self._severities: dict[Any, Severity | None] = {}
        self._shapes: dict[tuple[str, ...], _Shape | None] = {}
        self._known: dict[tuple[str, Severity, Severity | None, bool], str | None] = {}

    def severity(self, glance: Glance) -> str | None:
        """The effective severity of an entry that is passed over; None for one to be decoded wholly."""
        stated = self._given(glance.severity)
        text = glance.textPayload
        payload = glance.jsonPayload
        if stated is None:
            return None
        if type(text) is str and text:
            return None if payload is not None or text.lstrip()[:1] == "{" else self._outlook(text, stated, None, False)
        if text is not None or type(payload) is not dict or not payload:
            return None
        return self._structured(payload, stated)

    def _given(self, value: Any) -> Severity | None:
        """The severity that an entry carries, where it is below ERROR and written as a text or not at all."""
        if value is not None and type(value) is not str:
            return None
        if value not in self._severities:
            found = given({"severity": value})
            self._severities[value] = found if found < Severity.ERROR else None
        return self._severities[value]

    def _structured(self, payload: Mapping[str, Any], stated: Severity) -> str | None:
        names = tuple(payload)
        if names not in self._shapes:
            if len(self._shapes) >= _MOST:
                self._shapes.clear()
            self._shapes[names] = _shape(names, self._fields)
        shape = self._shapes[names]
        if shape is None:
            return None
        text = payload[shape.message]
        if type(text) is not str or not text or text.isspace():
            return None
        level: Severity | None = None
        if shape.level:
            value = payload[shape.level]
            if type(value) is str:
                level = word_severity(value.strip())
            elif type(value) is int:
                level = number_severity(value)
            if level is None or level >= Severity.ERROR:
                return None
        return self._outlook(text, stated, level, True)

    def _outlook(self, text: str, stated: Severity, level: Severity | None, structured: bool) -> str | None:  # noqa: FBT001
        text = clean(text)
        if not text or self._texts.numbered(text):
            return None
        if len(text) > _LONGEST or text[0] == "<" or "\n" in text or "U+" in text or "\\u" in text:
            return self._judged(text, stated, level, structured)
        key = (without_digits(text), stated, level, structured)
        if key not in self._known:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[key] = self._judged(*key)
        return self._known[key]

    def _judged(self, text: str, stated: Severity, level: Severity | None, structured: bool) -> str | None:  # noqa: FBT001
        severity, _ = effective(Said(text, level, structured=structured), stated, None)
        if severity >= Severity.ERROR or self._texts.steady(text) or continues(text) or marks_error(text):
            return None
        return severity.name


class _Shape:
    """A payload's names: which holds the text, and which the level, if any."""

    __slots__ = ("level", "message")

    def __init__(self, message: str, level: str) -> None:
        self.message = message
        self.level = level


def _shape(names: tuple[str, ...], needed: frozenset[str]) -> _Shape | None:
    """The shape of a payload with these names; None where more than its text and its level may count."""
    if not all(name.islower() for name in names) or not _ODD_FIELDS.isdisjoint(names) or not needed.isdisjoint(names):
        return None
    levels = [name for name in LEVEL_FIELDS if name in names]
    message = next((name for name in MESSAGE_FIELDS if name in names), None)
    return None if message is None or len(levels) > 1 else _Shape(message, levels[0] if levels else "")
