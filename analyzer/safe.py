r"""Text made safe for where it goes: log text is data in Markdown, HTML, a terminal, a file name.

A :class:`SafeText` comes only from functions like those here, and the template environment prints nothing else as it
is, so a way around them is found by the type checker and, in a user's template, while it runs. GitHub's Markdown is
defined at https://github.github.com/gfm/. On GitHub neither ``\@name`` nor ``&#64;name`` stops a mention; code spans
and fences do, so whatever could mention, close or link stands in one.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = [
    "SafeText",
    "cell",
    "code",
    "fence",
    "html_text",
    "inline_names",
    "json_text",
    "plain_names",
    "prose",
    "segments",
    "slug",
    "visible",
]


class SafeText(str):
    """Markdown or HTML source that may stand in an output as it is.

    A class of its own and not only a name for ``str``: an operation on it gives a plain ``str``, and that is escaped.
    """

    __slots__ = ()


_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5"
    "\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff]"
)


def _escaped(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number <= 0xFF:  # noqa: PLR2004 (two hex digits)
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004 (four hex digits)


def visible(text: str) -> str:
    r"""``text`` with control, bidi, zero-width and other invisible characters shown as ``\x1b``, ``\u202e``.

    Line feeds and tabs stay, and so do the variation selectors of emoji. The result is not yet safe for any markup.
    """
    return _INVISIBLE.sub(_escaped, text)


_RUNS = re.compile(r"`+")


def _longest_run(text: str) -> int:
    return max((len(run) for run in _RUNS.findall(text)), default=0)


def _one_line(text: str) -> str:
    return visible(text).replace("\n", "\\n").replace("\t", " ")


def code(text: str, limit: int = 0) -> SafeText:
    r"""A Markdown code span of one line, delimited by more backticks than any run in ``text`` has.

    Args:
        text: What the span shows; line feeds are shown as ``\n``.
        limit: Characters shown at most, the rest as ``…``; 0 for all.
    """
    line = _one_line(text)
    if limit and len(line) > limit:
        line = line[: limit - 1] + "…"
    if not line.strip():
        return SafeText("`(blank)`")
    marks = "`" * (_longest_run(line) + 1)
    # CommonMark strips one space from both ends, which lets a span begin or end with a backtick or a space.
    pad = " " if line[0] == "`" or line[-1] == "`" or line[0] == line[-1] == " " else ""
    return SafeText(f"{marks}{pad}{line}{pad}{marks}")


def cell(text: str, limit: int = 0) -> SafeText:
    """A code span for a table cell, where GitHub wants ``|`` escaped even within code."""
    return SafeText(code(text, limit).replace("|", "\\|"))


def fence(text: str, language: str = "") -> SafeText:
    """A fenced block, its fence longer than any run of backticks in ``text``; lines as they are."""
    marks = "`" * max(3, _longest_run(text) + 1)
    return SafeText(f"{marks}{language}\n{visible(text).rstrip(chr(10))}\n{marks}")


_SPAN = re.compile(r"(?<!`)(?P<marks>`+)(?!`)(?P<inside>[^`\n](?:[^\n]*?[^`\n])?)(?P=marks)(?!`)")


def segments(text: str) -> Iterator[tuple[bool, str]]:
    """``text`` of a rule's template as (is code, text) pieces: what stands between backticks is code."""
    done = 0
    for found in _SPAN.finditer(text):
        if found.start() > done:
            yield False, text[done : found.start()]
        inside = found["inside"]
        stripped = inside[1:-1] if inside[0] == inside[-1] == " " and inside.strip() else inside
        yield True, stripped
        done = found.end()
    if done < len(text):
        yield False, text[done:]


_WORD = re.compile(r"\s+|\S+")
_LIVE = re.compile(
    r"@|#\w|\bGH-\d|&|://|\bwww\.|\bmailto:|\bxmpp:|^(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{7,64}$|[<>\[\]`\\|~^$]|!\[",
    re.IGNORECASE | re.ASCII,
)
_ACTIVE = re.compile(r"[*#]|(?<![^\W_])_|_(?![^\W_])")
_LEADING = re.compile(r"^(?:[-+](?=\s|$)|=+$|-+$|\d{1,9}[.)](?=\s|$))")
_TRAILING = re.compile(r"[.,;:!?)]*$")


