"""What a record is in the middle of: which traceback, and what must come next in it."""

from __future__ import annotations

import enum

from analyzer.lines import Kind

__all__ = ["Mode", "next_mode"]


class Mode(enum.Enum):
    """What the record is in the middle of."""

    PLAIN = enum.auto()
    PYTHON = enum.auto()
    """Frames of a Python traceback; its exception is still to come."""
    RAISED = enum.auto()
    """A Python exception was named; its text, tails or a chained traceback may follow."""
    BRIDGED = enum.auto()
    """Another exception of the chain must follow."""
    SOURCE = enum.auto()
    """Node's place, source line and caret; the exception must follow."""
    STACK = enum.auto()
    """An exception that is named before its frames: Java, Node, Ruby, .NET, PHP."""
    GO = enum.auto()
    RUST = enum.auto()


def next_mode(mode: Mode, line: str, kind: Kind) -> Mode:
    """What a record is in the middle of after this line."""
    if kind is Kind.HEAD:
        return _head_mode(line)
    if kind is Kind.BRIDGE:
        python = mode in (Mode.RAISED, Mode.PYTHON) or "above exception" in line
        return Mode.BRIDGED if python or line.rstrip().endswith("Caused by:") else Mode.STACK
    if kind is Kind.FRAME:
        if line.lstrip(" |").startswith("File "):
            return Mode.PYTHON
        return mode if mode in (Mode.GO, Mode.RUST, Mode.PYTHON) else Mode.STACK
    if kind is Kind.EXCEPTION:
        return Mode.RAISED if mode in (Mode.PYTHON, Mode.RAISED) else Mode.STACK
    return Mode.RAISED if kind is Kind.TEXT else mode


def _head_mode(line: str) -> Mode:
    if "Traceback (most recent" in line:
        return Mode.PYTHON
    if line.startswith(("panic: ", "fatal error: ", "goroutine ")):
        return Mode.GO
    if line.startswith("thread '"):
        return Mode.RUST
    return Mode.SOURCE if line.rstrip()[-1:].isdigit() else Mode.STACK
