"""What a line of log text is in itself: the start of a record, of a traceback, a frame, a tail, or just text.

Forms known: Python (chained tracebacks, exception groups, SQLAlchemy's tails, pydantic), Java, Node, Go, Ruby, Rust,
.NET, PHP and PostgreSQL's ``DETAIL:`` family.
"""

from __future__ import annotations

import enum
import functools
import re

from analyzer.lines.levels import is_stamped, stated_level

__all__ = ["Kind", "continues", "kind_of"]


class Kind(enum.Enum):
    """What one line is."""

    BLANK = enum.auto()
    RECORD = enum.auto()
    """A fresh record: it states a level or a time of its own, or begins with a status sign."""
    HEAD = enum.auto()
    """First line of a traceback or panic."""
    BRIDGE = enum.auto()
    """Between two exceptions of a chain."""
    FRAME = enum.auto()
    """A frame of a traceback that says so itself."""
    TAIL = enum.auto()
    """What only ever follows something: ``[SQL: …]``, ``DETAIL:``, a closing bracket."""
    INDENT = enum.auto()
    """Any other line that begins with white space."""
    EXCEPTION = enum.auto()
    """``package.SomeError: text``."""
    TEXT = enum.auto()


_HEAD = re.compile(
    r"\s*(?:\+ Exception Group )?Traceback \(most recent call last\)|panic: |fatal error: |goroutine \d+ \["
    r"|Exception in thread \"|thread '[^']*' (?:\(\d+\) )?panicked at"
    r"|Unhandled [Ee]xception[.:]|(?:PHP )?Fatal error: +Uncaught "
    r"|\S+\.rb:\d+:in [`'][^'\n]*': .+ \([A-Z][\w:]*\)$|\S+ aborted!$|(?:/|node:|file://|[A-Z]:\\)\S+:\d+$"
)
_BRIDGE = re.compile(
    r"[\s|]*(?:During handling of the above exception|The above exception was the direct cause|Caused by:|Suppressed: "
    r"|\[cause\]: |--- End of |---> "
    r"|Next [\w\\]+(?:Exception|Error)\b|\[previous exception\] |Stack trace:$|[Ss]tack backtrace:$)"
)
_FRAME = re.compile(
    r"[\s|]+File \"[^\"\n]+\", line \d+|\s+at \S|\s*\.\.\. \d+ (?:more|common frames omitted)|\s+from \S+:\d+"
    r"|#\d+ (?:/|\{main\}|\[internal|\S+\()|\s+\d+: \S|\s+\S+\.go:\d+|\S+\.(?:rb|rake|ru|erb):\d+:in [`']"
    r"|\s+\[Previous line repeated"
    r"|created by \S+|at [\w$.<>/]+\([\w$]+\.(?:java|kt|scala|groovy):\d+\)"
)
_TAIL = re.compile(
    r"\[SQL:(?:\s|$)|\[parameters:(?:\s|$)|\(Background on this error at: "
    r"|\[generated in |note: run with `?RUST_BACKTRACE"
    r"|\[signal SIG|exit status \d+$"
    r"|[\}\])]+[;,]?(?:\s*\{)?$|[\^~]+$|\[stacktrace\]$|  thrown in |Node\.js v\d|For further information visit "
    r"|LINE \d+: |\"\}\s*$"
    r"|Tasks: TOP => |\(See full trace by running task with --trace\)|\(Use `node --trace"
)
_POSTGRES = re.compile(
    r"(?:[\d\[(<].{8,140}?[\])\w] )?\s*(?:DETAIL|HINT|CONTEXT|STATEMENT|QUERY|LOCATION"
    r"|SCHEMA NAME|TABLE NAME|COLUMN NAME|CONSTRAINT NAME): "
)
_EXCEPTION = re.compile(
    r"(?:[A-Za-z_$][\w$]*(?:\.|::|\\))*(?:(?:Error|Exception)|[A-Za-z_$][\w$]*(?:Error|Exception|Exit|Interrupt|Fault|Failure|Warning"
    r"|Timeout|Iteration|Group))"
    r"(?: \[[^\]\n]{1,80}\])?(?:: |:?$| \()|Error \[[^\]\n]{1,80}\]: "
    r"|[a-z]\w*(?:\.[a-z_]\w*)+\.[A-Z]\w+(?:: |:?$)|error: |Error: "
    r"|[A-Z]\w*(?:::[A-Z]\w*)+(?:: |:?$| \()"
)
_SIGN = re.compile(
    r"\s*(?:[-*•] )?(?:✗|✘|✖|❌|✓|✔|✅|☑|⚠|🚨|⛔|🔴|🟢|🟡|\[U\+2[67]|\\u27|\\u26|\[(?:OK|FAIL|PASS|ERROR|WARN)\])"
)


_ACCESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3} - |[\da-f:]{3,39} - - \[")
_SPACE = (" ", "\t", "|")
_FLUSH = (
    (_POSTGRES, Kind.TAIL),
    (_TAIL, Kind.TAIL),
    (_BRIDGE, Kind.BRIDGE),
    (_HEAD, Kind.HEAD),
    (_FRAME, Kind.FRAME),
    (_SIGN, Kind.RECORD),
)
_INDENTED = ((_BRIDGE, Kind.BRIDGE), (_FRAME, Kind.FRAME), (_HEAD, Kind.HEAD), (_SIGN, Kind.RECORD))


_SHORT = 300
"""Lines of at most so many characters are remembered for the next time they come."""


def kind_of(line: str) -> Kind:
    """What one line (without its line feed and without colour codes) is."""
    return _known(line) if len(line) <= _SHORT else _found(line)


@functools.lru_cache(maxsize=4096)
def _known(line: str) -> Kind:
    return _found(line)


def _found(line: str) -> Kind:
    if not line or line.isspace():
        return Kind.BLANK
    indented = line.startswith(_SPACE)
    for pattern, kind in _INDENTED if indented else _FLUSH:
        if pattern.match(line):
            return kind
    if is_stamped(line.lstrip()) or _ACCESS.match(line):
        return Kind.RECORD
    if indented:
        return Kind.INDENT
    stated = stated_level(line)
    if stated is not None and stated.certain:
        return Kind.RECORD
    return Kind.EXCEPTION if _EXCEPTION.match(line) else Kind.TEXT


def continues(message: str, *, own: bool = False) -> bool:
    """Whether a text looks like a part of a larger record rather than a whole one.

    True for a first line that is indented, a frame, a bridge between chained exceptions, a tail such as ``DETAIL:`` or
    ``[SQL: …]``, an exception's last line, a printed set or list, or that closes a quotation left open before it.

    Args:
        message: The text.
        own: It is a record by construction, of which brackets and quotations make no part of another.
    """
    line = next((line for line in message.split("\n", 20)[:20] if line and not line.isspace()), "")
    kind = kind_of(line)
    if kind is not Kind.TEXT or own:
        return kind in _PARTS
    return line.count('"') % 2 == 1 or _LOOSE.match(line) is not None


_LOOSE = re.compile(r"[\[{(]['\"]")
_PARTS = frozenset({Kind.BRIDGE, Kind.FRAME, Kind.TAIL, Kind.INDENT, Kind.EXCEPTION, Kind.HEAD})
