"""The Jinja templates inside rules: their syntax, and the names and filters they may use.

Most of them are texts with ``{{ name }}`` in them, and are checked without Jinja, whose import and parser would take
longer than all the rest of loading a rule pack.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, Final

from analyzer.ruleset.nodes import nearest

if TYPE_CHECKING:
    from collections.abc import Collection

    from jinja2 import Environment

    from analyzer.ruleset.nodes import Node

__all__ = ["TEMPLATE_FILTERS", "TEMPLATE_NAMES", "check_template"]

TEMPLATE_NAMES: Final = ("count", "first", "last", "revision", "service", "starts")
"""What every template of a rule may use beside the extracted names."""

TEMPLATE_FILTERS: Final = ("names", "plain")
"""Filters beside Jinja's own: a list of names, comma separated, in code spans (``names``) or bare (``plain``)."""

_PLAIN_FILTERS: Final = frozenset(
    {"first", "join", "last", "length", "lower", "names", "plain", "sort", "title", "trim", "upper"}
)
_SIMPLE = re.compile(r"\{\{-?\s*([a-z_][a-z0-9_]*)((?:\s*\|\s*[a-z_]+)*)\s*-?\}\}")
_MARK = re.compile(r"\{[{%#]|[%#}]\}")


def check_template(node: Node, extracted: Collection[str], what: str) -> str:
    """The template's text.

    Args:
        node: Where it stands.
        extracted: Names that the rule extracts.
        what: The key, for messages.

    Raises:
        RuleError: It is no text, its syntax is wrong, or it uses a name or filter that there is not.
    """
    text = node.string(what)
    if "{" not in text:
        return text
    names: set[str] = set()
    simple = True
    for name, filters in _SIMPLE.findall(text):
        names.add(name)
        simple &= all(filter_.strip() in _PLAIN_FILTERS for filter_ in filters.split("|")[1:])
    if not simple or _MARK.search(_SIMPLE.sub("", text)):
        names = _parsed_names(text, node, what)
    known = {*TEMPLATE_NAMES, *extracted}
    for name in sorted(names - known):
        raise node.error(f"{what} uses '{name}', which the rule does not extract", hint=nearest(name, known))
    return text


def _first_sentence(error: Exception) -> str:
    return str(error).split(". ")[0].rstrip(".")


@functools.cache
def _environment() -> Environment:
    from jinja2 import Environment  # noqa: PLC0415 - only templates with expressions need it

    environment = Environment(autoescape=False)  # noqa: S701 - templates are parsed here, never rendered
    environment.filters.update(dict.fromkeys(TEMPLATE_FILTERS, str))
    return environment


def _parsed_names(text: str, node: Node, what: str) -> set[str]:
    environment = _environment()
    from jinja2 import TemplateSyntaxError, meta, nodes  # noqa: PLC0415 - loaded with the environment

    try:
        tree = environment.parse(text)
    except TemplateSyntaxError as error:
        raise node.error(f"{what} is no template: {_first_sentence(error)}") from error
    except RecursionError as error:
        raise node.error(f"{what} is nested too deeply") from error
    for used in tree.find_all(nodes.Filter):
        if used.name not in environment.filters:
            raise node.error(f"there is no filter '{used.name}'", hint=nearest(used.name, environment.filters))
    # What another rule of the incident extracted may be used where the template asks first whether it is there.
    asked = [test.node for test in tree.find_all(nodes.Test) if test.name == "defined"]
    guarded = {name.name for name in asked if isinstance(name, nodes.Name)}
    return set(meta.find_undeclared_variables(tree)) - guarded
