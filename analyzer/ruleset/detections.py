"""Sigma detections to conditions: maps, lists of maps, keywords, field modifiers, wildcards.

The values keep the text that the file has, so that ``010`` or ``yes`` are compared as written. Wildcards become the
operator that says the same (``*x*`` is ``contains``), or an RE2 pattern where none does. Modifiers:
https://sigmahq.io/sigma-specification/specification/sigma-appendix-modifiers.html.
"""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING, Final

from analyzer.model import Severity
from analyzer.regex import PatternError, compile_pattern, escape
from analyzer.rule import And, Comparison, Condition, Not, Operator, Or
from analyzer.ruleset.fields import check_field
from analyzer.ruleset.nodes import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.ruleset.nodes import Node

__all__ = ["MODIFIERS", "checked_pattern", "detection"]

MODIFIERS: Final = {
    "contains": "the value stands anywhere in the field",
    "startswith": "the field starts with the value",
    "endswith": "the field ends with the value",
    "all": "every value of the list must hold, not just one",
    "re": "the value is an RE2 pattern, searched anywhere in the field; case matters",
    "i": "after re: case does not matter",
    "m": "after re: ^ and $ stand at lines",
    "s": "after re: . matches line feeds too",
    "cased": "case matters",
    "exists": "true: the entry has the field; false: it has not",
    "gt": "the field is greater than the number",
    "gte": "the field is greater than the number or equal",
    "lt": "the field is less than the number",
    "lte": "the field is less than the number or equal",
    "cidr": "the field is an IP address of the network",
    "fieldref": "the field equals another field, whose name is the value",
    "neq": "the field does not have the value",
}
"""The modifiers that rules may use, and what they mean."""

_OPERATORS: Final = {
    "contains": Operator.CONTAINS,
    "startswith": Operator.STARTSWITH,
    "endswith": Operator.ENDSWITH,
    "re": Operator.RE,
    "exists": Operator.EXISTS,
    "gt": Operator.GT,
    "gte": Operator.GTE,
    "lt": Operator.LT,
    "lte": Operator.LTE,
    "cidr": Operator.CIDR,
    "fieldref": Operator.FIELDREF,
}
_NUMERIC: Final = frozenset({Operator.GT, Operator.GTE, Operator.LT, Operator.LTE})
_RE_FLAGS: Final = frozenset("ims")
# Sigma's modifiers for encodings, Windows command lines and times say nothing about log entries.
_FOREIGN: Final = frozenset(
    {"base64", "base64offset", "wide", "utf16", "utf16le", "utf16be", "windash", "expand"}
    | {"minute", "hour", "day", "week", "month", "year"}
)
_LONGEST_TEXT: Final = 10_000
"""Characters of a text to look for; RE2 must be able to hold it, in sets with others."""

_ANY: Final = None
"""The wildcard ``*`` among the parts of a value; ``?`` is an empty text."""


def detection(node: Node) -> Condition:
    """The condition that one detection (``selection:``) stands for.

    Raises:
        RuleError: It names an unknown field or modifier, or a value does not suit its modifier.
    """
    if isinstance(node.value, dict):
        if not node.value:
            raise node.error("an empty detection matches nothing")
        return _joined([_item(key, value, node) for key, value in node.value.items()], And)
    if isinstance(node.value, tuple):
        if not node.value:
            raise node.error("an empty detection matches nothing")
        return _joined([_list_member(item) for item in node.value], Or)
    return _keyword(node)


def checked_pattern(pattern: str, node: Node, *, ignore_case: bool = False) -> str:
    """``pattern`` itself.

    Raises:
        RuleError: RE2 refuses it.
    """
    try:
        compile_pattern(pattern, ignore_case=ignore_case)
    except PatternError as error:
        reason = str(error)
        missing = reason.startswith(("invalid perl operator", "invalid escape sequence"))
        hint = "RE2 has neither look-around nor back-references" if missing else ""
        raise node.error(f"RE2 refuses the pattern: {reason}", hint=hint) from error
    return pattern


def _joined(items: list[Condition], kind: Callable[[tuple[Condition, ...]], Condition]) -> Condition:
    return items[0] if len(items) == 1 else kind(tuple(items))


def _list_member(node: Node) -> Condition:
    if isinstance(node.value, dict):
        return detection(node)
    if isinstance(node.value, tuple):
        raise node.error("a list inside a list of detections")
    return _keyword(node)


def _keyword(node: Node) -> Condition:
    if node.value is None or not node.text:
        raise node.error("an empty keyword is in every message")
    return _text_comparison("message", Operator.CONTAINS, node, cased=False)


def _item(key: str, node: Node, parent: Node) -> Condition:
    """One ``field|modifier: value`` of a detection."""
    name, *modifiers = key.split("|")
    field = check_field(name, parent, key=key) if name else "message"
    operator, options = _modifiers(modifiers, key, parent)
    if not name and operator is Operator.EQUALS:
        operator = Operator.CONTAINS
    values = node.value if isinstance(node.value, tuple) else (node,)
    if not values:
        raise node.error(f"'{key}' has an empty list of values")
    comparisons = [_comparison(field, operator, options, value) for value in values]
    condition = _joined(comparisons, And if "all" in options else Or)
    return Not(condition) if "neq" in options else condition


