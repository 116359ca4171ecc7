"""The level words, letters and numbers of the logging libraries, as severities of Cloud Logging."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from analyzer.model import Severity

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["LETTERS", "UPPER", "WORDS", "number_severity", "syslog_severity", "word_severity"]

WORDS: Final[Mapping[str, Severity]] = MappingProxyType(
    {
        word: severity
        for severity, words in {
            Severity.DEBUG: "trace trac trce trc debug debu dbug dbg verbose vrb fine finer finest",
            Severity.INFO: "info information informational inf success log",
            Severity.NOTICE: "notice",
            Severity.WARNING: "warning warn wrn",
            Severity.ERROR: "error err erro eror severe fail",
            Severity.CRITICAL: "critical crit crt fatal fata ftl panic pani dpanic",
            Severity.ALERT: "alert",
            Severity.EMERGENCY: "emergency emerg",
        }.items()
        for word in words.split()
    }
)
"""Lower-case level words as printed by the libraries named in ``levels``."""

UPPER: Final = (
    "TRACE|DEBUG|DBG|VERBOSE|FINE(?:R|ST)?|INFO(?:RMATION)?|INF|NOTICE|SUCCESS|WARN(?:ING)?|WRN|ERR(?:OR)?|EROR|SEVERE"
    "|CRIT(?:ICAL)?|FATAL|FTL|DPANIC|PANIC|ALERT|EMERG(?:ENCY)?|LOG"
)
"""Pattern of the words that stand in capitals; ``LOG`` is PostgreSQL's."""

LETTERS: Final[Mapping[str, Severity]] = MappingProxyType(
    {
        "D": Severity.DEBUG,
        "I": Severity.INFO,
        "W": Severity.WARNING,
        "E": Severity.ERROR,
        "F": Severity.CRITICAL,
        "A": Severity.INFO,
    }
)
"""First letters as klog, glog and Ruby's Logger print them; Ruby's ``A`` is ANY: unknown, always shown."""

_SYSLOG: Final = (
    Severity.EMERGENCY,
    Severity.ALERT,
    Severity.CRITICAL,
    Severity.ERROR,
    Severity.WARNING,
    Severity.NOTICE,
    Severity.INFO,
    Severity.DEBUG,
)


def word_severity(word: str) -> Severity | None:
    """The severity a level word names in any case; None where it is no level word."""
    return WORDS.get(word.lower())


def syslog_severity(priority: int) -> Severity:
    """The severity of a syslog priority (RFC 5424, section 6.2.1): facility * 8 + severity."""
    return _SYSLOG[priority & 7]


def number_severity(number: float) -> Severity | None:
    """The severity of a numeric ``level``.

    Below 8 it is syslog's (GELF), 10 to 60 pino's, bunyan's and Python's, from 100 on Cloud Logging's own. None where
    no library writes such a number.
    """
    if not 0 <= number <= Severity.EMERGENCY:
        return None
    if number < len(_SYSLOG):
        return _SYSLOG[int(number)]
    if number < Severity.DEBUG:
        steps = ((25, Severity.DEBUG), (35, Severity.INFO), (45, Severity.WARNING), (55, Severity.ERROR))
        # Python's numbers are the same as pino's less 10: 40 is ERROR there and WARNING here. Only pino, bunyan and
        # their kin write the number alone; python-json-logger writes the name.
        return next((severity for bound, severity in steps if number <= bound), Severity.CRITICAL)
    return Severity(int(number) // 100 * 100)
