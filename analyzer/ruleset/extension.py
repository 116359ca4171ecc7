"""The ``loganalyze:`` key: everything a rule says that Sigma has no word for."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from analyzer.regex import compile_pattern
from analyzer.rule import Category, Extract, Role
from analyzer.ruleset.detections import checked_pattern
from analyzer.ruleset.fields import check_field
from analyzer.ruleset.gather import gathered
from analyzer.ruleset.inline_tests import inline_tests
from analyzer.ruleset.nodes import nearest
from analyzer.ruleset.templates import TEMPLATE_NAMES, check_template

if TYPE_CHECKING:
    import enum
    from collections.abc import Callable, Collection, Iterable, Mapping

    from analyzer.ruleset.nodes import Node

__all__ = ["EXTENSION_KEYS", "EXTRACT_KEYS", "Extension", "extension"]

EXTENSION_KEYS: Final = (
    "category",
    "role",
    "extract",
    "title",
    "problem",
    "impact",
    "next_steps",
    "phase",
    "caused_by",
    "spans_services",
    "contradicts",
    "tests",
)
"""What may stand under ``loganalyze:``."""

EXTRACT_KEYS: Final = ("field", "pattern", "patterns")
"""What may stand under an extracted name, where a pattern alone does not do."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Extension(NamedTuple):
    """The key, read.

    Attributes:
        values: Attributes of :class:`~analyzer.rule.Rule`.
        references: Nodes that name rules or categories, which must exist once everything is loaded.
    """

    values: dict[str, Any]
    references: tuple[Node, ...]


def extension(node: Node | None, inherited: Iterable[str] = ()) -> Extension:
    """Read the ``loganalyze:`` key.

    Args:
        node: Its value; None for a rule that has none, which is then a failure of the category ``other``.
        inherited: Names that the rules of a correlation extract.

    Raises:
        RuleError: It holds an unknown key, or a value that does not fit.
    """
    if node is None:
        return Extension({"category": Category.OTHER, "role": Role.FAILURE}, ())
    values = node.mapping("'loganalyze'")
    first = gathered(
        {
            "keys": lambda: node.only(EXTENSION_KEYS, "'loganalyze'"),
            "category": lambda: _member(Category, node, "category"),
            "role": lambda: _member(Role, node, "role"),
            "extract": lambda: _extracts(values["extract"]) if "extract" in values else (),
        }
    )
    del first["keys"]
    names = {extract.name for extract in first["extract"]} | set(inherited)
    steps: dict[str, Callable[[], Any]] = {
        attribute: functools.partial(check_template, values[key], names, f"'{key}'")
        for key, attribute in (("title", "headline"), ("problem", "problem"), ("impact", "impact"))
        if key in values
    }
    readers: Mapping[str, Callable[[Node], Any]] = {
        "next_steps": lambda item: _next_steps(item, names),
        "phase": lambda item: item.string("'phase'"),
        "spans_services": lambda item: item.flag("'spans_services'"),
        "caused_by": lambda item: item.strings("'caused_by'"),
        "contradicts": lambda item: item.strings("'contradicts'"),
        "tests": lambda item: inline_tests(item, names),
    }
    steps |= {key: functools.partial(reader, values[key]) for key, reader in readers.items() if key in values}
    named = [values[key] for key in ("caused_by", "contradicts") if key in values]
    references = tuple(item for several in named for item in (list(several) or [several]))
    return Extension(first | gathered(steps), references)


def _next_steps(node: Node, names: Collection[str]) -> tuple[str, ...]:
    return tuple(check_template(step, names, "each of 'next_steps'") for step in node.items("'next_steps'"))


def _member(kind: type[enum.StrEnum], node: Node, key: str) -> enum.StrEnum:
    value = node.required(key, "'loganalyze'")
    word = value.string(f"'{key}'")
    known = [str(member) for member in kind]
    if word not in known:
        raise value.error(f"there is no {key} '{word}'", hint=nearest(word, known))
    return kind(word)


def _extracts(node: Node) -> tuple[Extract, ...]:
    return tuple(_extract(name, value, node) for name, value in node.mapping("'extract'").items())


def _extract(name: str, node: Node, parent: Node) -> Extract:
    if not _NAME.fullmatch(name):
        raise parent.key_error(name, f"'{name}' is no name for a template", hint="lower-case letters, digits and _")
    if name in TEMPLATE_NAMES:
        raise parent.key_error(name, f"'{name}' has a meaning in every template", hint="choose another name")
    field, source = "message", node
    if isinstance(node.value, dict):
        values = node.only(EXTRACT_KEYS, f"'{name}'")
        if "field" in values:
            field = check_field(values["field"].string("'field'"), values["field"])
        if ("pattern" in values) == ("patterns" in values):
            raise node.error(f"'{name}' needs either 'pattern' or 'patterns'")
        source = values.get("pattern") or values["patterns"]
    nodes = tuple(source) or (source,)
    return Extract(name, tuple(_named_pattern(name, item) for item in nodes), field, node.line)


def _named_pattern(name: str, node: Node) -> str:
    pattern = checked_pattern(node.string(f"the pattern of '{name}'"), node)
    if name not in compile_pattern(pattern).groups:
        raise node.error(f"the pattern has no group '{name}'", hint=f"write (?P<{name}>...) around what it is")
    return pattern
