"""Texts, JSON payloads and audited calls: which say nothing that is worth a closer look, and how grave they are.

What a line is, is found once for all lines of one mask, those that differ in nothing but digits and names that are
digests; with few exceptions: a syslog priority, colours, spelled code points, and texts of rules that may lie there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from analyzer.columns import zeros
from analyzer.entries import PROMOTED_LABELS
from analyzer.entries.faults import FAULT_FIELDS, is_harmless
from analyzer.entries.message import LEVEL_FIELDS, MESSAGE_FIELDS, NESTED_FIELDS, REPORTED, Said
from analyzer.entries.severity import effective, given
from analyzer.entries.text import clean
from analyzer.entries.values import compact, find
from analyzer.events import OWN_LEVELS
from analyzer.lines import continues, marks_error, number_severity, word_severity
from analyzer.matching.evaluate import compile_condition
from analyzer.matching.fields import Subject
from analyzer.model import Event, Severity
from analyzer.rule import Comparison
from analyzer.skim.calls import Calls
from analyzer.skim.masks import LONGEST, digits_count, masked
from analyzer.skim.verdicts import WHOLLY, Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from analyzer.needs import Need
    from analyzer.sheets import Glance
    from analyzer.skim.texts import Texts
    from analyzer.skim.verdicts import Verdicts

__all__ = ["Manner", "Payloads"]

_MOST = 20_000
_ROOM = 4_000_000
"""Characters of all masks that are kept."""

_EACH: Final = -2
"""The verdict on texts that say something else with other digits."""

_ODD_FIELDS = frozenset({"log", "s", "servicecontext", PROMOTED_LABELS})
"""Fields of a payload that may change what it says, or how grave it is, in ways that only a whole decode follows."""

_WORDS = frozenset((*MESSAGE_FIELDS, *NESTED_FIELDS)).union(FAULT_FIELDS)
"""Fields that may hold a text, or what is told in its place: a payload without any of them is itself what it says."""


@dataclass(frozen=True, slots=True, eq=False)
class Manner:
    """How something is said: what counts beside the text. Each is made once, and compared as the one that it is.

    Attributes:
        stated: The severity that the entry carries.
        level: The level that a structured payload states; None where it states none.
        structured: It came as JSON.
        own: It came as JSON with a level, and is a record by construction.
    """

    stated: Severity
    level: Severity | None = None
    structured: bool = False
    own: bool = False


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
        self._asked = _asked(needs)
        self._plain: dict[Any, Manner | None] = {}
        self._shapes: dict[tuple[str, ...], _Shape | None] = {}
        self._levels: dict[tuple[str | None, bool, str], Manner | None] = {}
        self._known: dict[tuple[str, Manner], int] = {}
        self._room = _ROOM

    def find(self, glances: Sequence[Glance]) -> list[int]:
        """What entries are; :data:`WHOLLY` for one worth a closer look, or that a few fields cannot tell of.

        Args:
            glances: Entries without a request.
        """
        said = [self.said(glance) for glance in glances]
        found = [WHOLLY] * len(glances)
        rows = [row for row, one in enumerate(said) if one is not None]
        texts = [one[0] for one in said if one is not None]
        if not rows:
            return found
        if len(self._known) > _MOST or self._room < 0:
            self._known.clear()
            self._room = _ROOM
        keys = list(zip(zeros(texts), [one[1] for one in said if one is not None], strict=True))
        known = [self._known.get(key) for key in keys]
        new = [place for place, verdict in enumerate(known) if verdict is None]
        for place, mask in zip(new, masked([keys[place][0] for place in new]), strict=True):
            known[place] = self._first(mask, keys[place][1])
        for row, text, (_, manner), verdict in zip(rows, texts, keys, known, strict=True):
            found[row] = self._each(text, manner) if verdict is None or verdict == _EACH else verdict
        for place in self._texts.with_numbered(texts):
            found[rows[place]] = WHOLLY
        return found

    def said(self, glance: Glance) -> tuple[str, Manner] | None:
        """The text of an entry's payload and the manner in which it is said.

        None where there is no payload, where it takes more than a few fields to tell, and where rules ask for others.
        """
        text, payload = glance.textPayload, glance.jsonPayload
        if glance.protoPayload is not None:
            call = self._calls.said(glance.protoPayload) if text is None and payload is None else ""
            manner = self._stated(glance.severity)
            return (call, manner) if call and manner is not None else None
        if type(text) is str and text:
            manner = self._stated(glance.severity) if payload is None else None
            return None if manner is None else (text, manner)
        if text is not None or type(payload) is not dict or not payload:
            return None
        names = tuple(payload)
        if names not in self._shapes:
            if len(self._shapes) >= _MOST:
                self._shapes.clear()
            self._shapes[names] = _shape(names, self._fields)
        shape = self._shapes[names]
        text = "" if shape is None else shape.text(payload, asked=glance.httpRequest is not None)
        if shape is None or not text:
            return None
        manner = self._leveled(glance.severity, shape.level(payload), own=shape.own)
        return None if manner is None else (text, manner)

    def _first(self, mask: str, manner: Manner) -> int:
        """The verdict on texts of which none was seen that has the same but for digits."""
        verdict = self._known.get((mask, manner))
        if verdict is None:
            verdict = self._judged(mask, manner)
            if len(mask) <= LONGEST:
                self._known[mask, manner] = verdict
                self._room -= len(mask)
        return verdict

    def _stated(self, severity: Any) -> Manner | None:
        """The severity that an entry carries, where it is below ERROR and written as a text or not at all."""
        if severity is not None and type(severity) is not str:
            return None
        if severity not in self._plain:
            if len(self._plain) >= _MOST:
                self._plain.clear()
            found = given({"severity": severity})
            self._plain[severity] = Manner(found) if found < Severity.ERROR else None
        return self._plain[severity]

    def _leveled(self, severity: Any, level: Any, *, own: bool) -> Manner | None:
        manner = self._stated(severity)
        if manner is None or (level is not None and type(level) is not str and type(level) is not int):
            return None
        key = (severity, own, "" if level is None else f"{type(level).__name__} {level}")
        if key not in self._levels:
            if len(self._levels) >= _MOST:
                self._levels.clear()
            self._levels[key] = _structured(manner.stated, level, own=own)
        return self._levels[key]

    def _judged(self, mask: str, manner: Manner) -> int:
        """The verdict on all texts of one mask."""
        if digits_count(mask):
            return _EACH
        return self._verdict(mask, manner)

    def _each(self, text: str, manner: Manner) -> int:
        return WHOLLY if self._texts.numbered(clean(text)) else self._verdict(text, manner)

    def _verdict(self, text: str, manner: Manner) -> int:
        if not manner.structured and text.lstrip()[:1] == "{":
            return WHOLLY
        text = clean(text)
        if not text or text.isspace():
            return WHOLLY
        severity, _ = effective(Said(text, manner.level, structured=manner.structured), manner.stated, None)
        if severity >= Severity.ERROR or severity in self._asked or self._texts.steady(text) or marks_error(text):
            return WHOLLY
        if continues(text, own=manner.own):
            return WHOLLY
        return self._verdicts.add(Verdict(severity.name))


def _asked(needs: Iterable[Need]) -> frozenset[Severity]:
    """The severities that rules ask for."""
    tests = [
        compile_condition(Comparison(need.field, need.operator, need.value))
        for need in needs
        if need.field == "severity"
    ]
    return frozenset(
        severity
        for severity in Severity
        for subject in [Subject(Event(entries=(), message="", severity=severity))]
        if any(test(subject) for test in tests)
    )


def _structured(stated: Severity, level: str | int | None, *, own: bool) -> Manner | None:
    """The manner of a payload with a level; None where that is no level, or ERROR at least."""
    own = own or stated is not Severity.DEFAULT
    if level is None:
        return Manner(stated, structured=True, own=own)
    found = word_severity(level.strip()) if isinstance(level, str) else number_severity(level)
    return None if found is None or found >= Severity.ERROR else Manner(stated, found, structured=True, own=own)


class _Shape:
    """A payload's names: which may hold the text, which the level, and which an exception.

    Args:
        names: As they are written, by the same in lower case.

    Attributes:
        own: One of them makes it a record by construction.
    """

    __slots__ = ("_faults", "_kinds", "_levels", "_texts", "_wordless", "own")

    def __init__(self, names: Mapping[str, str]) -> None:
        self.own = any(name in OWN_LEVELS for name in names.values())
        self._wordless = _WORDS.isdisjoint(names)
        self._texts = [names[name] for name in MESSAGE_FIELDS if name in names]
        self._levels = [names[name] for name in LEVEL_FIELDS if name in names]
        self._faults = [(name, names[name]) for name in names if name in FAULT_FIELDS]
        self._kinds = [names[name] for name in names if name == "@type"]

    def text(self, payload: Mapping[str, Any], *, asked: bool) -> str:
        """What it says; empty where more than its text and its level may count.

        Args:
            payload: It.
            asked: It came with a request, which speaks for a payload without a text.
        """
        for name, written in self._faults:
            if not is_harmless(name, payload[written]):
                return ""
        for name in self._kinds:
            kind = payload[name]
            if type(kind) is not str or kind.endswith(REPORTED):
                return ""
        for name in self._texts:
            text = payload[name]
            if type(text) is str and text and not text.isspace():
                return text
        if not self._wordless or asked:
            return ""
        text = compact(payload)
        return "" if "\\" in text else text

    def level(self, payload: Mapping[str, Any]) -> Any:
        """The level that it states; None where it states none."""
        return find(payload, self._levels)


def _shape(names: tuple[str, ...], needed: frozenset[str]) -> _Shape | None:
    """The shape of a payload with these names; None where more than its text and its level may count."""
    folded = {name.lower(): name for name in names}
    if len(folded) < len(names) or not _ODD_FIELDS.isdisjoint(folded) or not needed.isdisjoint(names):
        return None
    return _Shape(folded)