def _modifiers(modifiers: list[str], key: str, parent: Node) -> tuple[Operator, frozenset[str]]:
    """The one operator among the modifiers, and the others."""
    operator, given = Operator.EQUALS, ""
    for position, modifier in enumerate(modifiers):
        if modifier in _FOREIGN:
            raise parent.key_error(key, f"Sigma's modifier '{modifier}' has no meaning for log entries")
        if modifier not in MODIFIERS:
            raise parent.key_error(key, f"there is no modifier '{modifier}'", hint=nearest(modifier, MODIFIERS))
        if modifier in modifiers[:position]:
            raise parent.key_error(key, f"the modifier '{modifier}' stands twice")
        if modifier in _OPERATORS:
            if given:
                raise parent.key_error(key, f"'{given}' and '{modifier}' exclude each other")
            operator, given = _OPERATORS[modifier], modifier
        if modifier in _RE_FLAGS and "re" not in modifiers[:position]:
            raise parent.key_error(key, f"'{modifier}' must follow 're'", hint=f"write |re|{modifier}")
    if "cased" in modifiers and operator not in {Operator.EQUALS, *_TEXT_OPERATORS}:
        raise parent.key_error(key, f"'cased' means nothing beside '{given}'")
    return operator, frozenset(modifiers)


_TEXT_OPERATORS: Final = frozenset({Operator.CONTAINS, Operator.STARTSWITH, Operator.ENDSWITH})


def _comparison(field: str, operator: Operator, options: frozenset[str], node: Node) -> Condition:  # noqa: PLR0911
    """One field against one value; one return a kind of operator."""
    if isinstance(node.value, (tuple, dict)):
        raise node.error(f"a value must be a text or a number, not {node.kind}")
    if operator is Operator.EXISTS:
        return Comparison(field, operator, node.flag("the value of 'exists'"), line=node.line)
    if operator in _NUMERIC:
        return Comparison(field, operator, _number(field, node), line=node.line)
    if node.value is None:
        if operator is not Operator.EQUALS:
            raise node.error(
                f"nothing (null) cannot be compared with '{operator}'", hint="null stands without modifiers"
            )
        return Comparison(field, operator, None, line=node.line)
    if operator is Operator.RE:
        return _pattern(field, options, node)
    if operator is Operator.CIDR:
        return Comparison(field, operator, _network(node), line=node.line)
    if operator is Operator.FIELDREF:
        return Comparison(field, operator, check_field(node.string("the field"), node), line=node.line)
    return _text_comparison(field, operator, node, cased="cased" in options)


def _number(field: str, node: Node) -> float:
    if field == "severity" and isinstance(node.value, str):
        if node.value.upper() not in Severity.__members__:
            raise node.error(
                f"there is no severity '{node.value}'", hint=nearest(node.value.upper(), Severity.__members__)
            )
        return float(Severity[node.value.upper()])
    return node.number("the value to compare with")


def _network(node: Node) -> str:
    try:
        return str(ipaddress.ip_network(node.text, strict=False))
    except ValueError as error:
        raise node.error(f"'{node.text}' is no network", hint="write 10.0.0.0/8 or fd00::/8") from error


def _pattern(field: str, options: frozenset[str], node: Node) -> Comparison:
    if not node.text:
        raise node.error("an empty pattern matches every entry")
    flags = "".join(sorted(options & {"m", "s"}))
    pattern = f"(?{flags}){node.text}" if flags else node.text
    cased = "i" not in options
    return Comparison(field, Operator.RE, checked_pattern(pattern, node, ignore_case=not cased), cased, node.line)


def _text_comparison(field: str, operator: Operator, node: Node, *, cased: bool) -> Comparison:
    """A value with wildcards: ``*`` at its ends moves into the operator, others need a pattern."""
    if len(node.text) > _LONGEST_TEXT:
        raise node.error(f"a text to look for may hold {_LONGEST_TEXT:,} characters, this one has {len(node.text):,}")
    parts = _parts(node.text)
    if operator in {Operator.CONTAINS, Operator.ENDSWITH}:
        parts = [_ANY, *parts]
    if operator in {Operator.CONTAINS, Operator.STARTSWITH}:
        parts = [*parts, _ANY]
    opened = bool(parts) and parts[0] is _ANY
    closed = bool(parts) and parts[-1] is _ANY
    inner = _trimmed(parts)
    if not inner and (opened or closed):
        return Comparison(field, Operator.EXISTS, True, line=node.line)
    if all(inner):  # neither wildcard is left
        operator = {
            (True, True): Operator.CONTAINS,
            (True, False): Operator.ENDSWITH,
            (False, True): Operator.STARTSWITH,
            (False, False): Operator.EQUALS,
        }[opened, closed]
        return Comparison(field, operator, "".join(part for part in inner if part), cased, node.line)
    body = "".join(".*" if part is _ANY else escape(part) if part else "." for part in inner)
    pattern = f"(?s){'' if opened else '^'}{body}{'' if closed else '$'}"
    return Comparison(field, Operator.RE, checked_pattern(pattern, node, ignore_case=not cased), cased, node.line)


def _trimmed(parts: list[str | None]) -> list[str | None]:
    start, end = 0, len(parts)
    while start < end and parts[start] is _ANY:
        start += 1
    while end > start and parts[end - 1] is _ANY:
        end -= 1
    return parts[start:end]


def _parts(text: str) -> list[str | None]:
    r"""A value cut at its wildcards: texts, None for ``*``, an empty text for ``?``.

    A backslash before ``*``, ``?`` or a backslash takes its meaning away; before anything else it is itself.
    """
    if "*" not in text and "?" not in text and "\\" not in text:
        return [text] if text else []
    parts: list[str | None] = []
    run: list[str] = []
    escaped = False
    for char in text:
        if escaped:
            run.append(char if char in "*?\\" else f"\\{char}")
            escaped = False
        elif char == "\\":
            escaped = True
        elif char in "*?":
            parts += ["".join(run)] if run else []
            parts.append(_ANY if char == "*" else "")
            run = []
        else:
            run.append(char)
    if escaped:
        run.append("\\")
    return [*parts, "".join(run)] if run else parts
