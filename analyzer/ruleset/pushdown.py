"""Rules as a query: what the server must send so that no rule misses an entry.

:func:`make_plan` weakens the rules to texts and field comparisons of which every matching entry has one, whatever the
language that asks for them; :func:`logging_filter` writes that in the Logging query language
(https://cloud.google.com/logging/docs/view/logging-query-language), :mod:`analyzer.ruleset.pushdown_sql` in SQL.

Texts are bare terms, which search all fields: a message may stand in many of them (textPayload, jsonPayload.message,
an exception inside), naming each would make the query as many times as long, and a text that a rule asks for is long
enough not to stand in labels. One that is a word of the metadata ("revision") is asked for together with a second text
that the rule needs in the same line. Fields that rules name themselves are asked for by name.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Final

import msgspec

from analyzer.literals import weight
from analyzer.needs import Need, wanted
from analyzer.rule import Operator
from analyzer.ruleset._widen import minimal, widened

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from analyzer.rule import Rule

__all__ = [
    "LONGEST",
    "MARKS",
    "Plan",
    "Pushdown",
    "head_of",
    "log_piece",
    "logging_filter",
    "make_plan",
    "open_to_all",
    "piece_of",
    "push_down",
    "status_bound",
]

LONGEST: Final = 20_000
"""Characters a query may have: https://cloud.google.com/logging/quotas."""

MARKS: Final = ("ERROR", "CRITICAL", "FATAL", "Traceback", "Exception", "panic")
"""Words that mark an error in the text of an entry without severity."""

_ASKED: Final = (
    (re.compile(r"""(?:[^\x00-\x1f\x7f-\U0010ffff"\\/<>&='{}\[\]|:]|:(?! ))+"""), 10),
    (re.compile(r'[^\x00-\x1f\x7f-\U0010ffff"\\]+'), 4),
)
"""What a text is cut down to, and how long the longest part must be; the second where the first leaves too little.

Cut at what JSON inside a text may spell differently, at colour codes (they stand around ``|``), and at the colon that
the message puts between an exception's type and its text, which are two fields of the entry.
"""

_SHORT = 4
_NARROW = 5
"""Weight of a text that stands neither in the metadata of nearly every entry nor in many messages."""

_PARTNER = 3
"""Characters of a text that is worth asking for beside such a one."""

_REQUEST = re.compile(
    r"(?:^|\b(?:get|head|post|put|patch|delete|options) )(/\S+)(?= \d|$)|\b(?:get|post|put|patch|delete) (/\S*)"
)
"""What may be a part of a request's line, ``GET /path 503``, which is put together from three fields."""

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LIKE_NUMBER = re.compile(r"[-+0-9.]+(?:e[-+0-9]*)?|e[-+0-9]*|[infa]+", re.IGNORECASE)
_NUMBERS: Final = {
    Operator.EQUALS: "=",
    Operator.GT: ">",
    Operator.GTE: ">=",
    Operator.LT: "<",
    Operator.LTE: "<=",
}
_VERBATIM: Final = frozenset({"service", "revision", "instance", "logger"})
"""Fields that stand in an entry as they are, but in different places: labels, resource, payload."""

_PAYLOADS: Final = {"json": "jsonPayload", "proto": "protoPayload"}
_MOST_SEGMENTS = 4


class Plan(msgspec.Struct, frozen=True):
    """What every entry that a rule can match has at least one of, beside the errors that are always asked for.

    Attributes:
        texts: Lower-case texts; one of them stands in some field of the entry.
        pairs: Pairs of such texts that stand in the entry together, where each alone stands in too many.
        fields: Comparisons with fields.
        open: Names of the rules that may match any entry; when there are any, all entries are needed.
    """

    texts: tuple[str, ...] = ()
    pairs: tuple[tuple[str, str], ...] = ()
    fields: tuple[Need, ...] = ()
    open: tuple[str, ...] = ()


class Pushdown(msgspec.Struct, frozen=True):
    """A query and what is to be said about it.

    Attributes:
        text: The query; empty when all entries are needed. It is an OR of terms: bracket it before joining it.
        notes: Lines for people: which rules ask for everything, what was shortened.
    """

    text: str
    notes: tuple[str, ...] = ()


