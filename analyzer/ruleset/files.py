"""Which files rules are read from, and what is in them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from analyzer.errors import RuleError
from analyzer.resources import rule_pack

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ["MAX_BYTES", "rule_files"]

MAX_BYTES: Final = 4 * 1024 * 1024
"""What a rule file may hold."""

_SUFFIXES: Final = (".yml", ".yaml")


def rule_files(paths: Sequence[Path], errors: list[RuleError], *, pack: bool) -> Iterator[tuple[str, bytes]]:
    """Each rule file once: the name that errors call it by, and its content, at most a byte more than it may have.

    Args:
        paths: The user's files and folders.
        errors: What cannot be read is told here.
        pack: The built-in rules come before them.
    """
    for path, label in _files(paths, errors, pack=pack):
        try:
            with path.open("rb", buffering=0) as file:
                yield label, file.read(MAX_BYTES + 1)
        except OSError as error:
            errors.append(RuleError(f"cannot be read: {error.strerror}", path=label))


def _files(paths: Sequence[Path], errors: list[RuleError], *, pack: bool) -> Iterator[tuple[Path, str]]:
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
    """The rule files of a folder and the folders in it; what links to another folder is not gone into."""
    found = (Path(place, name) for place, _, names in os.walk(folder) for name in names if name.endswith(_SUFFIXES))
    return sorted(path for path in found if path.is_file())
