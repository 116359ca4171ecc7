"""Turn Google Cloud log entries into incident reports.

The library is one function::

    from analyzer import analyze

    report = analyze(entries)            # any iterable of LogEntry dicts
    print(report.to_markdown())
    report.matches_frame()               # pandas, one row a match
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from analyzer.version import __version__

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from analyzer.model import Entry, Event, LogEntry, Match, Window
    from analyzer.outcome import Incident
    from analyzer.report import Report
    from analyzer.rule import Rule
    from analyzer.settings import Settings

__all__ = ["Entry", "Event", "Incident", "Match", "Report", "Window", "__version__", "analyze"]

_NOUNS = {
    **dict.fromkeys(("Entry", "Event", "Match", "Window"), "analyzer.model"),
    "Incident": "analyzer.outcome",
    "Report": "analyzer.report",
}


def analyze(
    entries: Iterable[LogEntry],
    rules: Iterable[Rule | Path | str] | Path | str | None = None,
    *,
    window: Window | None = None,
    timezone: str = "UTC",
    settings: Settings | None = None,
) -> Report:
    """Analyse log entries.

    Args:
        entries: LogEntry mappings as the API's JSON has them, in any order.
        rules: Rules, paths of rule files or folders, or one path, instead of the built-in pack.
        window: The time the report is about; by default from the first entry to the last.
        timezone: IANA name of the zone for titles and file names.
        settings: Everything else a run can be told; ``timezone`` is put over its own.

    Returns:
        The report; nothing has been written anywhere.

    Raises:
        RuleError: A rule file cannot be used.
        TemplateError: A rule's template cannot be filled.
        UsageError: There is no such time zone.
    """
    import os  # noqa: PLC0415  (importing analyzer stays light)
    import time  # noqa: PLC0415
    import zoneinfo  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    import msgspec  # noqa: PLC0415

    from analyzer.errors import UsageError  # noqa: PLC0415
    from analyzer.pipeline import report_on  # noqa: PLC0415
    from analyzer.rule import Rule  # noqa: PLC0415
    from analyzer.ruleset.load import load_rules  # noqa: PLC0415
    from analyzer.settings import Settings  # noqa: PLC0415
    from analyzer.sources.memory import Memory  # noqa: PLC0415

    chosen = settings or Settings()
    try:
        zoneinfo.ZoneInfo(timezone)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        hint = "write an IANA name such as America/Los_Angeles or UTC"
        raise UsageError(f"timezone {timezone!r}: no such time zone", hint=hint) from error
    if timezone != "UTC":
        chosen = msgspec.structs.replace(chosen, report=msgspec.structs.replace(chosen.report, timezone=timezone))
    chosen_rules = [rules] if isinstance(rules, (str, os.PathLike)) else list(rules or ())
    given: Sequence[Rule] = [rule for rule in chosen_rules if isinstance(rule, Rule)]
    paths = [Path(path) for path in chosen_rules if not isinstance(path, Rule)]
    if rules is None or paths:
        loaded = load_rules(paths, pack=rules is None and chosen.pack, disable=chosen.disable).rules
        given = [*given, *loaded] if given else loaded
    return report_on(Memory(entries), given, window=window, settings=chosen, now=time.time_ns())


def __getattr__(name: str) -> Any:
    """The nouns are imported when they are asked for: ``loganalyze --help`` asks for none."""
    if name in _NOUNS:
        return getattr(importlib.import_module(_NOUNS[name]), name)
    raise AttributeError(f"module 'analyzer' has no attribute {name!r}")