def make_plan(rules: Iterable[Rule]) -> Plan:
    """What the server must send for ``rules``; correlations need nothing beside the rules that they are built on."""
    texts: set[str] = set()
    pairs: set[tuple[str, str]] = set()
    fields: set[Need] = set()
    wide: list[str] = []
    for rule in rules:
        if rule.condition is None:
            continue
        clauses = wanted(rule.condition)
        asked = [None] if clauses is None else [_asked(together) for together in clauses]
        if None in asked:
            wide.append(rule.name)
            continue
        texts |= {spelled for one in asked if isinstance(one, str) for spelled in (one, _escaped(one))}
        pairs |= {one for one in asked if isinstance(one, tuple) and not isinstance(one, Need)}
        fields |= {one for one in asked if isinstance(one, Need)}
    kept = minimal(texts)
    narrow = {pair for pair in pairs if not any(text in part for part in pair for text in kept)}
    return Plan(kept, tuple(sorted(narrow)), tuple(sorted(fields, key=repr)), tuple(wide))


def _asked(together: Iterable[Need]) -> Need | str | tuple[str, str] | None:
    """One clause as a server can be asked: by its best part, or by two where that alone stands in most entries."""
    found = [one for one in map(_askable, together) if one is not None]
    texts = sorted({one for one in found if isinstance(one, str)}, key=lambda text: (weight(text), len(text), text))
    if not texts:
        return next(iter(found), None)
    best, *others = reversed(texts)
    if weight(best) >= _NARROW or not best.isascii():
        return best
    return next(((best, other) for other in others if len(other) >= _PARTNER and other.isascii()), best)


def logging_filter(rules: Sequence[Rule], limit: int = LONGEST) -> str:
    """The text of :func:`push_down` alone."""
    return push_down(rules, limit).text


def push_down(rules: Sequence[Rule], limit: int = LONGEST) -> Pushdown:
    """The Logging query that every entry passes which some rule may match, or which by itself tells of an error.

    An error is a severity of WARNING and above, an HTTP status of 500 and above, or, on an entry without severity, a
    word that marks one.

    Args:
        rules: The rules.
        limit: How many characters the text may have. To keep it, texts are shortened to parts that several of them
            share, so that more entries pass; no rule is ever left out.
    """
    plan = make_plan(rules)
    if plan.open:
        return open_to_all(plan)
    marks = " OR ".join(map(_quoted, MARKS))
    always = ["severity>=WARNING", "httpRequest.status>=500", f"(severity=DEFAULT AND ({marks}))"]
    terms = list(dict.fromkeys(always + [_FIELD_TERMS[head_of(need)](need) for need in plan.fields]))
    pairs = [f"({_quoted(one)} AND {_quoted(other)})" for one, other in plan.pairs]
    if len(" OR ".join(terms + pairs)) > limit // 2:
        pairs = [_quoted(one) for one in dict.fromkeys(one for one, _ in plan.pairs)]
    terms += pairs
    room = limit - len(" OR ".join(terms))
    texts, shortest = widened(plan.texts, lambda some: sum(len(_quoted(text)) + len(" OR ") for text in some) <= room)
    if texts is None:
        return Pushdown("", (f"all entries are read: the rules' texts do not fit into {limit} characters",))
    note = (
        f"texts of rules are shortened to {shortest} characters to fit into {limit}: more entries are read than needed"
    )
    return Pushdown(" OR ".join([*terms, *map(_quoted, texts)]), () if shortest is None else (note,))


def open_to_all(plan: Plan) -> Pushdown:
    """Nothing is pushed down, with the rules that stand against it."""
    return Pushdown("", (f"all entries are read, since any may match: {', '.join(plan.open)}",))


def _askable(need: Need) -> Need | str | None:
    """The need as a server can be asked: a text to stand anywhere, a comparison; None when it cannot."""
    if need.field == "severity":
        return None  # the effective severity may stand in the text in ways that no query finds
    text = need.value if isinstance(need.value, str) else ""
    if need.field == "message":
        return _message_piece(text) or None
    if need.field in _VERBATIM:
        return piece_of(text, "/" if need.field == "instance" else "") or None
    if head_of(need) in _PAYLOADS:
        # Only a text that no number or truth value is written as must be a text in the payload too.
        piece = "" if _LIKE_NUMBER.fullmatch(text) or text.lower() in "true false" else piece_of(text)
        if piece:
            return piece
        return need._replace(operator=Operator.EXISTS, value=True) if need.field.count(".") <= _MOST_SEGMENTS else None
    return need


