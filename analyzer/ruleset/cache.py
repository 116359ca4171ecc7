"""Rules as they were loaded last: reading YAML takes longer than a small run.

Their name says what they were made of: the rule files, and the code that reads them and finds what they need.
"""

from __future__ import annotations

import hashlib
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from analyzer.kept import keep, recall
from analyzer.ruleset.rule_set import Parts
from analyzer.version import __version__

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["digest", "keep_rules", "recall_rules"]

_KEPT: Final = 8
"""Sets that are kept: one for each that someone works with."""

_SUFFIX: Final = ".rules"

_PACKAGE = Path(__file__).parents[1]
_FOLDERS = (_PACKAGE / "ruleset", _PACKAGE / "literals")
_MODULES = (_PACKAGE / "needs.py", _PACKAGE / "regex.py", _PACKAGE / "rule.py")


def digest(files: Iterable[tuple[str, bytes]], disable: Collection[str]) -> str:
    """What a set of rules is made of, as 32 hex digits.

    Args:
        files: Label and content of each rule file.
        disable: Names of rules that are left out.
    """
    found = hashlib.blake2b(digest_size=16)
    found.update(repr((__version__, _code(), sorted(disable))).encode())
    for label, content in files:
        found.update(f"\0{label}\0{len(content)}\0".encode("utf-8", "surrogateescape"))
        found.update(content)
    return found.hexdigest()


def _code() -> list[int]:
    """When what has a say in the making of rules was written last: code of ours, and RE2, which may refuse patterns."""
    engine = find_spec("re2")
    installed = engine.submodule_search_locations or () if engine is not None else ()
    ours = [file.stat() for folder in _FOLDERS for file in os.scandir(folder) if file.name.endswith(".py")]
    return sorted(found.st_mtime_ns for found in (*ours, *map(os.stat, (*_MODULES, *installed))))


def recall_rules(name: str) -> Parts | None:
    """The rules kept under a digest; None where there are none that can be read."""
    body = recall(name + _SUFFIX)
    if body is None:
        return None
    try:
        return msgspec.msgpack.decode(body, type=Parts)
    except (ValueError, msgspec.MsgspecError):
        return None


def keep_rules(name: str, rules: Parts) -> None:
    """Keep rules under a digest, for the next run."""
    try:
        body = msgspec.msgpack.encode(rules)
        if msgspec.msgpack.decode(body, type=Parts) != rules:
            return  # a rule's test holds what cannot be kept, such as a date
    except (TypeError, ValueError, OverflowError, msgspec.MsgspecError):
        return
    keep(name + _SUFFIX, body, most=_KEPT)
