"""Texts, JSON payloads and audited calls: which say nothing that is worth a closer look, and how grave they are.

What a line is, is found once for all lines that differ in nothing but digits, with few exceptions: a syslog priority,
colours, spelled code points, and the texts of rules that hold digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from analyzer.columns import zeros
from analyzer.entries import PROMOTED_LABELS
from analyzer.entries.faults import FAULT_FIELDS
from analyzer.entries.message import LEVEL_FIELDS, MESSAGE_FIELDS, Said
from analyzer.entries.severity import effective, given
from analyzer.entries.text import clean
from analyzer.lines import continues, marks_error, number_severity, word_severity
from analyzer.model import Severity
from analyzer.skim.calls import Calls
from analyzer.skim.verdicts import WHOLLY, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analyzer.needs import Need
    from analyzer.sheets import Glance
    from analyzer.skim.texts import Texts
    from analyzer.skim.verdicts import Verdicts

__all__ = ["Payloads"]

_MOST = 20_000
_LONGEST: Final = 400
_EACH: Final = -2
"""The verdict on texts that say something else with other digits."""

_DIGITS_COUNT = re.compile(r"[\x1b\\\r\n]|#000\[|U\+|\A\s*<")
_ODD_FIELDS = frozenset({"log", "s", "@type", PROMOTED_LABELS}).union(FAULT_FIELDS)
"""Fields of a payload that may change what it says, or how grave it is, in ways that only a whole decode follows."""


@dataclass(frozen=True, slots=True, eq=False)
class _Manner:
    """How something is said: what counts beside the text. Each is made once, and compared as the one that it is."""

    stated: Severity
    level: Severity | None = None
    structured: bool = False
    once: bool = False
    """No two are alike: nothing is kept of what such texts are."""


class Payloads:
    """What payloads are, as far as they were seen.

    Args:
        texts: What the rules look for in messages.
        needs: What they look for in all fields.
        verdicts: Where verdicts are kept.
    """

    def __init__(self, texts: Texts, needs: Iterable[Need], verdicts: Verdicts) -> None:
        self._texts = texts
        self._verdicts = verdicts
        self._fields = frozenset(
            ".".join(names[:length])
            for need in needs
            if need.field.startswith("json.")
            for names in [need.field.split(".")[1:]]
            for length in range(1, len(names) + 1)
        )
        self._calls = Calls(needs)
        self._plain: dict[Any, _Manner | None] = {}
        self._once: dict[Any, _Manner | None] = {}
        self._shapes: dict[tuple[str, ...], _Shape | None] = {}
        self._levels: dict[tuple[str | None, str], _Manner | None] = {}
        self._known: dict[tuple[str, _Manner], int] = {}

    def find(self, glances: Sequence[Glance]) -> list[int]:
        """What entries are; :data:`WHOLLY` for one worth a closer look, or that a few fields cannot tell of.

        Args:
            glances: Entries without a request.
        """
        said = [self._said(glance) for glance in glances]
        found = [WHOLLY] * len(glances)
        rows = [row for row, one in enumerate(said) if one is not None]
        texts = [one[0] for one in said if one is not None]
        if not rows:
            return found
        if len(self._known) > _MOST:
            self._known.clear()
        keys = list(zip(zeros(texts), [one[1] for one in said if one is not None], strict=True))
        for row, text, key, known in zip(rows, texts, keys, map(self._known.get, keys), strict=True):
            verdict = self._first(text, *key) if known is None else known
            found[row] = self._each(text, key[1]) if verdict == _EACH else verdict
        for place in self._texts.with_numbered(texts):
            found[rows[place]] = WHOLLY
        return found

    def _first(self, text: str, alike: str, manner: _Manner) -> int:
        """The verdict on a text that is the first of those that are alike."""
        if manner.once:
            return self._judged(text, manner)
        verdict = self._judged(alike, manner)
        if len(alike) <= _LONGEST:
            self._known[alike, manner] = verdict
        return verdict

    def _said(self, glance: Glance) -> tuple[str, _Manner] | None:
        """The text of an entry and the manner in which it is said; None where that takes more than a few fields."""
        text, payload = glance.textPayload, glance.jsonPayload
        if glance.protoPayload is not None:
            call = self._calls.said(glance.protoPayload) if text is None and payload is None else ""
            manner = self._stated(glance.severity, self._once)
            return (call, manner) if call and manner is not None else None
        if type(text) is str and text:
            manner = self._stated(glance.severity, self._plain) if payload is None else None
            return None if manner is None else (text, manner)
        if text is not None or type(payload) is not dict or not payload:
            return None
        names = tuple(payload)
        if names not in self._shapes:
            if len(self._shapes) >= _MOST:
                self._shapes.clear()
            self._shapes[names] = _shape(names, self._fields)
        shape = self._shapes[names]
        if shape is None:
            return None
        text = payload[shape.message]
        manner = self._leveled(glance.severity, payload, shape.level)
        return None if manner is None or type(text) is not str or not text else (text, manner)

    def _stated(self, severity: Any, known: dict[Any, _Manner | None]) -> _Manner | None:
        """The severity that an entry carries, where it is below ERROR and written as a text or not at all."""
        if severity is not None and type(severity) is not str:
            return None
        if severity not in known:
            if len(known) >= _MOST:
                known.clear()
            found = given({"severity": severity})
            known[severity] = _Manner(found, once=known is self._once) if found < Severity.ERROR else None
        return known[severity]

    def _leveled(self, severity: Any, payload: Mapping[str, Any], name: str) -> _Manner | None:
        level = payload[name] if name else ""
        manner = self._stated(severity, self._plain)
        if manner is None or (type(level) is not str and type(level) is not int):
            return None
        key = (severity, f"{type(level).__name__} {level}" if name else "")
        if key not in self._levels:
            if len(self._levels) >= _MOST:
                self._levels.clear()
            self._levels[key] = self._with_level(manner, level, name)
        return self._levels[key]

    @staticmethod
    def _with_level(manner: _Manner, level: str | int, name: str) -> _Manner | None:
        if not name:
            return _Manner(manner.stated, structured=True)
        found = word_severity(level.strip()) if isinstance(level, str) else number_severity(level)
        return None if found is None or found >= Severity.ERROR else _Manner(manner.stated, found, structured=True)

    def _judged(self, alike: str, manner: _Manner) -> int:
        """The verdict on all texts that are ``alike`` but for their digits."""
        if len(alike) > _LONGEST or _DIGITS_COUNT.search(alike):
            return _EACH
        return self._verdict(alike, manner)

    def _each(self, text: str, manner: _Manner) -> int:
        return WHOLLY if self._texts.numbered(clean(text)) else self._verdict(text, manner)

    def _verdict(self, text: str, manner: _Manner) -> int:
        if not manner.structured and text.lstrip()[:1] == "{":
            return WHOLLY
        text = clean(text)
        if not text or text.isspace():
            return WHOLLY
        severity, _ = effective(Said(text, manner.level, structured=manner.structured), manner.stated, None)
        if severity >= Severity.ERROR or self._texts.steady(text) or continues(text) or marks_error(text):
            return WHOLLY
        return self._verdicts.add(Verdict(severity.name))


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
