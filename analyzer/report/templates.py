"""Jinja templates: the built-in ones and the user's, in a sandbox where no text gets out unsafe.

In a Markdown template every value is made safe prose as it is printed, unless a filter here made it a code span, a
fence or a link (:class:`~analyzer.safe.SafeText`). In an HTML template every value is shown visibly and escaped. So a
template cannot forget it, the user's as little as ours.
"""

from __future__ import annotations

import enum
import functools
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2
import markupsafe
from jinja2.sandbox import ImmutableSandboxedEnvironment

from analyzer.errors import TemplateError
from analyzer.resources import templates
from analyzer.safe import SafeText, cell, code, fence, prose, segments, visible

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["Markup", "check_templates", "render"]

_REPORT_TEMPLATES = (
    "coverage.md.j2",
    "debug-log.md.j2",
    "index.md.j2",
    "report.html.j2",
    "report.md.j2",
    "unclassified.md.j2",
)


class Markup(enum.Enum):
    """What a template writes."""

    MARKDOWN = "markdown"
    HTML = "html"


def render(name: str, markup: Markup, folder: str, context: Mapping[str, object]) -> str:
    """Render a template.

    Args:
        name: File name: ``debug-log.md.j2``.
        markup: What it writes.
        folder: The user's folder, looked up first; empty for none.
        context: What the template may name.

    Raises:
        TemplateError: It cannot be found, parsed or rendered; says the file and line.
    """
    try:
        return _environment(markup, folder).get_template(name).render(context)
    except jinja2.TemplateSyntaxError as error:
        place = f"{error.filename or error.name or name}:{error.lineno}"
        raise TemplateError(
            f"{place}: {error.message}", hint="see https://jinja.palletsprojects.com/templates/"
        ) from error
    except jinja2.TemplateNotFound as error:
        raise TemplateError(f"{name}: there is no template {error.name}", hint="name one that exists") from error
    except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise TemplateError(
            f"{_place(error, name)}: {error}", hint="see docs/report-schema.md for the names"
        ) from error


def check_templates(folder: str) -> list[str]:
    """Parse every template of a report, the user's before the built-in ones.

    Args:
        folder: The user's folder; empty for none.

    Returns:
        The names of the templates that the user's folder replaces.

    Raises:
        TemplateError: The folder is missing, or a template in it cannot be parsed.
    """
    if folder and not Path(folder).is_dir():
        raise TemplateError(f"{folder}: no such folder of templates", hint="see [report] templates in loganalyze.toml")
    for name in _REPORT_TEMPLATES:
        markup = Markup.HTML if ".html." in name else Markup.MARKDOWN
        try:
            _environment(markup, folder).get_template(name)
        except jinja2.TemplateSyntaxError as error:
            raise TemplateError(f"{error.filename or name}:{error.lineno}: {error.message}") from error
    return [name for name in _REPORT_TEMPLATES if folder and (Path(folder) / name).is_file()]


def _place(error: Exception, name: str) -> str:
    """File and line of the template that was being rendered: Jinja puts them into the traceback."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(".j2")]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else name


@functools.lru_cache(maxsize=8)
def _environment(markup: Markup, folder: str) -> ImmutableSandboxedEnvironment:
    folders = [*([folder] if folder else []), str(templates())]
    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        # By kind and not by file name: select_autoescape() would leave "report.html.j2" unescaped.
        autoescape=markup is Markup.HTML,
        finalize=_FINALIZERS[markup],
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(_FILTERS[markup])
    if markup is Markup.HTML:
        del environment.filters["safe"]
    return environment


def _safe_markdown(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, SafeText):
        return prose(value)
    return value


def _visible_html(value: Any) -> Any:
    if isinstance(value, str) and not hasattr(value, "__html__"):
        return visible(value)
    return value


def _markdown_link(text: str, target: str) -> SafeText:
    """A link; an address of ours, percent-encoded once more where Markdown would end it."""
    return SafeText(f"[{_cell_prose(text)}]({quote(target, safe='%/:;=?&~._-')})")


def _cell_prose(text: str) -> SafeText:
    """Prose for a table cell, where GitHub wants ``|`` escaped even within code."""
    return SafeText(prose(text).replace("|", "\\|"))


def _html_prose(text: str) -> markupsafe.Markup:
    """Text with its code spans as ``<code>``."""
    pieces = (
        markupsafe.Markup("<code>{}</code>").format(visible(piece)) if is_code else markupsafe.escape(visible(piece))
        for is_code, piece in segments(text)
    )
    return markupsafe.Markup().join(pieces)


def _thousands(value: int) -> str:
    return f"{value:,}"


_FINALIZERS: dict[Markup, Callable[[Any], Any]] = {Markup.MARKDOWN: _safe_markdown, Markup.HTML: _visible_html}
_FILTERS: dict[Markup, dict[str, Callable[..., Any]]] = {
    Markup.MARKDOWN: {
        "code": code,
        "cell": cell,
        "cell_prose": _cell_prose,
        "fence": fence,
        "link": _markdown_link,
        "prose": prose,
        "thousands": _thousands,
    },
    Markup.HTML: {"prose": _html_prose, "thousands": _thousands},
}
