r"""The level that a line of log text states itself.

Only a level word in the place where a logging library puts it counts; the same word in running text says nothing
("0 errors", a user's words). Known are loguru, Python's logging, gunicorn, uvicorn, Celery, Airflow, PostgreSQL, MySQL,
Java (Logback, Log4j, java.util.logging, Spring, Quarkus, Tomcat), klog and glog, Go (log, slog, zap, logrus, hclog),
Ruby (Logger, Sidekiq), .NET (console, Serilog), Elixir, nginx, Apache, PHP (Monolog, Laravel), Rust (env_logger,
tracing), NestJS, npm, logfmt and syslog.
"""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

from analyzer.lines.words import LETTERS, UPPER, syslog_severity, word_severity
from analyzer.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Stated", "gravest", "is_stamped", "marks_error", "stated_level"]


class Stated(NamedTuple):
    """What a line says of its own gravity.

    Attributes:
        severity: The severity.
        certain: It stands in a level's place, as a logging library prints it; otherwise it is only marked by its form
            (an exception's name, ``Error:``, a cross).
        logger: The logger's name next to it; empty where there is none.
    """

    severity: Severity
    certain: bool
    logger: str = ""


_WORD = "(?:" + UPPER + ")"
_ZONE = rf"(?:\s?Z|\s?[+-]\d\d:?\d\d|\s(?!{_WORD}\b)[A-Z]{{3,5}}(?=[\s\]:]))?"
_TIME = (
    r"(?:"
    rf"\d{{4}}[-/.]\d\d[-/.]\d\d(?:[T ,]\s?\d{{1,2}}:\d\d(?::\d\d(?:[.,:]\d+)?)?{_ZONE})?"
    r"|\d{1,2}[-/ ][A-Z][a-z]{2}[-/ ]\d{4}[: ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:\s[+-]\d{4})?"
    r"|\d{1,2}/\d{1,2}/\d{4},?\s\d{1,2}:\d\d:\d\d(?:\s[AP]M)?"
    r"|(?:[A-Z][a-z]{2},?\s)?[A-Z][a-z]{2}\s{1,2}\d{1,2}(?:,\s\d{4})?,?\s\d{1,2}:\d\d:\d\d(?:[.,]\d+)?(?:\s[AP]M)?"
    r"(?:\s\d{4})?"
    r"|\d{1,2}:\d\d:\d\d(?:[.,]\d+)?"
    r"|\d{10}(?:\.\d+)?"
    r")"
)
# What may stand between the time and the level: bracketed threads and process ids, key=value pairs, bare numbers,
# dotted logger names, PostgreSQL's user@database, Sidekiq's TID-x, a name before " - ".
_BETWEEN = (
    r"(?:\[[^\]\n]{0,80}\]:?|\([^)\n]{0,80}\)|\{[^}\n]{0,80}\}|[\w.]+=[^\s]*|\d[\d#:.-]*:?(?=\s)|TID-\w+"
    r"|[\w$-]*[.@_][\w.@$-]*:?(?=\s)|(?:[\w.-]+ )?[\w./-]+\[\d+\]:|[\w.$/-]{1,60}(?=\s+-\s)|---(?=\s))"
)
_LEVEL = (
    rf"(?:(?P<bare>{_WORD})(?=[\s:/\]|\[,(]|$)"
    rf"|[\[<(]\s*(?:[\w.]+[:.])?(?P<boxed>(?i:{_WORD}))\s*[\]>)]"
    rf"|[\w-]+\.(?P<channel>{_WORD}):"
    r"|(?P<low>trace|debug|info|notice|warn|warning|error|fatal|critical|panic)(?=:|\t|\s{2,}|\s*\|))"
)
_STAMPED = re.compile(rf"\[?{_TIME}\]?[\s|:\-]*(?:{_BETWEEN}[\s|:\-]*){{0,5}}?{_LEVEL}")
_BOXED = re.compile(
    rf"(?:\[[^\]\n]{{0,60}}\]\s*){{0,2}}?(?:\[\s*(?:[\w.]+:)?(?P<boxed>(?i:{_WORD}))\s*\]|(?P<bare>{_WORD})(?=[\s:]))"
)
_NEST = re.compile(rf"\[Nest\] \d+\s+- {_TIME}\s+(?P<bare>{_WORD})\b(?: \[(?P<logger>[\w.$-]{{1,80}})\])?")
_LEAD = re.compile(
    rf"(?P<bare>{_WORD})(?:"
    r":(?P<logger>[A-Za-z_][\w.-]{0,80}):|:(?=\s|$)|\s*\||\s+-\s|\s*\[(?P<name>[A-Za-z_][\w.$-]{0,80})\]|\s*\[|\s+\(|\t|\s{2,}"
    r"|\s(?=\d{4}[-/]\d\d[-/]\d\d))"
)
_NAMED = re.compile(rf"(?P<logger>[A-Za-z_][\w.-]{{0,80}})(?:\s+-\s+|:)(?P<bare>{_WORD})(?:\s+-\s|:)")
_SHORT = re.compile(r"(INFO|WARN|ERRO|FATA|PANI|DEBU|TRAC)\[\d+\]")
_CAPITAL = re.compile(rf"({_WORD})\s(?![A-Z]{{2}}|[A-Z]?[a-z]*s?: ?\d)")
_DOTNET = re.compile(r"(trce|dbug|info|warn|fail|crit): ")
_KLOG = re.compile(r"([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+\s")
_RUBY = re.compile(r"([DIWEFA]), \[\d{4}-[^\]]{5,60}\]")
_SYSLOG = re.compile(r"<(\d{1,3})>")
_LOGFMT = re.compile(r"(?:^|\s)(?:level|lvl|severity)=\"?([A-Za-z]+)")
_PAIR = re.compile(r"[\w.@-]+=")
_NPM = re.compile(r"npm (ERR|error|WARN|warn|notice|info)!?\s")
_FILE = re.compile(rf"(?:psql:)?[^\s:]+:\d+: +(?:(?P<bare>{_WORD}): |(?P<warning>\w*Warning): )")
_NODE_WARNING = re.compile(r"\(node:\d+\) (?!UnhandledPromiseRejection)")
_LOGURU = re.compile(r" \| (?P<logger>[\w.<>]+):[\w<>.]+:\d+ - ")
_AFTER_LEVEL = re.compile(
    r"\]?\s+(?:\d+ --- (?:\[[^\]]*\] ?)+(?P<spring>[\w.$\[\]/-]+)\s*:|\[(?P<boxed>[A-Za-z_][\w$-]*(?:\.[\w$-]+)+)\]"
    r"|(?P<dotted>[A-Za-z_][\w$]*(?:(?:\.|::)[\w$]+)+)(?::\s|\s+-\s))"
)

