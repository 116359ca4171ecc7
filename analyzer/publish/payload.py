"""What a webhook is told: JSON written by a Jinja template that no text can break out of.

A value that the template prints, within quotation marks, is escaped as the inside of a JSON string; ``tojson`` writes a
whole value with its quotation marks. What comes out is read as JSON before anything is sent.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from analyzer.errors import TemplateError
from analyzer.publish import Kind
from analyzer.resources import templates as built_in_templates
from analyzer.safe import SafeText, json_text, visible

if TYPE_CHECKING:
    from collections.abc import Callable

    from analyzer.publish import Publication

__all__ = ["chat_text", "payload"]

_DEFAULT = "webhook.json.j2"
_WORDS = {Kind.NEW: "New", Kind.ONGOING: "Ongoing", Kind.REGRESSED: "Back again", Kind.RESOLVED: "Resolved"}
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "`": "'", "*": "∗", "~": "∼", "@": "＠"}
_SPECIAL = re.compile(r"[&<>`*~@]|:(?=//)")


def payload(publication: Publication, template: str, folder: str) -> bytes:
    """The JSON to send, ASCII.

    Args:
        publication: What is told; the template sees it as ``publication``, and ``word`` for its kind.
        template: The user's template file; empty for ``webhook.json.j2``.
        folder: The user's folder of templates, looked up before the built-in ones; empty for none.

    Raises:
        TemplateError: The template cannot be found or rendered, or what it writes is not JSON.
    """
    own = [str(Path(template).parent)] if template else []
    name = Path(template).name if template else _DEFAULT
    text = _rendered([*own, *([folder] if folder else []), str(built_in_templates())], name, publication)
    try:
        return json.dumps(json.loads(text)).encode()
    except (ValueError, RecursionError) as error:
        raise TemplateError(f"{name}: what it writes is not JSON: {error}", hint="write values with tojson") from error


def chat_text(text: str) -> str:
    """Text for a chat, in one line: nothing in it mentions, links or formats.

    ``&``, ``<`` and ``>`` as Slack asks (https://docs.slack.dev/messaging/formatting-message-text), which keeps
    ``<!channel>`` from calling everyone; ``@`` full-width, for chats that look for ``@all`` in the text; no ``://``.
    """
    line = " ".join(visible(text).split())
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], "[:]"), line)


def _rendered(folders: list[str], name: str, publication: Publication) -> str:
    import jinja2  # noqa: PLC0415 (slow to import)
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folders),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        finalize=_inside_a_string,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= _FILTERS
    try:
        return environment.get_template(name).render(publication=publication, word=_WORDS[publication.kind])
    except jinja2.TemplateNotFound as error:
        raise TemplateError(f"{name}: there is no such template", hint="name a file that exists") from error
    except jinja2.TemplateSyntaxError as error:
        raise TemplateError(f"{name}:{error.lineno}: {error.message}") from error
    except (jinja2.TemplateError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        raise TemplateError(f"{name}: {error}", hint="see docs/publishing.md for the names") from error


def _inside_a_string(value: Any) -> Any:
    if isinstance(value, str) and not isinstance(value, SafeText):
        return json_text(json.dumps(value)[1:-1])
    return value


def _to_json(value: Any) -> SafeText:
    return json_text(json.dumps(msgspec.to_builtins(value)))


_FILTERS: dict[str, Callable[..., Any]] = {"chat": chat_text, "tojson": _to_json}
