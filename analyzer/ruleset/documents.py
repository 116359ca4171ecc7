"""One YAML document to a rule: Sigma's own keys. The ``loganalyze:`` key and correlations have modules of their own."""

from __future__ import annotations

import difflib
import functools
import re
import uuid
from typing import TYPE_CHECKING, Any, Final

import msgspec

from analyzer.rule import Condition, Correlation, Level, Or, Rule
from analyzer.ruleset.conditions import ConditionSyntaxError, parse_condition
from analyzer.ruleset.correlations import correlation, field_nodes
from analyzer.ruleset.detections import detection
from analyzer.ruleset.extension import extension
from analyzer.ruleset.fields import check_field
from analyzer.ruleset.findings import Finding, FindingSeverity
from analyzer.ruleset.gather import gathered
from analyzer.ruleset.nodes import Node, nearest

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["LOGSOURCE_KEYS", "SIGMA_KEYS", "STATUSES", "Document", "condition_of", "kind_of", "metadata", "read_rule"]

SIGMA_KEYS: Final = (
    "title",
    "id",
    "name",
    "taxonomy",
    "related",
    "status",
    "description",
    "license",
    "author",
    "references",
    "date",
    "modified",
    "logsource",
    "detection",
    "correlation",
    "filter",
    "fields",
    "falsepositives",
    "level",
    "tags",
    "scope",
    "loganalyze",
)
"""The keys of a document: Sigma 2.1's and our one."""

LOGSOURCE_KEYS: Final = ("category", "product", "service", "definition")
"""The keys of a logsource."""

STATUSES: Final = ("stable", "test", "experimental", "deprecated", "unsupported")
"""Sigma's words for how well a rule is tried."""

_NAME = re.compile(r"[a-z0-9_]+")
_LONGEST_TITLE: Final = 256


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as read, with what only the whole set can check.

    Attributes:
        rule: The rule; names of others in it are as written.
        node: The document.
        references: Nodes that name rules or categories.
        warnings: What is odd about it.
    """

    rule: Rule
    node: Node
    references: tuple[Node, ...] = ()
    warnings: tuple[Finding, ...] = ()


def kind_of(node: Node) -> str:
    """``detection``, ``correlation`` or ``filter``.

    Raises:
        RuleError: The document is none of them, or several at once.
    """
    values = node.mapping("a rule")
    kinds = [kind for kind in ("detection", "correlation", "filter") if kind in values]
    if len(kinds) == 1:
        return kinds[0]
    if kinds:
        raise node.key_error(kinds[1], f"one document holds one of {' and '.join(kinds)}", hint="put --- between them")
    typo = next((key for key in values if difflib.get_close_matches(key, ("detection", "correlation"), 1, 0.8)), "")
    hint = f"is '{typo}' meant to be it?" if typo else ""
    raise node.error("a rule needs 'detection', 'correlation' or 'filter'", hint=hint)


def read_rule(node: Node, inherited: Collection[str] = ()) -> Document:
    """Read a detection or correlation document.

    Args:
        node: The document.
        inherited: For a correlation, the names that its rules extract.

    Raises:
        RuleError: It is no such document.
    """
    own = node.mapping("a rule")
    correlated = kind_of(node) == "correlation"
    read = gathered(
        {
            "metadata": lambda: metadata(node),
            "more": lambda: extension(own.get("loganalyze"), inherited),
            "correlation": lambda: _correlation(own["correlation"], inherited) if correlated else None,
            "detection": lambda: (None, []) if correlated else condition_of(own["detection"]),
        }
    )
    (values, warnings), more = read["metadata"], read["more"]
    condition, unused = read["detection"]
    values |= {**more.values, "correlation": read["correlation"], "condition": condition}
    warnings += [_finding(item, values["name"], f"the condition does not use '{name}'") for name, item in unused]
    rule = Rule(**values, path=node.path, line=node.line)
    return Document(rule=rule, node=node, references=more.references, warnings=tuple(warnings))


def _correlation(body: Node, inherited: Collection[str]) -> Correlation:
    found = correlation(body)
    _check_fields(body, {*inherited, *found.aliases})
    return found


def _check_fields(body: Node, names: Collection[str]) -> None:
    for item in field_nodes(body):
        if item.text not in names:
            check_field(item.text, item)


def metadata(node: Node) -> tuple[dict[str, Any], list[Finding]]:
    """Sigma's own keys of a document as attributes of a Rule, and what is odd about them.

    Raises:
        RuleError: A key is missing, misspelt, or holds what it should not.
    """
    values = node.mapping("a rule")
    read = gathered(
        {
            "title": lambda: _title(node),
            "name": lambda: _name(values.get("name"), values["title"].text if "title" in values else ""),
            "id": lambda: _identifier(values.get("id")),
            "level": lambda: Level[_word(values, "level", [level.word for level in Level], "medium").upper()],
            "status": lambda: _word(values, "status", STATUSES, "stable"),
            "description": lambda: values["description"].string("'description'") if "description" in values else "",
            "logsource": lambda: _logsource(values.get("logsource")),
            "falsepositives": lambda: _texts(values, "falsepositives"),
            "references": lambda: _texts(values, "references"),
            "odd": lambda: _unknown_keys(node),
        }
    )
    odd = read.pop("odd")
    return read, [msgspec.structs.replace(finding, rule=read["name"]) for finding in odd]


def _title(node: Node) -> str:
    item = node.required("title", "a rule")
    title = item.string("'title'")
    if len(title) > _LONGEST_TITLE:
        raise item.error(f"'title' is longer than {_LONGEST_TITLE} characters")
    return title


def _texts(values: Mapping[str, Node], key: str) -> tuple[str, ...]:
    items = values[key].items(f"'{key}'") if key in values else ()
    return tuple(item.string(f"each of '{key}'") for item in items)


def condition_of(node: Node, reserved: Collection[str] = ()) -> tuple[Condition, list[tuple[str, Node]]]:
    """The condition of a ``detection:`` or ``filter:``, and the detections that it does not use.

    Args:
        node: The mapping of detections with their ``condition``.
        reserved: Keys beside them that are no detections.

    Raises:
        RuleError: A detection or the condition cannot be understood.
    """
    what = "'filter'" if "rules" in reserved else "'detection'"
    wanted = node.required("condition", what)
    nodes = {key: item for key, item in node.mapping(what).items() if key not in {"condition", "timeframe", *reserved}}
    if "timeframe" in node.mapping(what):
        raise node.key_error("timeframe", "Sigma 2 has no 'timeframe'", hint="write a correlation rule")
    detections = gathered({name: functools.partial(detection, item) for name, item in nodes.items()})
    if not detections:
        raise node.error(f"{what} holds no detection")
    conditions = []
    used: set[str] = set()
    for item in wanted.items("'condition'") if isinstance(wanted.value, tuple) else (wanted,):
        text = item.string("'condition'")
        try:
            condition, names = parse_condition(text, detections)
        except ConditionSyntaxError as error:
            raise item.error(f"in the condition, {error.message}", hint=error.hint, offset=error.position) from error
        conditions.append(condition)
        used |= names
    unused = [(name, item) for name, item in nodes.items() if name not in used]
    return (conditions[0] if len(conditions) == 1 else Or(tuple(conditions))), unused


def _name(node: Node | None, title: str) -> str:
    """The rule's name; one without it, as Sigma allows, is called after its title."""
    if node is None:
        return re.sub(r"[^a-z0-9]+", "_", title.lower()).strip("_") or "rule"
    name = node.string("'name'")
    if not _NAME.fullmatch(name):
        hint = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
        raise node.error("a name has lower-case letters, digits and _", hint=f"write {hint}" if hint else "")
    return name


