"""Rule files to a set of rules: the pack's and the user's, and what becomes of their faults.

What reads YAML is imported only where rules are not known from an earlier run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from analyzer.errors import RuleError
from analyzer.ruleset.cache import digest, keep_rules, recall_rules
from analyzer.ruleset.files import rule_files
from analyzer.ruleset.rule_set import RuleSet

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from pathlib import Path

    from analyzer.ruleset.nodes import Node
    from analyzer.ruleset.rule_set import Parts

__all__ = ["RuleSet", "load_collecting", "load_rules", "read_rules"]


def load_rules(paths: Sequence[Path], *, pack: bool = True, disable: Collection[str] = ()) -> RuleSet:
    """Load the rules of a run.

    Args:
        paths: The user's rule files and folders; folders are searched for ``.yml`` and ``.yaml``.
        pack: The built-in rules are loaded before them.
        disable: Names of rules and filters to leave out.

    Raises:
        RuleError: The first fault of any file.
        ConfigError: ``disable`` names no rule.
    """
    loaded, errors = load_collecting(paths, pack=pack, disable=disable)
    if errors:
        raise errors[0]
    return loaded


def load_collecting(
    paths: Sequence[Path], *, pack: bool = True, disable: Collection[str] = ()
) -> tuple[RuleSet, list[RuleError]]:
    """As :func:`load_rules`, but a rule with a fault is left out and its fault returned beside the others.

    Raises:
        ConfigError: ``disable`` names no rule.
    """
    errors: list[RuleError] = []
    contents = list(rule_files(paths, errors, pack=pack))
    name = digest(contents, disable)
    known = None if errors else recall_rules(name)
    if known is not None:
        return known.joined(), []
    parts = msgspec.structs.replace(_read(contents, errors, disable), files=tuple(label for label, _ in contents))
    loaded = parts.joined()
    if not errors:
        keep_rules(name, msgspec.structs.replace(parts, needs=loaded.rules.needs))
    return loaded, sorted(errors, key=lambda e: (e.path, e.line, e.column))


def read_rules(text: str, path: str = "") -> RuleSet:
    """The rules of a text, for drafts, examples and tests.

    Raises:
        RuleError: The first fault.
    """
    errors: list[RuleError] = []
    parts = _read([(path, text.encode("utf-8", "surrogatepass"))], errors, ())
    if errors:
        raise errors[0]
    return parts.joined()


def _read(contents: Iterable[tuple[str, bytes]], errors: list[RuleError], disable: Collection[str]) -> Parts:
    from analyzer.ruleset.assemble import assemble  # noqa: PLC0415  (see the module's docstring)
    from analyzer.ruleset.guard import read_bytes  # noqa: PLC0415

    nodes: list[Node] = []
    for label, content in contents:
        try:
            nodes += read_bytes(content, label)
        except RuleError as error:
            errors.append(error)
    return assemble(nodes, errors, disable)
