"""Which files a user's paths, folders and patterns name, and which shards of a sink cannot matter to a window."""

from __future__ import annotations

import glob
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from analyzer.errors import SourceError
from analyzer.times import SECOND, parse_timestamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from analyzer.model import Window

__all__ = ["STANDARD_INPUT", "Target", "find_targets", "outside"]

STANDARD_INPUT = "-"

_SUFFIXES = (".json", ".ndjson", ".jsonl")
_SHARD = re.compile(r"(?:^|/)(\d{4})/(\d\d)/(\d\d)/(\d\d:\d\d:\d\d)_(\d\d:\d\d:\d\d)_[A-Z]\d+(?:\.[\w.]+)?$", re.ASCII)
_DAY = 86_400 * SECOND
_FUTURE, _PAST = _DAY, 30 * _DAY


class Target(msgspec.Struct, frozen=True):
    """One input.

    Attributes:
        path: What to open; None for standard input.
        name: What to call it.
        size: Its bytes; None where they cannot be known before the end.
    """

    path: str | None
    name: str
    size: int | None = None


def find_targets(inputs: Sequence[str]) -> Iterator[Target | SourceError]:
    """The files behind ``inputs``, each once, or why there is none.

    A folder stands for the ``.json``, ``.ndjson`` and ``.jsonl`` files in and below it (``.gz`` or not), by name; a
    path that does not exist may be a pattern (``logs/**/*.json``); ``-`` is standard input.
    """
    seen: set[str] = set()
    for given in inputs:
        for found in _expand(given):
            if isinstance(found, Target):
                key = os.path.realpath(found.path) if found.path is not None else STANDARD_INPUT
                if key in seen:
                    continue
                seen.add(key)
            yield found


def _expand(given: str) -> Iterator[Target | SourceError]:
    if given == STANDARD_INPUT:
        yield Target(None, "standard input")
        return
    try:
        mode = os.stat(given).st_mode  # noqa: PTH116 - a null byte in the text must be an error here too
    except (OSError, ValueError) as error:
        matches = sorted(glob.glob(given, recursive=True)) if glob.has_magic(given) else []  # noqa: PTH207 - as typed
        if not matches:
            yield _missing(given, error)
        for match in matches:
            # A pattern such as ** names folders beside their files: only the files are meant.
            if not Path(match).is_dir():
                yield _file(match)
        return
    if not stat.S_ISDIR(mode):
        yield _file(given)
        return
    files = list(_below(given))
    yield from map(_file, files)
    if not files:
        yield SourceError(f"no log files in {given}", hint=f"looked for {', '.join(_SUFFIXES)}, also with .gz")


def _missing(given: str, error: Exception) -> SourceError:
    if glob.has_magic(given):
        return SourceError(f"no file matches {given}", hint="quote the pattern, or check the folder it starts in")
    why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return SourceError(f"cannot read {given!r}: {why.lower()}", hint="give a file, a folder, a pattern, or - for stdin")


def _below(folder: str) -> Iterator[str]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and name.lower().removesuffix(".gz").endswith(_SUFFIXES):
                yield os.path.join(place, name)  # noqa: PTH118 - names as they are, not normalised


def _file(path: str) -> Target:
    try:
        found = Path(path).stat()
    except OSError:
        return Target(path, path)
    return Target(path, path, found.st_size if stat.S_ISREG(found.st_mode) else None)


def outside(path: str, window: Window) -> bool:
    """Whether ``path`` is a sink's shard that can hold no entry of ``window``.

    A shard is named for an hour: ``LOG_NAME/YYYY/MM/DD/HH:MM:SS_HH:MM:SS_S0.json``. Whether that is the entries' own
    time or that of their arrival, an entry is stamped at most 24 hours later and 30 days earlier than it arrives
    (https://cloud.google.com/logging/quotas), so that only shards beyond these limits are left out.
    """
    shard = _SHARD.search(path.replace(os.sep, "/"))
    if shard is None:
        return False
    year, month, day, begin, end = shard.groups()
    try:
        first = parse_timestamp(f"{year}-{month}-{day}T{begin}Z")
        last = parse_timestamp(f"{year}-{month}-{day}T{end}Z")
    except ValueError:
        return False
    if last < first:
        last += _DAY
    return last + SECOND + _FUTURE <= window.start or first - _PAST >= window.end