def _identifier(node: Node | None) -> str:
    if node is None:
        return ""
    try:
        return str(uuid.UUID(node.string("'id'")))
    except ValueError as error:
        raise node.error(f"'{node.text}' is no UUID", hint="python -c 'import uuid; print(uuid.uuid4())'") from error


def _word(values: dict[str, Node], key: str, known: Collection[str], default: str) -> str:
    if key not in values:
        return default
    word = values[key].string(f"'{key}'")
    if word not in known:
        raise values[key].error(f"there is no {key} '{word}'", hint=nearest(word, known))
    return word


def _logsource(node: Node | None) -> dict[str, str]:
    if node is None:
        return {}
    values = node.only(LOGSOURCE_KEYS, "'logsource'")
    return {key: value.string(f"'{key}'") for key, value in values.items()}


def _unknown_keys(node: Node) -> list[Finding]:
    """Keys that Sigma does not know are allowed there, unless they look like one that was misspelt."""
    found = []
    for key in node.mapping("a rule"):
        if key in SIGMA_KEYS:
            continue
        close = difflib.get_close_matches(key.lower(), SIGMA_KEYS, n=1, cutoff=0.75)
        if close:
            raise node.key_error(key, f"a rule has no key '{key}'", hint=f"did you mean '{close[0]}'?")
        line = node.keys.get(key, (node.line, 0))[0]
        text = f"the key '{key}' is not Sigma's and is not used"
        found.append(Finding(path=node.path, line=line, rule="", severity=FindingSeverity.WARNING, text=text))
    return found


def _finding(node: Node, rule: str, text: str) -> Finding:
    return Finding(path=node.path, line=node.line, rule=rule, severity=FindingSeverity.WARNING, text=text)
