"""GoogleSQL, as far as queries are written here: https://cloud.google.com/bigquery/docs/reference/standard-sql/lexical."""

from __future__ import annotations

import re

__all__ = ["literal", "pattern"]

_ESCAPES = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$]")


def literal(text: str) -> str:
    """``text`` as a string literal; what UTF-8 has no bytes for becomes a question mark."""
    written = text.encode("utf-8", "replace").decode("utf-8")
    return "'" + "".join(_ESCAPES.get(char, char) for char in written) + "'"


def pattern(text: str) -> str:
    """What finds ``text`` as it is, in a regular expression: https://github.com/google/re2/wiki/Syntax."""
    return _SPECIAL.sub(r"\\\g<0>", text)