_EXCEPTION = re.compile(
    r"(?:[A-Za-z_$][\w$]*(?:\.|::|/))*(?:(?:[A-Za-z_$][\w$]*)?(?:Error|Exception)|[A-Za-z_$][\w$]*(?:Fault|Interrupt|Refused))"
    r"(?: \[[^\]\n]{1,80}\])?(?::\s|:?$)"
)
_MARK = re.compile(
    r"Traceback \(most recent|panic: |fatal error: |Exception in thread \"|Unhandled (?:exception|rejection)|Uncaught "
    r"|thread '[^']*' (?:\(\d+\) )?panicked at|PHP (?:Fatal|Parse|Recoverable)|(?:Fatal|Parse) error: |\S+ aborted!$"
    r"|FAILED: |FAILURE: |[Ee]rror: |[Ff]atal: |[│╷ ]*Error: |\s+\+ Exception Group Traceback|Unhandled [Ee]xception"
    r"|\(node:\d+\) UnhandledPromiseRejection|\S+\.rb:\d+:in [`'][^'\n]*': .+ \([A-Z][\w:]*\)$"
)
_SOFT = re.compile(r"(?:PHP )?(?:Warning|Deprecated|Notice): |warning: |[│╷ ]*Warning: |\w+Warning: ")
_SIGN = re.compile(
    r"\s*(?:[-*•] )?(?:(?P<bad>✗|✘|❌|🚨|⛔|🔴|\[U\+27(?:17|18|4C)\]|\\u27(?:17|18|4c))"
    r"|(?P<warn>⚠|\[U\+26A0\]|\\u26a0))"
)
_BAD_WORD = re.compile(
    r"(?i)fail|error|missing|cannot|unable|invalid|denied|refused|not found|exception|crash|timed? ?out|does not exist"
    r"|unreachable|critical|fatal|unavailable|abort"
)
_STAMP = re.compile(rf"\[?(?:{_TIME})(?=[\s\]|,:]|$)|[IWEF]\d{{4}} \d\d:\d\d:\d\d|<\d{{1,3}}>")
_SPELLED = (
    (_KLOG, LETTERS.get),
    (_RUBY, LETTERS.get),
    (_DOTNET, word_severity),
    (_SHORT, word_severity),
    (_NPM, word_severity),
)
_PLACES = ("bare", "boxed", "channel", "low")
_DEEPEST = 400
_FIRST = 300


def stated_level(line: str) -> Stated | None:
    """The level that one line states or is marked with; None where it says nothing.

    Args:
        line: One line without its line feed and without colour codes.
    """
    if not line:
        return None
    return _known(line) if len(line) <= _FIRST else _certain(line) or _marked(line)


@functools.lru_cache(maxsize=4096)
def _known(line: str) -> Stated | None:
    # What fails, fails again and again in the same words; and one line is asked about by several stages.
    return _certain(line) or _marked(line)


