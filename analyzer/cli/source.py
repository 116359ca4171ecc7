"""The source that a command's options ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from analyzer.errors import UsageError
from analyzer.times import format_timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from analyzer.model import LogEntry, Window
    from analyzer.rule import Rule
    from analyzer.settings import Settings
    from analyzer.sources import Source

__all__ = ["choose_source", "server"]


def choose_source(  # noqa: PLR0913, PLR0917  (what a source is chosen by)
    settings: Settings,
    rules: Sequence[Rule],
    paths: Sequence[str] | None,
    draw: Callable[[int, str], None],
    window: Window | None,
    sample_end: int | None,
    *,
    received: bool = False,
) -> Source:
    """The source that the options ask for, narrowed to the services and logs that they name.

    Args:
        settings: Scope and how to fetch.
        rules: What the server is asked for.
        paths: Files instead of the cloud.
        draw: Shows the progress.
        window: What its share is taken of; None where it is not known yet.
        sample_end: The end of the built-in sample, nanoseconds; None for no sample.
        received: It is going to be read by windows of receive time.
    """
    if sample_end is None and not paths:

        def reach(entries: int, last: int) -> None:
            share = "" if window is None else f" ({(last - window.start) / max(window.end - window.start, 1):.0%})"
            draw(entries, f"{format_timestamp(last)}{share}")

        return server(settings, rules, reach, received=received)
    if settings.filter:
        hint = "files are narrowed with --service; gcloud logging read takes the filter when it writes them"
        raise UsageError("--filter is evaluated by Cloud Logging and does not work on files", hint=hint)
    from analyzer.sources.scope import Scope, Scoped  # noqa: PLC0415

    scope = Scope(tuple(settings.services), tuple(settings.log_names))
    if sample_end is not None:
        from analyzer.sources.sample import Sample  # noqa: PLC0415

        return Scoped(Sample(sample_end), scope, limit=settings.limit)
    from analyzer.sources.files import Files  # noqa: PLC0415

    def report(entries: int, fraction: float | None) -> None:
        draw(entries, "" if fraction is None else f"{fraction:.0%} of the files")

    source = Files(paths or (), scope, progress=report)
    return Scoped(source, scope, limit=settings.limit) if settings.limit else source


def server(
    settings: Settings,
    rules: Sequence[Rule],
    progress: Callable[[int, int], None] | None = None,
    *,
    received: bool = False,
) -> Source:
    """The server, asked for what the rules need and, around what they find, for everything.

    Args:
        settings: Which server, scope and how to fetch.
        rules: What it is asked for.
        progress: Called with the entries read so far and the last timestamp among them (nanoseconds).
        received: It is going to be read by windows of receive time.

    Raises:
        UsageError: The settings do not go together.
    """
    from analyzer.matching import Matcher  # noqa: PLC0415
    from analyzer.pipeline import finding  # noqa: PLC0415

    matcher = Matcher(rules)

    def interesting(record: LogEntry) -> bool:
        return finding(record, matcher)

    common: dict[str, Any] = {
        "project": settings.project,
        "services": settings.services,
        "log_names": settings.log_names,
        "context": settings.context,
        "interesting": interesting,
        "limit": settings.limit,
        "deadline": settings.deadline,
        "progress": progress,
    }
    if settings.source == "bigquery":
        return _bigquery(settings, rules, common)
    return _cloud_logging(settings, rules, common, received=received)


def _cloud_logging(settings: Settings, rules: Sequence[Rule], common: dict[str, Any], *, received: bool) -> Source:
    from analyzer.ruleset.pushdown import Pushdown, push_down  # noqa: PLC0415
    from analyzer.sources.cloud_logging import CloudLogging, pushdown_room  # noqa: PLC0415

    pushed = Pushdown("")
    if settings.pushdown:
        room = pushdown_room(
            project=settings.project,
            services=settings.services,
            log_names=settings.log_names,
            filter=settings.filter,
            received=received,
        )
        pushed = push_down(rules, room)
    return CloudLogging(**common, filter=settings.filter, pushdown=pushed.text, notes=pushed.notes)


def _bigquery(settings: Settings, rules: Sequence[Rule], common: dict[str, Any]) -> Source:
    from analyzer.ruleset.pushdown import Pushdown  # noqa: PLC0415
    from analyzer.ruleset.pushdown_sql import push_down_sql  # noqa: PLC0415
    from analyzer.sources.bigquery import BigQuery  # noqa: PLC0415

    if settings.filter:
        raise UsageError(
            "--filter is evaluated by Cloud Logging and does not work with BigQuery",
            hint="narrow the read with --service, or take --source cloud-logging",
        )
    pushed = push_down_sql(rules) if settings.pushdown else Pushdown("")
    return BigQuery(**common, table=settings.table, pushdown=pushed.text, notes=pushed.notes)
