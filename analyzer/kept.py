"""What is costly to make and the same every time, kept in the user's cache folder for the next run.

A name says what a file was made of. A file that is damaged, or a folder that cannot be written, only costs the time
that it would have saved.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["keep", "recall"]

_CHECK: Final = 16
"""Bytes before the content that tell whether it is whole."""


def recall(name: str) -> bytes | None:
    """What is kept under a name; None where there is nothing, or nothing whole."""
    try:
        packed = (_folder() / name).read_bytes()
    except OSError:
        return None
    body = packed[_CHECK:]
    return body if hashlib.blake2b(body, digest_size=_CHECK).digest() == packed[:_CHECK] else None


def keep(name: str, body: bytes, *, most: int) -> None:
    """Keep something under a name with a suffix; of files with this suffix the ``most`` last written stay."""
    try:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        part = folder / f"{name}.{os.getpid()}.part"
        part.write_bytes(hashlib.blake2b(body, digest_size=_CHECK).digest() + body)
        part.replace(folder / name)
        _forget(folder, name.rpartition(".")[2], most)
    except OSError:
        return


def _forget(folder: Path, suffix: str, most: int) -> None:
    kept = sorted(folder.glob(f"*.{suffix}"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
    for path in kept[most:]:
        with contextlib.suppress(OSError):
            path.unlink()


def _folder() -> Path:
    from platformdirs import user_cache_path  # noqa: PLC0415 - light, but only needed here

    return user_cache_path("loganalyze", appauthor=False)
