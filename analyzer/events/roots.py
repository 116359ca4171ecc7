"""The line of a traceback that names its root exception: the one raised first, not the one printed last."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from analyzer.lines import Kind, kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["root_line"]

_TRACE = re.compile(
    r"Traceback \(most recent|^[ \t]*at \S|^panic: |^fatal error: |^Caused by:|\[cause\]: |panicked at|---> |Uncaught "
    r"|^[ \t]+from \S+:\d+|:\d+:in [`']|^#0 |^goroutine \d",
    re.MULTILINE,
)
_GUTTER = re.compile(r"[\s|]*")
_JAVA_CAUSE = re.compile(r"Caused by: ?(?P<what>.*)")
_NODE_CAUSE = re.compile(r"\s*\[cause\]: (?P<what>.+?)(?: \{)?$")
_NET_CAUSE = re.compile(r".*---> (?P<what>.+)")
_NUMBERED = re.compile(r"\s+(?:\d+: )?(?P<what>\S.*)")
_HEADS = (
    re.compile(r"(?:.*\s)?(?P<what>panic: .+|fatal error: .+)"),
    re.compile(r".*?(?P<what>Uncaught .+)"),
    re.compile(r"(?P<what>\S+\.rb:\d+:in [`'].*?': .+)"),
)
_RUST_OLD = re.compile(r"thread '[^']*' panicked at '")
_RUST = re.compile(r"thread '[^']*' (?:\(\d+\) )?panicked at .*:$")
_LONGEST = 2000
_DEEPEST = 5000
_UPWARD = 12


def root_line(message: str) -> str:
    """The line that names the root exception of a traceback, verbatim but for what surrounds it; "" without one.

    In Python's chains ("direct cause", "during handling") that is the first exception printed; in Java's, Node's,
    Ruby's, .NET's and Rust's the last cause.
    """
    if "\n" not in message or _TRACE.search(message) is None:
        return ""
    lines = message.split("\n", _DEEPEST)[:_DEEPEST]
    root = _python(lines) or _cause(lines) or _head(lines) or _above_frames(lines)
    return root.strip()[:_LONGEST]


def _python(lines: Sequence[str]) -> str:
    """The exception of the first traceback; of an exception group, that of its first member."""
    gutter: str | None = None
    framed = False
    found = ""
    for line in lines:
        head = line.find("Traceback (most recent call last)")
        if head >= 0:
            gutter, framed = line[:head].replace("+ Exception Group ", "| "), False
            gutter = gutter if not gutter.strip() or gutter.strip() == "|" else ""
            continue
        if gutter is None:
            continue
        depth = _depth(line)
        if depth > len(gutter.rstrip()) + (1 if "|" in gutter else 0) or not line.strip(" |"):
            framed = True
            continue
        said = line[_GUTTER.match(line).end() :] if line else ""  # type: ignore[union-attr]
        if framed and said and not said.startswith("+"):
            found = said
            gutter = None
            if not found.startswith(("ExceptionGroup", "BaseExceptionGroup")):
                return found
    return found


def _depth(line: str) -> int:
    found = _GUTTER.match(line)
    return found.end() if found else 0


def _cause(lines: Sequence[str]) -> str:
    for at in range(len(lines) - 1, -1, -1):
        line = lines[at]
        for pattern in (_JAVA_CAUSE, _NODE_CAUSE, _NET_CAUSE):
            found = pattern.match(line)
            if found is not None:
                return found["what"] or _below(lines, at + 1)
    return ""


def _below(lines: Sequence[str], start: int) -> str:
    """The cause under a bare "Caused by:": the next line (Ruby), or the last of an indented list (Rust's anyhow)."""
    last = ""
    for line in lines[start:]:
        found = _NUMBERED.match(line)
        if not line.strip() or found is None:
            return last or (line if line.strip() else "")
        last = found["what"]
    return last


def _head(lines: Sequence[str]) -> str:
    for at, line in enumerate(lines):
        if _RUST.match(line) and not _RUST_OLD.match(line):
            return next((below for below in lines[at + 1 :] if below.strip()), line)
        if _RUST_OLD.match(line):
            return line
        for pattern in _HEADS:
            found = pattern.match(line)
            if found is not None:
                return found["what"]
    return ""


def _above_frames(lines: Sequence[str]) -> str:
    """The exception's name stands above its frames, with further lines of its text between."""
    for at, line in enumerate(lines):
        if kind_of(line) is not Kind.FRAME:
            continue
        above = [line for line in reversed(lines[max(at - _UPWARD, 0) : at]) if line.strip()]
        named = (line for line in above if kind_of(line) is Kind.EXCEPTION)
        flush = (line for line in above if line[0] not in " \t" and "Traceback (most recent" not in line)
        return next(named, next(flush, ""))
    return ""
