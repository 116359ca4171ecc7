"""Rules as they were loaded last, kept in the user's cache folder: reading YAML takes longer than a small run.

The name of a file says what it was made of: the rule files, and the code that reads them and finds what they need. A
file that is damaged, or a folder that cannot be written, only costs the time that it would have saved.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from analyzer.ruleset.rule_set import Parts
from analyzer.version import __version__

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["digest", "keep", "recall"]

_KEPT: Final = 8
"""Files that are kept: one for each set of rules that someone works with."""

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


def recall(name: str) -> Parts | None:
    """The rules kept under a digest; None where there are none that can be read."""
    try:
        packed = (_folder() / f"{name}.rules").read_bytes()
        check, body = packed[:16], packed[16:]
        if hashlib.blake2b(body, digest_size=16).digest() != check:
            return None
        return msgspec.msgpack.decode(body, type=Parts)
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


def keep(name: str, rules: Parts) -> None:
    """Keep rules under a digest, for the next run."""
    try:
        body = msgspec.msgpack.encode(rules)
        if msgspec.msgpack.decode(body, type=Parts) != rules:
            return  # a rule's test holds what cannot be kept, such as a date
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{name}.{os.getpid()}.part"
        part.write_bytes(hashlib.blake2b(body, digest_size=16).digest() + body)
        part.replace(folder / f"{name}.rules")
        _forget(folder)
    except (OSError, TypeError, ValueError, OverflowError, msgspec.MsgspecError):
        return


def _forget(folder: Path) -> None:
    kept = sorted(folder.glob("*.rules"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in kept[_KEPT:]:
        with contextlib.suppress(OSError):
            path.unlink()


def _folder() -> Path:
    from platformdirs import user_cache_path  # noqa: PLC0415 - light, but only needed here

    return user_cache_path("loganalyze", appauthor=False)