def _word(word: str) -> str:
    if _LIVE.search(word):
        core = _TRAILING.sub("", word) or word
        return code(core) + (word[len(core) :] if _LIVE.search(word[len(core) :]) is None else "")
    return _ACTIVE.sub(lambda found: "\\" + found[0], word)


def _join(pieces: list[str]) -> str:
    """The pieces in a row, with a space between two code spans, whose backticks would otherwise run together."""
    line: list[str] = []
    for piece in pieces:
        if line and piece[:1] == "`" and line[-1][-1:] == "`":
            line.append(" ")
        line.append(piece)
    return "".join(line)


def prose(text: str) -> SafeText:
    """A paragraph of Markdown that is nothing but text and code spans, in one line.

    Code spans in ``text`` stay; every word that could mention, link, close an issue or open markup becomes one.
    """
    pieces: list[str] = []
    for is_code, piece in segments(" ".join(text.split())):
        if is_code:
            pieces.append(code(piece))
            continue
        pieces += [word if word.isspace() else _word(word) for word in _WORD.findall(visible(piece))]
    line = _join(pieces)
    leading = _LEADING.match(line)
    if leading:
        line = line[: leading.end() - 1] + "\\" + line[leading.end() - 1 :]
    return SafeText(line)


def html_text(text: str) -> SafeText:
    """Text for an HTML element or a quoted attribute."""
    return SafeText(html.escape(visible(text), quote=True))


def json_text(encoded: str) -> SafeText:
    r"""JSON whose invisible characters stand as ``\u202e``, so that no viewer obeys them; it says the same.

    Args:
        encoded: A JSON text; outside its strings it holds none of these characters.
    """
    if encoded.isascii() and encoded.isprintable():  # as most lines are
        return SafeText(encoded)
    return SafeText(_INVISIBLE.sub(_json_escape, encoded))


def _json_escape(found: re.Match[str]) -> str:
    units = found[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))


_NOT_A_NAME = re.compile(r"[^A-Za-z0-9_.:/-]+")
_NAME_LENGTH = 128


def _name(value: str) -> str:
    return _NOT_A_NAME.sub("_", unicodedata.normalize("NFC", value)[:_NAME_LENGTH]) or "_"


def _names(values: str | Iterable[str]) -> list[str]:
    return [values] if isinstance(values, str) else list(values)


def inline_names(values: str | Iterable[str]) -> SafeText:
    """Names out of logs for a sentence: comma separated code spans of ``[A-Za-z0-9_.:/-]``."""
    return SafeText(", ".join(f"`{_name(value)}`" for value in _names(values)))


_NOT_IN_A_PHRASE = re.compile(r"[^A-Za-z0-9_.:/ -]+")
_LINK = re.compile(r"://|(?<=www)\.", re.IGNORECASE)


def plain_names(values: str | Iterable[str]) -> SafeText:
    """Names or phrases out of logs for a title or a sentence: comma separated, ``[A-Za-z0-9_.:/ -]``, no live link."""
    return SafeText(", ".join(_phrase(value) for value in _names(values)))


def _phrase(value: str) -> str:
    words = " ".join(unicodedata.normalize("NFC", value)[:_NAME_LENGTH].split())
    return _LINK.sub("_", _NOT_IN_A_PHRASE.sub("_", words)) or "_"


_NOT_IN_A_SLUG = re.compile(r"[^a-z0-9]+")
_SLUG_LENGTH = 80


def slug(text: str, limit: int = _SLUG_LENGTH) -> SafeText:
    """A name for a file out of a title: ``[a-z0-9_]``, at most ``limit`` characters, never empty."""
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = _NOT_IN_A_SLUG.sub("_", ascii_only).strip("_")
    if len(name) > limit:
        name = name[:limit].rpartition("_")[0] or name[:limit]
    return SafeText(name.strip("_") or "incident")