def _message_piece(text: str) -> str:
    found = _REQUEST.search(text.lower())
    path = (found[1] or found[2]) if found else ""
    return piece_of(path if len(path) > 1 else text)


def piece_of(text: str, separators: str = "") -> str:
    """The longest part of ``text`` that every entry with this text has as it is, lower-case; empty for none."""
    parts = text.split(separators) if separators else [text]
    for allowed, least in _ASKED:
        found = [_trimmed(piece) for part in parts for piece in allowed.findall(part)]
        best = max(found, key=lambda piece: (weight(piece.lower()), len(piece)), default="")
        if len(best) >= least:
            return best.lower()
    caseless = "".join(char if _caseless(char) else "\n" for part in parts for char in f"{part}\n")
    return max((run.strip() for run in caseless.split("\n")), key=len).lower()


def _escaped(text: str) -> str:
    r"""``text`` as JSON inside a text may spell what is not ASCII: ``\u2717``."""
    return text if text.isascii() else json.dumps(text)[1:-1]


def _trimmed(part: str) -> str:
    """Without blanks at its ends, which may come from joining two fields; short words keep them to say anything."""
    bare = part.strip()
    return bare if len(bare) > _SHORT else part


def _caseless(char: str) -> bool:
    return " " <= char <= "~" or (char > "\x9f" and char.lower() == char == char.upper() and char != "\u0307")


def head_of(need: Need) -> str:
    """The field that is asked for: the whole name, or what stands before the path in labels and payloads."""
    head, _, rest = need.field.partition(".")
    return head if rest and head not in {"resource", "http"} else need.field


def log_piece(need: Need) -> str:
    """The longest part of a log's name that its entries have as it is; others are written with escapes there."""
    return max(_NAME.findall(need.value) if isinstance(need.value, str) else [], key=len, default="")


def _log_term(need: Need) -> str:
    piece = log_piece(need)
    return f"logName:{_quoted(piece)}" if piece else "logName:*"


def _status_term(need: Need) -> str:
    bound = status_bound(need)
    term = f"httpRequest.status{bound}"
    # An entry without a request has the default status of 0.
    return f"(httpRequest.status>0 AND {term})" if bound[0] == "<" else term


def status_bound(need: Need) -> str:
    """How the status of a request is to compare, as both query languages write it: ``>=500``."""
    value: object = need.value
    if isinstance(value, str) and need.operator is Operator.EQUALS and value.isdecimal():
        value = int(value)
    if need.operator in _NUMBERS and isinstance(value, int | float) and not isinstance(value, bool):
        return f"{_NUMBERS[need.operator]}{value:g}"
    return ">0"


def _text_term(path: str) -> Callable[[Need], str]:
    def term(need: Need) -> str:
        piece = piece_of(need.value) if isinstance(need.value, str) else ""
        return f"{path}:{_quoted(piece)}" if piece else f"{path}:*"

    return term


def _label_term(need: Need) -> str:
    return _text_term(f"labels.{_segment(need.field.partition('.')[2])}")(need)


def _payload_term(need: Need) -> str:
    """The field is there, under each path that its dotted name may mean."""
    head, *names = need.field.split(".")
    paths = [names[:1]]
    for name in names[1:]:
        paths = [longer for path in paths for longer in ([*path, name], [*path[:-1], f"{path[-1]}.{name}"])]
    terms = [".".join([_PAYLOADS[head], *map(_segment, path)]) + ":*" for path in paths]
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"


_FIELD_TERMS: Mapping[str, Callable[[Need], str]] = {
    "log": _log_term,
    "http.status": _status_term,
    "http.path": _text_term("httpRequest.requestUrl"),
    "http.method": _text_term("httpRequest.requestMethod"),
    "resource.type": _text_term("resource.type"),
    "labels": _label_term,
    "json": _payload_term,
    "proto": _payload_term,
}


def _segment(name: str) -> str:
    return name if _IDENTIFIER.fullmatch(name) else _quoted(name)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
