"""Which publishers a pass tells, by the names that people choose them by."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from analyzer.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from analyzer.publish import Publisher
    from analyzer.settings import Settings

__all__ = ["publishers_of"]


def publishers_of(settings: Settings, environment: Mapping[str, str]) -> Callable[[], list[Publisher]]:
    """What makes the publishers of a pass; called once here, so that a slip shows before anything is read.

    Args:
        settings: ``audit.publish`` names them, ``output`` is the folder of debug logs.
        environment: For tokens and addresses.

    Raises:
        UsageError: A name is not known, or the folder is missing or a file.
        ConfigError: A publisher lacks something.
    """
    names = [name for name in settings.audit.publish if name != "files"]
    if len(names) < len(settings.audit.publish) and not settings.output:
        raise UsageError("--publish files needs a folder", hint="name it with --output")
    if settings.output and Path(settings.output).is_file():
        raise UsageError(f"--output {settings.output} is a file", hint="an audit writes a folder of debug logs")

    def make() -> list[Publisher]:
        made: list[Publisher] = []
        if settings.output:
            from analyzer.publish.files import FilesPublisher  # noqa: PLC0415

            made.append(FilesPublisher(Path(settings.output)))
        return [*made, *(_publisher(name, settings, environment) for name in names)]

    make()
    return make


def _publisher(name: str, settings: Settings, environment: Mapping[str, str]) -> Publisher:
    templates = settings.report.templates
    if name == "github":
        from analyzer.publish.github import github_publisher  # noqa: PLC0415

        return github_publisher(settings.publish.github, environment, templates=templates)
    if name == "webhook":
        from analyzer.publish.webhook import webhook_publisher  # noqa: PLC0415

        return webhook_publisher(settings.publish.webhook, environment, templates=templates)
    raise UsageError(f"--publish {name}: there is no such publisher", hint="known: github, webhook, files")
