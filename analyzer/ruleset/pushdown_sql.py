"""Rules as a condition in SQL: what a log bucket's view in BigQuery must send so that no rule misses an entry.

The columns are those of Log Analytics (https://cloud.google.com/logging/docs/analyze/query-and-view): ``severity``,
``http_request``, ``log_name``, ``resource``, ``labels``, ``json_payload``, ``proto_payload``; beside them
``log_entry``, the row as JSON, in which texts are looked for wherever they stand.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from analyzer.googlesql import literal, pattern
from analyzer.ruleset.pushdown import (
    MARKS,
    Pushdown,
    head_of,
    log_piece,
    make_plan,
    open_to_all,
    piece_of,
    status_bound,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from analyzer.needs import Need
    from analyzer.rule import Rule

__all__ = ["push_down_sql"]

_LONGEST: Final = 8_000
"""Characters that one regular expression has at most: RE2 refuses patterns whose program grows too large."""

_SEVERE: Final = "severity IN ('WARNING', 'ERROR', 'CRITICAL', 'ALERT', 'EMERGENCY')"


def push_down_sql(rules: Sequence[Rule]) -> Pushdown:
    """The condition that every row passes which some rule may match, or which by itself tells of an error.

    An error is the same as for :func:`~analyzer.ruleset.pushdown.push_down`. Texts need no shortening: BigQuery takes
    queries of a million characters.
    """
    plan = make_plan(rules)
    if plan.open:
        return open_to_all(plan)
    marked = _stands(MARKS)
    terms = [_SEVERE, "http_request.status>=500", f"(COALESCE(severity, 'DEFAULT') = 'DEFAULT' AND {marked})"]
    terms += dict.fromkeys(_FIELD_TERMS[head_of(need)](need) for need in plan.fields)
    terms += [f"({_stands([one])} AND {_stands([other])})" for one, other in plan.pairs]
    terms += map(_stands, _packed(plan.texts))
    return Pushdown("\n  OR ".join(terms))


def _stands(texts: Iterable[str]) -> str:
    """One of the texts stands in the row."""
    return _matches("log_entry", "|".join(map(_spelled, texts)))


def _matches(column: str, regex: str) -> str:
    """The column has what the pattern looks for, in letters of any case."""
    return f"REGEXP_CONTAINS({column}, {literal(f'(?i){regex}')})"


def _spelled(text: str) -> str:
    """A text as JSON spells it, as a pattern."""
    return pattern(json.dumps(text, ensure_ascii=False)[1:-1])


def _packed(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in groups that make one pattern each."""
    group: list[str] = []
    size = 0
    for text in texts:
        if group and size + len(text) > _LONGEST:
            yield group
            group, size = [], 0
        group.append(text)
        size += len(text)
    if group:
        yield group


def _log_term(need: Need) -> str:
    piece = log_piece(need)
    return _matches("log_name", pattern(piece)) if piece else "log_name IS NOT NULL"


def _text_term(column: str) -> Callable[[Need], str]:
    def term(need: Need) -> str:
        piece = piece_of(need.value) if isinstance(need.value, str) else ""
        return _matches(column, pattern(piece)) if piece else f"{column} IS NOT NULL"

    return term


def _label_term(need: Need) -> str:
    piece = piece_of(need.value) if isinstance(need.value, str) else ""
    return _matches("TO_JSON_STRING(labels)", _spelled(piece) if piece else _ending(need.field.partition(".")[2]))


def _json_term(need: Need) -> str:
    """The field is there; a dotted name may be a path, so that its end alone is sure to be a name's end."""
    return _matches("TO_JSON_STRING(json_payload)", _ending(need.field.rpartition(".")[2]))


def _ending(name: str) -> str:
    """Finds a name of JSON that ends so."""
    return _spelled(name) + r'"\s*:'


_FIELD_TERMS: Mapping[str, Callable[[Need], str]] = {
    "log": _log_term,
    "http.status": lambda need: f"http_request.status{status_bound(need)}",
    "http.path": _text_term("http_request.request_url"),
    "http.method": _text_term("http_request.request_method"),
    "resource.type": _text_term("resource.type"),
    "labels": _label_term,
    "json": _json_term,
    "proto": lambda _: "proto_payload IS NOT NULL",
}