def is_stamped(line: str) -> bool:
    """Whether a line begins with a time of its own, as a fresh record does."""
    return _STAMP.match(line) is not None


def gravest(text: str) -> Stated | None:
    """The level of a text of one or more lines: the gravest that stands in a level's place, or else the gravest mark.

    The first line's own level outweighs marks below it (a warning that prints a traceback is a warning), unless it is
    below WARNING: then what follows is a failure printed after it. At most 400 lines are looked at.
    """
    if "\n" not in text:
        return stated_level(text)
    sure: Stated | None = None
    mark: Stated | None = None
    first: Stated | None = None
    for index, line in enumerate(_lines(text)):
        found = stated_level(line)
        if index == 0:
            first = found
        if found is None:
            continue
        if found.certain:
            sure = found if sure is None or found.severity > sure.severity else sure
        elif mark is None or found.severity > mark.severity:
            mark = found
    if sure is None or mark is None:
        return sure or mark
    if mark.severity > sure.severity and sure.severity < Severity.WARNING:
        return Stated(mark.severity, certain=False, logger=first.logger if first else "")
    return sure


def marks_error(message: str) -> bool:
    """Whether a text states or marks an error: a level of ERROR or above in a level's place, a traceback, a panic."""
    found = gravest(message)
    return found is not None and found.severity >= Severity.ERROR


def _lines(text: str) -> Iterator[str]:
    lines = text.split("\n", _DEEPEST)
    return (line for line in lines[:_DEEPEST] if line)


def _certain(line: str) -> Stated | None:
    char = line[0]
    if char.isdigit():
        return _stamped(line)
    if char == "[":
        return _boxed(line)
    if char.isalpha():
        return _lettered(line)
    if char == "<":
        found = _SYSLOG.match(line)
        return Stated(syslog_severity(int(found[1])), certain=True) if found else None
    if char == "(" and _NODE_WARNING.match(line):
        return Stated(Severity.WARNING, certain=True)
    return _file(line) if char == "/" else None


def _stamped(line: str) -> Stated | None:
    found = _STAMPED.match(line)
    if found is None:
        pair = _LOGFMT.search(line, 0, _FIRST)
        severity = word_severity(pair[1]) if pair else None
        return None if severity is None else Stated(severity, certain=True)
    return _of(found, line)


def _of(found: re.Match[str], line: str) -> Stated | None:
    groups = found.groupdict()
    word = next((groups[place] for place in _PLACES if groups.get(place)), "")
    severity = word_severity(word)
    if severity is None:
        return None
    logger = groups.get("logger") or groups.get("name") or ""
    return Stated(severity, certain=True, logger=logger or _logger(line, found))


def _logger(line: str, level: re.Match[str]) -> str:
    end = level.end()
    if (found := _LOGURU.search(line, end - 1, end + 120)) is not None:
        return found["logger"]
    if (found := _AFTER_LEVEL.match(line, end)) is not None:
        return found["spring"] or found["boxed"] or found["dotted"]
    before = re.search(r"([A-Za-z_][\w.]*) - $", line[: level.start("bare")]) if level["bare"] else None
    return before[1] if before else ""


def _boxed(line: str) -> Stated | None:
    found = _NEST.match(line) or _STAMPED.match(line) or _BOXED.match(line)
    return _of(found, line) if found else None


def _lettered(line: str) -> Stated | None:
    if (found := _LEAD.match(line)) is not None:
        return _of(found, line)
    for pattern, named in _SPELLED:
        if (found := pattern.match(line)) is not None:
            severity = named(found[1])
            return None if severity is None else Stated(severity, certain=True)
    if _PAIR.match(line) and (found := _LOGFMT.search(line, 0, _FIRST)) is not None:
        severity = word_severity(found[1])
        return None if severity is None else Stated(severity, certain=True)
    found = _NAMED.match(line) or (_STAMPED.match(line) if line[0].isupper() else None)
    return _of(found, line) if found is not None else _file(line)


def _file(line: str) -> Stated | None:
    found = _FILE.match(line)
    if found is None:
        return None
    if found["warning"]:
        return Stated(Severity.WARNING, certain=True)
    severity = word_severity(found["bare"])
    return None if severity is None else Stated(severity, certain=True)


def _marked(line: str) -> Stated | None:
    if _SOFT.match(line):
        return Stated(Severity.WARNING, certain=False)
    if _MARK.match(line) or _EXCEPTION.match(line):
        return Stated(Severity.ERROR, certain=False)
    if (found := _CAPITAL.match(line)) is not None:
        return Stated(word_severity(found[1]) or Severity.DEFAULT, certain=False)
    sign = _SIGN.match(line)
    if sign is None:
        return None
    bad = sign["bad"] and _BAD_WORD.search(line)
    return Stated(Severity.ERROR if bad else Severity.WARNING, certain=False)
