"""Rule files to a set of rules: which files, the pack's and the user's, and what becomes of their faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from analyzer.errors import RuleError
from analyzer.resources import rule_pack
from analyzer.ruleset.assemble import RuleSet, assemble
from analyzer.ruleset.cache import digest, keep, recall
from analyzer.ruleset.guard import MAX_BYTES, read_bytes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from analyzer.ruleset.nodes import Node

__all__ = ["RuleSet", "load_collecting", "load_rules", "read_rules"]

_SUFFIXES: Final = frozenset({".yml", ".yaml"})


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
    contents: list[tuple[str, bytes]] = []
    files: list[str] = []
    for path, label in _files(paths, errors, pack=pack):
        files.append(label)
        try:
            contents.append((label, _content(path, label)))
        except RuleError as error:
            errors.append(error)
    name = digest(contents, disable)
    known = None if errors else recall(name)
    if known is not None:
        return known, []
    loaded = msgspec.structs.replace(_assembled(contents, errors, disable), files=tuple(files))
    if not errors:
        keep(name, loaded)
    return loaded, sorted(errors, key=lambda e: (e.path, e.line, e.column))


def _assembled(contents: Sequence[tuple[str, bytes]], errors: list[RuleError], disable: Collection[str]) -> RuleSet:
    nodes: list[Node] = []
    for label, content in contents:
        try:
            nodes += read_bytes(content, label)
        except RuleError as error:
            errors.append(error)
    return assemble(nodes, errors, disable)


def read_rules(text: str, path: str = "") -> RuleSet:
    """The rules of a text, for drafts, examples and tests.

    Raises:
        RuleError: The first fault.
    """
    errors: list[RuleError] = []
    loaded = assemble(read_bytes(text.encode("utf-8", "surrogatepass"), path), errors, ())
    if errors:
        raise errors[0]
    return loaded


def _files(paths: Sequence[Path], errors: list[RuleError], *, pack: bool) -> Iterator[tuple[Path, str]]:
    """Each rule file once, with the name that errors call it by."""
    if pack:
        root = rule_pack()
        for path in _inside(root):
            yield path, str(path.relative_to(root))
    for path in dict.fromkeys(paths):
        if path.is_dir():
            found = _inside(path)
            if not found:
                errors.append(
                    RuleError("the folder holds no rule files", path=str(path), hint="rule files end in .yml")
                )
            for file in found:
                yield file, str(file)
        elif path.exists():
            yield path, str(path)
        else:
            errors.append(RuleError("there is no such file or folder", path=str(path)))


def _inside(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in _SUFFIXES and path.is_file())


def _content(path: Path, label: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise RuleError(f"cannot be read: {error.strerror}", path=label) from error
