"""Rules as they were loaded last, kept in the user's cache folder: reading YAML takes longer than a small run.

The name of a file says what it was made of: the rule files, and the code that reads them. A file that is damaged, or a
folder that cannot be written, only costs the time that it would have saved.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from analyzer.ruleset.assemble import RuleSet
from analyzer.version import __version__

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["digest", "keep", "recall"]

_KEPT: Final = 8
"""Files that are kept: one for each set of rules that someone works with."""

_CODE = Path(__file__).parent


def digest(files: Iterable[tuple[str, bytes]], disable: Collection[str]) -> str:
    """What a set of rules is made of, as 32 hex digits.

    Args:
        files: Label and content of each rule file.
        disable: Names of rules that are left out.
    """
    found = hashlib.blake2b(digest_size=16)
    code = sorted(path.stat().st_mtime_ns for path in [*_CODE.glob("*.py"), _CODE.parent / "rule.py"])
    found.update(repr((__version__, code, sorted(disable))).encode())
    for label, content in files:
        found.update(f"\0{label}\0{len(content)}\0".encode("utf-8", "surrogateescape"))
        found.update(content)
    return found.hexdigest()


def recall(name: str) -> RuleSet | None:
    """The rules kept under a digest; None where there are none that can be read."""
    try:
        packed = (_folder() / f"{name}.rules").read_bytes()
        check, body = packed[:16], packed[16:]
        if hashlib.blake2b(body, digest_size=16).digest() != check:
            return None
        return msgspec.msgpack.decode(body, type=RuleSet)
    except (OSError, ValueError, msgspec.MsgspecError):
        return None


def keep(name: str, rules: RuleSet) -> None:
    """Keep rules under a digest, for the next run."""
    try:
        body = msgspec.msgpack.encode(rules)
        if msgspec.msgpack.decode(body, type=RuleSet) != rules:
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
